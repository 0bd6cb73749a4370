"""Sets of colours for elements: which colours stand for small, middling and large numbers of each sign."""

from dataclasses import dataclass

from mmviz.scene.keys.options import MmColors
from mmviz.scene.keys.scales import Curve

Color = tuple[float, float, float]
"""Red, green, blue, 0..1, written to the picture as they are."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by sign and size, and the marks of what is no ordinary number."""

    positive: tuple[Color, Color, Color] = ((0.10, 0.15, 0.36), (0.10, 0.36, 0.90), (0.44, 0.78, 1.00))
    negative: tuple[Color, Color, Color] = ((0.36, 0.11, 0.10), (0.86, 0.15, 0.11), (1.00, 0.52, 0.40))
    zero: Color = (0.16, 0.16, 0.18)
    nan: Color = (0.95, 0.15, 0.95)
    infinite: Color = (1.0, 1.0, 1.0)
    curve: Curve = "sqrt"  # how size and lightness grow with |x|
    decades: float = 4.0  # of log: powers of ten from the smallest elements to the largest
    smallest: float = 0.16  # radius of a zero, in cells
    largest: float = 0.48  # radius of a value at the scale or beyond, in cells


PALETTE = Palette()
"""Positive blue, negative red."""
BLUE_ORANGE = Palette(
    positive=((0.08, 0.16, 0.34), (0.10, 0.45, 0.82), (0.58, 0.85, 1.00)),
    negative=((0.32, 0.19, 0.06), (0.86, 0.47, 0.05), (1.00, 0.82, 0.48)),
)
"""Positive blue, negative orange, which people with every common colour blindness tell apart."""
SEQUENTIAL = Palette(positive=((0.16, 0.10, 0.32), (0.80, 0.26, 0.34), (0.99, 0.92, 0.55)))
"""For numbers that are never negative: from dark violet by red to pale yellow."""


@dataclass(frozen=True, slots=True)
class MmLook:
    """The colours and sizes of mm for one matrix."""

    colors: MmColors
    low: float  # |x| at which size and lightness begin
    high: float  # |x| at which they end
