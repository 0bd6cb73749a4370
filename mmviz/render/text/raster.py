"""Lines of text as pixels: how much of each one its letters cover, at any size and place; mixes no colours."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import numpy as np
import uharfbuzz
from numpy.typing import NDArray

from mmviz.render.region import Region
from mmviz.render.text.fonts import CAPITAL, opened, units
from mmviz.render.text.shaping import Line, shaped

Coverage = NDArray[np.uint8]
"""(height, width), the top row first; 255 where letters cover the whole pixel."""


@dataclass(frozen=True, slots=True)
class Written:
    """A line that has a place: pixels to the right and upward from a corner."""

    line: Line
    x: float  # where the line starts
    y: float  # on what its letters stand
    size: float  # of the font

    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of what is drawn."""
        left, bottom, right, top = (self.size * side for side in self.line.ink)
        return self.x + left, self.y + bottom, self.x + right, self.y + top


def coverage(lines: tuple[Written, ...], region: Region) -> Coverage:
    """What some lines cover of a part of the plane.

    Args:
        lines: With their places in it.
        region: At least one pixel wide and high.
    """
    raster = uharfbuzz.RasterDraw()
    raster.extents = uharfbuzz.RasterExtents(region.left, region.bottom, region.width, region.height, 0)
    for written in lines:
        for glyph in written.line.glyphs:
            font, scale = opened(glyph.font), written.size / units(glyph.font)
            place = written.x + glyph.x * written.size, written.y + glyph.y * written.size
            raster.transform = (scale, 0.0, 0.0, scale, *place)
            if font is not None:
                raster.draw_glyph(font, glyph.number)
    return _pixels(raster.render(), region)


@lru_cache(maxsize=512)
def centred(text: str, size: float, border: int, longest: int) -> tuple[Coverage, float]:
    """A text with its capitals in the middle between top and bottom, and the height of a capital in its pixels.

    Args:
        text: One line.
        size: Of the font, in pixels; less where the line would be too long.
        border: Empty pixels around the letters.
        longest: Most pixels from end to end.
    """
    line = shaped(text)
    em = min(size, max(1.0, longest / max(line.length, 1.0)))
    left, bottom, right, top = (em * side for side in line.ink)
    middle = CAPITAL * em / 2
    half = ceil(max(top - middle, middle - bottom, middle)) + border
    region = Region(floor(left) - border, 0, max(1, ceil(right) - floor(left)) + 2 * border, 2 * half)
    return coverage((Written(line, 0.0, half - middle, em),), region), CAPITAL * em


def _pixels(image: uharfbuzz.RasterImage | None, region: Region) -> Coverage:
    if image is None:
        raise MemoryError(f"{region.width} x {region.height} pixels of text do not fit into memory.")
    found = image.extents
    whole = np.zeros((region.height, region.width), np.uint8)
    if not found.width or not found.height:
        return whole
    rows = np.frombuffer(image.buffer, np.uint8).reshape(found.height, found.stride)[:, : found.width]
    whole[: found.height, : found.width] = rows
    return whole[::-1]
