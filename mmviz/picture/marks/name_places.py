"""The places where a name may stand in the picture: beside its matrix, on it, or farther off with a line; a pure table.

Every name has the same PLACES, told by a number that means the same from every camera. Places in the picture are
shares of its height: x from 0 to the aspect, y from 0 at the bottom to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.palette import Color
from mmviz.picture.marks.faces_seen import FacesSeen, seen
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector

ALONG = (0.5, 0.25, 0.75, 0.0, 1.0)
"""Where a name stands along an edge, best first."""
RINGS = (0.0, 1.6, 4.0, 8.0)
"""How far it is off its edge, as a multiple of a capital's height."""
INSIDE = ((0.5, 0.5), (0.22, 0.22), (0.22, 0.78), (0.78, 0.22), (0.78, 0.78))
"""Places on a matrix, as shares of its height and width, from which a line leads to its name, or where it stands."""
FAR = (5.0, 11.0, 20.0)
"""How far a name is off such a place, as a multiple of a capital's height."""
AROUND = np.array([(np.cos(turn), np.sin(turn)) for turn in np.arange(8) * np.pi / 4])
"""(8, 2): in which directions."""
EDGES = 4
BESIDE = EDGES * len(ALONG) * len(RINGS)
ON = BESIDE + len(INSIDE)
PLACES = ON + len(INSIDE) * len(AROUND) * len(FAR)
"""How many places a name has: up to BESIDE those along its edges, up to ON those on it, the rest with a line."""
ANCHORS = np.concatenate(
    [
        np.repeat(np.arange(EDGES * len(ALONG)), len(RINGS)),
        EDGES * len(ALONG) + np.arange(len(INSIDE)),
        EDGES * len(ALONG) + np.repeat(np.arange(len(INSIDE)), len(AROUND) * len(FAR)),
    ]
)
"""(PLACES,): from which point of its matrix a place is counted."""
PAD = 0.55
"""Space between a text and an edge, as a multiple of a capital's height."""
RISE = 0.72
"""Half the height of a line of text, as a multiple of a capital's height."""
TOUCHING = 1.3
"""How far a text may be off its matrix without a line, as a multiple of a capital's height."""
TINY, SMALLEST, LARGEST = 0.0135, 0.0175, 0.03
"""Height of a capital letter as a share of the picture's: where there is no room, of small and of large matrices."""
GROWTH = 0.085
"""Height of a capital letter as a share of the side of a square as large as what is seen of the matrix."""
SIGN = 0.55
"""Height of a sign as a share of the gap that it stands in."""


@dataclass(frozen=True, slots=True, eq=False)
class Nameplate:
    """A name, or the sign of a term, and the points that it may stand beside."""

    key: ItemKey
    text: str
    color: Color
    matrix: ItemKey | None  # that is named; None: a sign between two
    middle: Vector  # (3,), in cells
    anchors: Vector  # (EDGES * ALONG + INSIDE, 3): on its border, and on it
    within: Vector  # likewise, a little nearer to the middle: where the matrix itself has to be seen
    may_cover: bool = True  # whether it may stand on its matrix, where that is large
    gap: float = 0.0  # between the two matrices of a sign, in cells

    @property
    def width(self) -> float:
        """As a multiple of a capital's height."""
        return length_of(self.text)


def nameplate(
    key: ItemKey, text: str, color: Color, matrix: ItemKey, place: Placement, *, may_cover: bool = True
) -> Nameplate:
    """The name of a matrix, or of a sheet behind one."""
    border, inside = _border(place, MARGIN), _inside(place)
    middle = place.center()
    height, width = (0.5 * reach + far for reach, far in zip(place.reach, place.margins(MARGIN), strict=True))
    inward = np.repeat([min(1.0, height), min(1.0, width), min(1.0, height), min(1.0, width)], len(ALONG))[:, None]
    toward = middle - border
    within = border + np.minimum(1.2 * inward / np.maximum(np.linalg.norm(toward, axis=1), 1e-9)[:, None], 1) * toward
    return Nameplate(
        key, text, color, matrix, middle, np.concatenate([border, inside]), np.concatenate([within, inside]), may_cover
    )


def sign(key: ItemKey, text: str, color: Color, behind: Placement, front: Placement) -> Nameplate:
    """A sign in the gap between two sheets."""
    anchors = np.concatenate(
        [(_border(behind, MARGIN) + _border(front, MARGIN)) / 2, (_inside(behind) + _inside(front)) / 2]
    )
    way = front.center() - behind.center()
    middle = (behind.center() + front.center()) / 2
    return Nameplate(key, text, color, None, middle, anchors, anchors, False, float(np.linalg.norm(way)))


def _border(place: Placement, margin: float) -> Vector:
    """(EDGES * ALONG, 3): points along the top, the right, the bottom and the left side."""
    corners = place.corners(margin)
    along = np.array(ALONG)[None, :, None]
    border: Vector = (1 - along) * corners[:, None] + along * np.roll(corners, -1, axis=0)[:, None]
    return border.reshape(-1, 3)


