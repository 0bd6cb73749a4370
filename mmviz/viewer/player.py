"""Playback: which time is shown, and how it moves on; knows no window and no scene."""

from collections.abc import Callable
from math import ceil, floor
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer, Signal

TICK = 16
"""Milliseconds between two looks at the clock while playing."""
LONGEST_TICK = 0.5
"""Seconds that one tick may move at most, so that a machine which slept does not jump to the end."""
FUZZ = 1e-6
"""Steps within which a time counts as a whole step."""


class Player(QObject):
    """The time of an animation, in steps.

    Args:
        steps: Its length.
        speed: Steps a second.
        clock: Seconds that only grow.
        parent: Owner, in Qt's sense.
    """

    moved = Signal(float)
    """The new time, in steps."""
    playing_changed = Signal(bool)

    def __init__(
        self,
        steps: int,
        speed: float,
        clock: Callable[[], float] = perf_counter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.steps = steps
        self.speed = speed
        self.loop = False
        self._clock = clock
        self._time = float(steps)
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self.tick)

    @property
    def time(self) -> float:
        """What is shown, 0..steps. It begins at the end, with the finished picture."""
        return self._time

    @property
    def playing(self) -> bool:
        """Whether the time moves on by itself."""
        return self._timer.isActive()

    def play(self) -> None:
        """Let the time move on; from the end it starts over."""
        if self.playing:
            return
        if self._time >= self.steps:
            self._show(0.0)
        self._last = self._clock()
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stay at this time."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def seek(self, time: float) -> None:
        """Go to a time; playback goes on from there. Outside 0..steps the nearest time is taken."""
        self._last = self._clock()
        self._show(min(max(time, 0.0), float(self.steps)))

    def step(self, direction: int) -> None:
        """Pause at the next whole step (direction 1) or at the one before (-1)."""
        self.pause()
        self.seek(floor(self._time + FUZZ) + 1 if direction > 0 else ceil(self._time - FUZZ) - 1)

    def tick(self) -> None:
        """Look at the clock and move on by as much as has passed."""
        now = self._clock()
        elapsed, self._last = min(now - self._last, LONGEST_TICK), now
        time = self._time + elapsed * self.speed
        if time < self.steps:
            self._show(time)
        elif self.loop:
            self._show(time % self.steps)
        else:
            self._show(float(self.steps))
            self.pause()

    def _show(self, time: float) -> None:
        if time != self._time:
            self._time = time
            self.moved.emit(time)
