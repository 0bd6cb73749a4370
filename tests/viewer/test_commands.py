"""Every command can be given: by the menu, by its keys, and it is told which they are."""

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from mmviz import Scene
from mmviz.cli.program import app
from mmviz.viewer.commands import COMMANDS, MOUSE
from mmviz.viewer.stray_keys import is_bare
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    made = MainWindow(scene, Scene.named, Dabber)
    qtbot.addWidget(made, before_close_func=MainWindow.release)
    return made


def test_no_two_commands_share_a_name_or_a_text() -> None:
    for of in (lambda command: command.name, lambda command: (command.menu, command.text)):
        assert max(Counter(map(of, COMMANDS)).values()) == 1


def test_every_command_does_something_and_stands_in_its_menu(window: MainWindow) -> None:
    menus = {menu.title(): menu for menu in window.menuBar().findChildren(QMenu)}
    assert list(menus) == list(dict.fromkeys(command.menu for command in COMMANDS))
    for command in COMMANDS:
        assert window.actions_by_name[command.name] in menus[command.menu].actions(), command.name


def test_the_keys_of_a_command_are_those_of_its_action(window: MainWindow) -> None:
    for command in COMMANDS:
        keys = [QKeySequence(key) for key in command.keys]
        assert all(not key.isEmpty() for key in keys), command.name
        assert window.actions_by_name[command.name].shortcuts() == keys


def test_nothing_that_opens_writes_changes_or_ends_has_a_bare_key() -> None:
    bare = {
        c.name: c.keys for c in COMMANDS if c.menu in ("File", "Edit") and any(map(is_bare, map(QKeySequence, c.keys)))
    }
    assert bare == {"stop": ("Esc",)}


def test_a_held_key_steps_and_zooms_on_but_does_not_play_and_pause_in_turns(window: MainWindow) -> None:
    repeating = {name for name, action in window.actions_by_name.items() if action.autoRepeat()}
    assert {"step_on", "step_back", "zoom_in", "zoom_out", "undo"} <= repeating
    assert not {"play", "loop", "export", "close", "spotlight", "panel"} & repeating


def test_no_two_actions_and_shortcuts_of_the_window_share_a_key(window: MainWindow) -> None:
    keys = [key.toString() for action in window.actions() for key in action.shortcuts()]
    own = [child for child in window.findChildren(QShortcut) if child.context() == Qt.ShortcutContext.WindowShortcut]
    keys += [key.toString() for child in own for key in QShortcut.keys(child)]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert "M" in keys


def test_the_command_line_prints_every_command_that_has_a_key_and_what_the_mouse_does() -> None:
    printed = CliRunner().invoke(app, ["view", "--keys"])
    assert printed.exit_code == 0
    lines = printed.stdout.splitlines()
    for command in (command for command in COMMANDS if command.keys or command.name == "lens"):
        line = next(line for line in lines if command.text.rstrip(" …") in line)
        assert all(key in line for key in command.keys), command.name
    for what, does in MOUSE:
        assert any(what in line and does in line for line in lines)
