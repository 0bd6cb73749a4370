"""What a list of singular values says about its matrix, in one number; pure functions, no models.

Every function takes singular values along the last axis, in any order, none negative, and gives one number for each
list. What lies below the noise floor is given to the ratios as 0, for it says nothing about the matrix. Ratios do not
change when the matrix is multiplied by a number; of a matrix of zeros they are NaN. r is the number of singular values,
the lesser side of the matrix.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEW: Final = 10
"""How many singular values the top-10 and least-10 ratios take; where there are fewer, all of them."""


def top10_ratio(values: Floats) -> Floats:
    """Sum of the 10 largest over the sum of all: 10 / r, where all are alike, to 1, where all others are 0."""
    shares = _shares(values)
    return np.asarray(shares[..., :FEW].sum(-1))


def least10_ratio(values: Floats) -> Floats:
    """Sum of the 10 least over the sum of all: 0, where they are 0, to 10 / r, where all are alike."""
    shares = _shares(values)
    return np.asarray(shares[..., max(shares.shape[-1] - FEW, 0) :].sum(-1))


def first_last_ratio(values: Floats) -> Floats:
    """The largest over the least, the condition number: 1, where all are alike; infinite where the least is 0."""
    scaled = _scaled(values)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(scaled[..., 0] / scaled[..., -1])


def stable_rank(values: Floats) -> Floats:
    """Squared Frobenius norm over squared spectral norm: 1, of rank 1, to r, where all are alike."""
    return np.asarray(np.square(_scaled(values)).sum(-1))


def participation_ratio(values: Floats) -> Floats:
    """(sum s^2)^2 / sum s^4, how many directions share the energy: 1, of rank 1, to r, where all are alike."""
    energy = np.square(_scaled(values))
    return np.asarray(energy.sum(-1) ** 2 / np.square(energy).sum(-1))


def entropy_rank(values: Floats) -> Floats:
    """The exponential of the entropy of s / sum s, the effective rank: 1, of rank 1, to r, where all are alike.

    Source: Roy and Vetterli 2007, The effective rank.
    """
    shares = _shares(values)
    logs = np.log(np.where(shares > 0, shares, 1.0))  # what is 0 adds nothing
    return np.asarray(np.exp(-(shares * logs).sum(-1)))


def spectral_norm(values: Floats) -> Floats:
    """The largest singular value: by how much the matrix can stretch a vector; in units of its elements."""
    return np.asarray(_sorted(values)[..., 0])


def frobenius_norm(values: Floats) -> Floats:
    """Root of the sum of all squares, of the singular values as of the elements; in units of the elements."""
    largest = spectral_norm(values)
    return np.asarray(largest * np.sqrt(np.where(largest > 0, stable_rank(values), 1.0)))


Measure = Callable[[Floats], Floats]

RATIOS: Final[Mapping[str, Measure]] = {
    "top10_ratio": top10_ratio,
    "first_last_ratio": first_last_ratio,
    "least10_ratio": least10_ratio,
    "stable_rank": stable_rank,
    "participation_ratio": participation_ratio,
    "entropy_rank": entropy_rank,
}
"""The measures that do not depend on how large the elements are."""
OF_FULL_RANK: Final = ("first_last_ratio", "least10_ratio")
"""The ratios of the least values, which a matrix has only where none of its values is below the noise floor."""
NORMS: Final[Mapping[str, Measure]] = {"spectral_norm": spectral_norm, "frobenius_norm": frobenius_norm}
MEASURES: Final[Mapping[str, Measure]] = {**RATIOS, **NORMS}


def measured(values: Floats, floor: Floats) -> dict[str, Floats]:
    """All measures, and the rank: how many values stand out of the noise. No value below it counts in any ratio.

    Args:
        values: (..., values).
        floor: (...), the noise floor of each list.

    Returns:
        (...) each; ratios of the least values are NaN where the rank is not full.
    """
    clear = values > floor[..., None]
    rank = clear.sum(-1)
    standing = np.where(clear | np.isnan(values), values, 0.0)
    found = {name: measure(standing if name in RATIOS else values) for name, measure in MEASURES.items()}
    for name in OF_FULL_RANK:
        found[name] = np.where(rank == values.shape[-1], found[name], np.nan)
    return {**found, "rank": rank.astype(np.float64)}


def _sorted(values: Floats) -> Floats:
    return -np.sort(-np.asarray(values, dtype=np.float64), axis=-1)


def _scaled(values: Floats) -> Floats:
    """Largest first, in units of the largest, so that no square overflows."""
    ordered = _sorted(values)
    return _divided(ordered, ordered[..., :1])


def _shares(values: Floats) -> Floats:
    scaled = _scaled(values)
    return _divided(scaled, scaled.sum(-1, keepdims=True))


def _divided(above: Floats, below: Any) -> Floats:
    """NaN where nothing is divided by nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above / below)
