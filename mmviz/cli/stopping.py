"""Ctrl+C and SIGTERM unwind the work instead of cutting it off; no commands."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

AGAIN = 0.02
"""Seconds after which a signal is sent again that arrived where Python drops what is raised."""


class Stopped(BaseException):
    """A signal asks to stop. Files that are half written disappear on its way up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.exit_code = 128 + number


@contextmanager
def stopping_signals() -> Iterator[None]:
    """Raise Stopped where a signal finds the work; a signal that is ignored stays ignored.

    Python drops what is raised in a `__del__` or a callback, so that work would go on: the signal is then sent again.
    """

    def stop(number: int, _: object) -> None:
        raise Stopped(number)

    def send_again(dropped: "sys.UnraisableHookArgs") -> None:
        if isinstance(dropped.exc_value, Stopped):
            threading.Timer(AGAIN, _send, (dropped.exc_value.number, stop)).start()
        else:
            tell(dropped)

    watched = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in watched}
    tell, sys.unraisablehook = sys.unraisablehook, send_again
    try:
        yield
    finally:
        sys.unraisablehook = tell
        for number, handler in before.items():
            signal.signal(number, handler)


def _send(number: int, heeded_by: object) -> None:
    """Send a signal to the main thread, where it also ends a wait, if it is still heeded."""
    main = threading.main_thread().ident
    if signal.getsignal(number) is not heeded_by:
        return
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)
    else:
        signal.raise_signal(number)
