"""What the functions of a matrix are computed from besides the numbers that it shows; computes none of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mmviz.scene.language.functions import ROTARY
from mmviz.scene.language.tree import Worn
from mmviz.values.arithmetic.functions import numbers_of, rope_frequencies

Frequencies = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Ingredients:
    """Of one matrix, for those who compute what it shows at another time."""

    parameters: tuple[tuple[float, ...], ...]  # of each function, those that were left out included
    vectors: Mapping[str, NDArray[np.float64]]  # of the functions, by name
    frequencies: tuple[Frequencies | None, ...]  # of each function that rotates: radians a position, by pairs
    inner: int | None  # k, of a product and of references to it
    noise: NDArray[np.float64] | None  # (rows, columns): what an element before them is no larger than that is 0
    bare: NDArray[np.float32] | None  # (rows, columns), before the first function, where nothing is computed for it
    forbidden: NDArray[np.bool_] | None  # (rows, columns), where a mask forbids elements before the first function


def frequencies_of(
    worn: Sequence[Worn], vectors: Mapping[str, Tensor], inner: int | None, shape: tuple[int, int]
) -> tuple[Frequencies | None, ...]:
    """By how many radians a position each pair of columns turns, for every function of a matrix.

    Args:
        worn: The functions.
        vectors: Of the functions, by name.
        inner: k of the product that the matrix is.
        shape: Its rows and columns.
    """
    found: list[Frequencies | None] = []
    for one in worn:
        if one.function not in ROTARY:
            found.append(None)
            continue
        theta, size, _ = numbers_of(one, inner)
        columns = int(size) or shape[0 if one.turned else 1]
        stretch = vectors[one.vectors[0]] if one.vectors else None
        found.append(rope_frequencies(theta, columns, stretch, neighbours=one.function == "rope_pairs").numpy())
    return tuple(found)
