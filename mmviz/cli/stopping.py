"""Ctrl+C and SIGTERM unwind the work instead of cutting it off; no commands."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(BaseException):
    """A signal asks to stop. Files that are half written disappear on its way up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def stopping_signals() -> Iterator[None]:
    """Raise Stopped where a signal finds the work; a signal that is ignored stays ignored."""

    def stop(number: int, _: object) -> None:
        raise Stopped(number)

    watched = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in watched}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
