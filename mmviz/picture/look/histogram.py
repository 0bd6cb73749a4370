"""How often which numbers come in a matrix: counts in bins of equal width; draws nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 20
"""Elements that are counted at a time, so that little memory is needed."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of the finite numbers of a matrix."""

    edges: NDArray[np.float64]  # (bins + 1,)
    counts: NDArray[np.int64]  # (bins,)


def histogram(
    values: NDArray[np.float32], mask: NDArray[np.bool_] | None, least: float, largest: float, bins: int
) -> Histogram:
    """Counts of what is finite and not masked, between the least and the largest number of it.

    Args:
        values: (rows, columns).
        mask: (rows, columns), True where an element is forbidden.
        least: The smallest number that counts; at most `largest`.
        largest: The largest.
        bins: How many.
    """
    edges = np.histogram_bin_edges([], bins, (least, largest))
    counts = np.zeros(bins, np.int64)
    step = max(1, CHUNK // max(values.shape[1], 1))
    for first in range(0, len(values), step):
        part = values[first : first + step]
        allowed = part.reshape(-1) if mask is None else part[~mask[first : first + step]]
        finite = allowed[np.isfinite(allowed)].astype(np.float64)
        counts += np.histogram(finite, bins, (edges[0], edges[-1]))[0]
    return Histogram(edges, counts)
