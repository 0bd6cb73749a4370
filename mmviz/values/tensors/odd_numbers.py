"""What is odd about numbers, in words: those that are no numbers, and those without bounds."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def odd_numbers(name: str, matrix: NDArray[np.float32]) -> Iterable[str]:
    """A line for each kind of odd number in a matrix, with how many there are.

    Args:
        name: What the matrix is called.
        matrix: (rows, columns).
    """
    for kind, odd in (("NaN", np.isnan(matrix)), ("infinite", np.isinf(matrix))):
        count = int(odd.sum())
        if count:
            row, column = (int(index[0]) for index in np.nonzero(odd))
            verb = "is" if count == 1 else "are"
            yield f"{name}: {count:,} of {matrix.size:,} numbers {verb} {kind}, the first at [{row}, {column}]."
