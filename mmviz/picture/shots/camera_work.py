"""The camera at every moment of a film: chapters with a path of their own, and the flights from one to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmviz.picture.easing import smooth
from mmviz.picture.eye.camera import Camera, same
from mmviz.picture.eye.camera_path import LEAVING, CameraPath
from mmviz.picture.eye.flight import View, between
from mmviz.picture.eye.orbit import orbit
from mmviz.picture.shots.keyframe_cameras import Shots
from mmviz.picture.time.chapters import Chapter
from mmviz.picture.time.pacing import Moment

CHANGE = 1.0
"""Seconds that a camera flies from one chapter to the next; half of the chapter where that is less."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraWork:
    """All paths of a scene's camera, for pictures of one width divided by height."""

    own: Camera
    whole: Chapter  # the animation from its beginning to its end
    path: CameraPath | None  # through it
    chapters: Sequence[Chapter]
    paths: Sequence[CameraPath | None]  # one a chapter; None: that through the whole
    spin: float = 0.0  # degrees a second by which the eye goes around besides, clockwise as seen from above

    def at(self, moment: Moment) -> Camera:
        """The camera of a moment. Where it stays it is the same object."""
        if self.spin == 0:
            return self._led(moment)
        start = 0.0 if moment.chapter is None else self.chapters[moment.chapter].start
        return orbit(self._led(moment), -self.spin * (start + self.seconds(moment)), 0.0)

    def _led(self, moment: Moment) -> Camera:
        """Where the paths lead."""
        camera = self._camera(moment)
        number = moment.chapter
        if not number:
            return camera
        chapter, before = self.chapters[number], self.chapters[number - 1]
        seconds = self.seconds(moment)
        time = min(CHANGE, chapter.seconds / 2)
        if seconds >= time:
            return camera
        last = Moment(before.last, number - 1, before.hold)
        if same(camera, self._camera(last)):
            return camera
        begins, goes = self._view(last), self._view(moment)
        begins = begins.wound(self._view(Moment(chapter.first, number)).turn)
        return between(begins, goes, smooth(seconds / time)).camera()

    @property
    def stands(self) -> bool:
        """Whether the camera never moves."""
        return self.path is None and not any(self.paths) and self.spin == 0

    def seconds(self, moment: Moment) -> float:
        """How long its chapter has been going on; of a moment in no chapter, the animation."""
        chapter = self.whole if moment.chapter is None else self.chapters[moment.chapter]
        return (moment.time - chapter.first) / chapter.speed + moment.held

    def lasts(self, number: int) -> float:
        """How long a chapter takes, in seconds."""
        chapter = self.chapters[number]
        return (chapter.last - chapter.first) / chapter.speed + chapter.hold

    def after(self, number: int | None, seconds: float) -> Moment:
        """The moment after some seconds of a chapter, or of the animation; at its ends the first or the last one."""
        chapter = self.whole if number is None else self.chapters[number]
        steps = chapter.last - chapter.first
        time = min(max(seconds * chapter.speed, 0.0), steps)
        held = min(max(seconds - steps / chapter.speed, 0.0), chapter.hold)
        return Moment(chapter.first + time, number, held)

    def _camera(self, moment: Moment) -> Camera:
        path, clock = self._clock(moment)
        return self.own if path is None else path.at(clock)

    def _view(self, moment: Moment) -> View:
        path, clock = self._clock(moment)
        return View.of(self.own) if path is None else path.view(clock)

    def _clock(self, moment: Moment) -> tuple[CameraPath | None, float]:
        """The path that counts in a moment, and how far along it that is, in steps."""
        number = moment.chapter
        if number is not None and self.paths[number] is not None:
            return self.paths[number], moment.time + moment.held * self.chapters[number].speed
        at_the_end = moment.time >= self.whole.last
        return self.path, moment.time + (moment.held * self.whole.speed if at_the_end else 0.0)


def camera_work(shots: Shots, whole: Chapter, chapters: Sequence[Chapter], spin: float = 0.0) -> CameraWork:
    """The paths of a scene's camera.

    Args:
        shots: What its keyframes mean.
        whole: The animation from its beginning to its end, with the scene's keyframes.
        chapters: Of the film, with theirs.
        spin: Degrees a second by which the eye goes around besides.
    """
    paths = [_path(shots, one) for one in chapters]
    return CameraWork(shots.own, whole, _path(shots, whole), chapters, paths, spin)


def _path(shots: Shots, chapter: Chapter) -> CameraPath | None:
    end = chapter.last + chapter.hold * chapter.speed
    return shots.path(chapter.keyframes, end, LEAVING * chapter.speed)
