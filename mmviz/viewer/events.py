"""What the window has told and complained, each with its time: a list that keeps it; shows nothing itself."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from PySide6.QtCore import QObject, Signal

MOST = 500
"""Events that are kept; the oldest go first."""


class Kind(Enum):
    """What an event is."""

    DONE = "done"  # a command worked
    TROUBLE = "trouble"  # something went wrong


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was told."""

    when: datetime  # on the clock of the wall
    kind: Kind
    text: str
    times: int = 1  # in a row

    @property
    def line(self) -> str:
        """All of it in one line, as it is copied."""
        again = f"  (× {self.times})" if self.times > 1 else ""
        mark = "!" if self.kind is Kind.TROUBLE else " "
        return f"{self.when:%H:%M:%S} {mark} {one_line(self.text)}{again}"


class Events(QObject):
    """Keeps events, and knows how many troubles nobody has looked at.

    Args:
        parent: Owner, in Qt's sense.
        clock: Gives the time.
    """

    changed = Signal()
    """Another event is kept, or has been seen."""

    def __init__(self, parent: QObject | None = None, clock: Callable[[], datetime] = datetime.now) -> None:
        super().__init__(parent)
        self._clock = clock
        self._kept: deque[Event] = deque(maxlen=MOST)
        self.unseen = 0

    @property
    def kept(self) -> tuple[Event, ...]:
        """The events, the newest last."""
        return tuple(self._kept)

    @property
    def text(self) -> str:
        """All of them, a line each."""
        return "\n".join(event.line for event in self._kept)

    def add(self, kind: Kind, text: str, *, seen: bool = False) -> None:
        """Keep an event; the same one again, right after the one before, counts as one.

        Args:
            kind: What it is.
            text: What is told, whole.
            seen: The user reads it elsewhere just now.
        """
        last = self._kept[-1] if self._kept else None
        if last is not None and (last.kind, last.text) == (kind, text):
            self._kept[-1] = replace(last, when=self._clock(), times=last.times + 1)
        else:
            self._kept.append(Event(self._clock(), kind, text))
        self.unseen += int(kind is Kind.TROUBLE and not seen)
        self.changed.emit()

    def see(self) -> None:
        """The user looks at all of them."""
        if self.unseen:
            self.unseen = 0
            self.changed.emit()

    def clear(self) -> None:
        """Keep none of them."""
        self._kept.clear()
        self.unseen = 0
        self.changed.emit()


def one_line(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split("\n"))
