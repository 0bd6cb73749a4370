"""The times of a film's frames; no pictures."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.scene.options import AnimationOptions

MAX_FRAMES = 1 << 20
"""Most frames of a film: nearly ten hours."""


def frame_times(steps: int, animation: AnimationOptions, fps: int) -> NDArray[np.float64]:
    """(frames,): the time of every frame, in steps; the end is held as the scene says.

    Args:
        steps: How long the animation is.
        animation: Its speed, in steps a second, and how many seconds its end is held.
        fps: Frames a second.

    Raises:
        OutputError: the film would have more than a million frames.
    """
    if steps / animation.speed * fps > MAX_FRAMES:
        raise OutputError(
            f"film: {steps} steps at {animation.speed:g} steps and {fps} frames a second are more than "
            f"{MAX_FRAMES:,} frames; raise animation.speed."
        )
    moving = np.arange(ceil(steps / animation.speed * fps)) * animation.speed / fps
    return np.concatenate([moving, np.full(1 + round(animation.hold * fps), float(steps))])
