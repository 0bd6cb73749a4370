"""The numbers around one element of a matrix, before and after each function that the matrix wears; reads no files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import Worn

Window = tuple[slice, slice]
"""Some neighbouring rows and columns of a matrix."""
WHOLE: Window = (slice(0, None), slice(0, None))
AT_ONCE = 1 << 22
"""Elements of a factor that are turned into float64 at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Pane:
    """What a window shows of a matrix."""

    numbers: NDArray[np.float64]  # (rows, columns)
    masked: NDArray[np.bool_] | None  # (rows, columns), True where a mask forbids the element

    @classmethod
    def of(cls, numbers: Tensor, mask: Tensor | None) -> "Pane":
        """From tensors in main memory."""
        return cls(numbers.numpy(), None if mask is None else mask.numpy())


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """One window on a matrix, before the first of its functions and after each of them."""

    first: tuple[int, int]  # row and column of the element at [0, 0] of every pane
    panes: tuple[Pane, ...]
    vectors: Mapping[str, NDArray[np.float64]]  # of the functions, by name, as long as a row of the matrix
    inner: int | None  # k, of a product and of references to it


def needed(worn: Sequence[Worn], i: int, j: int, shape: Shape) -> Window:
    """The rows and columns from which functions make element (i, j): its own, or all where one looks at whole rows."""
    looking = [w.turned for w in worn if FUNCTIONS[w.function].along != "elements"]
    rows = slice(0, shape[0]) if True in looking else slice(i, i + 1)
    columns = slice(0, shape[1]) if False in looking else slice(j, j + 1)
    return rows, columns


def product(left: Tensor, right: Tensor) -> Tensor:
    """The product of two matrices, summed in float64 without a copy of a whole factor in float64.

    Args:
        left: (i, k).
        right: (k, j).
    """
    total = torch.zeros(left.shape[0], right.shape[1], dtype=torch.float64)
    step = max(AT_ONCE // max(left.shape[0], right.shape[1]), 1)
    for k in range(0, len(right), step):
        total += left[:, k : k + step].double() @ right[k : k + step].double()  # (i, k) @ (k, j) -> (i, j)
    return total
