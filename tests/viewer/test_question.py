"""A question is answered by who has read it: by Enter, Alt and a letter or the mouse, not by what was being typed."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mmviz.viewer.question import DEAF, Answer, Question

Key = Qt.Key
WORDS = {Answer.Save: "&Save", Answer.Discard: "&Discard", Answer.Cancel: "Cancel"}


class Clock:
    """Stands still until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def answered(parent: QWidget, press: Callable[[Question], object], after: float = 2 * DEAF) -> Answer | None:
    """What keys give that are pressed some seconds after it came up; None where it still asks."""
    clock, still = Clock(), []
    question = Question(parent, "Save the changes?", "They are lost otherwise.", WORDS, clock)

    def do() -> None:
        clock.now += after
        press(question)
        QApplication.processEvents()
        if question.isVisible():
            still.append(True)
            question.done(Answer.Cancel.value)

    QTimer.singleShot(0, do)
    answer = question.answer()
    return None if still else answer


def key(pressed: Qt.Key) -> Callable[[Question], object]:
    return lambda question: QTest.keyClick(question.focusWidget() or question, pressed)


def test_enter_gives_the_first_answer_and_escape_cancels(parent: QWidget) -> None:
    assert answered(parent, key(Key.Key_Return)) == Answer.Save
    assert answered(parent, key(Key.Key_Escape)) == Answer.Cancel


@pytest.mark.parametrize("pressed", [Key.Key_Return, Key.Key_Enter, Key.Key_Space])
def test_what_is_pressed_as_it_comes_up_answers_nothing(parent: QWidget, pressed: Qt.Key) -> None:
    assert answered(parent, key(pressed), 0.5 * DEAF) is None
    assert answered(parent, key(Key.Key_Escape), 0.5 * DEAF) == Answer.Cancel


@pytest.mark.parametrize("letter", [Key.Key_D, Key.Key_S, Key.Key_Q])
def test_a_letter_alone_answers_nothing_at_any_time(parent: QWidget, letter: Qt.Key) -> None:
    assert answered(parent, key(letter)) is None


def test_its_buttons_say_what_they_were_told(parent: QWidget) -> None:
    question = Question(parent, "Save the changes?", "They are lost otherwise.", WORDS)
    assert {question.button(answer).text() for answer in WORDS} == set(WORDS.values())
    assert question.defaultButton() is question.button(Answer.Save)
    assert (question.text(), question.informativeText()) == ("Save the changes?", "They are lost otherwise.")
