"""Ctrl+C and SIGTERM end the program at any moment: what is half done disappears, one line is said; no commands.

Imports next to nothing, so that signals are heeded before anything that takes long, and raises nothing: an exception
could be swallowed on its way up, or turned into another one in the middle of an import.
"""

import atexit
import os
import signal
from contextlib import suppress

from mmviz.machine.endings import ENDINGS

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def heed_signals() -> None:
    """From now on a signal ends this process, with 128 and its number; one that is ignored stays ignored.

    When everything is done and only Python itself is being taken down, signals are not heeded any more: the work's own
    exit code stands.
    """
    process = os.getpid()

    def stop(number: int, _: object) -> None:
        ENDINGS.when_free(lambda: end(number, process))

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    atexit.register(ignore_signals)  # the first one, which is called last


def ignore_signals() -> None:
    """Let no signal disturb what comes; only the main thread can say so."""
    with suppress(ValueError):
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def tell_at_the_end(note: str) -> None:
    """Say something of work that a signal ends, for an action that is due then."""
    _tell(f"mmviz: note: {note}\n")


def end(number: int, process: int) -> None:
    """End this process by a signal.

    Args:
        number: The signal.
        process: Whose work it is; a fork of that has none of its own that would have to be cleared away.
    """
    ignore_signals()
    if os.getpid() == process:
        ENDINGS.do()
        _tell("mmviz: interrupted\n")
    os._exit(128 + number)


def _tell(line: str) -> None:
    """Say a line on standard error, past Python's own buffers: a signal may have found them in the middle of a line."""
    with suppress(OSError):  # nobody listens
        os.write(2, line.encode(errors="backslashreplace"))
