"""How far long work has come, told to whoever listens where it is done; shows nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Done = Callable[[int, int], None]
"""Takes how many parts of the work are done, and of how many."""

_listener: ContextVar[Done | None] = ContextVar("listener", default=None)  # of this thread


@contextmanager
def listening(done: Done) -> Iterator[None]:
    """While this goes, what is told in this thread is told to `done`."""
    before = _listener.set(done)
    try:
        yield
    finally:
        _listener.reset(before)


def tell_done(done: int, count: int) -> None:
    """Say how far the work has come."""
    listener = _listener.get()
    if listener is not None:
        listener(done, count)
