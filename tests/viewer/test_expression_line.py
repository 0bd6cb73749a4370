"""The field for the expression by itself: read while it is typed, submitted by Enter, taken back by Esc."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz.viewer.tabs.scene.expression_line import LEAST_ROWS, MOST_ROWS, ExpressionLine

Key = Qt.Key
CTRL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


class Submitted:
    """Notes what is asked for."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.refuse: Callable[[str], None] = print

    def __call__(self, text: str, refused: Callable[[str], None]) -> None:
        self.texts.append(text)
        self.refuse = refused


@pytest.fixture
def submitted() -> Submitted:
    return Submitted()


@pytest.fixture
def line(qtbot: QtBot, submitted: Submitted) -> ExpressionLine:
    made = ExpressionLine(submitted)
    qtbot.addWidget(made)
    made.follow("A @ B")
    return made


def write(line: ExpressionLine, text: str) -> None:
    line.field.selectAll()
    QTest.keyClicks(line.field, text)


def marked(line: ExpressionLine) -> list[str]:
    return [mark.cursor.selectedText() for mark in line.field.extraSelections()]


def test_it_shows_what_the_scene_says(line: ExpressionLine) -> None:
    assert (line.text, line.typed) == ("A @ B", False)
    line.follow("A + B")
    assert line.text == "A + B"


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter])
def test_enter_asks_for_what_is_typed(key: Qt.Key, line: ExpressionLine, submitted: Submitted) -> None:
    write(line, "A @ C")
    assert line.typed
    QTest.keyClick(line.field, key)
    assert submitted.texts == ["A @ C"]
    line.follow("A @ C")
    assert not line.typed


def test_the_same_expression_in_other_words_is_not_asked_for_and_goes_back(
    line: ExpressionLine, submitted: Submitted
) -> None:
    write(line, "(A)@B")
    QTest.keyClick(line.field, Key.Key_Return)
    assert submitted.texts == []
    assert line.text == "A @ B"


def test_esc_takes_the_typing_back(line: ExpressionLine, submitted: Submitted) -> None:
    write(line, "A @ (")
    assert line.trouble.text()
    QTest.keyClick(line.field, Key.Key_Escape)
    assert (line.text, line.typed, line.trouble.text(), marked(line)) == ("A @ B", False, "", [])
    assert submitted.texts == []


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("A @ @ B", "@"),
        ("A @ (", "("),
        ("sofmax(A)", "sofmax"),
        ("A B", "B"),
        ("A @ x_1 y_2", "y_2"),
        ("y + (y = A @ B)", "y + (y = A @ B)"),
    ],
)
def test_what_is_wrong_is_underlined_and_said_in_one_line(
    text: str, mark: str, line: ExpressionLine, submitted: Submitted
) -> None:
    write(line, text)
    assert marked(line) == [mark]
    assert line.trouble.text()
    assert "\n" not in line.trouble.text()
    QTest.keyClick(line.field, Key.Key_Return)
    assert submitted.texts == [], "it has been said already"
    write(line, "A @ C")
    assert (marked(line), line.trouble.text()) == ([], "")


def test_what_cannot_be_had_is_said_and_stays_to_be_mended(line: ExpressionLine, submitted: Submitted) -> None:
    write(line, "A @ C")
    QTest.keyClick(line.field, Key.Key_Return)
    submitted.refuse("C: has no source.")
    assert (line.text, line.trouble.text()) == ("A @ C", "C: has no source.")
    line.follow("A @ B")
    assert line.text == "A @ C"


def test_what_is_being_typed_stays_while_the_scene_changes_and_goes_back_to_the_new_one(line: ExpressionLine) -> None:
    write(line, "A @ C")
    line.follow("A - B")
    assert line.text == "A @ C"
    QTest.keyClick(line.field, Key.Key_Escape)
    assert line.text == "A - B"


def test_when_what_was_asked_for_is_there_in_the_words_of_the_scene_it_is_shown_so(
    line: ExpressionLine, submitted: Submitted
) -> None:
    write(line, "A@C")
    QTest.keyClick(line.field, Key.Key_Return)
    assert submitted.texts == ["A@C"]
    line.follow("A @ C")
    assert (line.text, line.typed) == ("A @ C", False)


def test_what_was_typed_after_enter_stays_when_the_asked_one_comes(line: ExpressionLine) -> None:
    write(line, "A @ C")
    QTest.keyClick(line.field, Key.Key_Return)
    write(line, "A @ C @ D")
    line.follow("A @ C")
    assert (line.text, line.typed) == ("A @ C @ D", True)


def overridden(line: ExpressionLine, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> bool:
    """Whether the field keeps a key that may be a command of the window."""
    event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, modifier)
    event.ignore()
    QApplication.sendEvent(line.field, event)
    return event.isAccepted()


def test_undo_and_esc_are_the_window_s_unless_something_is_typed(line: ExpressionLine) -> None:
    keys = ((Key.Key_Z, CTRL), (Key.Key_Escape, PLAIN))
    assert [overridden(line, *key) for key in keys] == [False, False]
    write(line, "A @ C")
    assert [overridden(line, *key) for key in keys] == [True, True]
    QTest.keyClick(line.field, Key.Key_Escape)
    assert [overridden(line, *key) for key in keys] == [False, False]


def test_shift_enter_begins_another_line(line: ExpressionLine, submitted: Submitted) -> None:
    write(line, "Q = A @ B")
    QTest.keyClick(line.field, Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(line.field, "Q @ C")
    assert (line.text, submitted.texts) == ("Q = A @ B\nQ @ C", [])
    QTest.keyClick(line.field, Key.Key_Return)
    assert submitted.texts == ["Q = A @ B\nQ @ C"]


def test_it_is_as_high_as_its_rows_within_bounds(line: ExpressionLine) -> None:
    line.resize(400, 300)
    line.show()
    heights = {}
    for rows in (1, 2, 3, 8, 9):
        line.field.setPlainText("\n".join(["A"] * rows))
        heights[rows] = line.field.sizeHint().height()
    assert (LEAST_ROWS, MOST_ROWS) == (2, 8)
    assert heights[1] == heights[2] < heights[3] < heights[8] == heights[9]
    assert line.field.minimumSizeHint() == line.field.sizeHint()


def test_to_begin_selects_all_of_it(line: ExpressionLine) -> None:
    line.show()
    line.begin()
    assert line.field.textCursor().selectedText() == "A @ B"
