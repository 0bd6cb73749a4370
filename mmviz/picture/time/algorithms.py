"""What one step of each algorithm computes, shows and takes, by indices; no numbers, no space, no time.

A product (i, k) @ (k, j) -> (i, j) may be cut into blocks along all three axes. All blocks move together: a step has
one index, counted from the beginning of every block, on some of the axes, and all of the block on the others. Where a
block is short and the index is past its end, nothing happens in it. `whole` has no such index: its one step computes
all. What the steps of `blockwise` do is said in mmviz.picture.time.blockwise.

Source: bhosmer/mm, measured; where mm leaves a plane where it was when a short block is done, it disappears here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Protocol

from mmviz.picture.space.sweep import EVERYWHERE, Sweep
from mmviz.scene.keys.options import Algorithm

I, K, J = range(3)  # noqa: E741  (as in (i, k) @ (k, j))
"""The axes of a product, in the order in which triples name them."""
Triple = tuple[int, int, int]
"""Something of each of the axes i, k and j."""


class Cut(Protocol):
    """How large a product is, and how it is cut."""

    @property
    def block(self) -> Triple:
        """Elements of a block."""
        ...

    @property
    def counts(self) -> Triple:
        """How many blocks there are."""
        ...

    @property
    def shape(self) -> Triple:
        """All elements."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """How an algorithm goes through the products L[i, k] * R[k, j] of a block."""

    turns: tuple[int, ...]  # axes of which a step has one index, the slowest first
    plane: tuple[int, int]  # axes of the rows and the columns of the products in flight


WAYS: Mapping[Algorithm, Way] = {
    "vmprod": Way((I,), (K, J)),
    "mvprod": Way((J,), (I, K)),
    "vvprod": Way((K,), (I, J)),
    "dotprod": Way((I, J), (K, J)),
    "dotprod-columns": Way((J, I), (I, K)),
    "axpy": Way((J, K), (I, J)),
}
"""How the algorithms go with which products fly; `whole` and `blockwise` go in ways of their own."""
SUMMING: frozenset[Algorithm] = frozenset({"vvprod", "axpy"})
"""Algorithms that add to all of a result, or to a column of it, step by step: running sums are shown."""
ALL_AT_ONCE = Way((), (I, J))
"""How an algorithm goes that has no index on any axis."""


def steps(algorithm: Algorithm, block: Triple) -> int:
    """How many steps an algorithm takes for a product whose blocks have this size."""
    return prod(block[axis] for axis in way(algorithm).turns)


def way(algorithm: Algorithm) -> Way:
    """How an algorithm goes through the products of a block."""
    return WAYS.get(algorithm, ALL_AT_ONCE)


def indices(algorithm: Algorithm, block: Triple, step: int) -> dict[int, int]:
    """The index of a step on each axis of which it has one, counted from the beginning of every block."""
    found: dict[int, int] = {}
    for axis in reversed(way(algorithm).turns):
        step, found[axis] = divmod(step, block[axis])
    return found


def taken(
    algorithm: Algorithm, block: Triple, step: int, limit: int | None = None
) -> tuple[Sweep | None, Sweep | None]:
    """The cells of the left and of the right argument that a step takes; None: all of it.

    Args:
        algorithm: Of the product.
        block: Its blocks' size.
        step: Of its run.
        limit: The axis of which the step takes what came before, too; the cells are the newest then.
    """
    at = indices(algorithm, block, step)
    left, right = {I: at.get(I), K: at.get(K)}, {K: at.get(K), J: at.get(J)}
    if limit is not None:
        (right if algorithm == "vmprod" else left)[limit] = step
    return _cells(left[I], left[K], block[I], block[K]), _cells(right[K], right[J], block[K], block[J])


def _cells(row: int | None, column: int | None, rows: int, columns: int) -> Sweep | None:
    """In every block of `rows` by `columns` cells this row, this column or this cell."""
    if row is None and column is None:
        return None
    row_turn = 0 if row is None else 1 if column is None else columns
    column_turn = 0 if column is None else 1
    turn = row_turn * (row or 0) + column_turn * (column or 0)
    return Sweep(row_turn, column_turn, turn, turn, rows, columns)


def computed(algorithm: Algorithm, block: Triple, step: int) -> Sweep:
    """The cells of the result that are there at a step; all of them where running sums are shown."""
    row_turn, column_turn = {
        "vmprod": (1, 0),
        "mvprod": (0, 1),
        "dotprod": (block[J], 1),
        "dotprod-columns": (1, block[I]),
    }.get(algorithm, (0, 0))
    if (row_turn, column_turn) == (0, 0):
        return EVERYWHERE
    return Sweep(row_turn, column_turn, 0, step, block[I], block[J])
