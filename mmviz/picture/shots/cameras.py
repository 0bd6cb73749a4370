"""A scene's cameras in pictures of any shape, and what is read on their ways: those of the latest shape are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.picture.marks.writing import Writing
from mmviz.picture.shots.camera_work import CameraWork, camera_work
from mmviz.picture.shots.framing import Framing
from mmviz.picture.shots.keyframe_cameras import Shots
from mmviz.picture.shots.lettering import Lettering
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Vector
from mmviz.picture.time.chapters import Chapter, whole_of
from mmviz.picture.time.schedule import Schedule
from mmviz.scene.keys.options import AnimationOptions, CameraOptions
from mmviz.scene.language.tree import Tree

Box = tuple[float, float, float, float]
"""What lies over the picture: left, bottom, right and top from its lower left corner, as shares of its height."""
OverPicture = Callable[[float], Sequence[Box]]
"""By aspect: what lies over the picture."""


@dataclass(frozen=True, eq=False)
class Cameras:
    """Where a scene is seen from. An aspect is the width of a picture divided by its height."""

    root: Tree
    layout: Layout
    schedule: Schedule
    framing: Framing  # what there is to be seen
    writing: Writing  # what there is to be read
    eye: CameraOptions
    animation: AnimationOptions
    chapters: tuple[Chapter, ...]
    over: OverPicture  # captions and colour bars; the inset comes besides
    fixed: Camera | None = None  # from where all is seen, whatever the scene's own camera and keyframes say

    def shots(self, aspect: float) -> Shots:
        """What cameras see in such pictures."""
        if aspect not in self._kept_shots:
            self._kept_shots.clear()
            own, view = self.framing.own(self.eye, aspect)
            shots = Shots(
                self.root, self.layout, self.schedule, self.framing, self.eye, aspect, self.fixed or own, view
            )
            self._kept_shots[aspect] = shots
        return self._kept_shots[aspect]

    def work(self, aspect: float) -> CameraWork:
        """The paths of the camera through such pictures."""
        return self._filmed(aspect)[0]

    def lettering(self, aspect: float, hidden: frozenset[str], over: tuple[Box, ...] = ()) -> Lettering:
        """What is read on these paths while some matrices are left out; the latest is kept.

        Args:
            aspect: Of the pictures.
            hidden: The paths of what is left out.
            over: What else lies over the picture, such as what a window shows there.
        """
        work, whole = self._filmed(aspect)
        if not hidden and not over:
            return whole
        key = aspect, hidden, over
        if key not in self._kept_lettering:
            self._kept_lettering.clear()
            writing = self.writing
            if hidden:
                writing = replace(writing, emphasis=Emphasis(hidden=hidden | self.layout.merged))
            self._kept_lettering[key] = Lettering(writing, work, aspect, self._taken(aspect, over))
        return self._kept_lettering[key]

    def _filmed(self, aspect: float) -> tuple[CameraWork, Lettering]:
        if aspect not in self._kept_work:
            self._kept_work.clear()
            keyframes, chapters, spin = self.eye.keyframes, self.chapters, self.animation.spin
            if self.fixed is not None:
                keyframes, chapters, spin = (), tuple(replace(one, keyframes=()) for one in chapters), 0.0
            whole = whole_of(self.root, self.schedule, self.animation, keyframes)
            work = camera_work(self.shots(aspect), whole, chapters, spin)
            self._kept_work[aspect] = work, Lettering(self.writing, work, aspect, self._taken(aspect))
        return self._kept_work[aspect]

    def _taken(self, aspect: float, over: tuple[Box, ...] = ()) -> Vector:
        """(boxes, 4): what lies over the picture, the inset too."""
        view = self.shots(aspect).inset
        return np.array([*self.over(aspect), *over, *([] if view is None else [view.box])]).reshape(-1, 4)

    @cached_property
    def _kept_shots(self) -> dict[float, Shots]:
        return {}

    @cached_property
    def _kept_work(self) -> dict[float, tuple[CameraWork, Lettering]]:
        return {}

    @cached_property
    def _kept_lettering(self) -> dict[tuple[float, frozenset[str], tuple[Box, ...]], Lettering]:
        return {}
