"""How a camera is moved, and where a point of its picture looks: pure functions, no window, no state."""

from dataclasses import replace

import numpy as np

from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.placement import Vector

NEAREST = 1.0
"""The least distance between eye and target, in cells."""


def orbit(camera: Camera, right_degrees: float, up_degrees: float) -> Camera:
    """The camera on its way around the target, like on a turntable: the world's y stays up.

    Args:
        camera: Any camera; a tilt of its picture is taken out.
        right_degrees: How far the eye goes to its right, around the vertical axis.
        up_degrees: How far the eye climbs; it stops straight above and straight below the target.
    """
    turn, climb = stand(camera)
    climb = float(np.clip(climb + np.radians(up_degrees), -np.pi / 2, np.pi / 2))
    toward, up = turntable(turn + np.radians(right_degrees), climb)
    return replace(camera, position=camera.target + distance(camera) * toward, up=up)


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


def zoom(camera: Camera, factor: float) -> Camera:
    """The camera `factor` times nearer to its target; a factor below 1 moves it away.

    Args:
        camera: Any camera.
        factor: More than 0. The eye stops `NEAREST` cells before the target.
    """
    toward = camera.axes()[2]
    return replace(camera, position=camera.target + max(distance(camera) / factor, NEAREST) * toward)


def pan(camera: Camera, right: float, up: float) -> Camera:
    """The camera moved sideways, its target with it.

    Args:
        camera: Any camera.
        right: How far the eye goes to its right, as a share of the picture's height at the target's distance.
        up: How far it goes up, likewise.
    """
    rightward, upward, _ = camera.axes()
    height = 2 * distance(camera) * camera.slope  # of the picture, in cells
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
