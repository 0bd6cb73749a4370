"""Where one matrix stands: an origin, two steps and the gaps between blocks; no tree, no drawing."""

from dataclasses import dataclass, replace
from math import floor, log2, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmviz.errors import ShapeError

Vector = NDArray[np.float64]
"""(3,): x to the right, y up, z toward the viewer, in cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """One matrix in space: element (i, j) sits at origin + i * down + j * across, plus the gaps between blocks."""

    shape: tuple[int, int]  # rows, columns
    origin: Vector  # centre of element (0, 0), in cells
    down: Vector  # step from one row to the next, in cells; not 1 long where the rows are folded
    across: Vector  # step from one column to the next, likewise
    row_block: int = 0  # rows in a block; 0: one block
    column_block: int = 0  # columns in a block; 0: one block
    gap: float = 0.0  # extra space between two blocks, in cells

    def __post_init__(self) -> None:
        """Nobody can write to the vectors from now on: other placements may share them."""
        for vector in (self.origin, self.down, self.across):
            vector.setflags(write=False)

    def element(self, i: ArrayLike, j: ArrayLike) -> Vector:
        """Centre of element (i, j) in the world.

        Args:
            i: Row, any shape that broadcasts with `j`; fractions lie between two rows.
            j: Column.

        Returns:
            (..., 3), in cells.

        Raises:
            ShapeError: there is no such row or column.

        Example:
            >>> corners = scene.layout()[""].element([0, 1], [0, 2])
            >>> corners.shape
            (2, 3)
        """
        for index, size, axis in zip((i, j), self.shape, ("row", "column"), strict=True):
            _check_within(np.asarray(index, float), size, axis, self.shape)
        return self.spot(i, j)

    def spot(self, i: ArrayLike, j: ArrayLike) -> Vector:
        """As `element`, also beside the matrix, where rows and columns go on: (..., 3), in cells."""
        row_gap, column_gap = self.gaps
        rows = spread(i, self.shape[0], self.row_block, row_gap)
        columns = spread(j, self.shape[1], self.column_block, column_gap)
        return self.origin + rows[..., None] * self.down + columns[..., None] * self.across

    def center(self) -> Vector:
        """(3,) the middle of the matrix, in cells."""
        height, width = self._spans
        return self.origin + height / 2 * self.down + width / 2 * self.across

    @property
    def steps(self) -> tuple[float, float]:
        """How far it is from one row to the next and from one column to the next, in cells: 1 but for folded axes."""
        return length(self.down), length(self.across)

    @property
    def late(self) -> tuple[int, int]:
        """How many times columns are put together in pairs before rows are, and rows before columns are.

        After that both are about equally far apart, so that what is put together is about as high as it is wide.
        """
        row_step, column_step = self.steps
        rows, columns = self.shape
        apart = round(log2(row_step / column_step))
        return max(min(apart, (columns - 1).bit_length()), 0), max(min(-apart, (rows - 1).bit_length()), 0)

    @property
    def folds(self) -> tuple[float, float]:
        """How many rows and how many columns share the length of a cell; 1: each has its own."""
        row_step, column_step = self.steps
        return round(1 / row_step, 4), round(1 / column_step, 4)

    @property
    def ways(self) -> tuple[Vector, Vector]:
        """(3,) each: unit vectors from row to row and from column to column."""
        row_step, column_step = self.steps
        return self.down / row_step, self.across / column_step

    @property
    def gaps(self) -> tuple[float, float]:
        """The gap between two blocks of rows, counted in rows, and of columns, in columns."""
        if not self.gap or not (self.row_block or self.column_block):
            return self.gap, self.gap
        row_step, column_step = self.steps
        return self.gap / row_step, self.gap / column_step

    @property
    def reach(self) -> tuple[float, float]:
        """From the first row to the last and from the first column to the last, gaps included, in cells."""
        (height, width), (row_step, column_step) = self._spans, self.steps
        return height * row_step, width * column_step

    @property
    def _spans(self) -> tuple[float, float]:
        """As `reach`, counted in rows and in columns."""
        (rows, columns), (row_gap, column_gap) = self.shape, self.gaps
        return stretch(rows, self.row_block, row_gap), stretch(columns, self.column_block, column_gap)

    @property
    def blocks(self) -> tuple[int, int]:
        """Into how many blocks the rows and the columns are cut; 1: not cut."""
        rows, columns = self.shape
        return -(-rows // (self.row_block or rows)), -(-columns // (self.column_block or columns))

    @property
    def normal(self) -> Vector:
        """(3,) unit vector, toward the side from which columns run to the right and rows run down."""
        normal = cross(self.down, self.across)
        return normal / length(normal)

    def margins(self, margin: float) -> tuple[float, float]:
        """`margin` off the outermost rows and columns, in cells: more along an axis whose elements are drawn longer."""
        row_step, column_step = self.steps
        return margin * max(1.0, row_step), margin * max(1.0, column_step)

    def corners(self, margin: float = 0.0) -> Vector:
        """The centres of the corner elements, moved outward by the `margins`.

        Returns:
            (4, 3), in the order top left, top right, bottom right, bottom left.
        """
        rows, columns = self.shape
        points = self.spot([0, 0, rows - 1, rows - 1], [0, columns - 1, columns - 1, 0])
        down, across = (far * way for far, way in zip(self.margins(margin), self.ways, strict=True))
        outward = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]])
        return points + outward[:, :1] * down + outward[:, 1:] * across


def _check_within(index: Vector, size: int, axis: str, shape: tuple[int, int]) -> None:
    if not index.size or (index.min() >= 0 and index.max() <= size - 1):
        return
    wrong = float(index[~((index >= 0) & (index <= size - 1))].flat[0])
    rows, columns = shape
    raise ShapeError(
        f"element: there is no {axis} {wrong:g} in a matrix of {rows}x{columns}; 0 to {size - 1} are there."
    )


def between(a: Placement, b: Placement, share: float) -> Placement:
    """On the way from one place to another that is turned alike: 0 at the first, 1 at the second."""
    return replace(a, origin=(1 - share) * a.origin + share * b.origin)


def cross(a: Vector, b: Vector) -> Vector:
    """(3,): the cross product of two vectors; numpy's own takes twenty times as long for a single pair."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def distance(place: Placement, points: Vector) -> float:
    """From a matrix to the nearest of some points, in cells."""
    top_left, top_right, _, bottom_left = place.corners(0.5)
    offset = points - top_left
    sides = [(side / length(side), length(side)) for side in (top_right - top_left, bottom_left - top_left)]
    beside = [np.maximum(np.maximum(-(offset @ way), offset @ way - far), 0.0) for way, far in sides]
    return float(np.sqrt((offset @ place.normal) ** 2 + beside[0] ** 2 + beside[1] ** 2).min())


