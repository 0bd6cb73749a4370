"""Where several roots stand beside each other: in rows, left to right and then below; no tree, no numbers, no time.

The usual eye looks from the left, from above and from before, as far aside as from before. What stands in steps along
STEPPED is all as far from it, side by side and at one height in the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Literal

import numpy as np

from mmviz.picture.space.part import Part, bounds, joined
from mmviz.picture.space.placement import Vector

Direction = Literal["auto", "row", "column"]
WIDE = 16 / 9
"""Width divided by height of the picture that they are arranged for, where nothing is said."""
SPACE = 0.2
"""Between two neighbours, as a share of the mean of how wide they are."""
BELOW = 0.35
"""Between two rows, as a share of the mean of how high they are: titles stand there."""
STEPPED = np.array([1.0, 0.0, 1.0]) / sqrt(2)
STRAIGHT = np.array([1.0, 0.0, 0.0])
UPWARD = np.array([0.0, 1.0, 0.0])
RISING = 1 / sqrt(2)
"""How much higher something is seen by the usual eye, as a share of how deep it is."""
ASIDE = 0.3
"""How far something reaches over to its neighbour in a straight row, as a share of how deep it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A root among others."""

    part: Part  # in the world, but for a shift
    anchor: Vector  # (3,): the middle of its matrix

    @property
    def size(self) -> Vector:
        """(3,): how wide, how high and how deep it is, in cells."""
        sides: Vector = np.ptp(self.part.box, axis=0)
        return sides

    def seen(self, way: Vector) -> tuple[float, float]:
        """How wide and how high it is where it stands among others along a way."""
        width, height, depth = self.size
        if way is STRAIGHT:
            return float(width + ASIDE * depth), float(height)
        across = (width + depth) / sqrt(2)
        return float(across), float(height + RISING * across)


def arranged(roots: Sequence[Beside], direction: Direction, apart: float | None) -> tuple[Part, list[Vector]]:
    """All roots as one part, and the box of each, (2, 3).

    Args:
        roots: From left to right, x to the right and y upward.
        direction: One row in which all matrices stand in one plane, one column, or steps in as many rows as fill a
            picture best.
        apart: Cells between two neighbours; None: by their sizes.
    """
    way = STRAIGHT if direction == "row" else STEPPED
    wide, high = zip(*(one.seen(way) for one in roots), strict=True)
    across, down = (
        share * float(np.mean(sides)) if apart is None else apart for share, sides in ((SPACE, wide), (BELOW, high))
    )
    most = {"row": len(roots), "column": 1, "auto": _columns(wide, high, across, down)}[direction]
    widths = [max(wide[n::most]) for n in range(most)]
    moved: list[Part] = []
    top = 0.0
    for first in range(0, len(roots), most):
        row = roots[first : first + most]
        deep = max(one.seen(way)[1] - one.size[1] for one in row) / 2  # of what is seen of it, above and below
        above, below = (deep + max(side) for side in zip(*map(_around, row), strict=True))
        for n, one in enumerate(row):
            place = sum(widths[:n]) + widths[n] / 2 + n * across
            moved.append(one.part.moved(np.eye(3), _shift(one, way, place) + (top - above - one.anchor[1]) * UPWARD))
        top -= above + below + down
    boxes = [part.box for part in moved]
    return joined(0.0, bounds(np.concatenate(boxes)), moved, {}), boxes


def _around(one: Beside) -> tuple[float, float]:
    """How far a root reaches above and below its matrix."""
    return float(one.part.box[1, 1] - one.anchor[1]), float(one.anchor[1] - one.part.box[0, 1])


def _shift(one: Beside, way: Vector, place: float) -> Vector:
    """(3,): what brings the middle of a root so far along a way, level with the others; upward it does nothing."""
    middle = one.part.box.mean(axis=0)
    if way is STRAIGHT:
        return np.array([place - middle[0], 0.0, -one.anchor[2]])
    shift: Vector = place * way - middle * (1 - UPWARD)
    return shift


def _columns(wide: Sequence[float], high: Sequence[float], across: float, down: float) -> int:
    """How many stand in a row, so that all are as large as can be in a picture that is WIDE."""

    def size(columns: int) -> float:
        rows = [high[first : first + columns] for first in range(0, len(high), columns)]
        width = sum(max(wide[n::columns]) for n in range(columns)) + (columns - 1) * across
        height = sum(map(max, rows)) + (ceil(len(high) / columns) - 1) * down
        return min(WIDE / width, 1 / height)

    return max(range(len(wide), 0, -1), key=size)
