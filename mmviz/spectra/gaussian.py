"""The singular values that matrices of independent Gaussian elements have, to hold others against; no models.

A slice of rows x columns is held against the law of Marchenko and Pastur, a product of two slices, for whose spectrum
there is no simple formula, against the mean of products that are drawn. Elements have variance 1 here: the singular
values of other elements are as many times larger as the elements are.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS: Final = 20_000  # of the angle along which the law is added up
DRAWS: Final = 64
SEED: Final = 20240501


@cache
def of_slice(rows: int, columns: int) -> tuple[float, ...]:
    """Singular values of rows x columns Gaussian elements, largest first: quantiles of the Marchenko-Pastur law.

    Value i of r lies where the law has (i - 1/2) / r above it. The extremes of a single draw lie within a few percent
    of them; of a square matrix the least does not, which varies by its own size.

    Source: Marchenko and Pastur 1967. With n <= m the lesser and larger side and c = sqrt(n / m), s^2 / m has the
    density sqrt((b - x)(x - a)) / (2 pi c^2 x) from a = (1 - c)^2 to b = (1 + c)^2; here x = 1 + c^2 + 2c cos(angle).
    """
    count, longer = sorted((rows, columns))
    aspect = np.sqrt(count / longer)
    angle = (np.arange(STEPS) + 0.5) * (np.pi / STEPS)  # from the largest value to the least
    squared = 1 + aspect**2 + 2 * aspect * np.cos(angle)
    mass = np.sin(angle) ** 2 / squared
    above = np.cumsum(mass) - mass / 2
    wanted = (np.arange(count) + 0.5) / count
    values = np.sqrt(longer * np.interp(wanted, above / mass.sum(), squared))
    return tuple(values.tolist())


@cache
def of_product(outer: int, inner: int) -> tuple[float, ...]:
    """Singular values of A B^T, A and B each of outer x inner Gaussian elements, largest first: the mean of draws.

    The same numbers in every run. A = Q R with orthonormal columns in Q, and so only R is drawn: its elements are
    Gaussian above the diagonal, and chi on it.

    Source: Bartlett's decomposition, as in Muirhead, Aspects of Multivariate Statistical Theory, theorem 3.2.14.
    """
    random = np.random.default_rng(SEED)
    draws = [_triangle(random, outer, inner) @ _triangle(random, outer, inner).T for _ in range(DRAWS)]
    values = np.mean([np.linalg.svd(draw, compute_uv=False) for draw in draws], axis=0)
    return tuple(values.tolist())


def _triangle(random: np.random.Generator, rows: int, columns: int) -> Floats:
    """(least of both, columns), upper triangular."""
    least = min(rows, columns)
    triangle = np.triu(random.standard_normal((least, columns)), 1)
    degrees = rows - np.arange(least)
    triangle[np.arange(least), np.arange(least)] = np.sqrt(random.chisquare(degrees))
    return triangle
