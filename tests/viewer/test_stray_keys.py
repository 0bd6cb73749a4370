"""Keys that were meant for a dialog or a field that has just closed do nothing in the window."""

from time import monotonic

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QVBoxLayout
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer import stray_keys
from mmviz.viewer.stray_keys import MEANT_ELSEWHERE, is_bare
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

Key, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier


class Clock:
    """Stands still until it is set; later than all that the window saw before, such as the end of another one."""

    def __init__(self) -> None:
        self.now = monotonic() + 10 * MEANT_ELSEWHERE

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(stray_keys, "MEANT_ELSEWHERE", MEANT_ELSEWHERE)
    QApplication.processEvents()  # the keyboard has come to the window
    made = Clock()
    window.stray_keys.clock = made
    return made


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene)


def play_by_key(window: MainWindow) -> bool:
    """Whether Space, pressed wherever the keyboard goes, begins to play."""
    focus = QApplication.focusWidget()
    assert focus is not None
    window.player.pause()
    QTest.keyClick(focus, Key.Key_Space)
    played = window.player.playing
    window.player.pause()
    return played


def test_keys_typed_on_after_a_field_has_closed_do_nothing_for_a_moment(window: MainWindow, clock: Clock) -> None:
    assert play_by_key(window)
    finder = window.navigation.finder
    finder.open()
    QTest.keyClicks(finder.field, "left")
    QTest.keyClick(finder.field, Key.Key_Return)
    assert QApplication.focusWidget() is window.view
    assert not play_by_key(window)
    clock.now += 0.9 * MEANT_ELSEWHERE
    assert not play_by_key(window)
    clock.now += 0.2 * MEANT_ELSEWHERE
    assert play_by_key(window)


def test_keys_held_with_ctrl_and_menus_work_at_once(window: MainWindow, clock: Clock) -> None:
    window.stray_keys.begin()
    window.actions_by_name["play"].trigger()
    assert window.player.playing
    window.player.pause()
    QTest.keyClick(window.view, Key.Key_F, CONTROL)
    assert window.navigation.finder.isVisible()


def test_keys_typed_on_after_a_dialog_has_closed_do_nothing_for_a_moment(window: MainWindow, clock: Clock) -> None:
    dialog = QDialog(window)
    field = QLineEdit()
    QVBoxLayout(dialog).addWidget(field)
    dialog.show()
    dialog.activateWindow()
    field.setFocus()
    QApplication.processEvents()
    dialog.close()
    window.activateWindow()
    QApplication.processEvents()
    assert not play_by_key(window)
    clock.now += 1.1 * MEANT_ELSEWHERE
    assert play_by_key(window)


def test_keys_typed_on_after_a_menu_has_closed_do_nothing_for_a_moment(window: MainWindow, clock: Clock) -> None:
    menu = next(menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "Edit")
    menu.popup(window.mapToGlobal(window.rect().center()))
    menu.hide()
    assert not play_by_key(window)
    clock.now += 1.1 * MEANT_ELSEWHERE
    assert play_by_key(window)


def test_who_comes_back_from_another_program_or_from_a_button_is_heard_at_once(
    window: MainWindow, clock: Clock
) -> None:
    window.stray_keys.follow(window.view, None)
    window.stray_keys.follow(None, window.view)
    window.stray_keys.follow(window.tabs, window.view)
    assert play_by_key(window)


@pytest.mark.parametrize("keys", ["X", "Esc", "Space", "Return", "+", "Home", "Shift+X"])
def test_keys_that_type_or_move_are_bare(keys: str) -> None:
    assert is_bare(QKeySequence(keys))


@pytest.mark.parametrize("keys", ["Ctrl+Q", "Ctrl+Shift+P", "Alt+F4", "Meta+X", "F1", "F12", "Shift+F5"])
def test_keys_that_nobody_types_by_chance_are_not_bare(keys: str) -> None:
    assert not is_bare(QKeySequence(keys))
