"""The palette: everything that a window can do is found by typing, and done by Enter."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer import settings
from mmviz.viewer.commands import COMMANDS
from mmviz.viewer.controls import theme
from mmviz.viewer.menus.command_palette import CommandPalette
from mmviz.viewer.menus.offers import NOT_NOW, picks
from mmviz.viewer.menus.palette_rows import HIT, RowPainter
from mmviz.viewer.menus.ranking import Hit, ranked
from mmviz.viewer.tabs.model.model_fields import PickField
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import attention, opened

Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot, attention(), panel=True)


def ask(window: MainWindow, text: str = "") -> CommandPalette:
    """Press Ctrl+Shift+P, and type."""
    QTest.keyClick(window, Key.Key_P, Modifier.ControlModifier | Modifier.ShiftModifier)
    palette = window.command_palette
    assert palette.isVisible()
    assert palette.field.hasFocus()
    QTest.keyClicks(palette.field, text)
    return palette


def enter(palette: CommandPalette) -> None:
    QTest.keyClick(palette.field, Key.Key_Return)
    assert not palette.isVisible()


def hits(palette: CommandPalette) -> list[Hit]:
    return [palette.rows.item(row).data(HIT) for row in range(palette.rows.count())]


def test_it_offers_every_command_but_itself_with_menu_and_keys(window: MainWindow) -> None:
    offered = {hit.candidate.key: hit.candidate for hit in hits(ask(window))}
    assert set(offered) == {f"command:{command.name}" for command in COMMANDS if command.name != "palette"}
    for command in COMMANDS:
        if command.name != "palette":
            candidate = offered[f"command:{command.name}"]
            assert candidate.beside == command.menu
            assert candidate.text.startswith(command.text.removesuffix("…").rstrip())
            assert candidate.keys.count(", ") == max(len(command.keys) - 1, 0)
    assert offered["command:panel"].text == "Side panel (on)"


def test_enter_does_what_was_found_and_the_picture_has_the_keyboard_again(window: MainWindow) -> None:
    enter(ask(window, "first step"))
    assert window.player.time == 0
    assert window.view.hasFocus()
    enter(ask(window, "side panel"))
    assert window.panel.isHidden()


def test_a_matrix_is_flown_to_and_a_tab_is_shown(window: MainWindow) -> None:
    enter(ask(window, "attn"))
    assert window.selection.path == "right.left"
    assert window.navigation.flying.goal is not None
    window.panel.hide()
    enter(ask(window, "explain tab"))
    assert window.panel.isVisible()
    assert window.tabs.currentWidget() is window.pinning.panel


def test_a_theme_is_chosen_by_its_name(window: MainWindow) -> None:
    enter(ask(window, "theme light"))
    assert (theme.of(window), settings.theme()) == (theme.LIGHT, "light")
    assert [hit.candidate.text for hit in hits(ask(window, "theme:"))] == [
        "Theme: light (on)",
        "Theme: dark",
        "Theme: as the system",
    ]


def test_a_head_of_the_model_is_picked_by_its_number(window: MainWindow, qtbot: QtBot) -> None:
    assert not any(hit.candidate.key.startswith("pick:") for hit in hits(ask(window, "head 0"))), "it has no model"
    window.command_palette.put_away()
    asked: list[int] = []
    field = PickField("head", "Which head")
    qtbot.addWidget(field)
    field.show_pick(2, 9)
    field.picked.connect(asked.append)
    field.show()
    offered = list(picks([field])())
    assert [offer.candidate.text for offer in offered] == [
        f"Head {number}{' (on)' if number == 2 else ''}" for number in range(9)
    ]
    found = ranked([offer.candidate for offer in offered], "head 7")
    assert [hit.candidate.text for hit in found] == ["Head 7"]
    offered[7].do()
    assert asked == [7]
    field.show_pick(2, 9, "The scene shows all heads.")
    assert list(picks([field])()) == []


def test_files_and_examples_are_opened_by_their_names(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    place = tmp_path / "kept.yaml"
    place.touch()
    settings.remember(place)
    palette = ask(window, "kept.yaml")
    assert [(hit.candidate.text, hit.candidate.beside) for hit in hits(palette)] == [("Open kept.yaml", str(tmp_path))]
    palette.put_away()
    with qtbot.waitSignal(window.desk.opened):
        enter(ask(window, "two products in a row"))
    assert window.desk.scene.document == Scene.load("chain").document


def test_what_cannot_be_given_says_why_and_does_nothing(window: MainWindow) -> None:
    palette = ask(window, "undo")
    assert hits(palette)[0].candidate.why_not == "nothing was changed"
    enter(palette)
    assert window.status.text() == "Undo: nothing was changed"
    assert settings.recent_commands() == []
    window.actions_by_name["screenshot"].setEnabled(False)
    assert hits(ask(window, "screenshot"))[0].candidate.why_not == NOT_NOW


def test_what_was_chosen_last_stands_first_the_next_time(window: MainWindow) -> None:
    for typed in ("last step", "explain tab"):
        enter(ask(window, typed))
    assert [hit.candidate.key for hit in hits(ask(window))][:2] == ["tab:Explain", "command:last"]
    settings.settings().setValue("palette/recent", 7)
    assert settings.recent_commands() == []


def test_arrows_go_on_and_stay_at_the_ends_and_esc_closes_it(window: MainWindow) -> None:
    palette = ask(window, "step")
    count = palette.rows.count()
    assert count > 2
    for keys, row in (((Key.Key_Down,), 1), ((Key.Key_Up, Key.Key_Up), 0), ((Key.Key_PageDown,) * 9, count - 1)):
        for key in keys:
            QTest.keyClick(palette.field, key)
        assert palette.rows.currentRow() == row
    assert window.player.time == window.player.steps
    QTest.keyClick(palette.field, Key.Key_Escape)
    assert not palette.isVisible()
    assert window.view.hasFocus()


def test_nothing_that_fits_is_said_and_enter_keeps_it_open(window: MainWindow) -> None:
    palette = ask(window, "xyzzy")
    assert palette.nothing.text() == "Nothing is called “xyzzy”"
    QTest.keyClick(palette.field, Key.Key_Return)
    assert palette.isVisible()


@pytest.mark.slow
def test_it_fits_into_the_window_and_paints_in_its_theme(window: MainWindow) -> None:
    for name, worn in (("light", theme.LIGHT), ("dark", theme.DARK)):
        window.appearance.choose(name)
        palette = ask(window, "step")
        assert isinstance(palette.rows.itemDelegate(), RowPainter)
        image = palette.rows.grab().toImage()
        seen = {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}
        assert {worn.selected, worn.field} <= seen
        palette.put_away()
    window.resize(480, 360)
    QApplication.processEvents()
    palette = ask(window)
    assert window.rect().contains(palette.geometry())
