"""Where the lines of captions stand in a picture of some size, how large, and what lies behind them; draws nothing.

Titles grow down from the top and captions up from the bottom, so that none covers another. Lengths are in pixels,
places are measured from the lower left corner of the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from mmviz.picture.drawlist import Caption, DrawList
from mmviz.picture.look.palette import Color
from mmviz.picture.marks.captions import APART, LEADING, NARROW, PADDING, READABLE, ROOM
from mmviz.render.region import Size, shares
from mmviz.render.text.directions import leftward_base
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.raster import Written
from mmviz.render.text.shaping import shaped
from mmviz.render.text.wrapping import wrapped

LEAST = 2.2
"""Height of the smallest capitals of thumbnails, in pixels."""
TINIEST = 1.5
"""Captions whose capitals would be smaller by rule, in pixels, are left out: thumbnails have no room for a legend."""
SHRINKING = (1.0, 0.85, 0.7, 0.55, 0.45)
"""By which captions that do not fit are made smaller, until they do."""
CRAMPED = 0.75
"""Share of the least height to which captions shrink before they are cut, where insets or bars leave little room."""
WIDEST = 0.96
"""Share of the picture's width that a line takes at most."""
NARROWEST = 12.0
"""Room beside an inset, in heights of a capital, below which a caption is left out: its words would be torn apart."""
HALF = 0.5
"""Share of the picture's width beside an inset from which on captions stand there; else below it, if they fit."""
TALLEST = 0.3
"""Share of the picture's height that titles take at most, and captions too."""
BESIDE = 0.5
"""Room that a caption counts for besides its lines and what is between it and the next, in heights of a capital."""
EDGE = 0.5
"""From the edge of the picture to the nearest capitals, in heights of one: there is what hangs below a line."""
BADGE_MARGIN = 0.014
"""How far a badge is from the right edge of the picture, as a share of its height."""
FRAME = 0.5
"""How bright the line around a badge is, as a share of its letters' brightness."""
OPACITY = 0.72
"""How much of what is behind a caption its band hides."""
SOFT = 0.9
"""Width of the rim over which a band fades away, as a share of the letters' distance from its edge."""
THINNEST = 2.0
"""That distance counts for at least so many pixels."""

Box = tuple[float, float, float, float]
"""Left, bottom, right and top."""


