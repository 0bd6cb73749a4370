"""How an eye flies from one view to another: around a pivot, always upright; pure functions, no time."""

from dataclasses import dataclass, replace
from math import expm1, log, pi, radians

import numpy as np

from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.orbit import stand, turntable
from mmviz.picture.space.placement import Vector, cross


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A camera as seen from a pivot: upright, and with turns that may go around more than once.

    The pivot keeps its place in the picture while the eye turns.
    """

    pivot: Vector  # (3,), in cells
    offset: Vector  # (2,): how far the eye is to the right of the pivot and above it, in cells
    distance: float  # how far it is before the pivot, in cells
    turn: float  # of the eye around the vertical axis, from the front to its right, in radians
    climb: float  # of the eye, in radians: pi / 2 straight above
    view_angle: float  # vertical, in degrees

    @classmethod
    def of(cls, camera: Camera, pivot: Vector | None = None) -> "View":
        """The view of a camera; its pivot is what it looks at, if nothing else is said."""
        center = camera.target if pivot is None else pivot
        right, up, toward = camera.axes()
        rest = camera.position - center
        offset = np.array([rest @ right, rest @ up])
        return cls(center, offset, float(rest @ toward), *stand(camera), camera.view_angle)

    @property
    def direction(self) -> Vector:
        """(3,) unit vector toward the eye."""
        return turntable(self.turn, self.climb)[0]

    def camera(self) -> Camera:
        """The camera of this view."""
        toward, up = turntable(self.turn, self.climb)
        target = self.pivot + self.offset[0] * cross(up, toward) + self.offset[1] * up
        return Camera(target + self.distance * toward, target, up, self.view_angle)

    def turned(self, degrees: float) -> "View":
        """The same after the eye has gone to its right."""
        return replace(self, turn=self.turn + radians(degrees))

    def wound(self, turn: float) -> "View":
        """The same view, said with the turn that is nearest to another one."""
        return replace(self, turn=self.turn + 2 * pi * round((turn - self.turn) / (2 * pi)))


def between(first: View, last: View, share: float, turned: float | None = None) -> View:
    """A view on the way from one to another.

    Distances change by equal factors. Pivot and offset go along with them, so that an eye which does not turn flies
    straight on: the place that it will look at never leaves the picture.

    Args:
        first: Where the flight begins.
        last: Where it ends.
        share: Of the way, 0..1.
        turned: Of the turn around the vertical axis; by default as of the way.
    """
    factor = log(last.distance / first.distance)
    moved = share if abs(factor) < 1e-9 else expm1(share * factor) / expm1(factor)
    around = share if turned is None else turned
    return View(
        pivot=first.pivot + moved * (last.pivot - first.pivot),
        offset=first.offset + moved * (last.offset - first.offset),
        distance=float(first.distance * np.exp(share * factor)),
        turn=first.turn + around * (last.turn - first.turn),
        climb=first.climb + share * (last.climb - first.climb),
        view_angle=first.view_angle + share * (last.view_angle - first.view_angle),
    )
