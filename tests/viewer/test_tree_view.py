"""The tree of matrices: what its rows say, what is selected both ways, what stays folded, and its eyes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QStandardItem
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import Node, root_of, walk
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.tabs.scene.tree_rows import HIDDEN, SHAPE
from mmviz.viewer.tabs.scene.tree_view import EYE, MOST_OPEN, NAME, PATH, WHAT, NodeTree

TEXT = "out = softmax(A @ B) + (C = D) @ E"
Key = Qt.Key


def tree_of(text: str, shape: Shape = (1200, 30)) -> tuple[Node, dict[str, Shape]]:
    root = root_of(build(parse(text)))
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


def rows(above: QStandardItem) -> list[tuple[str, str]]:
    return [(above.child(row).text(), above.child(row).data(SHAPE)) for row in range(above.rowCount())]


def test_every_matrix_has_a_row_with_its_name_and_size_below_what_is_made_of_it(tree: NodeTree) -> None:
    top = tree.nodes.invisibleRootItem()
    assert rows(top) == [("out", "1,200 × 30")]
    assert rows(top.child(0)) == [("softmax(A @ B)", "1,200 × 30"), ("C @ E", "1,200 × 30")]
    assert [name for name, _ in rows(top.child(0).child(0))] == ["A", "B"]
    assert top.child(0, WHAT).data(PATH) == ""
    assert tree.nodes.items["left"].toolTip().splitlines()[0] == "softmax(A @ B)   1,200 × 30"


def test_what_a_matrix_is_stands_beside_it_where_there_is_room_and_in_its_tool_tip(
    selection: Selection, qtbot: QtBot
) -> None:
    scene = Scene(
        "A @ B + C",
        {"A": {"init": "eye", "shape": [3, 3]}, "B": {"init": "gaussian", "shape": [3, 4]}, "C": {"formula": "i"}},
    )
    made = NodeTree(selection)
    qtbot.addWidget(made)
    made.show_tree(scene.root, scene.shapes.of, scene.document)
    words = {path: item.index().siblingAtColumn(WHAT).data() for path, item in made.nodes.items.items()}
    assert words == {
        "": "sum",
        "left": "product",
        "left.left": "pattern eye",
        "left.right": "random, gaussian",
        "right": "formula i",
    }
    assert made.nodes.items["left.right"].toolTip().splitlines()[1] == "random, gaussian"
    for width, shown in ((340, False), (700, True)):
        made.resize(width, 300)
        made.show()
        QApplication.processEvents()
        assert made.isColumnHidden(WHAT) is not shown
        assert made.horizontalScrollBar().maximum() == 0


def test_a_deep_tree_scrolls_sideways_only_where_names_could_not_be_read_otherwise(
    selection: Selection, qtbot: QtBot
) -> None:
    made = NodeTree(selection)
    qtbot.addWidget(made)
    made.resize(300, 400)
    made.show()
    for count, scrolls in ((10, False), (34, True)):
        made.show_tree(*tree_of(" @ ".join("A" * count)))
        made.expandAll()
        assert (made.columnWidth(NAME) + made.columnWidth(EYE) > made.viewport().width()) is scrolls
    made.fold_all()
    assert made.columnWidth(NAME) + made.columnWidth(EYE) <= made.viewport().width()
    assert made.isExpanded(made.nodes.items[""].index())
    assert not made.isExpanded(made.nodes.items["left"].index())


def test_an_eye_asks_to_hide_its_matrix_and_selects_nothing_and_what_is_hidden_is_grey(
    tree: NodeTree, selection: Selection
) -> None:
    asked: list[str] = []
    tree.eye_clicked.connect(asked.append)
    tree.resize(300, 300)
    tree.show()
    eye = tree.nodes.items["left"].index().siblingAtColumn(EYE)
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(eye).center())
    assert asked == ["left"]
    assert selection.path is None
    tree.show_hidden(frozenset({"left", "left.left"}))
    assert [path for path, item in tree.nodes.items.items() if item.data(HIDDEN)] == ["left", "left.left"]
    assert eye.data(Qt.ItemDataRole.ToolTipRole).startswith("Hidden")
    before = tree.grab().toImage()
    tree.show_hidden(frozenset())
    assert tree.grab().toImage() != before, "greyed names and closed eyes are seen"


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
    assert tree.nodes.items["left"].data(SHAPE) == "7 × 8"


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
