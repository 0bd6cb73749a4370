"""Numbers of matrices in a page: each is stored once, whichever way it is turned where it is shown."""

from hashlib import blake2b
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from mmviz.page.arrays import Arrays


class Stored(TypedDict):
    """Where the numbers of a matrix are found."""

    array: int
    turned: bool  # they are stored as those of the transpose


class Storing:
    """Stores matrices among the arrays of a page, and knows them again.

    Args:
        arrays: Of the page.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self._known: dict[tuple[str, tuple[int, ...], bytes], int] = {}

    def add(self, matrix: NDArray[Any]) -> Stored:
        """Take a matrix of float32, float64 or bool."""
        straight, turned = (_stored(one) for one in (matrix, matrix.T))
        for array, is_turned in ((straight, False), (turned, True)):
            known = self._known.get(_mark(array))
            if known is not None:
                return {"array": known, "turned": is_turned}
        number = self._known[_mark(straight)] = self.arrays.add(straight, waits=True)["array"]
        return {"array": number, "turned": False}

    def add_if_any(self, matrix: NDArray[Any] | None) -> Stored | None:
        """The same of a matrix that may not be there."""
        return None if matrix is None else self.add(matrix)


def exact(numbers: NDArray[np.float64]) -> NDArray[Any]:
    """The same numbers as float32 where these can say them."""
    with np.errstate(over="ignore"):
        small = numbers.astype(np.float32)
    return small if np.array_equal(small.astype(np.float64), numbers, equal_nan=True) else numbers


def _stored(matrix: NDArray[Any]) -> NDArray[Any]:
    """Row after row, of a type that a page has."""
    return np.ascontiguousarray(matrix.view(np.uint8) if matrix.dtype == np.bool_ else matrix)


def _mark(array: NDArray[Any]) -> tuple[str, tuple[int, ...], bytes]:
    return array.dtype.str, array.shape, blake2b(array.data, digest_size=16).digest()
