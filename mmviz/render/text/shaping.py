"""Where the shapes of a line's letters stand: ligatures, joined letters, signs above and below; makes no pixels.

Lengths are in ems: 1 is the font's size. A line starts at x = 0, y = 0 is the line on which letters stand, and y grows
upward.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import uharfbuzz

from mmviz.render.text.directions import seen_order
from mmviz.render.text.fonts import opened, shipped, units
from mmviz.render.text.letters import fonts_of, printable, usual
from mmviz.render.text.scripts import clusters, language_for, language_of, scripts
from mmviz.render.text.system_fonts import FontFile

Command = tuple[str, tuple[float, ...]]
"""A step of an outline, as in SVG: M x y, L x y, Q x1 y1 x y, C x1 y1 x2 y2 x y, or Z; in ems, y upward."""
NOTHING = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One shape of a font, in its place."""

    font: FontFile
    number: int  # of the shape in the font
    x: float  # of its origin
    y: float
    first: int  # the first character of `Line.text` that it is for


@dataclass(frozen=True, eq=False)
class Line:
    """A line of text, from left to right as it is seen."""

    text: str  # what is written, in the order in which it is read
    glyphs: tuple[Glyph, ...]
    length: float  # with the room around its letters

    @cached_property
    def ink(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of what is drawn."""
        boxes = [
            (one.x + left, one.y + bottom, one.x + right, one.y + top)
            for one in self.glyphs
            for left, bottom, right, top in (extent(one.font, one.number),)
            if left < right
        ]
        if not boxes:
            return NOTHING
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        return min(lefts), min(bottoms), max(rights), max(tops)


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbours that are shaped together."""

    start: int
    end: int
    font: FontFile
    script: str
    leftward: bool


@lru_cache(maxsize=4096)
def shaped(text: str, *, leftward: bool | None = None) -> Line:
    """A text as one line; letters that no font has are written as their codes.

    Args:
        text: What is to be written, in the order in which it is read.
        leftward: Whether the paragraph goes from right to left; by default its first letter decides.
    """
    line = printable(text)
    glyphs: list[Glyph] = []
    x = 0.0
    for run in _runs(line, leftward):
        placed, x = _placed(run, line, x)
        glyphs += placed
    return Line(line, tuple(glyphs), x)


@lru_cache(maxsize=16384)
def extent(font: FontFile, number: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a shape from its origin; nothing where it is empty, as that of a space is."""
    there, size = opened(font), units(font)
    box = None if there is None else there.get_glyph_extents(number)
    if box is None or not box.width or not box.height:
        return NOTHING
    sides = (box.x_bearing, box.y_bearing + box.height, box.x_bearing + box.width, box.y_bearing)
    left, bottom, right, top = (side / size for side in sides)
    return left, bottom, right, top


@lru_cache(maxsize=16384)
def advance(font: FontFile, number: int) -> float:
    """From the origin of a shape to that of the next one, where nothing moves them together or apart."""
    there = opened(font)
    return 0.0 if there is None else float(there.get_glyph_h_advance(number)) / units(font)


@lru_cache(maxsize=4096)
def outline(font: FontFile, number: int) -> tuple[Command, ...]:
    """The outline of a shape from its origin; what it goes around more often leftward than rightward is filled."""
    there, size = opened(font), units(font)
    found: list[Command] = []

    def step(letter: str, *places: float) -> None:
        found.append((letter, tuple(place / size for place in places)))

    pen = uharfbuzz.DrawFuncs()
    pen.set_move_to_func(lambda x, y, _: step("M", x, y))
    pen.set_line_to_func(lambda x, y, _: step("L", x, y))
    pen.set_quadratic_to_func(lambda x1, y1, x, y, _: step("Q", x1, y1, x, y))
    pen.set_cubic_to_func(lambda x1, y1, x2, y2, x, y, _: step("C", x1, y1, x2, y2, x, y))
    pen.set_close_path_func(lambda _: step("Z"))
    if there is not None:
        there.draw_glyph(number, pen)
    return tuple(found)


def _runs(line: str, leftward: bool | None) -> Iterator[_Run]:
    """The parts of a line of one font, writing and direction, from left to right as they are seen."""
    codes, fonts = scripts(line), _fonts(line)
    run: _Run | None = None
    for one in seen_order(line, leftward=leftward):
        at, font, script = one.index, fonts[one.index], codes[one.index]
        alike = run is not None and (run.font, run.script, run.leftward) == (font, script, one.leftward)
        if alike and run is not None and at == (run.start - 1 if one.leftward else run.end):
            run = _Run(min(run.start, at), max(run.end, at + 1), font, script, one.leftward)
            continue
        if run is not None:
            yield run
        run = _Run(at, at + 1, font, script, one.leftward)
    if run is not None:
        yield run


def _fonts(line: str) -> list[FontFile]:
    """The font of every character of a line, all of which have shapes."""
    ours = shipped()[0]
    if all(map(usual, line)):
        return [ours] * len(line)
    codes, language = scripts(line), language_of(line)
    found: list[FontFile] = []
    for start, end in clusters(line):
        found += (font or ours for font in fonts_of(line[start:end], language_for(codes[start], language)))
    return found


def _placed(run: _Run, line: str, x: float) -> tuple[list[Glyph], float]:
    """The shapes of a part of a line that begins at some place, and where it ends."""
    font, size = opened(run.font), units(run.font)
    buffer = uharfbuzz.Buffer()
    buffer.add_codepoints([ord(letter) for letter in line], run.start, run.end - run.start)
    buffer.direction = "rtl" if run.leftward else "ltr"
    buffer.script = run.script
    buffer.language = language_for(run.script, language_of(line)) or "en"
    uharfbuzz.shape(font, buffer)
    placed: list[Glyph] = []
    rise = 0.0
    for shape, step in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        place = x + step.x_offset / size, rise + step.y_offset / size
        placed.append(Glyph(run.font, int(shape.codepoint), *place, int(shape.cluster)))
        x, rise = x + step.x_advance / size, rise + step.y_advance / size
    return placed, x
