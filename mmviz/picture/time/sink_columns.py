"""The shares that sinks take of attention patterns: a column beside each pattern, with which its rows add up to 1."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.time.planes import Matrix, Plane
from mmviz.picture.time.states import State
from mmviz.scene.language.functions import SINKING
from mmviz.scene.language.tree import Tree, walk

SHARE, NEAREST = 0.55, 1.5
"""Distance of the column from the last one of its pattern, as a share of the gap between faces, and least, in cells."""


class SinkColumns:
    """The columns of one scene.

    Args:
        root: The tree.
        layout: Where everything stands.
        values: What all matrices show in the end, by path.
    """

    def __init__(self, root: Tree, layout: Layout, values: Mapping[str, Matrix]) -> None:
        self.shares = {
            node.path: _left_over(values[node.path])
            for node in walk(root)
            if node.worn and node.worn[-1].function == SINKING and not node.worn[-1].turned
        }  # path of the pattern -> (rows, 1)
        self._layout = layout
        self.whole = tuple(
            Plane(path, beside(layout[path]), shares, kind="sink") for path, shares in self.shares.items()
        )

    def planes(self, states: Mapping[str, State]) -> Iterator[Plane]:
        """The columns of the patterns that are there; a row of each is there as soon as that of its pattern begins."""
        for plane in self.whole:
            if plane.owner in states:
                yield replace(plane, shown=states[plane.owner].shown)

    def samples(self) -> dict[ItemKey, Matrix]:
        """Numbers by which columns are scaled, by the planes' looks."""
        return {ItemKey("sink", path): shares for path, shares in self.shares.items()}

    def corners(self, path: str) -> list[Vector]:
        """(4, 3), in cells: the corners of the column beside a pattern; none where there is none."""
        return [beside(self._layout[path]).corners(0.5)] if path in self.shares else []


def beside(place: Placement) -> Placement:
    """Where the column of a pattern stands: beyond its last column.

    Args:
        place: Where the pattern stands.
    """
    distance = place.reach[1] + max(SHARE * place.gap, NEAREST)
    _, across = place.ways
    origin = place.origin + distance * across
    return Placement((place.shape[0], 1), origin, place.down, across, place.row_block, 0, place.gap)


def _left_over(pattern: Matrix) -> Matrix:
    """(rows, 1): what is missing of each row for a sum of 1."""
    missing = 1.0 - pattern.sum(axis=1, keepdims=True, dtype=np.float64)
    shares: Matrix = np.clip(missing, 0.0, 1.0).astype(np.float32)
    return shares
