"""What stands close before the eye gives way to what is looked at: how much of it is there; pure functions, no drawing.

`mmviz/render/glsl/near.glsl` and `lines.frag.glsl` say the same to the shaders.
"""

import numpy as np
from numpy.typing import ArrayLike

from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.orbit import distance
from mmviz.picture.space.placement import Vector

FEW = 6.0
"""Cells before the eye within which things give way, whatever is looked at."""
SHARE = 0.5
"""The same as a share of the distance of what is looked at, where that is near: it never gives way itself."""
SEEN = 0.5
"""How much of something has to be there for it to be clicked."""
LARGE, HUGE = 0.10, 0.18
"""Height of a text as a share of the picture's: it begins to go, and is gone."""


def reach_of(camera: Camera) -> float:
    """Distance from the eye, in cells, within which things give way."""
    return min(FEW, SHARE * distance(camera))


def presence(away: ArrayLike, reach: float) -> Vector:
    """How much of something is there, 0..1: nothing up to half of the reach, all from the reach on.

    Args:
        away: From the eye, in cells; any shape.
        reach: See `reach_of`; 0: nothing gives way.
    """
    if reach <= 0:
        return np.ones_like(np.asarray(away, float))
    share = np.clip(2 * np.asarray(away, float) / reach - 1, 0.0, 1.0)
    soft: Vector = share * share * (3 - 2 * share)
    return soft


def is_seen(away: float, reach: float) -> bool:
    """Whether so much of something is there that a click on it means it."""
    return bool(presence(away, reach) >= SEEN)


def of_texts(camera: Camera, centers: Vector, heights: Vector) -> Vector:
    """(n,): how much of each text is there, 0..1: less where it is close to the eye, or would fill the picture.

    Args:
        camera: The picture's camera.
        centers: (n, 3), in cells.
        heights: (n,) of their capitals, in cells.
    """
    away = np.linalg.norm(centers - camera.position, axis=1)
    large = heights / np.maximum(2 * away * camera.slope, 1e-9)
    shares: Vector = presence(away, reach_of(camera)) * np.clip((HUGE - large) / (HUGE - LARGE), 0.0, 1.0)
    return shares
