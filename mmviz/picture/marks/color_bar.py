"""Colour bars as small pictures beside the scene: a row of elements with numbers, as an inset; chooses no numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mmviz.picture.drawlist import INSET_MARGIN, INSET_SIDE, DrawList, Inset, Label, Lines, Sheet, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.bars import Bar, Scaled, bars
from mmviz.picture.look.palette import Color, MmLook
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector
from mmviz.scene.keys.scales import BarPlace

BEAD = 0.0215
"""Height of a cell of a bar as a share of the picture's."""
FEWER_BEADS, BEADS, MORE_BEADS = 13, 17, 25
"""Elements of a bar, by the room that it has."""
LEAST_HEIGHT, LEAST_WIDTH = 1.7, 0.9
"""From one number to the next in a bar that stands, and between two in one that lies, in cells."""
APART = 1.6
"""Between two bars, in cells."""
LETTER = 0.016 / BEAD
"""Height of a capital letter, in cells of the bar."""
TITLE: Color = (0.93, 0.92, 1.0)
NUMBER: Color = (0.68, 0.68, 0.75)
TICK: Color = (0.5, 0.5, 0.56)
BEYOND = 1.4
"""From the last element to one that is beyond the full size, in cells."""
TICK_FROM, TICK_TO, NUMBER_BELOW, NUMBER_BESIDE = 0.62, 0.92, 1.25, 1.5
"""Where tick marks and numbers stand beside the middle of the elements, in cells."""
MARGIN = 0.03
"""From a bar to the border of the picture, as a share of its height."""
BOTTOM = 0.09
"""From bars below to the lower border: captions stand there."""
MIDDLE = 0.50
"""Height of the middle of bars at the side."""
HIGHEST = 0.78
"""Where they end in a picture that is higher than wide and has an inset, which takes its lower half."""
WIDEST, TALLEST = 0.22, 0.6
"""Shares of a picture's width and height that bars at the side take at most: it is the scene's picture."""
ANGLE = 2.0
"""Of the camera, in degrees: it looks from far away, so that elements are round."""
X, Y, Z = np.eye(3)


@dataclass(frozen=True, slots=True)
class Room:
    """What bars take of a picture."""

    right: float = 0.0  # of its width
    bottom: float = 0.0  # of its height

    def border(self, border: tuple[float, float]) -> tuple[float, float]:
        """What stays free at the sides: as much at the left as bars need at the right, so that titles stay in line."""
        return max(border[0], self.right), border[1]

    def below(self, border: tuple[float, float]) -> float:
        """What stays free below besides a border, as a share of the picture's height."""
        return max(0.0, self.bottom - border[1])


@dataclass(frozen=True, slots=True, eq=False)
class _Strip:
    """A bar in cells, its first element at (0, 0)."""

    box: tuple[float, float, float, float]  # left, bottom, right, top
    sheets: tuple[Sheet, ...]
    lines: Lines
    ticks: tuple[TickLabels, ...]
    labels: tuple[Label, ...] = ()

    def moved(self, x: float, y: float) -> "_Strip":
        """The same, so that its box begins at a place."""
        left, bottom, right, top = self.box
        way = (x - left) * X + (y - bottom) * Y
        return _Strip(
            (x, y, x + right - left, y + top - bottom),
            tuple(
                replace(one, placement=replace(one.placement, origin=one.placement.origin + way)) for one in self.sheets
            ),
            replace(self.lines, points=self.lines.points + way),
            tuple(replace(one, places=one.places + way) for one in self.ticks),
            tuple(replace(one, center=one.center + way) for one in self.labels),
        )


def color_bars(scene: Scaled, inset: str | None) -> "ColorBars":
    """The bars of a scene.

    Args:
        scene: Says which, and where they stand.
        inset: Path of the matrix that is shown by itself.
    """
    return ColorBars(bars(scene, inset), scene.style.bar_at, beside_inset=inset is not None)


