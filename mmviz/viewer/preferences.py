"""What the user has chosen of how the window looks and plays; anything in the file that cannot be is not there."""

from collections.abc import Iterable

from mmviz.viewer.settings import settings

FONT_SIZES = (7, 24)
"""Points of the smallest and the largest font of the interface."""


def font_size() -> int:
    """Points of the interface's font; 0: as the system has it."""
    kept = settings().value("look/font")
    points = int(kept) if isinstance(kept, str | int) and str(kept).isdecimal() else 0
    return points if FONT_SIZES[0] <= points <= FONT_SIZES[1] else 0


def keep_font_size(points: int) -> None:
    """Write in a font of so many points from now on."""
    settings().setValue("look/font", points)


def rate(known: Iterable[float]) -> float:
    """How many times faster than its scene says an animation is played at first.

    Args:
        known: Those that there are.
    """
    kept = settings().value("play/rate")
    return next((one for one in known if f"{one:g}" == str(kept)), 1.0)


def keep_rate(times: float) -> None:
    """Play so at first from now on."""
    settings().setValue("play/rate", f"{times:g}")
