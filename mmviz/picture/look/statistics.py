"""The numbers of a matrix in short, in float64; no colours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 20
"""Elements that are summed up at a time, so that little memory is needed."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a matrix in short; masked elements, NaN and infinities are left out of the first six."""

    least: float
    largest: float
    mean: float
    deviation: float
    finite: int
    zero: int
    nan: int
    infinite: int
    masked: int

    @property
    def counted(self) -> bool:
        """Whether there is any number at all."""
        return self.least <= self.largest


def statistics(values: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> Statistics:
    """Smallest and largest number, mean and standard deviation.

    Args:
        values: (rows, columns).
        mask: (rows, columns), True where an element is forbidden.
    """
    least, largest, count, total, squares, nan, infinite, zero = np.inf, -np.inf, 0, 0.0, 0.0, 0, 0, 0
    step = max(1, CHUNK // max(values.shape[1], 1))
    for first in range(0, len(values), step):
        part = values[first : first + step]
        allowed = part.reshape(-1) if mask is None else part[~mask[first : first + step]]
        nan += int(np.isnan(allowed).sum())
        infinite += int(np.isinf(allowed).sum())
        finite = allowed[np.isfinite(allowed)].astype(np.float64)
        zero += finite.size - int(np.count_nonzero(finite))
        if finite.size:
            least, largest = min(least, float(finite.min())), max(largest, float(finite.max()))
            mean = float(finite.mean())
            share = finite.size / (count + finite.size)  # of this part in all so far
            squares += float(np.square(finite - mean).sum()) + (mean - total) ** 2 * count * share
            total += (mean - total) * share
            count += finite.size
    deviation = float(np.sqrt(squares / count)) if count else 0.0
    masked = 0 if mask is None else int(mask.sum())
    return Statistics(least, largest, total, deviation, count, zero, nan, infinite, masked)
