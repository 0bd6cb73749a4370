"""The numbers by which matrices and what flies are scaled, so that each keeps its scale through the animation."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.space.item_key import ItemKey, of_matrix
from mmviz.picture.time.planes import Matrix
from mmviz.picture.time.timeline import Timeline

SAMPLED_PLANES = 16
"""Planes over which the scale of a product's planes is taken."""
SAMPLED_SIDE = 256
"""Rows and columns of each of them that are looked at."""


def numbers_of(
    values: Mapping[str, Matrix], masked: Mapping[str, NDArray[np.bool_]], timeline: Timeline
) -> dict[ItemKey, Matrix]:
    """Numbers of every matrix, and of everything that is there only during a run.

    Args:
        values: (rows, columns) of every matrix, by path.
        masked: (rows, columns), where a mask forbids elements.
        timeline: Says what flies.
    """
    numbers = {path: matrix[~masked[path]] if path in masked else matrix for path, matrix in values.items()}
    numbers |= {path: np.append(numbers[path], shares) for path, shares in timeline.sinks.shares.items()}
    found = {of_matrix(path): matrix for path, matrix in numbers.items()}
    found |= {ItemKey("plane", path): _sampled_products(*timeline.inputs(path)) for path in timeline.products}
    found |= {ItemKey("partial", path): sums for path, sums in timeline.partial_results().items()}
    found |= {
        ItemKey("term", path): numbers[path]
        for path in (*timeline.schedule.totals, *timeline.parts.places, *timeline.takings.cuts)
    }
    found |= timeline.sinks.samples()
    for tiling in timeline.tilings.values():
        found |= tiling.samples()
    return found


def _sampled_products(left: Matrix, right: Matrix) -> Matrix:
    """Some of the products of a cube, evenly over its rows."""
    rows, inner, columns = (
        np.unique(np.linspace(0, size - 1, most).astype(int))
        for size, most in ((len(left), SAMPLED_PLANES), (len(right), SAMPLED_SIDE), (right.shape[1], SAMPLED_SIDE))
    )
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        products: Matrix = left[np.ix_(rows, inner)][:, :, None] * right[np.ix_(inner, columns)][None]
    return products
