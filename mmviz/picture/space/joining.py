"""Where the parts of a join stand: at which rows and columns of it, and how far behind; no tree, no numbers."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np

from mmviz.picture.space.placement import Vector
from mmviz.scene.language.shapes import Shape


def begins(axis: int, parts: Sequence[Shape]) -> Iterator[tuple[int, int]]:
    """The row and the column of a join at which each of its parts begins.

    Args:
        axis: Along which they follow one another: 0 rows, 1 columns.
        parts: Their rows and columns.
    """
    for first in accumulate((part[axis] for part in parts[:-1]), initial=0):
        yield (0, first) if axis else (first, 0)


def free_depth(box: Vector, others: Sequence[Vector], gap: float, space: float) -> float:
    """How far a box has to be moved along +z so that it meets none of the others, in cells.

    Args:
        box: (2, 3): its lowest and highest corner.
        others: (2, 3) each.
        gap: What is around the faces in them; those of neighbours may share it.
        space: Between two of which one is behind the other.
    """
    beside = [other for other in others if _overlap(box, other, gap)]
    depth = 0.0
    for other in sorted(beside, key=lambda one: float(one[1, 2])):
        lowest, highest = box[:, 2] + depth
        if lowest < other[1, 2] + space and highest > other[0, 2] - space:
            depth = float(other[1, 2] + space - box[0, 2])
    return depth


def _overlap(one: Vector, other: Vector, gap: float) -> bool:
    """Whether two boxes meet when seen along z, without the gap around them."""
    lowest = np.maximum(one[0, :2], other[0, :2]) + gap
    highest = np.minimum(one[1, :2], other[1, :2]) - gap
    return bool((lowest < highest).all())
