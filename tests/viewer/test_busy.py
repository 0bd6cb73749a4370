"""The status line tells of work that takes a while, and of nothing that is over at once."""

import threading

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer import status_line as line_module
from mmviz.viewer.status_line import BUSY_AFTER
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber

TOLD = "thinking …   (Esc: stop waiting)"


class Thought:
    """Work that lasts until it is ended."""

    def __init__(self, window: MainWindow) -> None:
        self.outcomes: list[object] = []
        self._end = threading.Event()
        window.desk.background.start("thinking …", self._end.wait, self.outcomes.append, self.outcomes.append)

    def end(self) -> None:
        self._end.set()


def finish(thought: Thought, qtbot: QtBot) -> None:
    thought.end()
    qtbot.waitUntil(lambda: bool(thought.outcomes))


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    made = MainWindow(scene, Scene.named, Dabber)
    qtbot.addWidget(made, before_close_func=MainWindow.release)
    return made


@pytest.fixture
def said(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that the status line says."""
    texts: list[str] = []
    say = window.status.setText

    def note(text: str) -> None:
        texts.append(text)
        say(text)

    monkeypatch.setattr(window.status, "setText", note)
    return texts


def test_long_work_is_told_after_a_while_until_it_is_done(window: MainWindow, said: list[str], qtbot: QtBot) -> None:
    thought = Thought(window)
    assert TOLD not in said
    qtbot.waitUntil(lambda: window.status.text() == TOLD)
    finish(thought, qtbot)
    qtbot.waitUntil(lambda: window.status.text() != TOLD)


def test_short_work_is_not_told(
    window: MainWindow, said: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_module, "BUSY_AFTER", 1000 * BUSY_AFTER)  # on a slow machine nothing is short
    for _ in range(3):
        finish(Thought(window), qtbot)
    QTest.qWait(BUSY_AFTER)
    assert said
    assert TOLD not in said


def test_work_right_after_long_work_keeps_the_status_line_still(
    window: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    first = Thought(window)
    qtbot.waitUntil(lambda: window.status.text() == TOLD)
    said.clear()
    later: list[Thought] = []
    window.desk.background._running.done = lambda _: later.append(Thought(window))  # type: ignore[union-attr]
    first.end()
    qtbot.waitUntil(lambda: bool(later))
    QTest.qWait(2 * BUSY_AFTER)
    assert set(said) == {TOLD}
    later[0].end()
    qtbot.waitUntil(lambda: window.status.text() != TOLD)


def test_escape_ends_it_and_work_that_is_not_waited_for_is_never_told(
    window: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    thought = Thought(window)
    window.actions_by_name["stop"].trigger()
    QTest.qWait(2 * BUSY_AFTER)
    assert TOLD not in said
    thought.end()
    qtbot.waitUntil(lambda: window.desk.background._running is None)
    assert thought.outcomes == []
