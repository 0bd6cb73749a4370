"""The fuzzers see what they are for: tracebacks, panics, long messages, hangs and memory."""

import mmap
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from mmviz.errors import MmvizError
from tests.fuzz import attempts
from tests.fuzz.attempts import STATUS, Endless, attempt


class Panic(BaseException):
    """As the libraries in Rust raise it."""


class WordyError(MmvizError):
    """One that is not bounded."""

    def __init__(self) -> None:
        super().__init__("")

    def __str__(self) -> str:
        return "x" * 5000


def fails(what: Callable[[], object]) -> str:
    with pytest.raises((pytest.fail.Exception, AssertionError)) as failed:
        attempt(what, "seed 7")
    return str(failed.value).split("\n", 1)[0]


def raising(error: BaseException) -> Callable[[], object]:
    def what() -> object:
        raise error

    return what


def test_what_is_no_message_is_seen() -> None:
    assert fails(raising(ValueError("x"))) == "seed 7: ValueError: x"
    assert fails(raising(Panic("index 3"))) == "seed 7: Panic: index 3"
    assert fails(raising(MmvizError("two\nlines"))).startswith("two")
    assert fails(raising(WordyError())).startswith("5000 letters")
    attempt(raising(MmvizError("m.npy: is cut off; a whole file is needed.")), "seed 7")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX: a timer that counts CPU time")
def test_what_does_not_end_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.02)

    def forever() -> object:
        while True:
            pass

    assert fails(forever) == f"seed 7: {Endless.__name__}: no end after 0 s"


@pytest.mark.skipif(not STATUS.exists(), reason="needs Linux: a peak of memory that can be counted anew")
def test_what_needs_much_memory_for_a_moment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MOST_MEMORY", 20)
    attempt(lambda: bytearray(1 << 20), "seed 7")
    with mmap.mmap(-1, 64 << 20) as fresh:  # straight from the system: nothing that other tests gave back covers it
        assert fails(lambda: fresh.write(bytes(1 << 20) * 64)).startswith("seed 7: needed ")


def test_the_peak_is_a_number_or_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(attempts, "STATUS", tmp_path / "none")
    assert attempts._peak() == 0
