"""A picture as plain data: everything that a renderer needs to draw one frame, and nothing of how it is drawn.

A renderer keeps what it made for an item under the item's `key` and compares the arrays by identity: an
item whose arrays are the same objects as in the frame before needs no new upload, only new settings.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.palette import PALETTE, Color, MmLook, Palette
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.sweep import EVERYWHERE, Sweep

INSET_SIDE = 0.38
INSET_MARGIN = 0.03
INSET_BOTTOM = 0.085
REFERENCE_HEIGHT = 1080
"""Widths of lines are given for a picture of this many pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A matrix as a lattice of spheres; size and lightness grow with the square root of |x| / scale."""

    key: ItemKey
    placement: Placement
    values: NDArray[np.float32]  # (rows, columns)
    scale: float  # |x| that is drawn at full size; more is clipped, and marked; 1 under an MmLook
    masked: NDArray[np.bool_] | None = None  # (rows, columns): True where a mask forbids the cell
    look: Palette | MmLook = PALETTE
    shown: Sweep = EVERYWHERE
    lit: tuple[Sweep, ...] = ()  # highlighted cells: the union of these sets
    dimmed: float = 0.0  # of the cells that are not lit; 0: as they are, 1: black


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Straight segments of one colour."""

    key: ItemKey
    points: Vector  # (2 * segments, 3): start, end, start, end ..., in cells
    color: Color
    width: float = 1.0  # in pixels of a picture REFERENCE_HEIGHT pixels high
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """One line of text, flat in space, centred on a point."""

    key: ItemKey
    text: str
    center: Vector  # (3,), in cells
    along: Vector  # (3,) unit vector, the direction of reading
    up: Vector  # (3,) unit vector, from the foot of the letters to their head
    height: float  # of a capital letter, in cells
    color: Color
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class TickLabels:
    """Short texts along an edge, each across it, drawn as one: a text begins, or ends, at its place."""

    key: ItemKey
    texts: tuple[str, ...]
    places: Vector  # (texts, 3), at half the height of the capitals, in cells
    along: Vector  # (3,) unit vector, the direction of reading
    up: Vector  # (3,) unit vector, from the foot of the letters to their head
    height: float  # of a capital letter, in cells
    color: Color
    ends: bool = False  # the texts end at their places
    opacities: tuple[float, ...] = ()  # of each text; (): all are there


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Flat coloured triangles, for arrows."""

    key: ItemKey
    points: Vector  # (n, 3), in cells
    triangles: NDArray[np.int64]  # (m, 3), indices into points
    color: Color
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Caption:
    """A line of text in the picture's plane, centred from side to side, or in a thin frame at the right."""

    key: str  # title, subtitle, caption, legend, badge or inset: it belongs to no matrix
    text: str
    level: float  # of the line's middle, of a badge's top, as a share of the picture's height: 0 bottom, 1 top
    color: Color
    height: float = 0.016  # of a capital letter, as a share of the picture's height
    badge: bool = False  # at the right, in a frame
    plate: Color | None = (0.0, 0.0, 0.0)  # what shines through less behind the text; None: all of it does


@dataclass(frozen=True, slots=True, eq=False)
class DrawList:
    """One frame."""

    sheets: tuple[Sheet, ...] = ()
    lines: tuple[Lines, ...] = ()
    labels: tuple[Label, ...] = ()
    ticks: tuple[TickLabels, ...] = ()
    patches: tuple[Patch, ...] = ()
    captions: tuple[Caption, ...] = ()
    insets: tuple["Inset", ...] = ()
    background: Color = (0.0, 0.0, 0.0)
    extent: Vector = field(default_factory=lambda: np.zeros((1, 3)))  # (n, 3): points that enclose everything
    near: float = 0.0  # cells before the eye within which elements and lines give way; see picture/eye/giving_way.py


@dataclass(frozen=True, slots=True)
class Inset:
    """A picture in another; a square in its lower left corner where nothing else is said."""

    key: ItemKey
    drawing: DrawList
    camera: Camera
    side: float = INSET_SIDE  # as a share of the picture's height
    margin: float = INSET_MARGIN  # to the picture's left edge, as a share of its height
    bottom: float = INSET_BOTTOM  # to its lower edge, likewise: the caption stays free
    width: float | None = None  # likewise, where it is no square

    @property
    def across(self) -> float:
        """Its width as a share of the picture's height."""
        return self.side if self.width is None else self.width

    def place(self, aspect: float) -> tuple[float, float, float, float]:
        """Left, bottom, right and top in a picture of this width divided by height, as shares of it from below."""
        left, right = self.margin / aspect, (self.margin + self.across) / aspect
        return left, self.bottom, min(1.0, right), self.bottom + self.side
