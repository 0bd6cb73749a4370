"""How something goes from one place to the next: shares of a way by shares of a time; knows neither what nor where."""

from mmviz.scene.keys.options import Easing

RAMP = 0.2
"""Share of a cruise in which it takes up speed, and in which it slows down."""


def eased(share: float, easing: Easing) -> float:
    """The share of the way at a share of the time, both 0..1; "none" waits at the start."""
    match easing:
        case "smooth":
            return smooth(share)
        case "linear":
            return share
        case "none":
            return 0.0


def smooth(share: float) -> float:
    """A soft start and a soft stop; 0 at 0 and 1 at 1."""
    return share * share * (3 - 2 * share)


def cruise(share: float) -> float:
    """An even speed between a soft start and a soft stop; 0 at 0 and 1 at 1."""
    speed = 1 / (1 - RAMP)
    if share < RAMP:
        return speed * share * share / (2 * RAMP)
    if share > 1 - RAMP:
        return 1 - speed * (1 - share) ** 2 / (2 * RAMP)
    return speed * (share - RAMP / 2)