class ColorBars:
    """The bars of a scene as one picture at the right of it, or below it.

    Args:
        bars: What stands on them.
        at: Where they stand.
        beside_inset: There is another inset, in the lower left corner.
    """

    def __init__(self, bars: Sequence[Bar] = (), at: BarPlace = "none", *, beside_inset: bool = False) -> None:
        self._bars = bars if at != "none" else ()
        self._at: Literal["side", "below"] = "below" if at == "below" else "side"
        self._beside_inset = beside_inset
        self._kept: dict[float, tuple[Inset, ...]] = {}

    def insets(self, aspect: float) -> tuple[Inset, ...]:
        """The bars in a picture of this width divided by height; the latest are kept."""
        if aspect not in self._kept:
            self._kept.clear()
            self._kept[aspect] = (self._inset(aspect),) if self._bars else ()
        return self._kept[aspect]

    def boxes(self, aspect: float) -> list[tuple[float, float, float, float]]:
        """Left, bottom, right and top of what they cover of such a picture, as shares of its height."""
        return [(one.margin, one.bottom, one.margin + one.across, one.bottom + one.side) for one in self.insets(aspect)]

    def room(self, aspect: float) -> Room:
        """What they take of such a picture."""
        for inset in self.insets(aspect):
            if self._at == "below" and not (self._beside_inset and aspect < 1):
                return Room(bottom=BOTTOM + inset.side + MARGIN / 2)
            return Room(right=(inset.across + 2 * MARGIN) / aspect)
        return Room()

    def _inset(self, aspect: float) -> Inset:
        free = aspect - 2 * MARGIN - (INSET_MARGIN + INSET_SIDE if self._beside_inset else 0.0)
        over_inset = self._beside_inset and aspect < 1
        below = self._at == "below" and not over_inset
        strips = _below(self._bars, free / BEAD) if below else _at_the_side(self._bars)
        left, bottom = (min(strip.box[n] for strip in strips) for n in (0, 1))
        right, top = (max(strip.box[n] for strip in strips) for n in (2, 3))
        cell = min(BEAD, (aspect - 2 * MARGIN) / (right - left))
        if not below:
            cell = min(
                cell, WIDEST * aspect / (right - left), (HIGHEST - MIDDLE if over_inset else TALLEST) / (top - bottom)
            )
        wide, high = cell * (right - left), cell * (top - bottom)
        middle = np.array([(left + right) / 2, (bottom + top) / 2, 0.0])
        distance = (top - bottom) / 2 / np.tan(np.radians(ANGLE) / 2)
        drawing = DrawList(
            sheets=tuple(sheet for strip in strips for sheet in strip.sheets),
            lines=tuple(strip.lines for strip in strips),
            ticks=tuple(one for strip in strips for one in strip.ticks),
            labels=tuple(one for strip in strips for one in strip.labels),
            extent=np.array([[left, bottom, -1.0], [right, top, 1.0]]),
        )
        centred = below and not self._beside_inset
        margin = (aspect - wide) / 2 if centred else aspect - wide - MARGIN
        low = BOTTOM if below else HIGHEST - high if over_inset else MIDDLE - high / 2
        return Inset(
            ItemKey("bar", ""), drawing, Camera(middle + distance * Z, middle, Y, ANGLE), high, margin, low, wide
        )


def _at_the_side(bars: Sequence[Bar]) -> list[_Strip]:
    """Bars that stand: one below the other, and then in a second column."""
    rows = min(2, len(bars))
    return _in_a_grid(
        [_upright(bar, number, BEADS if rows == 1 else FEWER_BEADS) for number, bar in enumerate(bars)], rows
    )


def _below(bars: Sequence[Bar], room: float) -> list[_Strip]:
    """Bars that lie: side by side where there is room, in cells; else in two rows."""
    beads = {1: MORE_BEADS, 2: BEADS}.get(len(bars), FEWER_BEADS)
    strips = [_lying(bar, number, beads) for number, bar in enumerate(bars)]
    one_row = _in_a_grid(strips, 1)
    return one_row if len(bars) < 2 or one_row[-1].box[2] <= room else _in_a_grid(strips, 2)


def _in_a_grid(strips: Sequence[_Strip], rows: int) -> list[_Strip]:
    """Strips column by column, the first at the top; those of a column begin at the same place."""
    found: list[_Strip] = []
    x = 0.0
    high = max(strip.box[3] - strip.box[1] for strip in strips)
    for first in range(0, len(strips), rows):
        column = strips[first : first + rows]
        axis = min(strip.box[0] for strip in column)
        for row, strip in enumerate(column):
            left, bottom, _, top = strip.box
            found.append(strip.moved(x + left - axis, -row * (high + APART) - (top - bottom)))
        x = max(strip.box[2] for strip in found) + APART
    return found


