"""Other programs end with this one: where it fails, where it is told to stop, and where they take too long."""

import subprocess
from typing import Any, Self, cast

import pytest

from mmviz.machine import children
from mmviz.machine.children import Child, ran, started
from mmviz.machine.endings import Endings


class Program:
    """A program that says what is done to it."""

    returncode = 3

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.started_with = arguments, options
        self.done: list[str] = []
        self.patience: float | None = None
        self.late = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.done.append("waited for")

    def communicate(self, timeout: float) -> tuple[str, str]:
        self.patience = timeout
        if self.late:
            raise subprocess.TimeoutExpired("program", timeout)
        return "said", "complained"

    def kill(self) -> None:
        self.done.append("killed")

    def wait(self) -> None:
        self.done.append("waited")


@pytest.fixture
def endings(monkeypatch: pytest.MonkeyPatch) -> Endings:
    own = Endings()
    monkeypatch.setattr(children, "ENDINGS", own)
    return own


def child(program: Program) -> Child:
    return cast("Child", program)


def test_a_program_that_ends_by_itself_is_waited_for_and_not_killed(endings: Endings) -> None:
    program = Program()
    with started(lambda: child(program)) as found:
        assert found is child(program)
        assert program.done == []
    assert program.done == ["waited for"]
    endings.do()
    assert program.done == ["waited for"], "when it is over nothing is due any more"


def test_a_program_is_killed_where_what_goes_on_with_it_fails(endings: Endings) -> None:
    program = Program()
    with pytest.raises(KeyboardInterrupt), started(lambda: child(program)):
        raise KeyboardInterrupt
    assert program.done == ["killed", "waited for"], "else it would be waited for without end"
    endings.do()
    assert len(program.done) == 2


def test_a_signal_that_ends_this_one_ends_the_program(endings: Endings) -> None:
    program = Program()
    with started(lambda: child(program)):
        endings.do()
        assert program.done == ["killed", "waited"]


def test_a_signal_while_it_is_being_started_ends_it_too(endings: Endings) -> None:
    program, ended = Program(), list[str]()

    def end() -> None:
        ended.append("ended")
        endings.do()

    def start() -> Child:
        endings.when_free(end)
        assert ended == [], "not between its start and the moment at which it is known"
        return child(program)

    with started(start):
        assert ended == ["ended"]
    assert program.done[:2] == ["killed", "waited"]


def test_one_that_cannot_be_started_leaves_nothing_due(endings: Endings) -> None:
    def start() -> Child:
        raise FileNotFoundError("no such program")

    with pytest.raises(FileNotFoundError), started(start):
        raise AssertionError
    endings.do()


def test_what_it_says_and_its_exit_code_are_given(endings: Endings, monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[Program] = []

    def popen(*arguments: Any, **options: Any) -> Program:
        programs.append(Program(*arguments, **options))
        return programs[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    done = ran(["program", "--flag"], {"A": "b"}, 7.5)
    assert (done.args, done.returncode, done.stdout, done.stderr) == (["program", "--flag"], 3, "said", "complained")
    (program,) = programs
    (command,), options = program.started_with
    assert (command, options["env"], program.patience) == (["program", "--flag"], {"A": "b"}, 7.5)
    assert (options["text"], options["errors"]) == (True, "replace"), "what is no text does not end it"
    endings.do()


def test_one_that_takes_too_long_is_killed(endings: Endings, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program()
    program.late = True
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: program)
    with pytest.raises(subprocess.TimeoutExpired):
        ran(["program"], {}, 0.1)
    assert program.done == ["killed", "waited for"]
    endings.do()
