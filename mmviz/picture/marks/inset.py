"""How a matrix is shown by itself, from the front, in a corner: its camera, its tokens, and how large the inset is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmviz.picture.drawlist import INSET_BOTTOM, INSET_MARGIN, INSET_SIDE, TickLabels
from mmviz.picture.eye.camera import Camera, fit, project
from mmviz.picture.marks import token_labels
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector

BORDER = (0.07, 0.07)
"""Share of an inset's width and height that stays empty on each side."""
LARGEST_TOKEN = 0.045
"""Height of the largest capitals of tokens as a share of the matrix's longer side."""
LARGEST = 0.62
"""Largest side of an inset that is enlarged for its tokens, as a share of the picture's height."""
WIDEST = 0.35
"""Largest side of such an inset as a share of the picture's width."""
LEGIBLE = 1.02 * token_labels.SMALLEST
"""Height of the capitals that an inset is enlarged for, as a share of the picture's height."""


@dataclass(frozen=True, slots=True, eq=False)
class InsetView:
    """A matrix from the front: rows run down, columns to the right."""

    side: float  # of the inset, as a share of the picture's height
    camera: Camera
    ticks: tuple[TickLabels, ...] = ()


def views(
    path: str,
    placement: Placement,
    axes: tuple[str, str],
    texts: tuple[str, ...],
    aspect: float,
    beside: Sequence[Vector] = (),
) -> tuple[InsetView, ...]:
    """How a matrix can be shown in an inset, best first; the last one is of the usual size.

    Args:
        path: Of the matrix.
        placement: Where it stands.
        axes: Names of its rows and columns.
        texts: What is written for each token.
        aspect: Width of the picture divided by its height.
        beside: (4, 3) each, in cells: the corners of what stands beside it at times.
    """
    corners = np.concatenate([placement.corners(MARGIN), *beside])
    plain = InsetView(INSET_SIDE, _facing(corners, placement))
    ticks = tuple(
        token_labels.beside(ItemKey("tokens", path, axis), placement, axis, away, texts, plain.camera, largest)
        for axis, away in enumerate(-way for way in placement.ways[::-1])
        for largest in (LARGEST_TOKEN * max(placement.shape),)
        if axes[axis] == token_labels.AXIS and placement.shape[axis] == len(texts) <= token_labels.MOST
    )
    if not ticks:
        return (plain,)
    camera = _facing(np.concatenate([corners, *(token_labels.corners(one) for one in ticks)]), placement)
    needed = LEGIBLE / min(token_labels.seen_height(one, camera) for one in ticks)
    if needed <= INSET_SIDE:
        return (InsetView(INSET_SIDE, camera, ticks),)
    if needed <= min(LARGEST, WIDEST * aspect):
        return InsetView(needed, camera, ticks), plain
    return (plain,)


def covers(view: InsetView, camera: Camera, points: Sequence[Vector], aspect: float) -> bool:
    """True where an inset would cover one of some points of a picture, each (n, 3), in cells."""
    across, up = project(camera, np.concatenate(points), aspect).T
    right, top = view.side + 2 * INSET_MARGIN, view.side + INSET_BOTTOM + INSET_MARGIN
    return bool(((across * aspect < right) & (up < top)).any())


def _facing(points: Vector, placement: Placement) -> Camera:
    return fit(points, placement.normal, 1.0, border=BORDER, up=-placement.down)
