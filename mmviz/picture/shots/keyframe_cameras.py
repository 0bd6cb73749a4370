"""What the keyframes of a scene mean in its space: each becomes a camera, and all of them a path."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import asin, atan2, ceil, hypot, prod

import numpy as np

from mmviz.errors import MmvizError
from mmviz.picture.eye.camera import Camera, placed
from mmviz.picture.eye.camera_path import CameraPath, Stop
from mmviz.picture.eye.flight import View
from mmviz.picture.eye.orbit import turntable
from mmviz.picture.marks.color_bar import Room
from mmviz.picture.marks.inset import InsetView
from mmviz.picture.shots import framing
from mmviz.picture.shots.framing import Framing, Look
from mmviz.picture.space.cube import Cube
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Vector
from mmviz.picture.time.algorithms import I, way
from mmviz.picture.time.schedule import Run, Schedule
from mmviz.scene.keys.keyframes import KeyframeOptions
from mmviz.scene.keys.options import CameraOptions
from mmviz.scene.language.tree import Tree, find

SIDE = 7.5
"""Degrees between two sides from which it is asked whether all is seen during an orbit."""


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """The view of what is in flight: its pivot goes along."""

    view: View
    run: Run | None
    cube: Cube

    def __call__(self, clock: float) -> View:
        """The view at a time, in steps."""
        return replace(self.view, pivot=in_flight(self.run, self.cube, clock).mean(axis=0))

    def bends(self) -> list[float]:
        """The times at which the pivot changes its way or its speed; between two of them it goes on evenly."""
        run, cube = self.run, self.cube
        if run is None:
            return [0.0]
        if run.algorithm == "blockwise":
            rows = cube.shape[I] - cube.block[I]  # that the first query of a block goes along, across gaps
            return [run.start + run.steps * row / max(rows, 1) for row in range(rows + 1)]
        turns = way(run.algorithm).turns
        if not turns:
            return [float(run.start)]
        axis, *faster = turns
        size, block = cube.shape[axis], cube.block[axis]
        steps = prod(cube.block[other] for other in faster)
        last = size - 1 - (cube.counts[axis] - 1) * block  # of a last block that is smaller
        return [float(run.start + steps * place) for place in sorted({0, last, block - 1})]


@dataclass(frozen=True, eq=False)
class Shots:
    """A scene as it is seen in pictures of one width divided by height."""

    root: Tree
    layout: Layout
    schedule: Schedule
    frames: Framing
    eye: CameraOptions
    aspect: float
    own: Camera  # the scene's own
    inset: InsetView | None  # how its inset is shown

    def path(self, keyframes: Iterable[tuple[float, KeyframeOptions]], end: float, leaving: float) -> CameraPath | None:
        """The path through some keyframes; None where there are none.

        Args:
            keyframes: With their steps, which grow.
            end: The step at which an orbit from the last of them ends.
            leaving: How many steps before the next keyframe the camera stops following.
        """
        stops: list[Stop] = []
        for step, keyframe in keyframes:
            stops.append(self._stop(step, keyframe, stops[-1] if stops else None))
        return CameraPath(stops, end, leaving) if stops else None

    def _stop(self, step: float, keyframe: KeyframeOptions, before: Stop | None) -> Stop:
        left = View.of(self.own, self._center) if before is None else before.left(step)
        if keyframe.orbit is not None:
            whole = self._own_zoom if before is None else before.whole
            wide = self._wide(left, keyframe.orbit, whole)
            return Stop(step, left, whole=whole, orbit=keyframe.orbit, wide=wide)
        if keyframe.position is not None:
            return Stop(step, self._placed(keyframe, keyframe.position, left))
        direction = left.direction if keyframe.direction is None else np.array(keyframe.direction)
        toward, up = _upright(direction, left.turn)
        look = Look(toward, 1.0 if keyframe.zoom is None else keyframe.zoom, up)
        if keyframe.follow is not None:
            return self._following(step, keyframe.follow, look, left.turn)
        if keyframe.focus is not None:
            place = self.layout[self._path(keyframe.focus)]
            view = View.of(framing.focus(place, look, self.aspect, self.inset, self._bars), place.center())
            return Stop(step, view.wound(left.turn))
        view = View.of(self.frames.whole(look, self.aspect, self.inset), self._center)
        return Stop(step, view.wound(left.turn), whole=look.zoom)

    def _placed(self, keyframe: KeyframeOptions, position: Sequence[float], left: View) -> View:
        angle = self.eye.view_angle if keyframe.view_angle is None else keyframe.view_angle
        camera = placed(position, keyframe.target or (0.0, 0.0, 0.0), angle, self.aspect)
        upright = replace(camera, up=_upright(camera.position - camera.target, left.turn)[1])
        return View.of(upright).wound(left.turn)

    def _following(self, step: float, key: str, look: Look, turn: float) -> Stop:
        run, cube = self._flight(key)
        corners = in_flight(run, cube, step)
        view = View.of(framing.follow(corners, look, self.aspect, self.inset, self._bars), corners.mean(axis=0)).wound(
            turn
        )
        return Stop(step, view, follow=Following(view, run, cube))

    def _wide(self, left: View, orbit: float, zoom: float | None) -> View | None:
        """Of an orbit around the whole scene: from where it is seen from all sides; None around anything else."""
        if zoom is None:
            return None
        degrees = float(np.clip(orbit, -360, 360))
        turns = left.turn + np.radians(np.linspace(0, degrees, 2 + ceil(abs(degrees) / SIDE)))
        sides = (turntable(turn, left.climb) for turn in turns)
        looks = [Look(toward, zoom, up) for toward, up in sides]
        camera = framing.around(self.frames.extent, self._center, looks, self.aspect, self.inset, self._bars)
        wide = replace(View.of(camera, self._center), turn=left.turn, climb=left.climb)
        farther = max(1.0, left.distance / wide.distance)
        return replace(wide, offset=farther * wide.offset, distance=farther * wide.distance)

    @property
    def _bars(self) -> Room:
        return self.frames.bars(self.aspect)

    @property
    def _own_zoom(self) -> float | None:
        return self.eye.zoom if self.eye.position is None else None

    @property
    def _center(self) -> Vector:
        """(3,): the middle of the scene, in cells."""
        lowest, highest = self.frames.extent.min(axis=0), self.frames.extent.max(axis=0)
        middle: Vector = (lowest + highest) / 2
        return middle

    def _flight(self, key: str) -> tuple[Run | None, Cube]:
        path = self._path(key)
        return self.schedule.runs.get(path), self.layout.cubes[path]

    def _path(self, key: str) -> str:
        node = find(self.root, key)
        if node is None:
            raise MmvizError(f"camera: no matrix is named '{key}'.")
        return node.path


def in_flight(run: Run | None, cube: Cube, clock: float) -> Vector:
    """Corners of the rows, columns or outer products that are being computed at a time, of all blocks.

    They go on evenly, while planes may rest at every step: an eye that follows them does not shake. A blockwise product
    goes from its first block of queries to its last; of one that is computed whole all is in flight.

    Args:
        run: When the product is computed; None where it is there from the start.
        cube: Its products.
        clock: In steps; before the run its beginning counts, and after it its end.

    Returns:
        (8, 3), in cells.
    """
    ranges = [(0.0, size - 1.0) for size in cube.shape]
    if run is not None and run.algorithm == "blockwise":
        share = float(np.clip((clock - run.start) / run.steps, 0, 1))
        first = share * (cube.shape[I] - cube.block[I])  # of the queries
        ranges[I] = first, first + cube.block[I] - 1.0
    elif run is not None and (turns := way(run.algorithm).turns):
        axis, *faster = turns
        size, block = cube.shape[axis], cube.block[axis]
        steps = np.prod([cube.block[other] for other in faster], dtype=float)
        place = float(np.clip((clock - run.start) / steps, 0, block - 1))
        ranges[axis] = place, min(place + (cube.counts[axis] - 1) * block, size - 1.0)
    i, k, j = (np.array(ends) for ends in ranges)
    return cube.element(i[:, None, None], k[:, None], j).reshape(-1, 3)


def _upright(direction: Vector, turn: float) -> tuple[Vector, Vector]:
    """Unit vectors toward an eye and up in its picture; right above and below the turn decides what is up."""
    x, y, z = direction / abs(direction).max()
    level = hypot(x, z)
    if level > 1e-9 * abs(y):
        turn = atan2(x, z)
    return turntable(turn, asin(y / hypot(level, y)))
