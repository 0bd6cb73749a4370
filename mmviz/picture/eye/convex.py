"""Convex shapes in the plane of a picture: the one around some points, and which points lie in which; draws nothing."""

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.space.placement import Vector


def inside(points: Vector, shapes: Vector) -> NDArray[np.bool_]:
    """(shapes, n): which points lie in which convex shape; those on its border do not.

    Args:
        points: (n, 2).
        shapes: (shapes, m, 2), their corners one after the other around them, either way.
    """
    sides = np.roll(shapes, -1, axis=1) - shapes  # (shapes, m, 2)
    offsets = points[:, None] - shapes[:, None]  # (shapes, n, m, 2)
    turns = sides[:, None, :, 0] * offsets[..., 1] - sides[:, None, :, 1] * offsets[..., 0]  # (shapes, n, m)
    found: NDArray[np.bool_] = np.all(turns > 0, axis=2) | np.all(turns < 0, axis=2)
    return found


def hull(points: Vector) -> Vector:
    """(m, 2): the corners of the smallest convex shape around points, (n, 2), in order."""
    ordered = sorted(map(tuple, points.tolist()))

    def half(run: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        kept: list[tuple[float, ...]] = []
        for x, y in run:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], (x, y)) <= 0:
                kept.pop()
            kept.append((x, y))
        return kept[:-1]

    return np.array(half(ordered) + half(ordered[::-1])).reshape(-1, 2)


def _turn(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
