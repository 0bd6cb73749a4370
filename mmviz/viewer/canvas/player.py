"""Playback: which moment is shown, and how it moves on; knows no window and no scene."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, floor
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from mmviz.picture.time.chapters import Chapter
from mmviz.picture.time.pacing import Moment
from mmviz.viewer.gestures import FUZZ, LONGEST_TICK, RATES

TICK = 16
"""Milliseconds between two looks at the clock while playing."""


class Player(QObject):
    """The moment of an animation. It plays chapter by chapter, as a film does, each at its own speed.

    Args:
        steps: Its length.
        speed: Steps a second.
        clock: Seconds that only grow.
        parent: Owner, in Qt's sense.
    """

    moved = Signal(float)
    """The new time, in steps; `moment` says more."""
    playing_changed = Signal(bool)
    rate_changed = Signal(float)
    taken = Signal()
    """Another animation is played from now on."""

    def __init__(
        self,
        steps: int,
        speed: float,
        clock: Callable[[], float] = perf_counter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.steps = steps
        self.loop = False
        self.rate = 1.0
        self.chapters: tuple[Chapter, ...] = ()
        self._clock = clock
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self.tick)
        self._take(steps, (Chapter(0.0, float(steps), speed, 0.0),))
        self._moment = self._at(float(steps))

    @property
    def time(self) -> float:
        """What is shown, 0..steps. It begins at the end, with the finished picture."""
        return self._moment.time

    @property
    def moment(self) -> Moment:
        """What is shown, and in which chapter."""
        return self._moment

    @property
    def playing(self) -> bool:
        """Whether the time moves on by itself."""
        return self._timer.isActive()

    def take(self, steps: int, chapters: Sequence[Chapter]) -> None:
        """Play another animation: at its end, or where this one is if it is as long."""
        time = self.time if steps == self.steps else float(steps)
        if steps != self.steps:
            self.pause()
        self._take(steps, chapters)
        self.taken.emit()
        self._moment = self._at(time)
        self.moved.emit(time)

    def play(self) -> None:
        """Let the time move on; from the end it starts over."""
        if self.playing:
            return
        if self._over:
            self._show(self._begin(0))
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
        self._show(self._at(min(max(time, 0.0), float(self.steps))))

    def step(self, direction: int) -> None:
        """Pause at the next whole step (direction 1) or at the one before (-1)."""
        self.pause()
        self.seek(floor(self.time + FUZZ) + 1 if direction > 0 else ceil(self.time - FUZZ) - 1)

    def chapter(self, direction: int) -> None:
        """Go to the beginning of the next chapter (1), or of this one or the one before (-1)."""
        now = self._moment.chapter
        number = 0 if now is None else now
        at_start = self.time <= self.chapters[number].first + FUZZ and self._moment.held == 0
        if direction > 0 or at_start:
            number += direction
        self._last = self._clock()
        if number >= len(self.chapters):
            self._show(self._end())
        else:
            self._show(self._begin(max(number, 0)))

    def set_rate(self, rate: float) -> None:
        """Play so many times faster than the scene says."""
        self.rate = rate
        self.rate_changed.emit(rate)

    def faster(self, direction: int) -> None:
        """To the next rate (1), or to the one before (-1)."""
        nearest = min(range(len(RATES)), key=lambda number: abs(RATES[number] - self.rate))
        self.set_rate(RATES[min(max(nearest + direction, 0), len(RATES) - 1)])

    def tick(self) -> None:
        """Look at the clock and move on by as much as has passed."""
        now = self._clock()
        elapsed, self._last = min(now - self._last, LONGEST_TICK) * self.rate, now
        moment = self._on(self._moment, elapsed)
        self._show(moment)
        if moment == self._end() and not self.loop:
            self.pause()

    def _take(self, steps: int, chapters: Sequence[Chapter]) -> None:
        self.steps, self.chapters = steps, tuple(chapters)

    def _on(self, moment: Moment, seconds: float) -> Moment:
        """The moment that comes so much later in the film."""
        number = moment.chapter
        while number is not None:
            chapter = self.chapters[number]
            left = (chapter.last - moment.time) / chapter.speed
            if seconds < left:
                return replace(moment, time=moment.time + seconds * chapter.speed)
            rest = seconds - left + moment.held
            last = number == len(self.chapters) - 1
            hold = 0.0 if last and len(self.chapters) == 1 else chapter.hold
            if rest < hold:
                return Moment(chapter.last, number, rest)
            if last and not self.loop:
                return self._end()
            if last and sum(one.seconds for one in self.chapters) == 0:
                return self._begin(0)
            number, seconds = (0 if last else number + 1), rest - hold
            moment = self._begin(number)
        return self._begin(0)  # no chapter shows what the user chose: the film begins

    def _begin(self, number: int) -> Moment:
        return Moment(self.chapters[number].first, number)

    def _end(self) -> Moment:
        last = len(self.chapters) - 1
        chapter = self.chapters[last]
        return Moment(chapter.last, last, chapter.hold if last > 0 else 0.0)

    @property
    def _over(self) -> bool:
        last = len(self.chapters) - 1
        return self._moment.chapter == last and self.time >= self.chapters[last].last

    def _at(self, time: float) -> Moment:
        """A time in the first chapter that shows it and goes on, or else that shows it."""
        shows = [number for number, chapter in enumerate(self.chapters) if chapter.holds(time)]
        goes_on = [number for number in shows if time < self.chapters[number].last]
        return Moment(time, next(iter(goes_on or shows[::-1]), None))

    def _show(self, moment: Moment) -> None:
        if moment != self._moment:
            self._moment = moment
            self.moved.emit(moment.time)
