"""How the window says amounts, what its labels show, and which keys a field leaves to its list."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from mmviz.viewer.controls import theme
from mmviz.viewer.controls.field_keys import FieldKeys
from mmviz.viewer.controls.plain_label import label
from mmviz.viewer.controls.typed_keys import instead_of, is_typed
from mmviz.viewer.wording import begun, bytes_told, counted, short, sized

Modifier = Qt.KeyboardModifier


@pytest.mark.parametrize(
    ("size", "text"), [(0, "empty"), (1, "1 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_340_000_000, "2.34 GB")]
)
def test_sizes_are_said_in_three_digits(size: int, text: str) -> None:
    assert bytes_told(size) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1500, "1.5 k"), (3_540_096, "3.54 M"), (7 * 10**9, "7 B"), (10**14, "100 T")],
)
def test_large_counts_are_said_in_three_digits(number: int, text: str) -> None:
    assert short(number, "B") == text
    assert short(7 * 10**9, "G") == "7 G"


def test_amounts_are_said_with_their_noun_and_separators() -> None:
    assert [counted(number, "token") for number in (0, 1, 2048)] == ["0 tokens", "1 token", "2,048 tokens"]
    assert [sized(shape) for shape in ((), (3,), (64, 1536))] == ["", "3", "64 × 1,536"]
    assert [begun(text) for text in ("", "no W_Q")] == ["", "No W_Q"]


def test_a_label_shows_letters_as_they_are_and_speaks_in_its_tone(qtbot: QtBot) -> None:
    plain, quiet = label("a < b"), label("<b>x</b>", "quiet", bold=True, wraps=True)
    qtbot.addWidget(plain)
    qtbot.addWidget(quiet)
    assert quiet.sizeHint().width() > label("x", bold=True).sizeHint().width(), "the tags are letters"
    assert (plain.font().bold(), quiet.font().bold()) == (False, True)
    assert (plain.wordWrap(), quiet.wordWrap()) == (False, True)
    assert (plain.foregroundRole(), quiet.foregroundRole()) == (theme.TONES["text"], theme.TONES["quiet"])


def test_a_field_keeps_letters_and_leaves_rows_enter_and_esc_to_its_list(qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    keys, told = FieldKeys(field, 12), list[object]()
    keys.moved.connect(told.append)
    keys.taken.connect(lambda: told.append("taken"))
    keys.left.connect(lambda: told.append("left"))
    for key in (
        Qt.Key.Key_Down,
        Qt.Key.Key_A,
        Qt.Key.Key_Up,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Escape,
    ):
        QTest.keyClick(field, key)
    assert told == [1, -1, 12, -12, "taken", "left"]
    assert field.text() == "a"


@pytest.mark.parametrize(
    ("key", "held", "typed"),
    [
        (Qt.Key.Key_A, Modifier.ShiftModifier, True),
        (Qt.Key.Key_Escape, Modifier.NoModifier, True),
        (Qt.Key.Key_F5, Modifier.NoModifier, False),
        (Qt.Key.Key_P, Modifier.ControlModifier, False),
        (Qt.Key.Key_Left, Modifier.AltModifier, False),
    ],
)
def test_keys_that_are_held_with_another_and_function_keys_are_not_typed(
    key: Qt.Key, held: Qt.KeyboardModifier, typed: bool
) -> None:
    assert is_typed(QKeyEvent(QEvent.Type.KeyPress, key, held)) is typed


def test_an_empty_prompt_says_what_stands_there() -> None:
    assert instead_of("", 0) == "What the model reads"
    assert instead_of(None, 7) == "The scene reads 7 token ids. A text that is applied takes their place."
