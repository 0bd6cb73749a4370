"""The running sums of one product, at any step in a short time; no functions, no space.

Some of the sums are kept, evenly spread over the steps, so that any others are a few products away. Which are kept does
not depend on what is asked, so that the same step always gives the same sums.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.space.placement import Vector
from mmviz.picture.time.algorithms import J, K, Triple, indices
from mmviz.scene.keys.options import Algorithm

APART = 16
"""Fewest products of an element between two sums that are kept."""
MOST_BYTES = 1 << 26
"""Most memory for the sums of one product that are kept."""


class RunningSums:
    """sums(step) for an algorithm that adds to its result step by step, in double precision."""

    def __init__(
        self, left: NDArray[np.float32], right: NDArray[np.float32], algorithm: Algorithm, block: Triple
    ) -> None:
        """Put the products of an element into the order in which they are added.

        Args:
            left: (i, k).
            right: (k, j).
            algorithm: vvprod or axpy.
            block: Elements of a block along i, k and j.
        """
        within = np.arange(left.shape[1]) % block[K]
        order = np.argsort(within, kind="stable")
        cut = block[K] < left.shape[1]
        self._left, self._right = (left[:, order], right[order]) if cut else (left, right)
        self._counts = np.searchsorted(within[order], np.arange(block[K]), side="right")  # (steps,), of products
        self._algorithm = algorithm
        self._block = block
        size = left.shape[0] * right.shape[1] * 8
        self._apart = max(APART, -(-left.shape[1] * size // MOST_BYTES))

    def sums(self, step: int) -> Vector:
        """(i, j): what is summed up in a step of the run; 0 where nothing is yet."""
        at = indices(self._algorithm, self._block, step)
        count = int(self._counts[at[K]])
        if J not in at:
            return self._summed(count, slice(None))
        within = np.arange(self._right.shape[1]) % self._block[J]  # (j,)
        sums = np.where(within < at[J], self._whole, 0.0)
        now = within == at[J]
        sums[:, now] = self._summed(count, now)
        return sums

    def begun(self, step: int) -> NDArray[np.bool_]:
        """(j,): the columns in which something is summed up at a step of the run."""
        last = indices(self._algorithm, self._block, step).get(J, self._block[J])
        begun: NDArray[np.bool_] = np.arange(self._right.shape[1]) % self._block[J] <= last
        return begun

    def _summed(self, count: int, columns: slice | NDArray[np.bool_]) -> Vector:
        """(i, columns): the first `count` products of each element."""
        kept = min(count // self._apart, len(self._kept) - 1)
        rest = slice(kept * self._apart, count)
        with np.errstate(invalid="ignore"):  # infinities of both signs make NaN, and are shown so
            sums: Vector = self._kept[kept][:, columns] + _product(self._left[:, rest], self._right[rest][:, columns])
        return sums

    @cached_property
    def _kept(self) -> tuple[Vector, ...]:
        """(i, j) each: the sums of no products, and of every so many."""
        sums = [np.zeros((self._left.shape[0], self._right.shape[1]))]
        for first in range(0, self._left.shape[1] - self._apart + 1, self._apart):
            stretch = slice(first, first + self._apart)
            with np.errstate(invalid="ignore"):
                sums.append(sums[-1] + _product(self._left[:, stretch], self._right[stretch]))
        return tuple(sums)

    @cached_property
    def _whole(self) -> Vector:
        """(i, j): all products."""
        return self._summed(self._left.shape[1], slice(None))


def _product(left: NDArray[np.float32], right: NDArray[np.float32]) -> Vector:
    product: Vector = left.astype(np.float64) @ right.astype(np.float64)
    return product
