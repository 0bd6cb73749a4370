"""Menus of the right button: made of the commands of the window, about what was clicked; and what is copied."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.commands import COMMANDS
from mmviz.viewer.controls.copied import copy_by
from mmviz.viewer.controls.scale_bar import ScaleBar
from mmviz.viewer.menus.context import OFFERED
from mmviz.viewer.tabs.scene import copying
from mmviz.viewer.tabs.scene.copying import as_text
from mmviz.viewer.tabs.scene.node_settings import NO_MATRIX
from mmviz.viewer.tokens.token_menu import TokenMenu
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import attention, move, opened, settle, spot_of

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot, attention(), (1100, 700), panel=True)


def entries(window: MainWindow) -> list[str]:
    """Of the menu that is open, which is closed; groups are parted by ""."""
    menu = window.context_menus.menu
    assert menu is not None
    assert menu.isVisible()
    texts = [action.text() for action in menu.actions()]
    menu.close()
    return texts


def said(*names: str) -> list[str]:
    """What commands say in menus."""
    texts = {command.name: command.text for command in COMMANDS}
    return [texts.get(name, "") for name in names]


def test_every_menu_offers_commands_of_the_table() -> None:
    known = {command.name for command in COMMANDS}
    for groups in OFFERED.values():
        names = [name for group in groups for name in group]
        assert set(names) <= known
        assert len(names) == len(set(names))


def test_a_right_click_on_a_matrix_selects_it_and_offers_what_can_be_done_with_it_and_its_cell(
    window: MainWindow,
) -> None:
    spot = spot_of(window.view, "right.left", 3, 4).toPoint()
    move(window.view, QPointF(spot))
    QTest.mouseClick(window.view, RIGHT, pos=spot)
    path = window.selection.path
    assert path is not None
    node = window.scene_panel.tree.nodes.items[path].text()
    menu = window.context_menus.menu
    assert menu is not None
    explain, copy = menu.actions()[1:3]
    texts = entries(window)
    assert texts[0].startswith(f"{node}   ")
    assert texts[1].startswith(f"Explain {node}[")
    assert texts[2].startswith("Copy its number ")
    assert texts[3:8] == ["", *said("fly", "isolate", "hide", "show_all")]
    copy.trigger()
    number = np.float32(QGuiApplication.clipboard().text())
    assert number in window.view.composition.values[path]
    explain.trigger()
    assert window.tabs.currentWidget() is window.pinning.panel
    assert window.pinning.cell is not None
    assert window.pinning.cell.path == path


def test_a_right_click_beside_all_matrices_offers_views_and_a_drag_offers_nothing_and_moves(
    window: MainWindow,
) -> None:
    view = window.view
    QTest.mouseClick(view, RIGHT, pos=QPoint(4, 4))
    assert entries(window)[:5] == said("reset", "isometric", "front", "side", "top")
    assert window.selection.path is None
    assert window.context_menus.menu is None
    before = view.camera
    QTest.mousePress(view, RIGHT, pos=QPoint(300, 300))
    move(view, QPointF(360, 330), RIGHT)
    QTest.mouseRelease(view, RIGHT, pos=QPoint(360, 330))
    assert window.context_menus.menu is None
    assert view.camera != before


def test_a_right_click_in_the_tree_selects_the_row_and_hides_what_it_is_about(window: MainWindow, qtbot: QtBot) -> None:
    tree = window.scene_panel.tree
    spot = tree.visualRect(tree.nodes.items["right.right"].index()).center()
    tree.customContextMenuRequested.emit(spot)
    assert window.selection.path == "right.right"
    menu = window.context_menus.menu
    assert menu is not None
    assert menu.actions()[0].text() == "V   12 × 10"
    (hide,) = (action for action in menu.actions() if action is window.actions_by_name["hide"])
    hide.trigger()
    settle(window, qtbot)
    assert window.navigation.hiding.hidden == {"right.right"}
    menu.close()


def test_the_bar_below_the_picture_and_the_tabs_have_menus(window: MainWindow) -> None:
    window.transport.customContextMenuRequested.emit(QPoint(5, 5))
    assert entries(window)[:3] == said("play", "step_back", "step_on")
    window.tabs.tabBar().customContextMenuRequested.emit(QPoint(5, 5))
    menu = window.context_menus.menu
    assert menu is not None
    names = [window.tabs.tabText(number) for number in range(window.tabs.count())]
    assert [action.text() for action in menu.actions()][: len(names) + 2] == [*names, "", *said("panel")]
    menu.actions()[3].trigger()
    assert window.tabs.currentIndex() == 3
    menu.close()


def test_a_menu_closes_with_its_window(window: MainWindow) -> None:
    QTest.mouseClick(window.view, RIGHT, pos=QPoint(4, 4))
    assert QApplication.activePopupWidget() is window.context_menus.menu
    window.close()
    assert QApplication.activePopupWidget() is None


def test_filling_opens_the_field_of_the_pattern_where_there_is_one(window: MainWindow) -> None:
    fill = window.actions_by_name["fill"]
    fill.trigger()
    assert window.status.text().startswith("Click a matrix")
    window.tabs.setCurrentWidget(window.look_panel)
    window.selection.select("right.right")
    fill.trigger()
    QApplication.processEvents()
    assert window.tabs.currentWidget() is window.scene_panel
    assert window.focusWidget() is window.scene_panel.form.settings.rows["source"].control.box  # type: ignore[attr-defined]
    window.selection.select("right")
    fill.trigger()
    assert window.status.text().endswith("is computed, and filled with nothing: select what it is made of")


def copied(window: MainWindow, name: str) -> str:
    QGuiApplication.clipboard().clear()
    window.actions_by_name[name].trigger()
    return QGuiApplication.clipboard().text()


def test_the_name_and_the_numbers_of_the_selected_matrix_are_copied(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert copied(window, "copy_name") == ""
    assert window.status.text() == NO_MATRIX
    window.selection.select("right.left")
    assert copied(window, "copy_name") == "attn"
    text = copied(window, "copy_values")
    values = window.view.composition.values["right.left"]
    read = np.array([line.split("\t") for line in text.splitlines()], np.float32)
    assert np.array_equal(read, values), "every number is the same float32"
    assert window.status.text() == "Copied the 12 × 12 numbers of attn"
    monkeypatch.setattr(copying, "MOST_NUMBERS", 100)
    assert copied(window, "copy_values") == ""
    assert window.status.text() == "attn has 12 × 12 numbers; at most 100 are copied. Nothing was copied"
    assert copied(window, "copy_hook") == ""
    assert window.status.text().startswith("attn has no name in a model")


def test_what_a_model_calls_a_matrix_is_copied(qtbot: QtBot) -> None:
    scene = Scene.load("attention_head")
    window = opened(qtbot, scene)
    window.selection.select("")
    assert copied(window, "copy_hook") == "blocks.1.attn.hook_result"


def test_numbers_are_written_as_short_as_they_can_be() -> None:
    assert as_text(np.array([[0.1, -2], [np.nan, np.inf]], np.float32)) == "0.1\t-2.0\nnan\tinf"


def choose(window: MainWindow, text: str) -> str:
    """Choose an entry of the menu that is open; what the clipboard holds then."""
    menu = window.context_menus.menu
    assert menu is not None
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()
    return QGuiApplication.clipboard().text()


def test_tokens_are_copied_and_gone_to_by_the_right_button(qtbot: QtBot) -> None:
    window = opened(qtbot, Scene.named("attention_head"), (900, 600))
    assert isinstance(window.token_menu, TokenMenu)
    line, tokens = window.reading.strip.line, window.desk.scene.composition.tokens
    spot = line.place(3).center().toPoint()
    line.customContextMenuRequested.emit(spot)
    assert entries(window) == [
        "Go to its step",
        f"Copy the token “{tokens[3]}”",
        "Copy the prompt",
        "Copy all tokens, one a line",
        "",
        *said("edit_prompt", "tokens"),
    ]
    for text, copied in (
        (f"Copy the token “{tokens[3]}”", tokens[3]),
        ("Copy all tokens, one a line", "\n".join(tokens)),
    ):
        line.customContextMenuRequested.emit(spot)
        assert choose(window, text) == copied
    line.customContextMenuRequested.emit(spot)
    choose(window, "Go to its step")
    assert line.current == 3
    line.customContextMenuRequested.emit(QPoint(-5, -5))
    assert entries(window)[0] == "Copy the prompt", "beside all tokens"


def test_the_cube_the_bars_and_the_tabs_have_menus(window: MainWindow) -> None:
    window.navigation.view_cube.customContextMenuRequested.emit(QPoint(5, 5))
    first = entries(window)
    assert first == said("reset", "isometric", "front", "side", "top", "", "view_cube")
    window.tabs.customContextMenuRequested.emit(QPoint(5, 200))
    assert entries(window)[:2] == ["Matrices", "Model"]
    bars = window.createPopupMenu()
    assert [action.text() for action in bars.actions()][:2] == said("tool_bar", "panel")


def test_what_is_copied_is_what_is_shown_then(qtbot: QtBot) -> None:
    label = QLabel("first")
    qtbot.addWidget(label)
    copy_by(label, "Copy it", label.text)
    label.setText("second")
    label.actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == "second"


def test_bars_and_lines_copy_what_they_show(window: MainWindow) -> None:
    window.selection.select("right.left")
    sheet = window.scene_panel.form.facts
    (copy,) = sheet.histogram.actions()
    copy.trigger()
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert rows[0] == ["from", "to", "elements"]
    values = window.desk.scene.composition.values["right.left"]
    assert sum(int(row[2]) for row in rows[1:]) == values.size
    assert (float(rows[1][0]), float(rows[-1][1])) == (float(values.min()), float(values.max()))
    assert all(before[1] == after[0] for before, after in pairwise(rows[1:]))

    bar = window.scene_panel.form.findChild(ScaleBar)
    assert bar is not None
    (copy,) = bar.actions()
    copy.trigger()
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert rows[0] == ["number", "colour"]
    assert bar.bar is not None
    assert float(rows[-1][0]) == pytest.approx(bar.bar.full, rel=1e-5)
    assert all(QColor(color).isValid() for _, color in rows[1:])

    window.tell("something was done")
    window.status.newest.actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == "something was done"
