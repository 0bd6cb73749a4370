"""The tree of matrices and the picture: each shows what is selected and hidden in the other."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz.scene.language.tree import root_of
from mmviz.viewer.controls import theme
from mmviz.viewer.tabs.scene.kind_icons import LETTERS, icon_of, sign_of
from mmviz.viewer.tabs.scene.tree_links import TreeLinks
from mmviz.viewer.tabs.scene.tree_rows import HIDDEN
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import attention, opened, settle, spot_of


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot, attention(), (1100, 700), panel=True)


def outlined(window: MainWindow) -> list[str]:
    view = window.view
    drawing = view.composition.at(view.time, view.camera, view.aspect, view.emphasis)
    return [line.key.path for line in drawing.lines if line.key.kind == "selected"]


def test_what_is_selected_in_the_tree_is_outlined_in_the_picture_and_the_other_way_round(window: MainWindow) -> None:
    assert isinstance(window.tree_links, TreeLinks)
    assert outlined(window) == []
    tree = window.scene_panel.tree
    spot = tree.visualRect(tree.nodes.items["right.right"].index()).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert outlined(window) == ["right.right"]
    there = spot_of(window.view, "right", 3, 9)
    QTest.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=QPoint(round(there.x()), round(there.y())))
    assert outlined(window) == [window.selection.path]
    assert tree.currentIndex().data() == tree.nodes.items[window.selection.path or ""].text()
    window.selection.select(None)
    assert outlined(window) == []


def test_a_screenshot_shows_no_frame_of_what_is_selected(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.selection.select("right")
    shown: list[str | None] = []
    monkeypatch.setattr(window.view, "_draw", lambda coarse: shown.append(window.view.emphasis.outlined))
    window.view.picture()
    assert shown == [None]
    assert window.view.emphasis.outlined == "right", "in the window it stays"


def test_an_eye_hides_a_matrix_with_what_it_is_made_of_and_shows_both_again(window: MainWindow, qtbot: QtBot) -> None:
    tree, hiding = window.scene_panel.tree, window.navigation.hiding
    tree.eye_clicked.emit("right.left")
    settle(window, qtbot)
    attn = {"right.left", "right.left.left", "right.left.right"}
    assert hiding.hidden == attn
    assert {path for path, item in tree.nodes.items.items() if item.data(HIDDEN)} == attn
    tree.eye_clicked.emit("right.left.left")
    settle(window, qtbot)
    assert hiding.hidden == attn - {"right.left.left"}
    tree.eye_clicked.emit("right.left")
    settle(window, qtbot)
    assert not hiding.hidden
    assert not any(item.data(HIDDEN) for item in tree.nodes.items.values())


def test_a_double_click_in_the_tree_flies_to_the_matrix(window: MainWindow) -> None:
    tree = window.scene_panel.tree
    spot = tree.visualRect(tree.nodes.items["left"].index()).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    QTest.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.selection.path == "left"
    assert window.navigation.flying.goal is not None


def test_every_kind_of_matrix_has_a_sign_of_its_own(window: MainWindow) -> None:
    scene = window.desk.scene
    signs = {node.path: sign_of(node, scene.document) for node in (root_of(scene.root),)}
    assert signs == {"": "sum"}
    pictures = [icon_of(sign, theme.DARK).pixmap(32, 32).toImage() for sign in LETTERS]
    assert all(one != other for n, one in enumerate(pictures) for other in pictures[:n])
