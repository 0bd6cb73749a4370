"""Matrices out of a name: patterns and repeatable random numbers, in numpy."""

import numpy as np
import torch
from numpy.typing import NDArray

from mmviz.scene.keys.sources import RANDOM, SCALED, Initializer, InitializerName
from mmviz.values.arithmetic.distances import buckets_of
from mmviz.values.families.alibi import exponents

Index = NDArray[np.int64]
Numbers = NDArray[np.float64]
BASE = 10000.0
"""Of sinusoidal positions: Vaswani et al. 2017, section 3.5."""
BUCKETS, FARTHEST = 32, 128
"""Of T5: how many biases a head has, and the distance from which on they are the same."""


def initialize(source: Initializer, rows: int, columns: int, name: str = "") -> NDArray[np.float32]:
    """Fill a matrix, and set the dropped share of its elements to 0.

    Patterns and distributions in 0..1 are scaled to min + (max - min) * x; the others are as they are. Only these
    and pt linear are dropped.

    Args:
        source: Which pattern, its range and its seed.
        rows: Number of rows.
        columns: Number of columns.
        name: Of the tensor; its seed follows from it where the source gives none.

    Returns:
        (rows, columns).

    Source: the initializers of mm (bhosmer/mm), measured; Vaswani et al. 2017, section 3.5; Press et al. 2022,
    section 3; Raffel et al. 2020, section 2.1.
    """
    seed = source.seed_of(name)
    matrix = _filled(source, rows, columns, seed)
    if source.dropout > 0 and source.init in (*SCALED, *RANDOM):
        matrix[np.random.default_rng((seed, 1)).random((rows, columns)) < source.dropout] = 0
    return matrix


def _filled(source: Initializer, rows: int, columns: int, seed: int) -> NDArray[np.float32]:
    i, j = np.ogrid[:rows, :columns]
    fixed = _fixed(source, i, j)
    if fixed is not None:
        return np.broadcast_to(fixed, (rows, columns)).astype(np.float32)
    random = np.random.default_rng(seed)
    if source.init == "pt linear":
        bound = columns**-0.5
        return random.uniform(-bound, bound, (rows, columns)).astype(np.float32)
    if source.init == "uniform":
        share = random.random((rows, columns))
    elif source.init == "gaussian":
        share = random.normal(0.5, 0.5, (rows, columns))
    else:
        share = _ramp(source.init, i, j)
    return np.broadcast_to(source.min + max(0.0, source.max - source.min) * share, (rows, columns)).astype(np.float32)


def _fixed(source: Initializer, i: Index, j: Index) -> Numbers | None:
    constants = {"zeros": 0.0, "ones": 1.0, "full": source.value}
    if source.init in constants:
        return np.full((1, 1), constants[source.init])
    match source.init:
        case "eye":
            return np.asarray(i == j, np.float64)
        case "tril mask":
            return np.asarray(j <= i, np.float64)
        case "triu mask":
            return np.asarray(j >= i, np.float64)
        case "diff":
            return np.asarray(i == j, np.float64) - np.asarray(i == j + 1, np.float64)
        case _:
            return _of_positions(source, i, j)


def _of_positions(source: Initializer, i: Index, j: Index) -> Numbers | None:
    """What marks where a token stands, or how far apart two are: a query, the row, and a key, the column."""
    match source.init:
        case "sinusoidal":
            angles = i / BASE ** (2 * (j // 2) / j.size)  # (rows, columns)
            return np.where(j % 2 == 0, np.sin(angles), np.cos(angles))
        case "alibi":
            return np.asarray(2.0 ** -exponents(source.heads)[source.head] * (j - i), np.float64)
        case "t5 buckets":
            buckets = buckets_of(torch.from_numpy(j - i), BUCKETS, FARTHEST, both_ways=not source.causal)
            return np.asarray(buckets.numpy(), np.float64)  # (rows, columns)
        case _:
            return None


def _ramp(name: InitializerName, i: Index, j: Index) -> Numbers:
    rows, columns = i.size, j.size
    ramps: dict[str, tuple[Index, int]] = {
        "rows": (i, rows),
        "cols": (j, columns),
        "row major": (i * columns + j, rows * columns),
        "col major": (j * rows + i, rows * columns),
    }
    place, count = ramps[name]
    return np.asarray(place / max(count - 1, 1), np.float64)
