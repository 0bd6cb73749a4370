"""Matrices out of a name: patterns and repeatable random numbers, in numpy."""

import numpy as np
from numpy.typing import NDArray

from mmviz.scene.keys.sources import RANDOM, SCALED, Initializer, InitializerName

Index = NDArray[np.int64]
Numbers = NDArray[np.float64]


def initialize(source: Initializer, rows: int, columns: int, name: str = "") -> NDArray[np.float32]:
    """Fill a matrix, and set the dropped share of its elements to 0.

    Patterns and distributions in 0..1 are scaled to min + (max - min) * x; the masks, eye, diff and
    pt linear are as they are. The masks, eye and diff are never dropped.

    Args:
        source: Which pattern, its range and its seed.
        rows: Number of rows.
        columns: Number of columns.
        name: Of the tensor; its seed follows from it where the source gives none.

    Returns:
        (rows, columns).

    Source: the initializers of mm (bhosmer/mm), measured.
    """
    seed = source.seed_of(name)
    matrix = _filled(source, rows, columns, seed)
    if source.dropout > 0 and source.init in (*SCALED, *RANDOM):
        matrix[np.random.default_rng((seed, 1)).random((rows, columns)) < source.dropout] = 0
    return matrix


def _filled(source: Initializer, rows: int, columns: int, seed: int) -> NDArray[np.float32]:
    i, j = np.ogrid[:rows, :columns]
    fixed = _fixed(source.init, i, j)
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


def _fixed(name: InitializerName, i: Index, j: Index) -> Numbers | None:
    match name:
        case "eye":
            return np.asarray(i == j, np.float64)
        case "tril mask":
            return np.asarray(j <= i, np.float64)
        case "triu mask":
            return np.asarray(j >= i, np.float64)
        case "diff":
            return np.asarray(i == j, np.float64) - np.asarray(i == j + 1, np.float64)
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
