"""Where the products of one matrix product stand: the inside of its cuboid, and the slices of it that fly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mmviz.picture.placement import Placement, Vector, gather, spread


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """L[i, k] * R[k, j] sits at origin + i * down + j * across + k * inward, plus the gaps between blocks."""

    shape: tuple[int, int, int]  # i, k, j
    origin: Vector  # centre of (0, 0, 0), in cells
    down: Vector  # step of i
    across: Vector  # step of j
    inward: Vector  # step of k
    blocks: tuple[int, int, int] = (0, 0, 0)  # elements of a block along i, k, j; 0: one block
    gap: float = 0.0  # extra space between two blocks, in cells

    def element(self, i: ArrayLike, k: ArrayLike, j: ArrayLike) -> Vector:
        """(..., 3) position of the product L[i, k] * R[k, j], in cells; fractions lie between two elements."""
        rows, inner, columns = (
            spread(index, size, block, self.gap)[..., None]
            for index, size, block in zip((i, k, j), self.shape, self.blocks, strict=True)
        )
        return self.origin + rows * self.down + columns * self.across + inner * self.inward

    def at(self, place: Vector) -> tuple[int, int, int]:
        """The indices i, k, j of the product at a place, (3,); between two of them, of the one before."""
        offset = place - self.origin
        distances = (float(offset @ step / (step @ step)) for step in (self.down, self.inward, self.across))
        i, k, j = (
            gather(distance + 1e-9, size, block, self.gap)
            for distance, size, block in zip(distances, self.shape, self.blocks, strict=True)
        )
        return i, k, j

    def center(self) -> Vector:
        """(3,) middle of the cube, in cells."""
        i, k, j = (size - 1 for size in self.shape)
        return (self.element(0, 0, 0) + self.element(i, k, j)) / 2

    def corners(self) -> Vector:
        """(8, 3): the outermost products, in cells."""
        i, k, j = (np.array([0, size - 1]) for size in self.shape)
        return self.element(i[:, None, None], k[:, None], j).reshape(-1, 3)

    @property
    def reach(self) -> tuple[float, float, float]:
        """From the first product to the last along i, k and j, gaps included, in cells."""
        i, k, j = (
            float(spread(size - 1, size, block, self.gap)) for size, block in zip(self.shape, self.blocks, strict=True)
        )
        return i, k, j

    def row(self, i: float) -> Placement:
        """The products of one row of the left matrix: (k, j)."""
        return self._slice(self.element(i, 0, 0), (1, 2), self.inward, self.across)

    def column(self, j: float) -> Placement:
        """The products of one column of the right matrix: (i, k)."""
        return self._slice(self.element(0, 0, j), (0, 1), self.down, self.inward)

    def outer(self, k: float) -> Placement:
        """The outer product of a column of the left and a row of the right matrix: (i, j)."""
        return self._slice(self.element(0, k, 0), (0, 2), self.down, self.across)

    def line(self, i: float, j: float) -> Placement:
        """The products that are summed up to one element of the result: (k, 1)."""
        inner, block = self.shape[1], self.blocks[1]
        return Placement((inner, 1), self.element(i, 0, j), self.inward, self.across, row_block=block, gap=self.gap)

    def _slice(self, origin: Vector, axes: tuple[int, int], down: Vector, across: Vector) -> Placement:
        (rows, columns), (row_block, column_block) = ([of[axis] for axis in axes] for of in (self.shape, self.blocks))
        return Placement((rows, columns), origin, down, across, row_block, column_block, self.gap)
