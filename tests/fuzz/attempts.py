"""What may come of a damaged input: an end, or one MmvizError in a paragraph; soon, and with little memory."""

import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from mmviz.errors import MmvizError

PATIENCE = 5.0
"""Seconds of CPU that a tiny input may take; usually it is a hundredth."""
MOST_MEMORY = 300
"""MB that a tiny input may need beside what is there already; usually it is one."""
FAR_MORE = 4000
"""MB of addresses, which are also taken for files that are mapped and for threads."""
LONGEST = 3200
"""Letters of a message."""

STATUS, CLEAR = (
    Path("/proc/self/status"),
    Path("/proc/self/clear_refs"),
)  # Linux alone knows its peak, and can forget it


class Endless(BaseException):
    """The work does not end; no `except Exception` on the way keeps it."""


def one_line(error: MmvizError) -> None:
    """What is said of a damaged file is said in a line."""
    assert "\n" not in str(error).strip(), str(error)
    one_paragraph(error)


def one_paragraph(error: MmvizError) -> None:
    """A message can be printed and read."""
    text = str(error)
    assert text.strip(), type(error)
    assert "\n\n" not in text.strip("\n"), text
    assert len(text) <= LONGEST, f"{len(text)} letters: {text[:200]}"


def attempt(what: Callable[[], object], seed: str, message: Callable[[MmvizError], None] = one_line) -> None:
    """Do it: it ends well, or in a MmvizError whose text passes `message`, soon and with little memory."""
    start, before = time.process_time(), _peak_anew()
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(), _no_longer_than(2 * PATIENCE), _no_more_memory():
            warnings.simplefilter("ignore")
            what()
    except MmvizError as error:
        message(error)
    except (KeyboardInterrupt, pytest.fail.Exception):
        raise
    except BaseException as error:  # noqa: BLE001  (panics of Rust are no Exception)
        pytest.fail(f"{seed}: {type(error).__name__}: {str(error)[:200]}")
    took, needed = time.process_time() - start, _peak() - before
    assert took < PATIENCE, f"{seed}: took {took:.1f} s"
    assert needed < MOST_MEMORY, f"{seed}: needed {needed:.0f} MB"


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """Ends what takes that much CPU; where there is no such timer (Windows), what takes too long is seen at its end."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def give_up(*_: object) -> None:
        raise Endless(f"no end after {seconds:.0f} s")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _no_more_memory() -> Iterator[None]:
    """Lets what asks for far more memory fail before the machine does; a library in Rust ends the process then."""
    if not STATUS.exists():
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    mapped = int(next(line for line in STATUS.read_text().splitlines() if line.startswith("VmSize")).split()[1]) << 10
    resource.setrlimit(resource.RLIMIT_AS, (mapped + (FAR_MORE << 20), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _peak_anew() -> float:
    """MB that are in use now; the peak is counted from here."""
    if CLEAR.exists():
        CLEAR.write_text("5")
    return _peak()


def _peak() -> float:
    """MB that were in use at most; 0 where nobody counts."""
    if not STATUS.exists():
        return 0.0
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
