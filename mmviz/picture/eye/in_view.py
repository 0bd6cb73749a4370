"""How much of a scene a camera sees, and whether it may stay where it is before another scene; draws nothing."""

import numpy as np

from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.layout import Layout

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


def _grid(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = (np.linspace(0, side - 1, GRID) for side in shape)
    return np.repeat(rows, GRID), np.tile(columns, GRID)
