"""Which part of a larger picture a lens shows: pixels alone, no Qt and no drawing."""

from mmviz.render.region import Region, Size
from mmviz.viewer.gestures import LENS_DIAMETER, LENS_POWER


def lens_part(middle: tuple[float, float], size: tuple[float, float], ratio: float) -> tuple[Size, Region]:
    """The size of the larger picture in pixels, and the square of it that is seen; some of that may lie outside.

    Args:
        middle: What is in the middle of the lens, from the upper left corner of the picture, in the screen's own unit.
        size: Width and height of the picture in the same unit.
        ratio: Pixels for one of that unit.
    """
    (x, y), (width, height) = middle, size
    side = round(LENS_DIAMETER * ratio)
    left = round(LENS_POWER * ratio * x - side / 2)
    bottom = round(LENS_POWER * ratio * (height - y) - side / 2)
    return (round(LENS_POWER * ratio * width), round(LENS_POWER * ratio * height)), Region(left, bottom, side, side)
