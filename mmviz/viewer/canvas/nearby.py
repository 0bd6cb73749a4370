"""The elements around one under the pointer: their numbers and where they are seen; draws nothing."""

import re
from dataclasses import dataclass, replace
from math import hypot

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from mmviz.picture.cell.picking import Picked
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.sweep import Sweep
from mmviz.picture.time.planes import Matrix
from mmviz.picture.time.timeline import Frame
from mmviz.viewer.canvas.view import View

FAINTEST = 0.35
"""Strength of the numbers that are farthest away."""
MASKED = "–"


@dataclass(frozen=True, slots=True)
class Number:
    """What is written about one element."""

    i: int
    j: int
    text: str
    strength: float  # 1 under the pointer, less farther away


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The matrix in which an element was picked, as it is shown just now."""

    picked: Picked
    placement: Placement
    values: Matrix  # (rows, columns)
    shown: Sweep
    masked: NDArray[np.bool_] | None  # (rows, columns)

    @classmethod
    def of(cls, composition: Composition, frame: Frame, t: float, picked: Picked) -> "Surroundings":
        """What is around an element of a frame, which is that of time t, in steps."""
        path, state = picked.path, frame[picked.path]
        if picked.before:
            sheets = composition.behind
            return cls(picked, sheets.placements[path], sheets.values(path, t), state.shown, sheets.masked.get(path))
        return cls(picked, composition.layout[path], state.values, state.shown, composition.masked.get(path))

    @property
    def title(self) -> str:
        """Which element is in the middle."""
        if self.picked.k is not None:
            return f"a product for {self.picked.name}"
        if not is_element(self.picked):
            return f"in flight to {self.picked.name}"
        return self.picked.name if self.masked is None else f"{self.picked.name}   ({MASKED} is masked)"

    def places(self, numbers: tuple[Number, ...]) -> Vector:
        """(n, 3): where elements stand, in cells."""
        return self.placement.spot([one.i for one in numbers], [one.j for one in numbers])

    def cross(self) -> Vector:
        """(3, 3): the picked cell, and where those below it and at its right are, or would be, in cells."""
        middle = self.placement.spot(self.picked.i, self.picked.j)
        return np.stack([middle, middle + self.placement.down, middle + self.placement.across])


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """What sees a matrix: the picture's camera, or that of an inset in it."""

    camera: Camera
    place: QRectF  # of its picture in the view

    def spots(self, points: Vector) -> Vector:
        """(n, 2): where points, (n, 3) in cells, are seen in the view; NaN behind the eye."""
        before = self.camera.depths(points) > 0  # (n,)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            across, up = project(self.camera, points, self.place.width() / max(self.place.height(), 1.0)).T
        x, y = self.place.left() + across * self.place.width(), self.place.top() + (1 - up) * self.place.height()
        spots: Vector = np.where(before[:, None], np.stack([x, y], axis=1), np.nan)
        return spots


def eye_at(view: View, pointer: QPointF) -> Eye:
    """What sees the matrix under the pointer."""
    width, height = view.width(), view.height()
    for inset in view.insets:
        left, bottom, right, top = inset.place(view.aspect)
        place = QRectF(left * width, (1 - top) * height, (right - left) * width, (top - bottom) * height)
        if place.contains(pointer):
            return Eye(inset.camera, place)
    return Eye(view.camera, QRectF(0, 0, width, height))


def is_element(picked: Picked) -> bool:
    """Whether it is an element of a matrix, or of the sheet behind it, and nothing that flies."""
    return picked.k is None and picked.part is None and picked.kind == "plane"


def around(near: Surroundings, radius: int) -> tuple[Number, ...]:
    """The elements that are shown around the picked one, as three significant digits.

    Args:
        near: What is there.
        radius: Of a square of cells where it is up to 2, else of a circle; 0: the picked one alone.
    """
    picked = near.picked
    if radius == 0:
        return (Number(picked.i, picked.j, written(picked.value, masked=picked.masked), 1.0),)
    rows, columns = near.placement.shape
    found = []
    for i in range(max(picked.i - radius, 0), min(picked.i + radius + 1, rows)):
        for j in range(max(picked.j - radius, 0), min(picked.j + radius + 1, columns)):
            distance = hypot(i - picked.i, j - picked.j)
            if (radius <= 2 or distance < radius + 0.5) and near.shown.holds(i, j):
                masked = near.masked is not None and bool(near.masked[i, j])
                strength = 1 - (1 - FAINTEST) * distance / (radius + 0.5)
                found.append(Number(i, j, written(float(near.values[i, j]), masked=masked), strength))
    return tuple(found)


def written(value: float, *, masked: bool) -> str:
    """Three significant digits."""
    return MASKED if masked else f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e")


def tight(number: Number) -> Number:
    """The same without the zero before the point, for cells that are hardly wider than their numbers."""
    return replace(number, text=re.sub(r"^(-?)0\.", r"\1.", number.text))
