"""Menus and the tool bar show every command as its table says; commands about the window as a whole."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.commands import COMMANDS, TOOL_BAR
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.icons import drawing, icon, window_icon
from mmviz.viewer.menus import actions
from mmviz.viewer.menus.tool_bar import ToolBar
from mmviz.viewer.menus.whole_window import WholeWindow
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene)


def pixels(image: QImage) -> NDArray[np.uint8]:
    """(height, width, 4): red, green, blue, opacity."""
    turned = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(turned.constBits(), np.uint8).reshape(turned.height(), turned.width(), 4).copy()


def painted(made: QIcon, side: int, mode: QIcon.Mode = QIcon.Mode.Normal) -> NDArray[np.uint8]:
    return pixels(made.pixmap(side, side, mode).toImage())


def test_groups_of_commands_are_parted_by_lines_and_no_menu_begins_or_ends_with_one(window: MainWindow) -> None:
    for menu in window.menuBar().findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
        found = menu.actions()
        assert not found[0].isSeparator()
        assert not found[-1].isSeparator()
        lines = [number for number, action in enumerate(found) if action.isSeparator()]
        assert all(later - earlier > 1 for earlier, later in pairwise(lines))
        after = {found[number + 1] for number in lines}
        parted = {c.name for c in COMMANDS if c.parted and window.actions_by_name[c.name] in found}
        assert {name for name, action in window.actions_by_name.items() if action in after} == parted


def test_every_drawing_that_a_command_names_is_there_in_the_colour_of_texts(window: MainWindow) -> None:
    assert "currentColor" in drawing("open")
    for command in COMMANDS:
        assert window.actions_by_name[command.name].icon().isNull() == (not command.icon), command.name
        if command.icon:
            seen = painted(icon(command.icon, theme.DARK), 32)
            inked = seen[seen[..., 3] == 255][:, :3]
            assert len(inked) > 10, f"{command.icon} is hardly seen"
            assert (np.abs(inked.astype(int) - [int(theme.DARK.text[at : at + 2], 16) for at in (1, 3, 5)]) <= 2).all()
    pale = painted(icon("save", theme.DARK), 20, QIcon.Mode.Disabled)
    assert pale[..., :3][pale[..., 3] == 255].max() < 140


def test_the_icon_of_the_window_is_drawn_for_every_size(window: MainWindow) -> None:
    assert not window.windowIcon().isNull()
    for side in (16, 32, 256):
        seen = painted(window_icon(), side)
        assert seen.shape == (side, side, 4)
        covered = (seen[..., 3] > 200).mean()
        assert 0.5 < covered < 0.8, "a hexagon, which is a cube's outline"
        blue, red = seen[..., 2].astype(int), seen[..., 0].astype(int)
        assert (blue > red + 60).any()
        assert (red > blue + 60).any()


def test_the_tool_bar_holds_its_commands_in_groups_and_takes_no_focus(window: MainWindow) -> None:
    (bar,) = window.findChildren(ToolBar)
    names: list[tuple[str, ...]] = [()]
    for action in bar.actions():
        if action.isSeparator():
            names.append(())
            continue
        names[-1] += tuple(name for name, one in window.actions_by_name.items() if one is action)
        assert not action.icon().isNull()
        assert bar.widgetForAction(action).focusPolicy() == Qt.FocusPolicy.NoFocus
    assert tuple(names) == TOOL_BAR


@pytest.mark.usefixtures("qapp")
def test_no_two_buttons_of_the_tool_bar_look_alike() -> None:
    drawings = [c.icon for c in COMMANDS if any(c.name in group for group in TOOL_BAR)]
    inked = {name: painted(icon(name, theme.DARK), 22)[..., 3] / 255 for name in drawings}
    for one, other in combinations(inked, 2):
        apart = np.abs(inked[one] - inked[other]).sum() / max(inked[one].sum(), inked[other].sum())
        assert apart > 0.5, f"{one} and {other}"


def test_a_tool_bar_that_was_hidden_stays_hidden_in_the_next_window(qtbot: QtBot, scene: Scene) -> None:
    first = opened(qtbot, scene)
    assert isinstance(first.whole, WholeWindow)
    assert first.whole.tool_bar.isVisible()
    assert first.actions_by_name["tool_bar"].isChecked()
    QTest.keyClick(first, Key.Key_F9, Modifier.ControlModifier)
    assert not first.whole.tool_bar.isVisible()
    assert not first.actions_by_name["tool_bar"].isChecked()
    first.close()
    second = opened(qtbot, scene)
    assert not second.whole.tool_bar.isVisible()
    assert not second.actions_by_name["tool_bar"].isChecked()


def test_f11_takes_the_whole_screen_and_f11_or_esc_give_it_back(window: MainWindow) -> None:
    before = window.size()
    for back in (Key.Key_F11, Key.Key_Escape):
        QTest.keyClick(window, Key.Key_F11)
        assert window.isFullScreen()
        assert window.actions_by_name["full_screen"].isChecked()
        QTest.keyClick(window, back)
        QApplication.processEvents()
        assert not window.isFullScreen()
        assert not window.actions_by_name["full_screen"].isChecked()
        assert window.size() == before
    QTest.keyClick(window, Key.Key_Escape)
    assert window.isVisible()


def test_the_copy_of_the_picture_has_its_pixels(window: MainWindow) -> None:
    QTest.keyClick(window, Key.Key_C, Modifier.ControlModifier | Modifier.ShiftModifier)
    seen = window.view.picture()
    assert (pixels(QGuiApplication.clipboard().image())[..., :3] == seen).all()
    height, width, _ = seen.shape
    assert window.status.text() == f"Copied the picture, {width} × {height} pixels"


def test_what_is_bound_by_no_name_of_the_table_does_nothing(window: MainWindow) -> None:
    before = len(window.actions())
    actions.bind(window, {"no such command": window.close})
    assert len(window.actions()) == before
