"""What stands on a page: images, outlines and texts in their order, as plain data; knows no file format.

Places are in pixels from the upper left corner, y grows downward. A matrix (a, b, c, d, e, f) puts (x, y) at
(a x + c y + e, b x + d y + f), as in SVG and PDF.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.look.palette import Color
from mmviz.render.text.shaping import Command
from mmviz.render.text.system_fonts import FontFile

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""
BLACK: Color = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """Pixels, each one pixel of the page wide and high."""

    left: int
    top: int
    pixels: NDArray[np.uint8]  # (height, width, 3), or 4 with straight alpha


@dataclass(frozen=True, slots=True)
class Outline:
    """Lines and curves that are filled, drawn along, or both."""

    commands: tuple[Command, ...]
    fill: Color | None = None
    stroke: Color | None = None
    width: float = 1.0  # of the stroke
    rounded: bool = False  # the stroke goes a little beyond its ends, so that those that meet are joined
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One shape of a font; a unit of its own is an em, y upward."""

    font: FontFile
    number: int  # of the shape in the font
    text: str  # what it stands for, to be copied and searched; "" where another shape says it
    matrix: Matrix  # from ems to the page


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text as shapes, and what it says."""

    text: str
    letters: tuple[Letter, ...]
    color: Color
    matrix: Matrix  # from ems along the line to the page, as it is in the line's middle
    length: float  # in ems
    rim: float = 0.0  # in ems: how far a dark rim goes beyond the letters
    opacity: float = 1.0


Item = Image | Outline | Text


@dataclass(frozen=True, slots=True)
class Part:
    """What stands within a box of the page, and not in others."""

    inside: Box
    items: tuple[Item, ...]
    holes: tuple[Box, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Page:
    """A picture; parts that come later cover those before."""

    width: int
    height: int
    dpi: int  # pixels an inch
    title: str
    parts: tuple[Part, ...]


def box_commands(box: Box) -> tuple[Command, ...]:
    """A rectangle."""
    left, top, right, bottom = box
    corners = (("M", (left, top)), ("L", (right, top)), ("L", (right, bottom)), ("L", (left, bottom)))
    return (*corners, ("Z", ()))


def placed(commands: tuple[Command, ...], matrix: Matrix) -> tuple[Command, ...]:
    """An outline after a matrix."""
    a, b, c, d, e, f = matrix
    made: list[Command] = []
    for letter, places in commands:
        pairs = zip(places[::2], places[1::2], strict=True)
        made.append((letter, tuple(z for x, y in pairs for z in (a * x + c * y + e, b * x + d * y + f))))
    return tuple(made)
