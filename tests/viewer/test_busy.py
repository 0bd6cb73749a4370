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

TOLD = "thinking …"


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
    """Every work that the status line begins to tell, and "" where it tells none any more."""
    texts: list[str] = []
    strip = window.status.waiting
    show, put_away = strip.show_work, strip.put_away

    def note(text: str, done: int = 0, count: int = 0, tip: str | None = None) -> None:
        texts.append(text)
        show(text)

    def note_end() -> None:
        texts.append("")
        put_away()

    monkeypatch.setattr(strip, "show_work", note)
    monkeypatch.setattr(strip, "put_away", note_end)
    return texts


def waits(window: MainWindow) -> bool:
    return not window.status.waiting.isHidden() and window.status.waiting.text.text() == TOLD


def test_long_work_is_told_after_a_while_until_it_is_done(window: MainWindow, said: list[str], qtbot: QtBot) -> None:
    thought = Thought(window)
    assert TOLD not in said
    qtbot.waitUntil(lambda: waits(window))
    finish(thought, qtbot)
    qtbot.waitUntil(lambda: not waits(window))


def test_short_work_is_not_told(
    window: MainWindow, said: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_module, "BUSY_AFTER", 1000 * BUSY_AFTER)  # on a slow machine nothing is short
    for _ in range(3):
        finish(Thought(window), qtbot)
    QTest.qWait(BUSY_AFTER)
    assert TOLD not in said


def test_work_right_after_long_work_keeps_the_status_line_still(
    window: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    first = Thought(window)
    qtbot.waitUntil(lambda: waits(window))
    said.clear()
    later: list[Thought] = []
    window.desk.background._running.done = lambda _: later.append(Thought(window))  # type: ignore[union-attr]
    first.end()
    qtbot.waitUntil(lambda: bool(later))
    QTest.qWait(2 * BUSY_AFTER)
    assert set(said) == {TOLD}
    later[0].end()
    qtbot.waitUntil(lambda: not waits(window))


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
    assert window.events.kept[-1].text == "Given up: thinking"


def test_the_button_beside_it_stops_waiting(window: MainWindow, qtbot: QtBot) -> None:
    thought = Thought(window)
    qtbot.waitUntil(lambda: waits(window))
    window.status.waiting.stop.clicked.emit()
    qtbot.waitUntil(lambda: not waits(window))
    assert not window.desk.background.waiting
    assert window.events.kept[-1].text == "Given up: thinking"
    thought.end()
    qtbot.waitUntil(lambda: window.desk.background._running is None)
    assert thought.outcomes == []
