"""How a camera is moved, and where a point of its picture looks: pure functions, no window, no state."""

from dataclasses import replace

import numpy as np

from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.placement import Vector, cross

NEAREST = 2.0
"""How near the eye comes to a point, in cells: one cell fills the picture's height."""
BACK = 0.5
"""How much of its speed an eye has at least that goes away from a point."""


def orbit(camera: Camera, right_degrees: float, up_degrees: float, about: Vector | None = None) -> Camera:
    """The camera on its way around a point, like on a turntable: the world's y stays up.

    Args:
        camera: Any camera; a tilt of its picture is taken out.
        right_degrees: How far the eye goes to its right, around the vertical axis.
        up_degrees: How far the eye climbs; it stops straight above and straight below.
        about: (3,) the point, in cells, which stays where it is in the picture; the target by default.
    """
    turn, climb = stand(camera)
    climb = float(np.clip(climb + np.radians(up_degrees), -np.pi / 2, np.pi / 2))
    toward, up = turntable(turn + np.radians(right_degrees), climb)
    if about is None:
        return replace(camera, position=camera.target + distance(camera) * toward, up=up)
    # The point lies as far to the right, above and before the eye as it did.
    offset = np.stack(camera.axes()) @ (camera.position - about)
    position = about + offset @ np.stack([cross(up, toward), up, toward])
    return replace(camera, position=position, target=position - distance(camera) * toward, up=up)


def stand(camera: Camera) -> tuple[float, float]:
    """How far an eye has gone around the vertical axis, from the front to its right, and climbed, in radians."""
    right, _, toward = camera.axes()
    # The eye's right says where it stands even straight above the target, where its direction does not.
    return float(np.arctan2(-right[2], right[0])), float(np.arcsin(np.clip(toward[1], -1.0, 1.0)))


def turntable(turn: float, climb: float) -> tuple[Vector, Vector]:
    """Unit vectors toward an eye that stands so, and up in its picture; see `stand`."""
    toward = np.array([np.sin(turn) * np.cos(climb), np.sin(climb), np.cos(turn) * np.cos(climb)])
    up = np.array([-np.sin(turn) * np.sin(climb), np.cos(climb), -np.cos(turn) * np.sin(climb)])
    return toward, up


def approach(camera: Camera, point: Vector, factor: float, farthest: float = np.inf) -> Camera:
    """The camera nearer to a point, which stays where it is in the picture; its target lies as far away from then on.

    It is `factor` times nearer while the eye is far away; close by it slows down, and never gets to `NEAREST`.

    Args:
        camera: Any camera.
        point: (3,) in front of the eye, in cells; one that is not leaves the camera as it is.
        factor: More than 0; below 1 the eye goes away.
        farthest: How far away it may go, in cells.
    """
    depth = float(camera.depths(point))
    if depth <= 0:
        return camera
    if factor >= 1:
        wanted = min(depth, NEAREST + max(depth - NEAREST, 0.0) / factor)
    else:
        wanted = max(NEAREST + (depth - NEAREST) / factor, depth * (1 + BACK * (1 / factor - 1)))
        wanted = max(min(wanted, farthest), min(depth, wanted))
    position = point + wanted / depth * (camera.position - point)
    return replace(camera, position=position, target=position - wanted * camera.axes()[2])


def pan(camera: Camera, right: float, up: float, depth: float | None = None) -> Camera:
    """The camera moved sideways, its target with it.

    Args:
        camera: Any camera.
        right: How far the eye goes to its right, as a share of the picture's height at a depth.
        up: How far it goes up, likewise.
        depth: How far before the eye that is, in cells; as far as the target by default. What lies there moves across
            the picture by just these shares.
    """
    rightward, upward, _ = camera.axes()
    height = 2 * (distance(camera) if depth is None else depth) * camera.slope  # of the picture there, in cells
    shift = height * (right * rightward + up * upward)
    return replace(camera, position=camera.position + shift, target=camera.target + shift)


def ray(camera: Camera, x: float, y: float, aspect: float) -> tuple[Vector, Vector]:
    """Where a point of the picture looks.

    Args:
        camera: The picture's camera.
        x: From left to right, 0..1.
        y: From top to bottom, 0..1.
        aspect: Width of the picture divided by its height.

    Returns:
        (3,) the eye, in cells, and (3,) a unit vector away from it.
    """
    right, up, toward = camera.axes()
    direction = (2 * x - 1) * camera.slope * aspect * right + (1 - 2 * y) * camera.slope * up - toward
    return camera.position, direction / np.linalg.norm(direction)


def distance(camera: Camera) -> float:
    """From the eye to the target, in cells."""
    return float(np.linalg.norm(camera.position - camera.target))
