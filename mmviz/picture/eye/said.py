"""Cameras in the words of a scene file, and back: as a view of the window, the scene's camera, or a keyframe of it."""

from dataclasses import replace
from math import floor, log10
from typing import Any

import numpy as np

from mmviz.picture.eye.camera import LEVEL, Camera, placed
from mmviz.picture.eye.orbit import distance, stand, turntable
from mmviz.picture.space.placement import Vector
from mmviz.scene.keys.view import SeenFrom

DIGITS = 6
"""Of a distance; what is written is exact to a hundredth of a pixel."""
BESIDE_THE_POLE = 10 * LEVEL
"""How far beside the vertical an eye is said to stand that is right above or below, in radians: it says what is up."""
ENOUGH = 0.98 * BESIDE_THE_POLE
"""From here on an eye counts as beside the vertical: one that was said and rounded is said again as it is."""
ANGLES = (1.0, 150.0)
"""The view angles that a scene file may say."""
FARTHEST = 1e7
"""The largest coordinate that it may say."""


def said(camera: Camera, aspect: float = 1.0) -> SeenFrom | None:
    """A camera in words; None where it is too far away for them. A tilt of its picture is left out.

    Args:
        camera: Any camera.
        aspect: Width divided by height of the pictures whose shorter side the angle is of; by default it is of the
            height.
    """
    eye = camera.target + distance(camera) * _off_the_pole(camera)
    digits = max(0, DIGITS - 1 - floor(log10(distance(camera))))
    position, target = (_rounded(spot, digits) for spot in (eye, camera.target))
    if max(map(abs, (*position, *target))) > FARTHEST or position == target:
        return None
    angle = float(np.clip(camera.view_angle * min(aspect, 1.0), *ANGLES))
    return SeenFrom(position=position, target=target, view_angle=round(angle, 4))


def seen_from(words: SeenFrom) -> Camera:
    """The camera that words stand for; their angle is of the picture's height, whatever its shape."""
    camera = placed(words.position, words.target, words.view_angle, 1.0)
    return replace(camera, view_angle=words.view_angle)


def keys_of(words: SeenFrom) -> dict[str, Any]:
    """The words by their keys, as `camera:` and its keyframes have them."""
    aim = {"target": words.target} if any(words.target) else {}
    return {"position": words.position, **aim, "view_angle": words.view_angle}


def _off_the_pole(camera: Camera) -> Vector:
    """A unit vector toward the eye, not right above or below."""
    toward = camera.axes()[2]
    if np.hypot(toward[0], toward[2]) >= ENOUGH:
        return toward
    turn, _ = stand(camera)
    return turntable(turn, float(np.sign(toward[1])) * (np.pi / 2 - BESIDE_THE_POLE))[0]


def _rounded(spot: Vector, digits: int) -> tuple[float, float, float]:
    x, y, z = (round(float(number), digits) + 0.0 for number in spot)  # + 0.0: no -0.0
    return x, y, z
