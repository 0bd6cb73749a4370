"""Kept views: they are named, listed, gone to and forgotten, by menu, palette and keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.eye.camera import same
from mmviz.viewer.canvas.kept_views import LONGEST
from mmviz.viewer.menus.kept_menu import KeptMenu
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import CONTROL, opened

Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    made = opened(qtbot, scene, (700, 500))
    for _ in range(2):
        made.view.turn(25.0, 5.0)
        QTest.keyClick(made, Key.Key_B, CONTROL)
    return made


def listed(kept: KeptMenu) -> list[tuple[str, bool]]:
    """What the menu of kept views says, and which it ticks."""
    kept.menu.aboutToShow.emit()
    return [(action.text(), action.isChecked()) for action in kept.menu.actions()]


def test_a_view_gets_a_name_in_a_line_and_the_menu_goes_to_it(window: MainWindow) -> None:
    kept = window.navigation.kept_views
    assert window.status.text() == "2 views kept; B flies to the next one, Shift+B gives this one a name"
    QTest.keyClick(window, Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    dialog = window.kept_menu.dialog
    assert dialog is not None
    line = dialog.findChild(QLineEdit)
    assert line is not None
    assert (line.text(), line.placeholderText(), line.maxLength()) == ("", "View 2", LONGEST)
    assert dialog.width() > 340, "as wide as its title"
    assert all(button.icon().isNull() for button in dialog.findChildren(QPushButton))
    line.setText("  the pattern &\t its row ")
    dialog.accept()
    assert window.status.text() == "Kept view 2 is called “the pattern & its row” now"
    assert listed(window.kept_menu) == [("View 1", False), ("the pattern && its row", True)]
    window.kept_menu.menu.actions()[0].trigger()
    window.navigation.flying.finish()
    assert same(window.view.camera, kept.all[0].camera)
    assert listed(window.kept_menu) == [("View 1", True), ("the pattern && its row", False)]
    assert window.seen.now().kept[1].name == "the pattern & its row", "it is saved with the scene"


def test_what_is_forgotten_can_be_kept_again(window: MainWindow) -> None:
    actions, kept = window.actions_by_name, window.navigation.kept_views
    actions["forget_bookmark"].trigger()
    assert window.status.text() == "“View 2” is kept no longer; Ctrl+B keeps it again"
    actions["forget_bookmark"].trigger()
    assert window.status.text() == "This view is not kept; B flies to one that is"
    actions["bookmark"].trigger()
    assert kept.here == 1
    for _ in range(2):
        actions["next_bookmark"].trigger()
        window.navigation.flying.finish()
        actions["forget_bookmark"].trigger()
    assert not kept.all
    assert not window.kept_menu.menu.menuAction().isEnabled()
    actions["name_bookmark"].trigger()
    assert window.status.text() == "No view is kept yet; Ctrl+B keeps this one"


def test_the_palette_finds_a_kept_view_by_its_name(window: MainWindow) -> None:
    window.navigation.kept_views.name(0, "Overview")
    palette = window.command_palette
    palette.open()
    QTest.keyClicks(palette.field, "kept overv")
    item = palette.rows.item(0)
    assert item is not None
    assert item.text() == "Kept view: Overview"
    QTest.keyClick(palette.field, Key.Key_Return)
    window.navigation.flying.finish()
    assert window.navigation.kept_views.here == 0


def test_no_name_is_longer_than_a_scene_file_allows(window: MainWindow) -> None:
    window.navigation.kept_views.name(0, "a\x00\n" * 200)
    name = window.seen.now().kept[0].name
    assert name is not None
    assert name.startswith("a a a")
    assert len(name) <= LONGEST
    listed(window.kept_menu)
    QApplication.processEvents()
    assert len(window.kept_menu.menu.actions()[0].text()) == 62
