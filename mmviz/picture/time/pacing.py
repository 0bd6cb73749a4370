"""Which moment each frame of a film shows; no pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import overload

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.picture.time.chapters import Chapter

MAX_FRAMES = 1 << 20
"""Most frames of a film: nearly ten hours."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a frame shows: a time of the animation, and where in the film that is."""

    time: float  # in steps
    chapter: int | None = None  # number of the chapter; None: in none
    held: float = 0.0  # seconds since the chapter has come to its end


def moment_of(chapters: Sequence[Chapter], t: float) -> Moment:
    """A time in steps as a moment: in the first chapter that shows it and goes on, or else that shows it."""
    shows = [number for number, chapter in enumerate(chapters) if chapter.holds(t)]
    goes_on = [number for number in shows if t < chapters[number].last]
    return Moment(t, next(iter(goes_on or shows), None))


@dataclass(frozen=True, slots=True, eq=False)
class Film(Sequence[Moment]):
    """The moments of the frames, one after the other; a slice of it is a film, too."""

    times: NDArray[np.float64]  # (frames,), in steps
    chapters: NDArray[np.int64]  # (frames,), numbers of chapters
    held: NDArray[np.float64]  # (frames,), seconds

    def __len__(self) -> int:
        return len(self.times)

    @overload
    def __getitem__(self, number: int) -> Moment: ...

    @overload
    def __getitem__(self, number: slice) -> "Film": ...

    def __getitem__(self, number: int | slice) -> "Moment | Film":
        if isinstance(number, slice):
            return Film(self.times[number], self.chapters[number], self.held[number])
        return Moment(float(self.times[number]), int(self.chapters[number]), float(self.held[number]))

    def __iter__(self) -> Iterator[Moment]:
        return (self[number] for number in range(len(self)))


def film(chapters: Sequence[Chapter], fps: int) -> Film:
    """The moments of all frames: each chapter runs to its end, which is held; where the next one goes on, it does.

    Args:
        chapters: Of the film, in order.
        fps: Frames a second.

    Raises:
        OutputError: the film would have more than a million frames.
    """
    _check_length(chapters, fps)
    times, held = zip(*(_frames(chapter, fps) for chapter in chapters), strict=True)
    numbers = np.repeat(np.arange(len(chapters)), [len(part) for part in times])
    return Film(np.concatenate(times), numbers, np.concatenate(held))


def _frames(chapter: Chapter, fps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(frames,) and (frames,): the times of a chapter, in steps, and how long its end was held, in seconds."""
    steps = chapter.last - chapter.first
    frames = ceil(round(steps / chapter.speed * fps, 6))  # rounding must not show the end once more
    moving = chapter.first + np.arange(frames) * chapter.speed / fps
    still = round(chapter.hold * fps) + (0 if chapter.joined else 1)
    held = np.concatenate([np.zeros(len(moving)), np.arange(still) / fps])
    return np.concatenate([moving, np.full(still, chapter.last)]), held


def _check_length(chapters: Sequence[Chapter], fps: int) -> None:
    if sum(chapter.seconds for chapter in chapters) * fps <= MAX_FRAMES:
        return
    if len(chapters) > 1:
        raise OutputError(
            f"film: its {len(chapters)} chapters at {fps} frames a second are more than {MAX_FRAMES:,} frames; "
            "raise animation.speed, or the speed of the chapters."
        )
    whole = chapters[0]
    raise OutputError(
        f"film: {whole.last - whole.first:.12g} steps at {whole.speed:g} steps and {fps} frames a second are more than "
        f"{MAX_FRAMES:,} frames; raise animation.speed."
    )
