"""What stands out in a table of spectra, as numbers: extremes, medians, trends; writes no sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mmviz.spectra.measures import RATIOS
from mmviz.spectra.table import Table
from mmviz.values.model.head_spectra import Matrix

Floats = NDArray[np.float64]

RISES: Final = ("top10_ratio", "first_last_ratio")
"""The ratios that are large where few directions do most of the work; the others are small there."""
FEWEST_LAYERS: Final = 4
"""Of a depth trend: the ranks of three are in order by chance once in three times."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """One head that is furthest in some respect."""

    matrix: Matrix
    layer: int
    head: int
    value: float
    reference: float  # the same measure of Gaussian elements

    @property
    def times(self) -> float:
        """How many times its reference it is."""
        return self.value / self.reference


@dataclass(frozen=True, slots=True)
class Deficient:
    """A head of which only so many singular values stand out of the noise."""

    matrix: Matrix
    layer: int
    head: int
    rank: int
    full: int


@dataclass(frozen=True, slots=True)
class Trend:
    """How a measure goes with the number of the layer."""

    matrix: Matrix
    measure: str
    correlation: float  # Spearman's, of the layers' medians, -1 to 1
    first: float  # the median of the first quarter of the layers
    last: float  # of the last


def extreme(table: Table, matrices: Sequence[Matrix], measure: str) -> Extreme | None:
    """The head whose weights are the least like Gaussian ones, by a ratio: concentrated in the fewest directions.

    None where there is no number to compare.
    """
    sign = 1.0 if measure in RISES else -1.0
    found = [
        Extreme(matrix, layer, head, value, table.gaussian(matrix, measure))
        for matrix in matrices
        for (layer, head), value in _numbers(table, matrix, measure)
    ]
    return max(found, key=lambda one: sign * one.times, default=None)


def ends(table: Table, matrix: Matrix, measure: str) -> tuple[Extreme, Extreme] | None:
    """The heads with the least and the largest value; the first of equal ones."""
    found = [
        Extreme(matrix, layer, head, value, table.gaussian(matrix, measure) if measure in RATIOS else np.nan)
        for (layer, head), value in _numbers(table, matrix, measure)
    ]
    if not found:
        return None
    return min(found, key=lambda one: one.value), max(found, key=lambda one: one.value)


def median(table: Table, matrices: Sequence[Matrix], measure: str) -> float:
    """Over all layers and heads of some matrices, each query head counted; NaN where there is none."""
    numbers = [value for matrix in matrices for _, value in _numbers(table, matrix, measure)]
    return float(np.median(numbers)) if numbers else np.nan


def beyond(table: Table, matrix: Matrix, measure: str) -> tuple[int, int]:
    """How many heads are more concentrated than Gaussian elements, and of how many."""
    numbers = np.array([value for _, value in _numbers(table, matrix, measure)])
    reference = table.gaussian(matrix, measure)
    more = numbers > reference if measure in RISES else numbers < reference
    return int(more.sum()), len(numbers)


def trend(table: Table, matrix: Matrix, measure: str) -> Trend | None:
    """How the median over heads goes with depth; None for fewer layers than that means something."""
    medians = layer_medians(table, matrix, measure)
    if len(medians) < FEWEST_LAYERS:
        return None
    layers, values = zip(*medians, strict=True)
    quarter = len(values) // 4
    first, last = float(np.median(values[:quarter])), float(np.median(values[-quarter:]))
    return Trend(matrix, measure, spearman(layers, values), first, last)


def layer_medians(table: Table, matrix: Matrix, measure: str) -> list[tuple[int, float]]:
    """Each layer that has a number, and the median over its heads."""
    return [
        (layer, float(np.median(row[~np.isnan(row)])))
        for layer, row in zip(table.selection.layers, table.measured[matrix][measure], strict=True)
        if not np.isnan(row).all()
    ]


def spearman(left: Sequence[float], right: Sequence[float]) -> float:
    """Spearman's rank correlation, equal numbers sharing the mean of their ranks; 0 where all of one side are equal.

    Args:
        left: At least two numbers.
        right: As many.
    """
    one, other = (_ranks(np.asarray(side, dtype=np.float64)) for side in (left, right))
    one, other = one - one.mean(), other - other.mean()
    size = np.sqrt((one @ one) * (other @ other))
    return float((one @ other) / size) if size > 0 else 0.0


def _ranks(numbers: Floats) -> Floats:
    less = (numbers[:, None] > numbers[None, :]).sum(1)
    equal = (numbers[:, None] == numbers[None, :]).sum(1)
    return np.asarray(less + (equal - 1) / 2)


def below_noise(table: Table, matrix: Matrix) -> tuple[int, int, int]:
    """How many singular values lie below the noise floor, of how many, and in how many heads."""
    floor = table.measured[matrix]["noise_floor"][..., None]  # (layers, heads, 1)
    below = table.values[matrix] <= floor  # NaN is not
    return int(below.sum()), int(np.isfinite(table.values[matrix]).sum()), int(below.any(-1).sum())


def not_of_full_rank(table: Table, matrices: Sequence[Matrix]) -> list[Deficient]:
    """The heads with singular values below the noise floor, the lowest shares of the full rank first."""
    found = [
        Deficient(matrix, layer, head, int(rank), table.values[matrix].shape[-1])
        for matrix in matrices
        for (layer, head), rank in _numbers(table, matrix, "rank")
        if rank < table.values[matrix].shape[-1]
    ]
    return sorted(found, key=lambda one: one.rank / one.full)


def _numbers(table: Table, matrix: Matrix, measure: str) -> Iterator[tuple[tuple[int, int], float]]:
    """Layer, head and value, of those that have one."""
    for layer, row in zip(table.selection.layers, table.measured[matrix][measure], strict=True):
        for head, value in zip(table.selection.heads, row, strict=True):
            if not np.isnan(value):
                yield (layer, head), float(value)