def _upright(bar: Bar, number: int, beads: int) -> _Strip:
    """The largest number at the top, numbers at the right, the title above."""
    end = beads - 1
    ticks = {text: end * place for text, place in bar.ticks(lambda _text: LEAST_HEIGHT / 2 / end).items()}
    ticks |= _beyond(bar, beads)
    heights = np.array(list(ticks.values()))
    top = heights.max() + 0.5 + 0.6 + LETTER / 2
    points = np.concatenate([[x * X + y * Y for x in (TICK_FROM, TICK_TO)] for y in heights])
    right = max(NUMBER_BESIDE + _width(max(ticks, key=len)), _width(bar.title) - 0.5)
    numbers = TickLabels(
        ItemKey("bar", "", f"{number} numbers"),
        tuple(ticks),
        NUMBER_BESIDE * X + heights[:, None] * Y,
        *(X, Y, LETTER, NUMBER),
    )
    return _Strip(
        (-0.6, heights.min() - 0.6, right + 0.3, top + LETTER),
        _sheets(bar, number, beads, Y),
        Lines(ItemKey("bar", "", number), points, TICK),
        (numbers, _title(bar, number, -0.5 * X + top * Y)),
    )


def _lying(bar: Bar, number: int, beads: int) -> _Strip:
    """The largest number at the right, numbers below, the title at the left."""
    end = beads - 1
    ticks = {
        text: end * place for text, place in bar.ticks(lambda text: (_width(text) + LEAST_WIDTH) / 2 / end).items()
    }
    points = np.concatenate([[x * X - y * Y for y in (TICK_FROM, TICK_TO)] for x in ticks.values()])
    low = NUMBER_BELOW + LETTER / 2
    labels = tuple(
        Label(ItemKey("bar", "", f"{number} {text}"), text, x * X - low * Y, X, Y, LETTER, NUMBER)
        for text, x in ticks.items()
    )
    places = [*ticks.values(), *_beyond(bar, beads).values()]
    begin = min(places) - 0.5 - 0.8
    right = max(max(places) + 0.5, *(x + _width(text) / 2 for text, x in ticks.items()))
    return _Strip(
        (begin - _width(bar.title) - 0.3, -low - LETTER, right + 0.3, 0.7),
        _sheets(bar, number, beads, X),
        Lines(ItemKey("bar", "", number), points, TICK),
        (_title(bar, number, begin * X, ends=True),),
        labels,
    )


def _title(bar: Bar, number: int, place: Vector, *, ends: bool = False) -> TickLabels:
    return TickLabels(ItemKey("bar", "", f"{number} title"), (bar.title,), place[None], X, Y, LETTER, TITLE, ends)


def _sheets(bar: Bar, number: int, beads: int, along: Vector) -> tuple[Sheet, ...]:
    """The elements of a bar, and those beyond its full size."""
    values = bar.numbers(beads).astype(np.float32)
    shape = (beads, 1) if along is Y else (1, beads)
    down, across = (Y, X) if along is Y else (-Y, X)
    scale = 1.0 if isinstance(bar.look, MmLook) else bar.full
    found = [
        Sheet(
            ItemKey("bar", "", number),
            Placement(shape, 0.0 * X, down, across),
            values.reshape(shape),
            scale,
            look=bar.look,
        )
    ]
    for text, place in _beyond(bar, beads).items():
        value = np.array([[2.0 * bar.full if place > 0 else -2.0 * bar.full]], np.float32)
        key = ItemKey("bar", "", f"{number} {text}")
        found.append(Sheet(key, Placement((1, 1), place * along, -Y, X), value, scale, look=bar.look))
    return tuple(found)


def _beyond(bar: Bar, beads: int) -> dict[str, float]:
    """What is beyond the full size: its text, and its place in cells."""
    if not bar.beyond:
        return {}
    return {"more": beads - 1 + BEYOND} | ({"less": -BEYOND} if bar.signed else {})


def _width(text: str) -> float:
    return LETTER * length_of(text)
