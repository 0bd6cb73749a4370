"""Shapes of letters side by side in one picture, each there once, and which part of it every letter of a text shows.

A text is drawn as one rectangle for each of its letters, all of them with this picture as their texture.
"""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from mmviz.render.region import Region
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.raster import Written, coverage
from mmviz.render.text.shaping import Glyph, Line, extent, shaped
from mmviz.render.text.system_fonts import FontFile

EM = 64
"""Size of the font in which letters are kept, in texels: larger ones are sharpened, small ones are of a mip level."""
LEVELS = 3
"""Mip levels below the picture itself; in the last one a texel is the mean of 8 x 8."""
AROUND = 6
"""Texels around a letter that belong to its rectangle: they hold its rim, and let its edge fade away."""
APART = 10
"""Empty texels between the rectangles of two letters, so that none shines into another at the last mip level."""
GRID = 1 << LEVELS
"""Letters begin at multiples of so many texels: what their mip levels look like does not depend on where they are."""
WIDTH = 2048
"""Of the picture, in texels."""
TALLEST = 8192
"""Height of the largest picture, in texels: it has room for four thousand Chinese letters."""

Boxes = NDArray[np.float64]
"""(letters, 4): left, bottom, right and top."""


class FullError(Exception):
    """There is no room for another letter."""


@dataclass(frozen=True, slots=True, eq=False)
class Quads:
    """The rectangles of one line of text."""

    places: Boxes  # in heights of a capital; the line starts at 0, and 0 is at half the height of its capitals
    sizes: NDArray[np.float64]  # (letters, 2): width and height of what each shows, in texels
    corners: NDArray[np.float64]  # (letters, 2): where that begins in the picture, in texels from its lower left
    left: float  # of the first letter's ink, in heights of a capital
    right: float  # of the last one's


class Atlas:
    """The letters that have been drawn so far.

    Args:
        em: Size of the font in which they are kept, in texels.
        tallest: Height of the largest picture, in texels.
    """

    def __init__(self, em: int = EM, tallest: int = TALLEST) -> None:
        self.em = em
        self._tallest = tallest
        self.texels = np.zeros((256, WIDTH), np.uint8)  # the bottom row first
        self.version = 0  # another one when there are other texels
        self._boxes: dict[tuple[FontFile, int], Region] = {}
        self._quads: dict[str, Quads] = {}
        self._left, self._bottom, self._row = GRID, GRID, 0  # where the next one goes, and how high this row is

    def quads(self, text: str) -> Quads:
        """The rectangles of a text.

        Raises:
            FullError: there is no room for its letters.
        """
        found = self._quads.get(text)
        if found is None:
            found = self._quads[text] = self._placed(shaped(text))
        return found

    def picture(self) -> NDArray[np.uint8]:
        """All letters and their smaller levels, (height, 2 * WIDTH), the bottom row first; where each is: glsl/letters.

        The levels are part of the picture because drivers make their own ones anew for every frame that is drawn.
        """
        height = len(self.texels)
        whole = np.zeros((height, 2 * WIDTH), np.uint8)
        whole[:, :WIDTH] = level = self.texels
        for left, bottom in ((WIDTH, 0), (WIDTH, height // 2), (WIDTH + WIDTH // 4, height // 2)):
            four = level.reshape(len(level) // 2, 2, -1, 2).sum(axis=(1, 3), dtype=np.uint16)
            level = ((four + 2) // 4).astype(np.uint8)
            whole[bottom : bottom + level.shape[0], left : left + level.shape[1]] = level
        return whole

    def _placed(self, line: Line) -> Quads:
        drawn = [(glyph, extent(glyph.font, glyph.number)) for glyph in line.glyphs]
        seen = [(glyph, box) for glyph, box in drawn if box[0] < box[2]]
        places, sizes, corners = (np.empty((len(seen), sides)) for sides in (4, 2, 2))
        for number, (glyph, box) in enumerate(seen):
            region = self._box(glyph)
            corner = [floor(side * self.em) - AROUND for side in box[:2]]
            place = (*corner, corner[0] + region.width, corner[1] + region.height)
            shift = np.array([glyph.x, glyph.y - CAPITAL / 2] * 2)
            places[number] = (np.array(place) / self.em + shift) / CAPITAL
            sizes[number], corners[number] = region.size, (region.left, region.bottom)
        return Quads(places, sizes, corners, line.ink[0] / CAPITAL, line.ink[2] / CAPITAL)

    def _box(self, glyph: Glyph) -> Region:
        """Where a shape lies; it is drawn if it is not there yet."""
        key = glyph.font, glyph.number
        found = self._boxes.get(key)
        if found is None:
            left, bottom, right, top = (side * self.em for side in extent(*key))
            width, height = ceil(right) - floor(left) + 2 * AROUND, ceil(top) - floor(bottom) + 2 * AROUND
            found = self._boxes[key] = self._free(width, height)
            own = Region(floor(left) - AROUND, floor(bottom) - AROUND, width, height)
            alone = Written(Line("", (Glyph(*key, 0.0, 0.0, 0),), 0.0), 0.0, 0.0, self.em)
            rows = slice(found.bottom, found.bottom + height)
            self.texels[rows, found.left : found.left + width] = coverage((alone,), own)[::-1]
            self.version += 1
        return found

    def _free(self, width: int, height: int) -> Region:
        """Room for one more shape, in rows from the bottom up."""
        if self._left + width + APART > WIDTH:
            self._left, self._bottom, self._row = GRID, _next(self._bottom + self._row), 0
        if width + 2 * APART > WIDTH or self._bottom + height + APART > self._tallest:
            raise FullError
        while self._bottom + height + APART > len(self.texels):
            self.texels = np.concatenate([self.texels, np.zeros_like(self.texels)])
        found = Region(self._left, self._bottom, width, height)
        self._left = _next(self._left + width)
        self._row = max(self._row, height)
        return found


def _next(place: int) -> int:
    """Where the next letter may begin."""
    return -(-(place + APART) // GRID) * GRID
