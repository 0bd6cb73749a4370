"""How far long work has come, told to whoever listens where it is done; shows nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Done = Callable[[int, int], None]
"""Takes how many parts of the work are done, and of how many."""
Ahead = Callable[[str, str], None]
"""Takes how much work there is, in a few words and in a sentence, before it begins."""

_listener: ContextVar[Done | None] = ContextVar("listener", default=None)  # of this thread
_warned: ContextVar[Ahead | None] = ContextVar("warned", default=None)


@contextmanager
def listening(done: Done, ahead: Ahead | None = None) -> Iterator[None]:
    """While this goes, what is told in this thread is told to `done`, and what lies ahead to `ahead`."""
    before, warned = _listener.set(done), _warned.set(ahead)
    try:
        yield
    finally:
        _listener.reset(before)
        _warned.reset(warned)


def tell_done(done: int, count: int) -> None:
    """Say how far the work has come."""
    listener = _listener.get()
    if listener is not None:
        listener(done, count)


def tell_ahead(in_short: str, sentence: str) -> None:
    """Say how much work there is, before it begins."""
    listener = _warned.get()
    if listener is not None:
        listener(in_short, sentence)
