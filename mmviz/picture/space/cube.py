"""Where the products of one matrix product stand: the inside of its cuboid, and the slices of it that fly."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import floor

import numpy as np
from numpy.typing import ArrayLike

from mmviz.picture.space.placement import Placement, Vector, gather, length, spread, stretch


@dataclass(frozen=True, slots=True)
class CubeBlock:
    """One block of a cube."""

    first: tuple[int, int, int]  # its first i, k, j
    shape: tuple[int, int, int]  # i, k, j


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """L[i, k] * R[k, j] sits at origin + i * down + j * across + k * inward, plus the gaps between blocks."""

    shape: tuple[int, int, int]  # i, k, j
    origin: Vector  # centre of (0, 0, 0), in cells
    down: Vector  # step of i, in cells; shorter than 1 where the axis is folded
    across: Vector  # step of j
    inward: Vector  # step of k
    blocks: tuple[int, int, int] = (0, 0, 0)  # elements of a block along i, k, j; 0: one block
    gap: float = 0.0  # extra space between two blocks, and from the products to a face, in cells
    positive: bool = False  # polarity of the product
    result_last: bool = True  # the result stands where k is largest

    def element(self, i: ArrayLike, k: ArrayLike, j: ArrayLike) -> Vector:
        """(..., 3) position of the product L[i, k] * R[k, j], in cells; fractions lie between two elements."""
        rows, inner, columns = (
            spread(index, size, block, gap)[..., None]
            for index, size, block, gap in zip((i, k, j), self.shape, self.blocks, self._gaps, strict=True)
        )
        return self.origin + rows * self.down + columns * self.across + inner * self.inward

    def at(self, place: Vector) -> tuple[int, int, int]:
        """The indices i, k, j of the product at a place, (3,); between two of them, of the one before."""
        offset = place - self.origin
        distances = (float(offset @ step / (step @ step)) for step in (self.down, self.inward, self.across))
        i, k, j = (
            gather(distance + 1e-9, size, block, gap)
            for distance, size, block, gap in zip(distances, self.shape, self.blocks, self._gaps, strict=True)
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
            step * stretch(size, block, gap)
            for step, size, block, gap in zip(self.steps, self.shape, self.blocks, self._gaps, strict=True)
        )
        return i, k, j

    @property
    def steps(self) -> tuple[float, float, float]:
        """How far it is from one index to the next along i, k and j, in cells: 1 but for folded axes."""
        return length(self.down), length(self.inward), length(self.across)

    @property
    def _gaps(self) -> tuple[float, float, float]:
        """The gap between two blocks along i, k and j, counted in indices."""
        if not self.gap or not any(self.blocks):
            return self.gap, self.gap, self.gap
        i, k, j = (self.gap / step for step in self.steps)
        return i, k, j

    @property
    def block(self) -> tuple[int, int, int]:
        """Elements of a block along i, k and j; all where there is one block."""
        i, k, j = (block or size for block, size in zip(self.blocks, self.shape, strict=True))
        return i, k, j

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many blocks there are along i, k and j."""
        i, k, j = (-(-size // block) for size, block in zip(self.shape, self.block, strict=True))
        return i, k, j

    def cube_blocks(self) -> Iterator[CubeBlock]:
        """The blocks, those of j the fastest, then those of k."""
        ends = [
            [(first, min(first + block, size)) for first in range(0, size, block)]
            for size, block in zip(self.shape, self.block, strict=True)
        ]
        for i, k, j in product(*ends):
            yield CubeBlock((i[0], k[0], j[0]), (i[1] - i[0], k[1] - k[0], j[1] - j[0]))

    def slice(self, first: tuple[float, float, float], shape: tuple[int, int], axes: tuple[int, int]) -> Placement:
        """Products within one block, as rows and columns.

        Args:
            first: Indices i, k, j of the first of them; fractions lie between two elements.
            shape: Rows and columns.
            axes: Along which axis the rows and the columns run: 0 i, 1 k, 2 j.
        """
        ways = (self.down, self.inward, self.across)
        return Placement(shape, self.element(*first), ways[axes[0]], ways[axes[1]])

    def partial(self, number: int) -> Placement:
        """Where the result of the k block of this number stands: beside its block, on the side of the whole result.

        The block nearest to the whole result has its own where that stands.

        Source: bhosmer/mm, measured.
        """
        first, size, gap = number * self.block[1], self.block[1], self.gap
        end = min(first + size, self.shape[1])
        if number == self.nearest:
            return self._sheet(self._depth)
        start, rest = (first, 0.0) if self.positive else (end, gap)
        step = self.steps[1]
        if self.result_last:
            return self._sheet(step * end - rest + floor(gap * start / size + (gap - 1) / 4))
        return self._sheet(step * first - rest + floor(gap * start / size - gap / 4))

    @property
    def nearest(self) -> int:
        """The number of the k block that is nearest to the result."""
        return self.counts[1] - 1 if self.result_last else 0

    def between(self) -> Placement:
        """Halfway from the products to the result."""
        edge = self.reach[1] if self.result_last else 0.0
        return self._sheet((edge + self._depth) / 2)

    @property
    def _depth(self) -> float:
        """From the first product to the result, inward, in cells."""
        apart = self.gap + max(0.0, self.steps[1] / 2 - 0.5)  # of products that are drawn longer, from their ends
        return self.reach[1] + apart if self.result_last else -apart

    def _sheet(self, depth: float) -> Placement:
        (rows, _, columns), (row_block, _, column_block) = self.shape, self.blocks
        origin = self.origin + depth / self.steps[1] * self.inward
        return Placement((rows, columns), origin, self.down, self.across, row_block, column_block, self.gap)
