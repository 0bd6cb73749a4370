"""How much of a scene a camera sees, if anything, and whether it may stay before another one; draws nothing."""

from collections.abc import Sequence

import numpy as np

from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector

GRID = 9
"""Places along each side of a matrix at which it is looked for."""
ENOUGH = 0.5
"""A camera stays where it sees at least so much of the new scene, as a share of what it saw of the old one."""


def share_seen(camera: Camera, layout: Layout, aspect: float) -> float:
    """The share of a scene's matrices that lies inside the picture, 0..1; every matrix counts the same.

    Args:
        camera: The picture's camera.
        layout: Where the matrices stand.
        aspect: Width of the picture divided by its height.
    """
    places = [placement.spot(*_grid(placement.shape)) for placement in layout.values()]  # (GRID * GRID, 3) each
    points = np.concatenate(places) - camera.position
    right, upward, toward = camera.axes()
    depth = -(points @ toward)
    half_height = np.abs(depth) * camera.slope
    inside = (abs(points @ right) <= half_height * aspect) & (abs(points @ upward) <= half_height) & (depth > 0)
    return float(inside.mean())


def may_stay(camera: Camera, before: Layout, after: Layout, aspect: float) -> bool:
    """Whether a camera that looked at one scene shows another, too, and does not leave it out of the picture."""
    seen = share_seen(camera, after, aspect)
    return seen > 0 and seen >= ENOUGH * share_seen(camera, before, aspect)


def in_sight(camera: Camera, places: Sequence[Placement], aspect: float) -> bool:
    """Whether anything of some matrices is in the picture, be it the middle of a cell that fills it.

    Args:
        camera: The picture's camera.
        places: Where the matrices stand.
        aspect: Width of the picture divided by its height.
    """
    right, upward, toward = camera.axes()
    inward = [  # normals of the planes around what is seen, all through the eye
        -toward,
        *(sign * right - camera.slope * aspect * toward for sign in (1, -1)),
        *(sign * upward - camera.slope * toward for sign in (1, -1)),
    ]
    normals = np.array(inward)  # (5, 3)
    return any(len(_cut(place.corners(0.5) - camera.position, normals)) for place in places)


def _cut(corners: Vector, normals: Vector) -> Vector:
    """(m, 3): what is left of a polygon, (n, 3), on the inner side of all planes through the origin."""
    inside = corners @ normals.T > 0  # (n, planes)
    if inside.all():
        return corners
    if not inside.any(axis=0).all():
        return corners[:0]
    for normal in normals:
        heights = corners @ normal
        kept = []
        for number, height in enumerate(heights):  # from each corner to the next
            following = (number + 1) % len(corners)
            if height > 0:
                kept.append(corners[number])
            if (height > 0) != (heights[following] > 0):
                share = height / (height - heights[following])
                kept.append(corners[number] + share * (corners[following] - corners[number]))
        corners = np.array(kept).reshape(-1, 3)
    return corners


def _grid(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = (np.linspace(0, side - 1, GRID) for side in shape)
    return np.repeat(rows, GRID), np.tile(columns, GRID)
