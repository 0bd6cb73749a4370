"""Where several roots stand beside each other: in rows, left to right and then below; no tree, no numbers, no time.

In steps they stand along the line that the scene's own eye sees from left to right: side by side, at one height in the
picture and equally far away, none before another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
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
UPWARD = np.array([0.0, 1.0, 0.0])
STEEPEST = 2.0
"""How much higher something is seen at most, as a share of how deep it is, however far above the eye stands."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Along which roots stand, and how they are seen there."""

    way: Vector  # (3,): from left to right, level
    rising: float = 0.0  # how much higher something is seen, as a share of how deep it is
    aside: float = 0.0  # how far something reaches over to its neighbour, likewise
    in_one_plane: bool = False  # results stand in one plane, whatever is behind them


STRAIGHT = Line(np.array([1.0, 0.0, 0.0]), aside=0.3, in_one_plane=True)


def seen_from(toward: Vector) -> Line:
    """From left to right as an eye sees it that stands in a direction."""
    level = float(np.hypot(toward[0], toward[2]))
    if level < 1e-6 * float(np.linalg.norm(toward)):  # from above or below
        return Line(np.array([1.0, 0.0, 0.0]), STEEPEST)
    return Line(np.array([toward[2], 0.0, -toward[0]]) / level, min(STEEPEST, abs(float(toward[1])) / level))


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A root among others."""

    part: Part  # in the world, but for a shift
    anchor: Vector  # (3,): the middle of its matrix

    def seen(self, line: Line) -> tuple[float, float]:
        """How wide and how high it is where it stands among others along a line."""
        sides = np.ptp(self.part.box, axis=0)
        x, _, z = np.abs(line.way)
        across, deep = sides[0] * x + sides[2] * z, sides[0] * z + sides[2] * x
        return float(across + line.aside * deep), float(sides[1] + line.rising * deep)


def arranged(
    roots: Sequence[Beside], direction: Direction, apart: float | None, toward: Vector
) -> tuple[Part, list[Vector]]:
    """All roots as one part, and the box of each, (2, 3).

    Args:
        roots: From left to right, x to the right and y upward.
        direction: One row in which all matrices stand in one plane, one column, or steps in as many rows as fill a
            picture best.
        apart: Cells between two neighbours; None: by their sizes.
        toward: The eye that steps are for.
    """
    line = STRAIGHT if direction == "row" else seen_from(toward)
    wide, high = zip(*(one.seen(line) for one in roots), strict=True)
    across, down = (
        share * float(np.mean(sides)) if apart is None else apart for share, sides in ((SPACE, wide), (BELOW, high))
    )
    most = {"row": len(roots), "column": 1, "auto": _columns(wide, high, across, down)}[direction]
    widths = [max(wide[n::most]) for n in range(most)]
    moved: list[Part] = []
    top = 0.0
    for first in range(0, len(roots), most):
        row = roots[first : first + most]
        deep = max(one.seen(line)[1] - sum(_around(one)) for one in row) / 2  # of what is seen of it, above and below
        above, below = (deep + max(side) for side in zip(*map(_around, row), strict=True))
        for n, one in enumerate(row):
            place = sum(widths[:n]) + widths[n] / 2 + n * across
            moved.append(one.part.moved(np.eye(3), _shift(one, line, place) + (top - above - one.anchor[1]) * UPWARD))
        top -= above + below + down
    boxes = [part.box for part in moved]
    return joined(0.0, bounds(np.concatenate(boxes)), moved, {}), boxes


def _around(one: Beside) -> tuple[float, float]:
    """How far a root reaches above and below its matrix."""
    return float(one.part.box[1, 1] - one.anchor[1]), float(one.anchor[1] - one.part.box[0, 1])


def _shift(one: Beside, line: Line, place: float) -> Vector:
    """(3,): what brings the middle of a root so far along a line, level with the others; upward it does nothing."""
    middle = one.part.box.mean(axis=0) * (1 - UPWARD)
    if line.in_one_plane:
        middle[2] = one.anchor[2]
    shift: Vector = place * line.way - middle
    return shift


def _columns(wide: Sequence[float], high: Sequence[float], across: float, down: float) -> int:
    """How many stand in a row, so that all are as large as can be in a picture that is WIDE."""

    def size(columns: int) -> float:
        rows = [high[first : first + columns] for first in range(0, len(high), columns)]
        width = sum(max(wide[n::columns]) for n in range(columns)) + (columns - 1) * across
        height = sum(map(max, rows)) + (ceil(len(high) / columns) - 1) * down
        return min(WIDE / width, 1 / height)

    return max(range(len(wide), 0, -1), key=size)
