"""Frames for other grounds than black: on white, light and dark change places; on none, what stands alone is grey.

The pictures of mmviz are made for a black ground, on which what is small is dark and what matters shines. On white
paper it must be the other way round, or zeros would be the most prominent of all. Hues stay: positive is blue.
"""

from collections.abc import Callable
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import replace
from functools import lru_cache
from typing import Any

from mmviz.picture.drawlist import Caption, DrawList
from mmviz.picture.ground_names import Ground
from mmviz.picture.look.palette import Color, MmLook, Palette

BLACK: Color = (0.0, 0.0, 0.0)
WHITE: Color = (1.0, 1.0, 1.0)
MIDDLE = 0.46
"""Lightness of a grey that is seen as well on white as on black: 4.5 times as dark, or as light."""

LIGHT = 0.7
"""Letters in which red, green and blue are more than this can be read on dark grounds only."""


class Repainter:
    """Draw lists as they are drawn on a ground. Items that stay the same are repainted once.

    Args:
        ground: transparent gives the same colours whatever is behind; see `over`.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._kept: dict[tuple[type, str], tuple[Any, Any]] = {}

    def __call__(self, drawing: DrawList) -> DrawList:
        """The frame in the colours of the ground."""
        if self.ground == "black":
            return drawing
        white = self.ground == "white"
        turn = turned if white else middle
        return replace(
            drawing,
            sheets=tuple(replace(sheet, look=light_look(sheet.look)) for sheet in drawing.sheets)
            if white
            else drawing.sheets,
            lines=self._all(drawing.lines, turn),
            labels=self._all(drawing.labels, turned if white else _on_matrices),
            ticks=self._all(drawing.ticks, turn),
            patches=self._all(drawing.patches, turned if white else _as_it_is),
            captions=tuple(self._caption(caption, turn) for caption in drawing.captions),
            insets=tuple(replace(inset, drawing=self(inset.drawing)) for inset in drawing.insets),
            background=turned(drawing.background) if white else BLACK,
        )

    def _caption(self, caption: Caption, turn: Callable[[Color], Color]) -> Caption:
        """A plate has the colour of the ground; behind a transparent one there is nothing to be hidden."""
        white = self.ground == "white"
        plate = turned(caption.plate) if white and caption.plate is not None else None
        text = on_white(caption.text) if white else caption.text
        return replace(caption, text=text, color=turn(caption.color), plate=plate)

    def _all(self, items: tuple[Any, ...], turn: Callable[[Color], Color]) -> tuple[Any, ...]:
        """A renderer uploads an item anew when it is another object: the repainted ones are kept."""
        painted = []
        for item in items:
            key = type(item), item.key
            before = self._kept.get(key)
            if before is None or before[0] is not item:
                before = self._kept[key] = item, replace(item, color=turn(item.color))
            painted.append(before[1])
        return tuple(painted)


def over(drawing: DrawList, background: Color) -> DrawList:
    """The same frame on another background, its insets too."""
    insets = tuple(replace(inset, drawing=over(inset.drawing, background)) for inset in drawing.insets)
    return replace(drawing, insets=insets, background=background)


def turned(color: Color) -> Color:
    """The colour of the same hue that is as light as this one is dark."""
    hue, light, saturation = rgb_to_hls(*color)
    return hls_to_rgb(hue, 1.0 - light, saturation)


def middle(color: Color) -> Color:
    """The colour of the same hue that is seen on white as well as on black."""
    hue, light, saturation = rgb_to_hls(*color)
    vivid = saturation * (1.0 - abs(2.0 * light - 1.0))
    return hls_to_rgb(hue, MIDDLE, min(0.5, vivid))


def _printed(color: Color) -> Color:
    """The colour of an element on white: as `turned`, but never so dark that black names drown on it."""
    hue, light, saturation = rgb_to_hls(*color)
    return hls_to_rgb(hue, 1.0 - 0.85 * light, saturation)


def _on_matrices(color: Color) -> Color:
    """Names stay light, and get dark rims; what is written beside the matrices is of a middle grey."""
    return color if min(color) > LIGHT else middle(color)


def _as_it_is(color: Color) -> Color:
    return color


def on_white(text: str) -> str:
    """What a caption says on a white ground: what shines on black is dark there."""
    return text.replace("size and lightness", "size and darkness")


@lru_cache(maxsize=64)
def light_look(look: Palette | MmLook) -> Palette | MmLook:
    """The colours of elements on white. Those of mm are of a middle lightness, and stay."""
    if isinstance(look, MmLook):
        return look
    (a, b, c), (d, e, f) = look.positive, look.negative
    return replace(
        look,
        positive=(_printed(a), _printed(b), _printed(c)),
        negative=(_printed(d), _printed(e), _printed(f)),
        zero=_printed(look.zero),
        nan=turned(look.nan),
        infinite=turned(look.infinite),
    )
