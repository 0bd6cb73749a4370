"""Where one matrix stands: an origin and two steps; no tree, no drawing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
"""(3,): x to the right, y up, z toward the viewer, in cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """One matrix in space: element (i, j) sits at origin + i * down + j * across, plus the gaps between blocks."""

    shape: tuple[int, int]  # rows, columns
    origin: Vector  # centre of element (0, 0), in cells
    down: Vector  # step from one row to the next, in cells
    across: Vector  # step from one column to the next, in cells
    row_block: int = 0  # rows in a block; 0: one block
    column_block: int = 0  # columns in a block; 0: one block
    gap: float = 0.0  # extra space between two blocks, in cells

    def element(self, i: ArrayLike, j: ArrayLike) -> Vector:
        """Centre of element (i, j) in the world.

        Args:
            i: Row, any shape that broadcasts with `j`; fractions are allowed.
            j: Column.

        Returns:
            (..., 3), in cells.
        """
        rows = _spread(np.asarray(i, float), self.row_block, self.gap)
        columns = _spread(np.asarray(j, float), self.column_block, self.gap)
        rows, columns = np.broadcast_arrays(rows, columns)
        return self.origin + rows[..., None] * self.down + columns[..., None] * self.across

    @property
    def normal(self) -> Vector:
        """(3,) unit vector, toward the side from which columns run to the right and rows run down."""
        normal: Vector = np.cross(self.down, self.across)
        return normal / np.linalg.norm(normal)

    def corners(self, margin: float = 0.0) -> Vector:
        """The centres of the corner elements, moved outward by `margin` cells.

        Returns:
            (4, 3), in the order top left, top right, bottom right, bottom left.
        """
        rows, columns = self.shape
        points = self.element([0, 0, rows - 1, rows - 1], [0, columns - 1, columns - 1, 0])
        outward = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]]) * margin
        return points + outward[:, :1] * self.down + outward[:, 1:] * self.across


def _spread(index: NDArray[np.float64], block: int, gap: float) -> NDArray[np.float64]:
    """Element coordinates of `index` along one axis: one cell an element and `gap` between blocks."""
    return index + gap * np.floor(index / block) if block else index
