"""The window with all keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import mmviz
from mmviz import Scene
from mmviz.viewer.commands import COMMANDS, MOUSE
from mmviz.viewer.help import COLUMNS, HelpWindow, _columns, chapters
from mmviz.viewer.own_keys import native
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene, None, panel=True)


def shown(window: MainWindow, key: Qt.Key = Key.Key_H) -> HelpWindow:
    window.activateWindow()  # the offscreen platform does not do it by itself
    QApplication.processEvents()
    QTest.keyClick(window, key)
    assert window.dialogs.help is not None
    assert window.dialogs.help.isVisible()
    QApplication.processEvents()
    return window.dialogs.help


def texts(window: HelpWindow) -> set[str]:
    return {label.text() for label in window.findChildren(QLabel)}


@pytest.mark.parametrize("key", [Key.Key_H, Key.Key_F1])
def test_a_key_shows_all_keys(window: MainWindow, key: Qt.Key) -> None:
    said = texts(shown(window, key))
    for command in COMMANDS:
        if command.keys:
            assert {command.menu, native(command.keys), command.text.rstrip(" …")} <= said
    for what, does in MOUSE:
        assert {what, does} <= said


def test_it_tells_the_version(window: MainWindow) -> None:
    assert any(f"mmviz {mmviz.__version__}" in text for text in texts(shown(window)))


@pytest.mark.parametrize("key", [Key.Key_Escape, Key.Key_H, Key.Key_F1])
def test_keys_close_it_and_the_main_window_stays(window: MainWindow, key: Qt.Key) -> None:
    help_window = shown(window)
    QTest.keyClick(help_window, key)
    assert not help_window.isVisible()
    assert window.isVisible()
    assert shown(window, Key.Key_F1) is help_window  # H is kept for a moment from who types on


def test_the_keys_of_the_main_window_do_nothing_in_it(window: MainWindow) -> None:
    QTest.keyClick(shown(window), Key.Key_Home)
    assert window.player.time == window.player.steps


def test_it_closes_with_the_main_window(window: MainWindow) -> None:
    help_window = shown(window)
    window.close()
    assert not help_window.isVisible()


def test_no_text_is_cut_off(window: MainWindow) -> None:
    help_window = shown(window)
    for label in help_window.findChildren(QLabel):
        assert label.heightForWidth(label.width()) <= label.height() or not label.wordWrap()
        assert label.wordWrap() or label.sizeHint().width() <= label.width()


def test_columns_keep_the_order_of_the_menus() -> None:
    for most in COLUMNS:
        found = _columns(chapters(), most)
        assert len(found) == most
        assert [part for column in found for part in column] == chapters()
        heights = [sum(len(rows) + 2 for _, rows in column) for column in found]
        assert max(heights) < 2 * sum(heights) / most
