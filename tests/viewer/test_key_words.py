"""Texts that name keys: they follow what the user has chosen, and no text has a key written into it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import mmviz.viewer
from mmviz import Scene
from mmviz.scene.language.tree import root_of
from mmviz.viewer import own_keys
from mmviz.viewer.commands import COMMANDS
from mmviz.viewer.key_words import key_of, tip_of_now
from mmviz.viewer.start.stops import STOPS
from mmviz.viewer.status_line import hint
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber

ROOM = Path(mmviz.viewer.__file__).parent
LETTERS = {key for command in COMMANDS for key in command.keys if re.fullmatch(r"[A-Z]", key)}
LONGER = {key for command in COMMANDS for key in command.keys if re.fullmatch(r"Ctrl\+.+|F\d+|Space", key)}
VERBS = "brings|finds|flies|goes|hides|keeps|opens|plays|resets|shows|steps|stops|undoes"
KEYED = re.compile(
    rf"(?<![\w+])(?:{'|'.join(map(re.escape, sorted(LONGER, key=len, reverse=True)))})(?![\w+])"
    rf"|(?<![\w.+])(?<!pattern )[{''.join(sorted(LETTERS))}](?:: |\)| (?:{VERBS})\b)"
)
"""How texts name a key: Ctrl+F, R: reset, (H), A shows."""


@pytest.mark.parametrize("text", ["or Ctrl+F finds it", "R: reset", "Keys (H)", "A shows all", "Space plays", "F9"])
def test_such_texts_name_a_key(text: str) -> None:
    assert KEYED.search(text)


@pytest.mark.parametrize("text", ["A model opens a tab", "Ctrl+Enter applies it", "hold M", "Q @ K.T", "Shift+drag"])
def test_such_texts_name_none_that_can_be_chosen(text: str) -> None:
    assert not KEYED.search(text)


def told(source: str) -> Iterator[str]:
    """The texts of a module that are neither its comments nor what it says of itself."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_no_text_of_the_window_has_a_key_written_into_it() -> None:
    found = {
        str(file.relative_to(ROOM)): keyed
        for file in sorted(ROOM.rglob("*.py"))
        if file.name != "commands.py"
        and (keyed := [text for text in told(file.read_text(encoding="utf-8")) if KEYED.search(text)])
    }
    assert found == {}


def test_a_command_without_a_key_is_named_by_its_menu() -> None:
    own_keys.keep("reset", ["Ctrl+0"])
    own_keys.keep("help", [])
    assert (key_of("reset"), key_of("help"), key_of("settings")) == ("Ctrl+0", "Help > Keys", "Ctrl+,")
    assert key_of("recover") == "File > Recover unsaved changes"
    assert hint().endswith("  ·  Space: play  ·  ← →: step  ·  Ctrl+0: reset view  ·  Help > Keys: all keys")


def test_a_tip_says_the_key_that_is_right_when_it_is_read(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    tip_of_now(label, "Edit it ({edit_prompt})")
    assert label.toolTip() == "Edit it (Ctrl+P)"
    own_keys.keep("edit_prompt", ["F2"])
    QApplication.sendEvent(label, QEvent(QEvent.Type.ToolTip))
    assert label.toolTip() == "Edit it (F2)"


def test_the_window_says_the_keys_that_the_user_has_chosen(qtbot: QtBot, scene: Scene) -> None:
    own_keys.keep("show_all", ["Ctrl+Shift+A"])
    own_keys.keep("find", ["F3"])
    own_keys.keep("bookmark", ["F5"])
    own_keys.keep("stop", ["F6"])
    window = MainWindow(scene, Scene.named, Dabber)
    qtbot.addWidget(window, before_close_func=MainWindow.release)
    said = []
    window.navigation.fly()
    said.append(window.status.text())
    window.navigation.kept_views.go_on()
    said.append(window.status.text())
    window.selection.select("")
    window.navigation.isolate()
    said.append(window.status.text())
    assert said == [
        "No matrix is selected: click one in the picture, or find it with F3",
        "No view is kept yet; F5 keeps this one",
        f"Only {root_of(scene.root).name} and what it is made of is shown; Ctrl+Shift+A shows everything again",
    ]
    assert "F6, or a click beside everything, lets go." in window.pinning.panel.hint.text()
    assert all("{" not in stop.told({command.name: "K" for command in COMMANDS}) for stop in STOPS)
