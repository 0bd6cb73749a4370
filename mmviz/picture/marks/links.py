"""Faint lines from a part to its place in what it is joined to, and from a slice to its place in what it is of."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mmviz.picture.drawlist import Lines
from mmviz.picture.look.palette import Color
from mmviz.picture.marks.guides import MARGIN, OUTLINE
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.joining import begins
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.selecting import place_of
from mmviz.scene.language.tree import Tree, cuts, joins

LINK: Color = (0.25, 0.25, 0.29)
"""Of the lines from corner to corner."""
INNER = 0.5
"""Distance of a place's border to its outermost elements' centres, in cells: between neighbours it is one line."""


def links(root: Tree, layout: Layout) -> Iterator[Lines]:
    """The border of every part's and slice's place in the whole, and four lines to its corners.

    Args:
        root: The tree.
        layout: Where everything stands.
    """
    for node in joins(root):
        own = [layout[part.path] for part in node.parts]
        firsts = begins(node.axis, [place.shape for place in own])
        for part, place, first in zip(node.parts, own, firsts, strict=True):
            yield from _link(part.path, place, _within(layout[node.path], first, place))
    for cut in (cut for cut in cuts(root) if cut.whole.path not in layout.unseen):
        whole = layout[cut.whole.path]
        row, column = place_of(cut, whole, 0.0)
        yield from _link(cut.path, layout[cut.path], _within(whole, (int(row), int(column)), layout[cut.path]))


def _within(whole: Placement, first: tuple[int, int], part: Placement) -> Placement:
    """A place in a matrix that is as large as a part."""
    return replace(part, origin=whole.spot(*first), down=whole.down, across=whole.across)


def _link(path: str, own: Placement, place: Placement) -> Iterator[Lines]:
    border = place.corners(INNER)
    yield Lines(ItemKey("link", path, "place"), _around(border), OUTLINE, 1.0)
    corners = own.corners(MARGIN)
    if np.linalg.norm(corners - border, axis=1).max() > 2 * MARGIN:  # else they lie on one another
        yield Lines(ItemKey("link", path), np.stack([corners, border], axis=1).reshape(-1, 3), LINK, 1.0)


def _around(corners: Vector) -> Vector:
    """(8, 3): the four sides of a rectangle, as pairs of points."""
    return np.stack([corners, np.roll(corners, -1, axis=0)], axis=1).reshape(-1, 3)
