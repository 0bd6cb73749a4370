"""The list of every command and the ways to it is complete: nothing can be done in the window that it does not tell."""

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QShortcut
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from docs.making.window_keys import window_keys_page
from mmviz import Scene
from mmviz.viewer.commands import (
    BUTTONS,
    COMMANDS,
    CONTEXT_MENUS,
    MOUSE,
    MOUSE_WAYS,
    PLACES,
    TOOL_BAR,
    keys_table,
    other_ways,
)
from mmviz.viewer.menus.device_label import DeviceLabel
from mmviz.viewer.menus.tool_bar import ToolBar
from mmviz.viewer.transport import Transport
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

NAMES = {command.name for command in COMMANDS}


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene)


def test_every_action_of_the_window_is_a_command_of_the_table(window: MainWindow) -> None:
    assert set(window.actions_by_name) == NAMES
    assert set(window.actions()) == set(window.actions_by_name.values())
    known = set(window.actions())
    for menu in window.menuBar().findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
        loose = [one for one in menu.actions() if not one.isSeparator() and one not in known]
        assert all(one.menu() is not None for one in loose), "but for menus of files and examples"
    for button in window.findChildren(QToolButton):
        action = button.defaultAction()
        if action is not None and action.text():  # Qt's own, which clear fields, have no text
            assert action in known, action.text()


def test_every_command_is_reached_by_its_menu_and_by_the_palette(window: MainWindow) -> None:
    menus = {menu.title(): menu.actions() for menu in window.menuBar().findChildren(QMenu)}
    window.command_palette.open()
    offered = set(window.command_palette._offers)
    for command in COMMANDS:
        assert window.actions_by_name[command.name] in menus[command.menu], command.name
        assert f"command:{command.name}" in offered or command.name == "palette"


def test_no_two_share_a_key(window: MainWindow) -> None:
    count = Counter(key for command in COMMANDS for key in command.keys)
    own = [child for child in window.findChildren(QShortcut) if child.context() == Qt.ShortcutContext.WindowShortcut]
    count.update(key.toString() for child in own for key in QShortcut.keys(child))
    assert [key for key, times in count.items() if times > 1] == []


def test_buttons_and_menus_hold_just_what_the_table_says(window: MainWindow) -> None:
    def names(actions: list[QAction]) -> set[str]:
        return {name for name, action in window.actions_by_name.items() if action in actions}

    (bar,), (transport,) = window.findChildren(ToolBar), window.findChildren(Transport)
    assert names(bar.actions()) == {name for group in TOOL_BAR for name in group}
    below = [button.defaultAction() for button in transport.findChildren(QToolButton)]
    assert names(below) == {name for name, where in BUTTONS.items() if where == "button below the picture"}
    offered = {name for groups in CONTEXT_MENUS.values() for group in groups for name in group}
    assert offered | BUTTONS.keys() | MOUSE_WAYS.keys() | names(bar.actions()) <= NAMES
    assert set(PLACES) == set(CONTEXT_MENUS)


def test_the_ways_to_a_command_are_told_in_words() -> None:
    assert other_ways("reset") == (
        "tool bar",
        "double click beside everything",
        "right click on the ground or the view cube",
    )
    assert other_ways("play") == ("button below the picture", "right click on the bar below the picture")
    assert other_ways("save_as") == ()


def test_the_command_line_and_the_reference_tell_every_command_with_all_its_ways() -> None:
    printed, page = keys_table().splitlines(), window_keys_page(COMMANDS, MOUSE).splitlines()
    for command in COMMANDS:
        text, ways = command.text.rstrip(" …"), "; ".join(other_ways(command.name))
        assert any(f" {text} " in f"{line} " and line.endswith(ways) for line in printed), command.name
        row = next(line for line in page if line.startswith(f"| {text} |"))
        assert row.endswith(f"| {ways} |")
        assert all(f"{{kbd}}`{key}`" in row for key in command.keys)


def test_the_status_line_says_what_computes_the_scene(window: MainWindow) -> None:
    (label,) = window.findChildren(DeviceLabel)
    device, numbers = window.desk.scene.computed_on()
    assert label.text() == f"{device} · {numbers}"
    assert numbers == "float32"
    model = {"path": "smollm2-135m-2layers", "dtype": "float64", "device": "cpu", "tokens": [1]}
    label.show_scene(window.desk.scene.changed(model=model))
    assert label.text() == "cpu · float64"