def _inside(place: Placement) -> Vector:
    """(INSIDE, 3): points on it."""
    top_left, top_right, _, bottom_left = place.corners(0.5)
    shares = np.array(INSIDE)
    inside: Vector = top_left + shares[:, :1] * (bottom_left - top_left) + shares[:, 1:] * (top_right - top_left)
    return inside


@dataclass(frozen=True, eq=False)
class Spots:
    """Where all places of some names are, from one camera."""

    boxes: Vector  # (names, PLACES, 4): left, bottom, right and top
    starts: Vector  # (names, PLACES, 2): where a line to the name begins
    ends: Vector  # (names, PLACES, 2): and where it ends
    depths: Vector  # (names, PLACES): of the points that the places are counted from, in cells
    heights: Vector  # (names,): of capital letters

    @cached_property
    def lined(self) -> NDArray[np.bool_]:
        """(names, PLACES): whether a line leads there."""
        x, y = np.moveaxis(self.ends - self.starts, -1, 0)
        far: NDArray[np.bool_] = x * x + y * y > (TOUCHING * self.heights[:, None]) ** 2
        far[:, BESIDE:ON] = False
        return far


def spots(names: Sequence[Nameplate], heights: Vector, camera: Camera, aspect: float) -> Spots:
    """Where the places of names are.

    Args:
        names: What is written.
        heights: (names,): of capital letters.
        camera: From where it is read.
        aspect: Width of the picture divided by its height.
    """
    count = len(names)
    points = np.concatenate([[name.middle, *name.anchors] for name in names]).reshape(-1, 3)
    places, depth = seen(camera, points, aspect)
    flat = places.reshape(count, -1, 2)
    middle, anchors = flat[:, :1], flat[:, 1:]
    directions = _directions(middle, anchors)  # (names, PLACES, 2)
    starts = anchors[:, ANCHORS]
    half = np.stack([0.5 * np.array([name.width for name in names]), np.full(count, RISE)], axis=1) * heights[:, None]
    support = (abs(directions) * half[:, None]).sum(axis=-1)  # from the middle of a text to its border
    away = _distances() * heights[:, None] + support
    away[:, BESIDE:ON] = 0.0
    centers = starts + away[..., None] * directions
    boxes = np.concatenate([centers - half[:, None], centers + half[:, None]], axis=-1)
    ends = np.clip(starts, boxes[..., :2], boxes[..., 2:])
    return Spots(boxes, starts, ends, depth.reshape(count, -1)[:, 1:][:, ANCHORS], heights)


def _distances() -> Vector:
    """(PLACES,): from a text's border to the point that its place is counted from, in heights of capitals."""
    edges = np.tile(PAD + np.array(RINGS), EDGES * len(ALONG))
    lines = np.tile(np.array(FAR), len(INSIDE) * len(AROUND))
    return np.concatenate([edges, np.zeros(len(INSIDE)), lines])


def _directions(middle: Vector, anchors: Vector) -> Vector:
    """(names, PLACES, 2): unit vectors from the points to the texts: out of the matrix, or all around."""
    count = len(anchors)
    edges = anchors[:, : EDGES * len(ALONG)].reshape(count, EDGES, len(ALONG), 2)
    along = edges[:, :, ALONG.index(1.0)] - edges[:, :, ALONG.index(0.0)]  # (names, EDGES, 2)
    outward = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    from_middle = edges[:, :, 0] - middle
    outward *= np.where((outward * from_middle).sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
    outward /= np.maximum(np.linalg.norm(outward, axis=-1, keepdims=True), 1e-12)
    beside = np.repeat(outward, len(ALONG) * len(RINGS), axis=1)
    on = np.zeros((count, len(INSIDE), 2))
    lines = np.broadcast_to(np.tile(np.repeat(AROUND, len(FAR), axis=0), (len(INSIDE), 1)), (count, PLACES - ON, 2))
    return np.concatenate([beside, on, lines], axis=1)


def heights(names: Sequence[Nameplate], view: FacesSeen) -> Vector:
    """(names,): how high capitals are: those of large matrices more; 0 for what is not seen."""
    areas = dict(zip(view.keys, view.areas, strict=True))
    sizes = np.array([np.sqrt(areas.get(name.matrix, 0.0) * view.aspect) if name.matrix else 0.0 for name in names])
    wanted = np.where(sizes > 0, np.clip(GROWTH * sizes, SMALLEST, LARGEST), 0.0)
    for index, name in enumerate(names):
        if name.matrix is None:
            wanted[index] = _sign_height(name, view)
    return wanted


def _sign_height(name: Nameplate, view: FacesSeen) -> float:
    """Of a sign in its gap, as that is seen at the nearest edge."""
    _, depth = seen(view.camera, name.anchors, view.aspect)
    far = float(depth.min())
    if far <= 0:
        return 0.0
    gap = name.gap / (2 * far * view.camera.slope)
    return float(np.clip(SIGN * gap, 0.0, LARGEST)) if SIGN * gap >= 0.8 * SMALLEST else 0.0
