"""What is still to be done when a signal ends the program; watches no signals and imports next to nothing.

Work that a signal ends is not unwound: what Python raises may be swallowed or turned into something else on its way up,
in the middle of an import for one. Instead whoever makes something that must not stay says here how it is removed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

Action = Callable[[], object]


class Endings:
    """Actions that are due at an end that is not the usual one, the last first."""

    def __init__(self) -> None:
        self._actions: dict[object, Action] = {}
        # Lists, which several threads and a signal's handler may change in between: no count, and no lock.
        self._held: list[None] = []
        self._waiting: list[Action] = []
        self._one_at_a_time = Lock()

    @contextmanager
    def due(self, action: Action) -> Iterator[None]:
        """While this goes, `action` is done if a signal ends the program; else it is not done."""
        key = object()
        self._actions[key] = action
        try:
            yield
        finally:
            self._actions.pop(key, None)

    def always(self, action: Action) -> None:
        """From now on `action` is done if a signal ends the program."""
        self._actions[object()] = action

    @contextmanager
    def held(self) -> Iterator[None]:
        """What goes on in here is done as a whole: a signal ends the program after it. For moments only."""
        self._held.append(None)
        try:
            yield
        finally:
            self._held.pop()
            if self._waiting and not self._held:
                self._waiting[0]()

    def when_free(self, end: Action) -> None:
        """End the program: now, or when what is held is done."""
        self._waiting.append(end)  # first, or who leaves just now would not see it
        if not self._held:
            end()

    def do(self) -> None:
        """All that is due. What fails keeps nothing else from being done."""
        with self._one_at_a_time:  # whoever comes second waits, and the first ends the program
            while self._actions:
                _, action = self._actions.popitem()
                with suppress(Exception):
                    action()


ENDINGS = Endings()
"""Of this process."""
