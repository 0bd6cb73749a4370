"""The frames of a film between two steps, and the end of its own that they get; no pictures."""

import numpy as np

from mmviz.errors import OutputError
from mmviz.orders.order import WHOLE, StepRange
from mmviz.picture.time.pacing import Film
from mmviz.scene.keys.options import AnimationOptions


def between(film: Film, asked: StepRange, steps: int, animation: AnimationOptions, fps: int) -> Film:
    """The frames of a film from one step to another; they are those of the whole film, and the last one stays.

    Args:
        film: The whole film.
        asked: First and last step.
        steps: Of the whole animation.
        animation: Says how long an end stays.
        fps: Frames a second.

    Raises:
        OutputError: the animation does not have these steps, or no frame lies between them.
    """
    if asked == WHOLE:
        return film
    start, end = asked[0] or 0.0, float(steps) if asked[1] is None else asked[1]
    name = f"film from step {start:g} to step {end:g}"
    if not 0 <= start < end <= steps:
        raise OutputError(
            f"{name}: the animation runs from step 0 to step {steps}, and a film must begin before it ends."
        )
    inside = np.flatnonzero((film.times > start) & (film.times < end))
    if len(inside) == 0:
        raise OutputError(f"{name}: no frame of the film lies between them; more frames a second are needed.")
    held = np.arange(1 + round(animation.hold * fps)) / fps  # (frames,), seconds
    chosen = np.concatenate([inside[:1], inside, inside[-1:].repeat(len(held))])  # (frames,), numbers in the film
    times, seconds = film.times[chosen], film.held[chosen]
    times[0], seconds[0] = start, 0.0
    times[-len(held) :], seconds[-len(held) :] = end, held
    return Film(times, film.chapters[chosen], seconds)
