"""Jobs off the interface thread: one at a time, the newest wins, what is forgotten is unheard."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mmviz.errors import MmvizError, SourceError
from mmviz.machine.listening import tell_ahead, tell_done
from mmviz.viewer.session.background import Background, Job


class Work:
    """Something that runs until it is let go, and what is told of it."""

    def __init__(self, outcome: Any = None) -> None:
        self.begun, self._go = threading.Event(), threading.Event()
        self.thread: threading.Thread | None = None
        self.told: list[tuple[str, Any]] = []
        self._outcome = outcome

    def compute(self) -> Any:
        self.thread = threading.current_thread()
        self.begun.set()
        assert self._go.wait(10)
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome

    def start(self, background: Background, text: str = "work") -> Job:
        return background.start(text, self.compute, self._note("done"), self._note("failed"))

    def end(self) -> None:
        self._go.set()

    def _note(self, how: str) -> Callable[[Any], None]:
        def note(what: Any) -> None:
            assert threading.current_thread() is threading.main_thread()
            self.told.append((how, what))

        return note


@pytest.fixture
def background(qtbot: QtBot) -> Background:
    return Background()


def ends(work: Work, background: Background, qtbot: QtBot) -> None:
    """Let it end, and wait until nothing is waited for."""
    work.end()
    qtbot.waitUntil(lambda: background._running is None)


def test_what_was_computed_in_another_thread_is_told_in_this_one(background: Background, qtbot: QtBot) -> None:
    work, said = Work(7), list[str]()
    background.busy.connect(said.append)
    job = work.start(background, "adding up")
    assert (background.waiting, job.forgotten, work.told) == (True, False, [])
    assert said == ["adding up"]
    ends(work, background, qtbot)
    assert work.told == [("done", 7)]
    assert said == ["adding up", ""]
    assert not background.waiting
    assert work.thread is not None
    assert work.thread is not threading.main_thread()
    assert (work.thread.name, work.thread.daemon) == ("mmviz: adding up", True)


def test_how_far_work_has_come_is_told_until_it_is_forgotten(background: Background, qtbot: QtBot) -> None:
    work, said, told = Work(), list[tuple[int, int]](), threading.Event()
    background.went_on.connect(lambda *far: said.append(far))

    def compute() -> None:
        tell_done(1, 3)
        work.compute()
        tell_done(2, 3)
        told.set()

    background.start("reading", compute, work._note("done"), work._note("failed"))
    qtbot.waitUntil(lambda: said == [(1, 3)])
    background.forget()
    ends(work, background, qtbot)
    assert told.is_set()
    assert said == [(1, 3)]
    tell_done(3, 3)  # where nobody listens


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (SourceError("weights.safetensors: is not there."), "weights.safetensors: is not there."),
        (MmvizError("x"), "x"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_where_it_fails_the_message_is_told_instead(
    error: Exception, message: str, background: Background, qtbot: QtBot
) -> None:
    work = Work(error)
    work.start(background)
    ends(work, background, qtbot)
    assert work.told == [("failed", message)]
    assert not background.waiting


def test_a_job_that_waits_gives_way_to_a_newer_one(background: Background, qtbot: QtBot) -> None:
    first, second, third = Work(1), Work(2), Work(3)
    said: list[str] = []
    background.busy.connect(said.append)
    jobs = [work.start(background, text) for work, text in ((first, "first"), (second, "second"), (third, "third"))]
    assert [job.forgotten for job in jobs] == [True, True, False]
    assert background.waiting
    first.end()
    qtbot.waitUntil(third.begun.is_set)
    ends(third, background, qtbot)
    assert not second.begun.is_set()
    assert (first.told, second.told, third.told) == ([], [], [("done", 3)])
    assert said == ["first", "second", "third", "third", ""]


def test_what_is_forgotten_runs_to_its_end_unheard(background: Background, qtbot: QtBot) -> None:
    work, said = Work(1), list[str]()
    job = work.start(background)
    background.busy.connect(said.append)
    background.forget()
    assert (job.forgotten, background.waiting, said) == (True, False, [""])
    ends(work, background, qtbot)
    assert work.told == []
    assert said == [""], "it has been said already that nothing is waited for"


def test_a_forgotten_failure_is_unheard_too(background: Background, qtbot: QtBot) -> None:
    work = Work(MmvizError("too late"))
    work.start(background)
    background.forget()
    ends(work, background, qtbot)
    assert work.told == []


def test_what_waits_is_forgotten_as_well_and_never_begins(background: Background, qtbot: QtBot) -> None:
    first, second = Work(), Work()
    first.start(background)
    second.start(background)
    background.forget()
    ends(first, background, qtbot)
    assert not second.begun.is_set()
    assert second.told == []


def test_after_one_was_forgotten_another_can_begin(background: Background, qtbot: QtBot) -> None:
    first, second = Work(1), Work(2)
    first.start(background)
    background.forget()
    second.start(background)
    assert background.waiting
    first.end()
    qtbot.waitUntil(second.begun.is_set)
    ends(second, background, qtbot)
    assert (first.told, second.told) == ([], [("done", 2)])


def test_it_does_nothing_to_forget_where_nothing_runs(background: Background) -> None:
    background.forget()
    assert not background.waiting


def test_how_much_lies_ahead_is_told_of_what_is_waited_for_alone(background: Background, qtbot: QtBot) -> None:
    told: list[tuple[str, str]] = []
    background.lies_ahead.connect(lambda in_short, sentence: told.append((in_short, sentence)))
    for forgotten in (False, True):
        work = Work()

        def compute(work: Work = work) -> None:
            work.compute()
            tell_ahead("2 layers", "two layers are read first")

        background.start("work", compute, lambda _: None, lambda _: None)
        assert work.begun.wait(10)
        if forgotten:
            background.forget()
        ends(work, background, qtbot)
    assert told == [("2 layers", "two layers are read first")]
