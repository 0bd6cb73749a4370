"""Keys that the user has chosen: they win, they are kept, and no key ever means two things."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer import own_keys, settings
from mmviz.viewer.commands import COMMANDS, HELD
from mmviz.viewer.menus.shortcuts import HINT, KeyField, ShortcutsDialog
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

Key, Modifier = Qt.Key, Qt.KeyboardModifier
DEFAULTS = {command.name: command.keys for command in COMMANDS}


def test_every_command_has_the_keys_of_its_table_until_one_chooses() -> None:
    assert own_keys.keys_by_name() == DEFAULTS
    assert max(map(len, DEFAULTS.values())) <= own_keys.MOST


def test_what_is_chosen_wins_and_is_lost_where_it_stood_before() -> None:
    own_keys.keep("screenshot", ["Ctrl+E", "F2"])
    keys = own_keys.keys_by_name()
    assert (keys["screenshot"], keys["export"]) == (("Ctrl+E", "F2"), ())
    assert own_keys.meaning("Ctrl+E") == "Screenshot"
    assert own_keys.meaning("Ctrl+E", but="screenshot") == own_keys.meaning("F12") == ""
    own_keys.keep("screenshot", ["F12"])  # that of its table
    assert own_keys.own_keys() == {}
    own_keys.keep("export", [])
    assert own_keys.keys_by_name()["export"] == ()
    own_keys.forget_all()
    assert own_keys.keys_by_name() == DEFAULTS


@pytest.mark.parametrize("kept", ["garbage", ["Ctrl+E", ""], ["M"], {"a": 1}, ["Ctrl+E", 7.5]])
def test_what_is_no_key_counts_as_not_there(kept: object) -> None:
    settings.settings().setValue("keys/export", kept)
    assert own_keys.keys_by_name() == DEFAULTS


@pytest.mark.parametrize("keys", [["Ctrl+,"], [","], [", "[0], ";"], ["Ctrl+Shift+;"], ["Space"], []])
def test_any_key_survives_the_file(keys: list[str]) -> None:
    own_keys.forget_all()
    own_keys.keep("pause", keys)
    settings.settings().sync()
    assert own_keys.own_keys() == {"pause": tuple(keys)}


CHOSEN = st.lists(st.sampled_from(["Ctrl+E", "F2", "Space", "A", "Ctrl+Z", "G"]), max_size=2, unique=True).map(tuple)


@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), CHOSEN, max_size=5))
def test_no_key_ever_means_two_things(chosen: dict[str, tuple[str, ...]]) -> None:
    keys = own_keys.merged(chosen)
    assert set(keys) == set(DEFAULTS)
    count = Counter(key for one in keys.values() for key in one)
    assert [key for key, times in count.items() if times > 1] == []
    assert {key for one in chosen.values() for key in one} <= set(count), "what is chosen works somewhere"


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene)


@pytest.fixture
def dialog(window: MainWindow) -> ShortcutsDialog:
    QTest.keyClick(window, Key.Key_H, Modifier.ControlModifier | Modifier.ShiftModifier)
    found = window.findChild(ShortcutsDialog)
    assert found is not None
    return found


def press(
    dialog: ShortcutsDialog, name: str, key: Qt.Key, modifier: Qt.KeyboardModifier = Modifier.NoModifier
) -> KeyField:
    """Press a key in the first field of a command."""
    field = dialog.fields[name][0]
    QTest.keyClick(field, key, modifier)
    return field


def test_a_key_that_is_pressed_in_a_field_works_at_once_and_is_told(
    window: MainWindow, dialog: ShortcutsDialog
) -> None:
    assert set(dialog.fields) == set(DEFAULTS)
    press(dialog, "first", Key.Key_F2)
    window.activateWindow()
    QApplication.processEvents()
    QTest.keyClick(window, Key.Key_F2)
    assert window.player.time == 0
    assert window.actions_by_name["first"].toolTip() == "First step (F2)"
    window.dialogs.show_help()
    assert window.dialogs.help is not None
    told = [label.text() for label in window.dialogs.help.findChildren(QLabel)]
    assert told[told.index("First step") - 1] == "F2"
    dialog.reset.click()
    assert window.actions_by_name["first"].toolTip() == "First step (Home)"
    window.dialogs.show_help()
    assert "F2" not in {label.text() for label in window.dialogs.help.findChildren(QLabel) if label.isVisible()}


@pytest.mark.slow
def test_the_next_window_has_the_keys_too(dialog: ShortcutsDialog, qtbot: QtBot, scene: Scene) -> None:
    press(dialog, "play", Key.Key_F2)
    second = opened(qtbot, scene)
    QTest.keyClick(second, Key.Key_F2)
    assert second.player.playing
    assert second.actions_by_name["play"].toolTip() == "Pause (F2)"


def test_a_key_that_is_taken_is_said_and_stays_until_one_takes_it(window: MainWindow, dialog: ShortcutsDialog) -> None:
    field = press(dialog, "first", Key.Key_E, Modifier.ControlModifier)
    assert dialog.said.text() == "Ctrl+E means “Export a film, picture, mesh or page” already."
    assert field.keySequence().toString() == "Home"
    field.editingFinished.emit()  # as Qt does a second later
    assert dialog.take.isVisible()
    assert window.actions_by_name["export"].shortcut().toString() == "Ctrl+E"
    dialog.take.click()
    assert (dialog.said.text(), dialog.take.isVisible()) == (HINT, False)
    assert window.actions_by_name["export"].shortcuts() == []
    assert window.actions_by_name["first"].shortcut().toString() == "Ctrl+E"
    assert dialog.fields["export"][0].keySequence().isEmpty()


def test_a_key_that_is_held_can_be_taken_by_nothing(dialog: ShortcutsDialog) -> None:
    assert set(HELD) == {"M"}
    press(dialog, "first", Key.Key_M)
    assert dialog.said.text() == "M means “Lens under the pointer” already."
    assert not dialog.take.isVisible()
    assert own_keys.own_keys() == {}


def test_commands_are_found_by_their_words_and_keys(dialog: ShortcutsDialog) -> None:
    def seen() -> list[str]:
        items = [dialog.rows.topLevelItem(number) for number in range(dialog.rows.topLevelItemCount())]
        return [item.text(0) for item in items if item is not None and not item.isHidden()]

    assert len(seen()) == len(COMMANDS)
    dialog.sought.setText("chapter")
    assert seen() == ["Next chapter", "Previous chapter"]
    dialog.sought.setText("ctrl+shift+c")
    assert seen() == ["Copy the picture"]
    field = dialog.fields["copy_picture"][0]
    field.setFocus()
    QApplication.processEvents()
    assert isinstance(field, KeyField)
