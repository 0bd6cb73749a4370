"""Where a ray meets matrices and what flies between them: geometry alone, which elements are there others ask."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.time.planes import Plane


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What a ray may meet."""

    path: str  # of the matrix, or of the one that a plane flies to
    placement: Placement
    plane: Plane | None = None
    before: bool = False  # the sheet behind the matrix


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A place on the plane of a target."""

    target: Target
    row: float  # steps down from the target's origin
    column: float  # steps across
    reach: float  # from the eye, in cells

    @property
    def element(self) -> tuple[int, int] | None:
        """The element whose cell is met; None beside the matrix and between its blocks."""
        placement = self.target.placement
        row_gap, column_gap = placement.gaps
        i = _index(self.row, placement.shape[0], placement.row_block, row_gap)
        j = _index(self.column, placement.shape[1], placement.column_block, column_gap)
        return None if i is None or j is None else (i, j)

    @property
    def within(self) -> bool:
        """Whether the matrix is met, be it between its blocks."""
        placement = self.target.placement
        (height, width), (row_step, column_step) = placement.reach, placement.steps
        return -0.5 <= self.row <= height / row_step + 0.5 and -0.5 <= self.column <= width / column_step + 0.5


def hits(targets: Sequence[Target], eye: Vector, direction: Vector) -> Iterator[Hit]:
    """Where a ray meets the planes in front of the eye, nearest first.

    Args:
        targets: What it may meet.
        eye: (3,) where it begins, in cells.
        direction: (3,) unit vector.
    """
    if not targets:
        return
    origin = np.array([target.placement.origin for target in targets]) - eye  # (targets, 3)
    down = np.array([target.placement.down for target in targets])  # (targets, 3)
    across = np.array([target.placement.across for target in targets])  # (targets, 3)
    normal = np.cross(down, across)  # (targets, 3)
    area = np.einsum("nc,nc->n", normal, normal)  # (targets,), squared
    slope = normal @ direction  # (targets,)
    meets = np.abs(slope) > 1e-9 * np.sqrt(area)
    reach = np.einsum("nc,nc->n", normal, origin) / np.where(meets, slope, 1.0)  # (targets,), in cells
    spot = reach[:, None] * direction - origin  # (targets, 3), from the target's origin
    rows = np.einsum("nc,nc->n", np.cross(spot, across), normal) / area
    columns = np.einsum("nc,nc->n", np.cross(down, spot), normal) / area
    for number in np.argsort(reach, kind="stable"):
        if meets[number] and reach[number] > 0:
            yield Hit(targets[number], float(rows[number]), float(columns[number]), float(reach[number]))


def _index(place: float, size: int, block: int, gap: float) -> int | None:
    """The row or column whose cell covers a place along its axis; None between blocks and outside."""
    block = block or size
    number = floor((place + 0.5) / (block + gap))
    within = floor(place + 0.5 - number * (block + gap))
    index = number * block + within
    return index if 0 <= within < block and 0 <= index < size else None
