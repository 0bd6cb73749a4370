"""How far each axis of each matrix is shortened; one for all matrices that share the axis, as in a partition."""

from collections.abc import Mapping

from mmviz.scene.keys.partition import counts_by_axis, shared_axes
from mmviz.scene.language.tree import Node


def folding(
    root: Node, axes: Mapping[str, tuple[str, str]], folds: Mapping[str, float], where: str = "scene"
) -> dict[str, tuple[float, float]]:
    """How many rows and how many columns of every matrix share the length of a cell.

    Args:
        root: The tree.
        axes: Names of the rows and columns at each path, "" where they have none.
        folds: As a scene file says it: by axis, how many of its elements share the length of a cell.
        where: What the scene is called in messages.

    Returns:
        path -> of the rows, of the columns; 1: each has its own.

    Raises:
        SceneError: a key names no axis, or one axis is folded in two ways.
    """
    shared = shared_axes(root)
    found = counts_by_axis(root, shared, axes, folds, f"{where}, layout.fold", "folds")
    return {path: (found.get(rows, 1), found.get(columns, 1)) for path, (rows, columns) in shared.items()}
