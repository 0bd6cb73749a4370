"""Outlines, row guides, corner marks and flow arrows: what helps to read a lattice without being data."""

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import Color, Lines, Patch
from mmviz.picture.layout import Layout
from mmviz.picture.placement import Placement, Vector

OUTLINE: Color = (0.34, 0.34, 0.38)
GUIDE: Color = (0.17, 0.17, 0.20)
FROM_LEFT: Color = (0.33, 0.52, 0.88)
FROM_RIGHT: Color = (0.86, 0.42, 0.38)
MARGIN = 0.75
"""Distance from the outermost elements' centres to the outline, in cells."""
FLYING: Color = (0.72, 0.72, 0.80)
EDGE: Color = (0.45, 0.45, 0.52)
LONGEST_EDGE = 4096
"""Most steps of a mask's edge that are drawn."""
ROW_GUIDES = 8
"""About how many row guides a matrix gets."""


def outline(path: str, placement: Placement) -> tuple[Lines, Lines]:
    """The border of a matrix with the corner mark at element (0, 0), and its faint row guides."""
    top_left, top_right, bottom_right, bottom_left = placement.corners(MARGIN)
    border = [top_left, top_right, top_right, bottom_right, bottom_right, bottom_left, bottom_left, top_left]
    rows, columns = placement.shape
    shorter = min(rows, columns)
    size = min(shorter - 1 + 2 * MARGIN, max(2.0, 0.12 * shorter))
    down = placement.down / np.linalg.norm(placement.down)
    across = placement.across / np.linalg.norm(placement.across)
    border += [top_left + size * across, top_left + size * down]
    step = max(1, round(rows / ROW_GUIDES))
    guides: list[Vector] = []
    for row in range(step, rows, step):
        start, end = placement.element([row - 0.5, row - 0.5], [0, columns - 1])
        guides += [start - MARGIN * across, end + MARGIN * across]
    return (
        Lines(f"outline:{path}", np.array(border), OUTLINE, 1.4),
        Lines(f"rows:{path}", np.array(guides).reshape(-1, 3), GUIDE, 1.0),
    )


def border(key: str, placement: Placement) -> Lines:
    """A bright frame around a plane in flight."""
    corners = placement.corners(MARGIN)
    return Lines(key, np.stack([corners, np.roll(corners, -1, axis=0)], axis=1).reshape(-1, 3), FLYING, 1.2)


def mask_edge(path: str, placement: Placement, masked: NDArray[np.bool_]) -> Lines | None:
    """The line between allowed and forbidden cells, such as the causal staircase; None where it is too long.

    Args:
        path: Path of the matrix.
        placement: Where it stands.
        masked: (rows, columns), True where a cell is forbidden.
    """
    i, j = np.nonzero(masked[:, 1:] != masked[:, :-1])  # between columns j and j + 1
    m, n = np.nonzero(masked[1:] != masked[:-1])  # between rows m and m + 1
    if not 0 < len(i) + len(m) <= LONGEST_EDGE:
        return None
    upright = [placement.element(i - 0.5, j + 0.5), placement.element(i + 0.5, j + 0.5)]
    level = [placement.element(m + 0.5, n - 0.5), placement.element(m + 0.5, n + 0.5)]
    ends = np.concatenate([np.stack(upright, axis=1), np.stack(level, axis=1)])  # (segments, 2, 3)
    return Lines(f"mask:{path}", ends.reshape(-1, 3), EDGE, 1.2)


def arrow(path: str, layout: Layout, left: str, right: str) -> tuple[Patch, Patch]:
    """An arrow inside a cube toward its result: a blue vane from the left, a red one from the right argument.

    Args:
        path: Path of the product.
        layout: Where everything stands.
        left: Path of the left argument.
        right: Path of the right argument.
    """
    cube = layout.cubes[path]
    middle = cube.center()
    reach = 0.28 * min(max(size, 2) for size in cube.shape) + 0.06 * max(cube.shape)
    inward = _toward(middle, layout[path], cube.inward)
    length = min(reach * 1.6, max(1.5, 0.42 * cube.shape[1]))
    tip, tail = middle + length * inward, middle - length * inward
    triangle = np.array([[0, 1, 2]])
    vanes = []
    for side, argument, axis, color in (
        ("left", left, cube.across, FROM_LEFT),
        ("right", right, cube.down, FROM_RIGHT),
    ):
        outward = _toward(middle, layout[argument], axis)
        points = np.array([tail, tip, tail + reach * outward])
        vanes.append(Patch(f"arrow:{side}:{path}", points, triangle, color, 0.55))
    return vanes[0], vanes[1]


def _toward(point: Vector, face: Placement, axis: Vector) -> Vector:
    """Unit vector along `axis`, in the sense that leads from `point` to a face."""
    rows, columns = face.shape
    distance = float(np.dot(face.element((rows - 1) / 2, (columns - 1) / 2) - point, axis))
    return axis if distance >= 0 else -axis
