"""The texts of a picture as letters on a page: names and tokens in perspective, captions flat on their bands."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mmviz.picture.drawlist import Label, TickLabels
from mmviz.picture.ground import LIGHT
from mmviz.picture.space.placement import Vector
from mmviz.render.text.captions import OPACITY, PlacedCaption
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.shaping import Line, extent, shaped
from mmviz.render.vector.page import Item, Letter, Matrix, Outline, Text, box_commands
from mmviz.render.vector.projection import Projection

NEAREST = 1e-2
"""Letters that are nearer to the eye are not written, in cells."""
RIM = 5.5 / 99
"""Width of the dark rim around light letters on an unknown ground, in ems."""


def label_text(label: Label, projection: Projection, *, rimmed: bool) -> Text | None:
    """A name, flat in space; None where it is not before the eye."""
    line = shaped(label.text)
    left, _, right, _ = line.ink
    start = np.array([(left + right) / 2, CAPITAL / 2])  # what of the line is at the label's centre, in ems
    text = _in_space(line, label, projection, label.center, start)
    rim = RIM if rimmed and min(label.color) > LIGHT else 0.0
    return None if text is None else replace(text, rim=rim, opacity=label.opacity)


def tick_texts(ticks: TickLabels, projection: Projection) -> Iterator[Text]:
    """Short texts, each of which begins, or ends, at its place."""
    opacities = ticks.opacities or (1.0,) * len(ticks.texts)
    for text, place, opacity in zip(ticks.texts, ticks.places, opacities, strict=True):
        line = shaped(text)
        left, _, right, _ = line.ink
        start = np.array([right if ticks.ends else left, CAPITAL / 2])
        found = _in_space(line, ticks, projection, place, start)
        if found is not None:
            yield replace(found, opacity=opacity)


def caption_items(caption: PlacedCaption, left: float, bottom: float) -> Iterator[Item]:
    """A caption on its band.

    Args:
        caption: Where it stands in its view, in pixels from the lower left corner.
        left: Of the view, in pixels from the page's left.
        bottom: Of the view, in pixels from the page's top.
    """
    low = caption.band
    band = left + low[0], bottom - low[3], left + low[2], bottom - low[1]
    if caption.plate is not None:
        yield Outline(box_commands(band), fill=caption.plate, opacity=OPACITY)
    if caption.framed:
        inside = band[0] + 0.5, band[1] + 0.5, band[2] - 0.5, band[3] - 0.5
        yield Outline(box_commands(inside), stroke=caption.frame)
    for written in caption.lines:
        size, x, y = written.size, left + written.x, bottom - written.y
        letters = tuple(
            Letter(one.font, one.number, said, (size, 0.0, 0.0, -size, x + size * one.x, y - size * one.y))
            for one, said in zip(written.line.glyphs, _said(written.line), strict=True)
        )
        yield Text(written.line.text, letters, caption.color, (size, 0.0, 0.0, -size, x, y), written.line.length)


def _in_space(
    line: Line, item: Label | TickLabels, projection: Projection, place: Vector, start: Vector
) -> Text | None:
    """A line in a plane of space, of which `start`, in ems, is at a place."""
    em = item.height / CAPITAL  # in cells
    across, up = em * item.along, em * item.up

    def spot(x: float, y: float) -> Vector:
        return np.asarray(place + (x - start[0]) * across + (y - start[1]) * up)

    middles = [_middle(line, number) for number in range(len(line.glyphs))]
    spots = np.array([spot(0.0, 0.0), spot(line.length, 0.0), *(spot(*middle) for middle in middles)])
    if (projection.camera.depths(spots) < NEAREST).any():
        return None
    letters = []
    for glyph, (x, y), said in zip(line.glyphs, middles, _said(line), strict=True):
        a, b, c, d, e, f = projection.plane(spot(x, y), across, up)
        dx, dy = glyph.x - x, glyph.y - y  # from the letter's middle to its origin
        letters.append(Letter(glyph.font, glyph.number, said, (a, b, c, d, e + a * dx + c * dy, f + b * dx + d * dy)))
    a, b, c, d, e, f = projection.plane(spot(line.length / 2, 0.0), across, up)
    whole: Matrix = (a, b, c, d, e - a * line.length / 2, f - b * line.length / 2)
    return Text(line.text, tuple(letters), item.color, whole, line.length)


def _middle(line: Line, number: int) -> tuple[float, float]:
    """The middle of a letter of a line, in ems."""
    glyph = line.glyphs[number]
    left, bottom, right, top = extent(glyph.font, glyph.number)
    return glyph.x + (left + right) / 2, glyph.y + (bottom + top) / 2


def _said(line: Line) -> Iterator[str]:
    """What each shape of a line stands for: of several for the same characters, the first one says them."""
    firsts = sorted({glyph.first for glyph in line.glyphs})
    ends = dict(zip(firsts, [*firsts[1:], len(line.text)], strict=True))
    told: set[int] = set()
    for glyph in line.glyphs:
        yield "" if glyph.first in told else line.text[glyph.first : ends[glyph.first]]
        told.add(glyph.first)