@dataclass(frozen=True, slots=True)
class PlacedCaption:
    """A caption as it stands in a picture."""

    key: str
    lines: tuple[Written, ...]
    color: Color
    band: Box  # around the letters, and a frame's place
    plate: Color | None  # of the band, which hides OPACITY of what is behind; None: there is none
    framed: bool  # a thin line goes around the band

    @property
    def frame(self) -> Color:
        """The colour of that line."""
        red, green, blue = (FRAME * part for part in self.color)
        return red, green, blue


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of a caption before it is known how high they stand."""

    caption: Caption
    texts: tuple[str, ...]
    capital: float

    @property
    def height(self) -> float:
        """From the foot of the last line to the head of the first one."""
        return self.capital * (1 + LEADING * (len(self.texts) - 1))


@lru_cache(maxsize=64)
def placed(
    captions: tuple[Caption, ...], size: Size, inset: Box | None = None, roof: float = inf
) -> tuple[PlacedCaption, ...]:
    """All captions of a picture; those that have no room are left out.

    Args:
        captions: What is to be written.
        size: Width and height of the picture.
        inset: What an inset covers.
        roof: Up to where captions at the bottom may reach.
    """
    width = size[0]
    badges = [_badge(caption, size) for caption in captions if caption.badge]
    found = [badge for badge in badges if badge is not None]
    rest = [caption for caption in captions if not caption.badge]
    titles = [caption for caption in rest if caption.level > 0.5]
    found += _stacked(sorted(titles, key=lambda one: -one.level), size, (0.0, float(width)), found)
    below = sorted((caption for caption in rest if caption.level <= 0.5), key=lambda one: one.level)
    lines = _stacked(below, size, (0.0, float(width)), [], roof)
    if inset is not None and any(line.band[3] > inset[1] and line.band[0] < inset[2] for line in lines):
        under = _stacked(below, size, (0.0, float(width)), [], min(roof, inset[1]))
        if width - inset[2] < HALF * width and all(line.band[3] <= inset[1] for line in under):
            lines = under
        else:
            beside = [one for one in below if width - inset[2] >= NARROWEST * capital_of(one, size)]
            lines = _stacked(beside, size, (inset[2], float(width)), [], roof)
    order = {caption.key: number for number, caption in enumerate(captions)}
    return tuple(sorted((*found, *lines), key=lambda one: order[one.key]))


def covered(drawing: DrawList, size: Size) -> Box | None:
    """What the insets of a frame but for colour bars cover of a picture of some size; None where there are none."""
    insets = [inset for inset in drawing.insets if inset.key.kind != "bar"]
    places = [shares(size, inset.place(size[0] / size[1])) for inset in insets]
    if not places:
        return None
    left, bottom = min(place.left for place in places), min(place.bottom for place in places)
    right, top = max(one.left + one.width for one in places), max(one.bottom + one.height for one in places)
    return left, bottom, right, top


def roof(drawing: DrawList, size: Size) -> float:
    """The lower border of the colour bars of a frame, in pixels; infinite where there are none."""
    return min((size[1] * inset.bottom for inset in drawing.insets if inset.key.kind == "bar"), default=inf)


def capital_of(caption: Caption, size: Size) -> float:
    """The height of a capital of a caption in a picture of some size."""
    width, height = size
    return max(caption.height * min(height, width / NARROW), min(READABLE, ROOM * height))


def _stacked(
    captions: Sequence[Caption],
    size: Size,
    across: tuple[float, float],
    beside: Sequence[PlacedCaption],
    roof: float = inf,
) -> list[PlacedCaption]:
    """Captions at the top, each below the one before, or at the bottom, each above it."""
    width = (across[1] - across[0]) - (1 - WIDEST) * size[0]
    tallest = min(TALLEST * size[1], roof)
    blocks = _fitting([caption for caption in captions if caption.height * size[1] >= TINIEST], size, width, tallest)
    found: list[PlacedCaption] = []
    edge: float | None = None
    for block in blocks:
        down = block.caption.level > 0.5
        gap = APART * block.capital
        middle = block.caption.level * size[1]
        if down:
            top = min(middle + block.capital / 2, size[1] - EDGE * block.capital)
            limits = [edge - gap] if edge is not None else []
            near = [one for one in beside if _wide(block) / 2 > one.band[0] - sum(across) / 2]
            limits += [one.band[1] - PADDING[1] * block.capital for one in near]
            top = min([top, *limits])
            edge = top - block.height
        else:
            bottom = max(middle - block.capital / 2, EDGE * block.capital)
            bottom = bottom if edge is None else max(bottom, edge + gap)
            edge = top = bottom + block.height
        found.append(_placed(block, sum(across) / 2, top))
    return found


def _fitting(captions: Sequence[Caption], size: Size, width: float, tallest: float) -> list[_Block]:
    """The lines of captions, in letters as large as they let them be; the last ones are cut where that is too much."""
    wanted = [capital_of(caption, size) for caption in captions]
    least = READABLE if ROOM * size[1] >= READABLE else LEAST  # nothing can be read in a thumbnail anyway
    for share, floor in (*((share, least) for share in SHRINKING), (SHRINKING[-1], CRAMPED * least)):
        capitals = [max(min(one, floor), share * one) for one in wanted]
        blocks = [_block(caption, capital, width, 99) for caption, capital in zip(captions, capitals, strict=True)]
        if _height(blocks) <= tallest:
            return blocks
    most = max(1, int(tallest / max(1, len(captions)) / (LEADING * least)))
    return [_block(caption, min(one, least), width, most) for caption, one in zip(captions, wanted, strict=True)]


def _height(blocks: Sequence[_Block]) -> float:
    return sum(block.height + (APART + BESIDE) * block.capital for block in blocks)


@lru_cache(maxsize=256)
def _block(caption: Caption, capital: float, width: float, most: int) -> _Block:
    size = capital / CAPITAL
    return _Block(caption, wrapped(caption.text, width, most, lambda text: size * shaped(text).length), capital)


def _wide(block: _Block) -> float:
    return max(shaped(text).length for text in block.texts) * block.capital / CAPITAL


@lru_cache(maxsize=64)
def _placed(block: _Block, middle: float, top: float) -> PlacedCaption:
    """A block whose first line's capitals end at a height; letters stand on whole pixels, which keeps them sharp."""
    size, leftward = block.capital / CAPITAL, leftward_base(block.caption.text)
    lines = []
    for number, text in enumerate(block.texts):
        line = shaped(text, leftward=leftward)
        foot = round(top - block.capital - number * LEADING * block.capital)
        lines.append(Written(line, middle - size * line.length / 2, foot, size))
    return PlacedCaption(
        block.caption.key, tuple(lines), block.caption.color, _band(lines, block.capital), block.caption.plate, False
    )


def _band(lines: Sequence[Written], capital: float) -> Box:
    """What lies behind some lines: all the letters of their script reach, and a little more."""
    aside, upward = (share * capital for share in PADDING)
    boxes = [line.box() for line in lines]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    bottom = min(lines[-1].y, *(box[1] for box in boxes))
    top = max(lines[0].y + capital, *(box[3] for box in boxes))
    return left - aside, bottom - upward, right + aside, top + upward


def _badge(caption: Caption, size: Size) -> PlacedCaption | None:
    """A line in a thin frame at the right, whose top is at its level; None where there is no room."""
    width, height = size
    capital = min(capital_of(caption, size), WIDEST * width * CAPITAL / max(shaped(caption.text).length, 1e-6))
    if capital < LEAST:
        return None
    em, line = capital / CAPITAL, shaped(caption.text)
    aside, upward = (share * capital for share in PADDING)
    right, top = width - BADGE_MARGIN * height, caption.level * height
    written = Written(line, right - aside - em * line.length, round(top - upward - capital), em)
    band = written.x - aside, written.y - upward, right, written.y + capital + upward
    return PlacedCaption(caption.key, (written,), caption.color, band, caption.plate, True)
