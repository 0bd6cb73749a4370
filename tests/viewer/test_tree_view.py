"""The tree of matrices: what its rows say, what is selected both ways, and what stays folded."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QStandardItem
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import Node, build, walk
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.tabs.scene.tree_view import MOST_OPEN, PATH, NodeTree

TEXT = "out = softmax(A @ B) + (C = D) @ E"
Key = Qt.Key


def tree_of(text: str, shape: Shape = (1200, 30)) -> tuple[Node, dict[str, Shape]]:
    root = build(parse(text))
    return root, {node.path: shape for node in walk(root)}


@pytest.fixture
def selection(qtbot: QtBot) -> Selection:
    return Selection()


@pytest.fixture
def tree(selection: Selection, qtbot: QtBot) -> NodeTree:
    made = NodeTree(selection)
    qtbot.addWidget(made)
    made.show_tree(*tree_of(TEXT))
    return made


def rows(above: QStandardItem) -> list[list[str]]:
    return [[above.child(row, column).text() for column in range(3)] for row in range(above.rowCount())]


def test_every_matrix_has_a_row_with_its_name_size_and_kind_below_what_is_made_of_it(tree: NodeTree) -> None:
    top = tree.nodes.invisibleRootItem()
    assert rows(top) == [["out", "1,200 × 30", "sum +"]]
    assert rows(top.child(0)) == [
        ["softmax(A @ B)", "1,200 × 30", "product @, softmax"],
        ["C @ E", "1,200 × 30", "product @"],
    ]
    assert [name for name, *_ in rows(top.child(0).child(0))] == ["A", "B"]
    assert [tree.nodes.horizontalHeaderItem(column).text() for column in range(3)] == ["Matrix", "Size", "What it is"]
    assert top.child(0, 1).data(PATH) == ""
    assert tree.nodes.items["left"].toolTip() == "softmax(A @ B)"


def test_a_row_that_becomes_current_is_selected_in_the_window(tree: NodeTree, selection: Selection) -> None:
    tree.setCurrentIndex(tree.nodes.items["left.right"].index().siblingAtColumn(2))
    assert selection.path == "left.right"


def test_what_is_selected_elsewhere_is_marked_here(tree: NodeTree, selection: Selection) -> None:
    selection.select("right.left")
    assert tree.currentIndex().data(PATH) == "right.left"
    selection.select("right.right")
    assert tree.currentIndex().data(PATH) == "right.right"
    selection.select(None)
    assert not tree.currentIndex().isValid()
    assert tree.selectionModel().selectedRows() == []


def test_a_path_that_is_not_there_is_not_marked(tree: NodeTree) -> None:
    tree.mark("left")
    tree.mark("left.left.left")
    assert not tree.currentIndex().isValid()


def test_another_tree_keeps_what_was_folded_and_what_is_selected(tree: NodeTree, selection: Selection) -> None:
    selection.select("left")
    told: list[object] = []
    selection.changed.connect(told.append)
    tree.setExpanded(tree.nodes.items["left"].index(), False)
    tree.show_tree(*tree_of(TEXT.replace("softmax", "relu")))
    assert not tree.isExpanded(tree.nodes.items["left"].index())
    assert tree.isExpanded(tree.nodes.items["right"].index())
    assert tree.currentIndex().data(PATH) == "left"
    assert told == [], "filling the tree selects nothing"


def test_the_same_tree_is_not_filled_again(tree: NodeTree) -> None:
    before = tree.nodes.items["left"]
    tree.show_tree(*tree_of(TEXT))
    assert tree.nodes.items["left"] is before
    tree.show_tree(*tree_of(TEXT, (7, 8)))
    assert tree.nodes.items["left"].parent().child(0, 1).text() == "7 × 8"


def test_a_large_tree_begins_folded_below_its_first_levels(selection: Selection, qtbot: QtBot) -> None:
    deep = " @ ".join(["A"] * (MOST_OPEN // 2 + 2))
    made = NodeTree(selection)
    qtbot.addWidget(made)
    made.show_tree(*tree_of(deep))
    assert made.isExpanded(made.nodes.items["left.left"].index())
    assert not made.isExpanded(made.nodes.items["left.left.left"].index())
    small = NodeTree(selection)
    qtbot.addWidget(small)
    small.show_tree(*tree_of("A @ B @ C @ D @ E"))
    assert small.isExpanded(small.nodes.items["left.left.left"].index())


@pytest.mark.parametrize(
    ("key", "kept"), [(Key.Key_Down, True), (Key.Key_Left, True), (Key.Key_F, False), (Key.Key_Space, False)]
)
def test_arrows_are_the_tree_s_and_letters_the_window_s(key: Qt.Key, kept: bool, tree: NodeTree) -> None:
    event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(tree, event)
    assert event.isAccepted() == kept


def test_letters_do_not_search_in_the_tree(tree: NodeTree, selection: Selection) -> None:
    tree.keyboardSearch("C")
    assert selection.path is None
