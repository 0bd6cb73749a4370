"""How far each axis of each matrix is shortened; one for all matrices that share the axis, as in a partition."""

from collections.abc import Mapping

from mmviz.errors import SceneError
from mmviz.scene.keys.partition import (
    counts_by_axis,
    kept_whole,
    shared_axes,
)
from mmviz.scene.keys.problems import printable
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import Tree

THIN = 8
"""Elements up to which an axis is thin."""
THICKNESS = 0.025
"""Least length of a thin axis of which nothing is said, as a share of the longest axis."""
WORTH = 1.5
"""How much longer it becomes at least."""


def folding(
    root: Tree,
    axes: Mapping[str, tuple[str, str]],
    folds: Mapping[str, float],
    where: str = "scene",
    thicker: Mapping[str, Shape] | None = None,
) -> dict[str, tuple[float, float]]:
    """How many rows and how many columns of every matrix share the length of a cell.

    Args:
        root: The tree.
        axes: Names of the rows and columns at each path, "" where they have none.
        folds: As a scene file says it: by axis, how many of its elements share the length of a cell.
        where: What the scene is called in messages.
        thicker: Rows and columns at each path, where thin axes are drawn longer, so that a token or a vector is seen
            beside large matrices.

    Returns:
        path -> of the rows, of the columns; 1: each has its own.

    Raises:
        SceneError: a key names no axis, or one axis is folded in two ways, or parts otherwise than what they make.
    """
    shared = shared_axes(root)
    found = counts_by_axis(root, shared, axes, folds, f"{where}, layout.fold", "folds")
    kept = list(kept_whole(root, shared))
    for one in kept:
        if len({found.get(axis, 1) for axis in one.axes}) > 1:
            raise SceneError(
                f"{where}, layout.fold: the {one.word} of {printable(one.name)}, along which {one.why}, and those that "
                "they stand for have to be folded alike."
            )
    if thicker is not None:
        same = {axis for one in kept for axis in one.axes}
        found |= {axis: fold for axis, fold in _thickened(shared, thicker, found).items() if axis not in same}
    return {path: (found.get(rows, 1), found.get(columns, 1)) for path, (rows, columns) in shared.items()}


def _thickened(
    shared: Mapping[str, tuple[str, str]], shapes: Mapping[str, Shape], found: Mapping[str, float]
) -> dict[str, float]:
    """How many elements of thin axes share the length of a cell, by axis."""
    sizes: dict[str, int] = {}
    for path, pair in shared.items():
        for axis, size in zip(pair, shapes[path], strict=True):  # one row may go with all of another matrix
            sizes[axis] = max(size, sizes.get(axis, 0))
    least = THICKNESS * max(size / found.get(axis, 1) for axis, size in sizes.items())
    thin = {axis: size for axis, size in sizes.items() if size <= THIN and axis not in found}
    return {axis: 1 / round(least / size) for axis, size in thin.items() if least / size >= WORTH}
