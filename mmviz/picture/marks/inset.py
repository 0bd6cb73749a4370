"""How a matrix is shown by itself, from the front, in a corner: its camera, its tokens, and how large the inset is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmviz.picture.drawlist import INSET_BOTTOM, INSET_MARGIN, INSET_SIDE, TickLabels
from mmviz.picture.eye.camera import Camera, fit, project
from mmviz.picture.marks import current_row, token_labels
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector

BORDER = (0.04, 0.07)
"""Share of an inset's width and height that stays empty on each side."""
LARGEST_TOKEN = 0.045
"""Height of the largest capitals of tokens as a share of the matrix's longer side."""
LARGEST = 0.46
"""Largest side of an inset that is enlarged for its tokens, as a share of the picture's height."""
WIDEST = 0.35
"""Largest side of such an inset as a share of the picture's width."""
READABLE = 6.5
"""Least height of the capitals where all tokens are written, in pixels."""
NAMED = 0.012
"""Height of the capitals where some are named, as a share of the picture's height; at least READABLE."""


@dataclass(frozen=True, slots=True, eq=False)
class InsetView:
    """A matrix from the front: rows run down, columns to the right."""

    side: float  # of the inset, as a share of the picture's height
    camera: Camera
    ticks: tuple[TickLabels, ...] = ()  # all tokens, where there is room for them
    naming: float | None = None  # where there is not: height of the capitals of those that are named, in cells

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of the corner that it takes, as shares of the picture's height."""
        return 0.0, INSET_BOTTOM - INSET_MARGIN, self.side + 2 * INSET_MARGIN, self.side + INSET_BOTTOM


def views(
    path: str,
    placement: Placement,
    axes: tuple[str, str],
    texts: token_labels.TokenTexts,
    aspect: float,
    beside: Sequence[Vector] = (),
    pixels: int = token_labels.USUAL_HEIGHT,
) -> tuple[InsetView, ...]:
    """How a matrix can be shown in an inset, best first; the last one is of the usual size.

    Args:
        path: Of the matrix.
        placement: Where it stands.
        axes: Names of its rows and columns.
        texts: What is written for each token, by the name of the axes that count them.
        aspect: Width of the picture divided by its height.
        beside: (4, 3) each, in cells: the corners of what stands beside it at times.
        pixels: Height of the picture.
    """
    readable = READABLE / pixels
    corners = np.concatenate([placement.corners(MARGIN), *beside])
    plain = InsetView(INSET_SIDE, _facing(corners, placement))
    found = (texts.get(name, ()) for name in axes)
    sides = [told if len(told) == size else () for told, size in zip(found, placement.shape, strict=True)]
    if not any(sides):
        return (plain,)
    largest = min(LARGEST, WIDEST * aspect)
    ticks = _all_tokens(path, placement, sides, plain.camera)
    if ticks:
        camera = _facing(np.concatenate([corners, *(token_labels.corners(one) for one in ticks)]), placement)
        needed = readable / min(token_labels.seen_height(one, camera) for one in ticks)
        if needed <= INSET_SIDE:
            return (InsetView(INSET_SIDE, camera, ticks),)
        if needed <= largest:
            return InsetView(needed, camera, ticks), _some(INSET_SIDE, corners, placement, sides[0], readable)
    if not sides[0]:
        return (plain,)
    lengths = (largest, INSET_SIDE) if largest > INSET_SIDE else (INSET_SIDE,)
    return tuple(_some(length, corners, placement, sides[0], readable) for length in lengths)


def _all_tokens(
    path: str, placement: Placement, sides: Sequence[tuple[str, ...]], camera: Camera
) -> tuple[TickLabels, ...]:
    """The tokens beside the axes that have them, as large as they may be; none where they are too many."""
    if max(map(len, sides)) > token_labels.MOST:
        return ()
    height = LARGEST_TOKEN * max(placement.reach)
    return tuple(
        token_labels.beside(ItemKey("tokens", path, axis), placement, axis, -way, sides[axis], camera, height)
        for axis, way in enumerate(placement.ways[::-1])
        if sides[axis]
    )


def _some(side: float, corners: Vector, placement: Placement, texts: tuple[str, ...], readable: float) -> InsetView:
    """An inset of this side in which some tokens are named, at the left and above."""
    left = current_row.room(texts)  # as a share of the capitals' height
    wide = max(np.ptp(corners @ way) for way in placement.ways)
    seen, free = max(NAMED, readable) / side, 1 - 2 * BORDER[0]
    height = seen * wide / max(free - seen * left, free / 4)
    down, across = placement.ways
    room = corners - current_row.ABOVE * height * down, corners - left * height * across
    return InsetView(side, _facing(np.concatenate([corners, *room]), placement), naming=height)


def covers(view: InsetView, camera: Camera, points: Sequence[Vector], aspect: float) -> bool:
    """True where an inset would cover one of some points of a picture, each (n, 3), in cells."""
    across, up = project(camera, np.concatenate(points), aspect).T
    right, top = view.side + 2 * INSET_MARGIN, view.side + INSET_BOTTOM + INSET_MARGIN
    return bool(((across * aspect < right) & (up < top)).any())


def _facing(points: Vector, placement: Placement) -> Camera:
    return fit(points, placement.normal, 1.0, border=BORDER, up=-placement.down)
