"""Sets of cells by their turn in the order of computation: eight numbers instead of a mask; no numbers of a matrix."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Index = TypeVar("Index", int, NDArray[np.int64])
"""One index, or many."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """The set of cells (i, j) whose turn in the order of computation lies within [first, last].

    A cell's turn is row_turn * ((i mod row_block) div row_size) + column_turn * ((j mod column_block) div
    column_size), so that whole rows, whole columns, single cells, tiles of cells and every block of a partition are
    described by eight numbers, and a shader can test a cell without a mask of the matrix's size.
    """

    row_turn: int = 0
    column_turn: int = 0
    first: int = 0
    last: int = 0
    row_block: int = 1 << 30
    column_block: int = 1 << 30
    row_size: int = 1  # rows that have a turn together
    column_size: int = 1  # columns that have a turn together

    def holds(self, i: int, j: int) -> bool:
        """True where cell (i, j) is in the set."""
        return self.first <= self._turn(i, j) <= self.last

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Boolean array of `shape` (rows, columns): True where the cell is in the set."""
        return np.broadcast_to(self.of(np.arange(shape[0])[:, None], np.arange(shape[1])), shape)

    def of(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.bool_]:
        """As `holds`, for many cells."""
        turn = self._turn(i, j)
        found: NDArray[np.bool_] = (turn >= self.first) & (turn <= self.last)
        return found

    def _turn(self, i: Index, j: Index) -> Index:
        rows, columns = i % self.row_block // self.row_size, j % self.column_block // self.column_size
        return self.row_turn * rows + self.column_turn * columns


EVERYWHERE = Sweep()
NOWHERE = Sweep(first=1, last=0)