def length(vector: Vector) -> float:
    """Of one vector; numpy's own takes several times as long."""
    return sqrt(vector @ vector)


def spread(index: ArrayLike, size: int, block: int, gap: float) -> Vector:
    """How far indices are from index 0 along an axis: one cell an element, and `gap` more between two blocks.

    Args:
        index: Any shape; fractions lie on the way from one element to the next, also across a gap.
        size: Elements of the axis; beyond them the axis goes on without gaps.
        block: Elements in a block; 0: one block.
        gap: In cells.

    Returns:
        The same shape, in cells.
    """
    places = np.asarray(index, float)
    if not block:
        return places
    whole = np.clip(np.floor(places), 0, size - 1)
    share = places - whole
    widens = (share > 0) & ((whole + 1) % block == 0) & (whole + 1 < size)
    apart: Vector = places + gap * (whole // block + widens * share)
    return apart


def stretch(size: int, block: int, gap: float) -> float:
    """From the first element of an axis to its last, in cells: `spread` of the last index, without an array."""
    return size - 1 + gap * ((size - 1) // block if block else 0)


def gather(place: float, size: int, block: int, gap: float) -> int:
    """The last index of an axis that is no farther than `place` cells from index 0: `spread` the other way round."""
    block = block or size
    number = min(max(floor(place / (block + gap)), 0), (size - 1) // block)
    within = min(max(floor(place - number * (block + gap)), 0), block - 1)
    return min(number * block + within, size - 1)
