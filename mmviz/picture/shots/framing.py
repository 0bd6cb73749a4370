"""Which camera sees what: the whole scene beside its inset, one matrix, or what is in flight; knows no time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mmviz.picture.drawlist import INSET_BOTTOM, INSET_MARGIN
from mmviz.picture.eye.camera import Camera, centred, fit, placed
from mmviz.picture.eye.orbit import distance
from mmviz.picture.marks import inset
from mmviz.picture.marks.color_bar import Room
from mmviz.picture.marks.inset import InsetView
from mmviz.picture.space.placement import Placement, Vector
from mmviz.scene.keys.options import CameraOptions

BORDER = (0.03, 0.10)
"""Share of the width and of the height around the whole scene: titles stand above it, captions below."""
FOCUS_BORDER = (0.10, 0.15)
"""The same around a matrix that fills the picture: sizes and tokens stand beside it."""
FLIGHT_BORDER = (0.12, 0.22)
"""The same around what is in flight."""
ROOM_FOR_INSET = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
"""Shares of the picture's width that are tried, until the inset covers nothing."""
SHARES_ABOVE = (0.25, 0.5, 0.75, 1.0)
"""How far what an inset would cover is moved up, as shares of the inset's height."""
WIDEST_FREE = 0.4
"""Share of the width up to which what is followed stands beside an inset; else it stands above it."""
FARTHER = 1.1
"""How many times farther the eye may go for an inset that is enlarged for its tokens."""
NO_BARS = Room()


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """From which side something is seen, and how near."""

    direction: Vector  # (3,) toward the eye
    zoom: float = 1.0  # 1: it just fits
    up: Vector | None = None  # (3,); None: the world's y


@dataclass(frozen=True, eq=False)
class Framing:
    """What there is to be seen, and the inset beside it."""

    extent: Vector  # (n, 3): points that enclose everything, in cells
    placements: Sequence[Placement]  # of all matrices
    texts: Callable[[Camera], list[Vector]]  # corners of what is written, (4, 3) each, as seen by a camera
    insets: Callable[[float], tuple[InsetView, ...]]  # by aspect: how the inset can be shown, best first; or nothing
    bars: Callable[[float], Room] = lambda _aspect: NO_BARS  # by aspect: what colour bars take of the picture

    def own(self, eye: CameraOptions, aspect: float) -> tuple[Camera, InsetView | None]:
        """The scene's own camera, and how its inset is shown beside what that sees.

        An inset grows for its tokens only where the rest hardly gets smaller for it.
        """
        views = self.insets(aspect)
        plain = views[-1] if views else None
        look = Look(np.array(eye.direction), eye.zoom)
        room, edges = self.room(look, aspect)
        if eye.position is not None:
            camera = placed(eye.position, eye.target, eye.view_angle, aspect)
            return camera, next((view for view in views if not inset.covers(view, camera, edges, aspect)), plain)
        bars = self.bars(aspect)
        camera = _beside(plain, room, edges, look, aspect, BORDER, bars)
        for view in views[:-1]:
            nearer = _at_the_right(view, room, edges, look, aspect, BORDER, bars)
            if nearer is not None and distance(nearer) <= FARTHER * distance(camera):
                return nearer, view
        return camera, plain

    def whole(self, look: Look, aspect: float, view: InsetView | None) -> Camera:
        """All of the scene, beside its inset."""
        room, edges = self.room(look, aspect)
        return _beside(view, room, edges, look, aspect, BORDER, self.bars(aspect))

    def room(self, look: Look, aspect: float) -> tuple[Vector, list[Vector]]:
        """What has to be in the picture, (n, 3), and what an inset must not cover, (m, 3) each."""
        spans = self.texts(fit(self.extent, look.direction, aspect, up=look.up))
        return np.concatenate([self.extent, *spans]), [*map(_edges, self.placements), *spans]


def focus(placement: Placement, look: Look, aspect: float, view: InsetView | None, bars: Room = NO_BARS) -> Camera:
    """One matrix, beside the inset and the colour bars."""
    corners = placement.corners(0.5)
    return _beside(view, corners, [corners, _edges(placement)], look, aspect, FOCUS_BORDER, bars)


def follow(corners: Vector, look: Look, aspect: float, view: InsetView | None, bars: Room = NO_BARS) -> Camera:
    """What is in flight, (n, 3), in the middle of the picture, or of what an inset and bars leave free of it."""
    border = bars.border(FLIGHT_BORDER)
    free = _free(view, aspect, border, bars)
    middle, up = corners.mean(axis=0), look.up
    return centred(corners, middle, look.direction, aspect, zoom=look.zoom, border=border, free=free, up=up)


def around(
    points: Vector, pivot: Vector, looks: Sequence[Look], aspect: float, view: InsetView | None, bars: Room = NO_BARS
) -> Camera:
    """The nearest camera around a pivot that would see some points, (n, 3), from any of the given sides."""
    border = bars.border(BORDER)
    free = _free(view, aspect, border, bars)
    cameras = [
        centred(points, pivot, look.direction, aspect, zoom=look.zoom, border=border, free=free, up=look.up)
        for look in looks
    ]
    return max(cameras, key=distance)


def _free(view: InsetView | None, aspect: float, border: tuple[float, float], bars: Room) -> tuple[float, float]:
    """Shares of the width and of the height, besides the border, beyond which an inset and bars cover nothing."""
    below = bars.below(border)
    if view is None:
        return 0.0, below
    left = max(0.0, (view.side + 2 * INSET_MARGIN) / aspect - border[0])
    if left <= WIDEST_FREE:
        return left, below
    return 0.0, max(below, view.side + INSET_BOTTOM + INSET_MARGIN - border[1])


def _beside(
    view: InsetView | None,
    room: Vector,
    edges: list[Vector],
    look: Look,
    aspect: float,
    border: tuple[float, float],
    bars: Room,
) -> Camera:
    """The nearest camera that sees some points beside an inset, or above it where there is no room beside."""
    if view is None:
        below, border = bars.below(border), bars.border(border)
        return fit(room, look.direction, aspect, zoom=look.zoom, border=border, bottom=below, up=look.up)
    camera = _at_the_right(view, room, edges, look, aspect, border, bars)
    if camera is not None:
        return camera
    return _around_the_corner(view, room, edges, look, aspect, border, bars)


def _around_the_corner(
    view: InsetView,
    room: Vector,
    edges: list[Vector],
    look: Look,
    aspect: float,
    border: tuple[float, float],
    bars: Room,
) -> Camera:
    """The nearest camera that sees some points above an inset and partly beside it."""
    above, below = max(0.0, view.side + INSET_BOTTOM + INSET_MARGIN - border[1]), bars.below(border)
    bottoms, border = [max(below, share * above) for share in SHARES_ABOVE], bars.border(border)
    cameras = [
        fit(room, look.direction, aspect, zoom=look.zoom, border=border, left=left, bottom=bottom, up=look.up)
        for left in ROOM_FOR_INSET
        for bottom in bottoms
    ]
    free = [camera for camera in cameras if not inset.covers(view, camera, edges, aspect)]
    return min(free, key=distance, default=cameras[len(SHARES_ABOVE) - 1])  # all of it above the inset


def _at_the_right(
    view: InsetView,
    room: Vector,
    edges: list[Vector],
    look: Look,
    aspect: float,
    border: tuple[float, float],
    bars: Room,
) -> Camera | None:
    """The nearest camera that sees some points at the right of an inset."""
    below, border = bars.below(border), bars.border(border)
    for left in ROOM_FOR_INSET:
        camera = fit(room, look.direction, aspect, zoom=look.zoom, border=border, left=left, bottom=below, up=look.up)
        if not inset.covers(view, camera, edges, aspect):
            return camera
    return None


def _edges(placement: Placement) -> Vector:
    """(n, 3): points along the border of a matrix."""
    rows, columns = placement.shape
    along = np.linspace(0, 1, 17)
    i = np.concatenate([np.zeros(17), np.ones(17), along, along]) * rows - 0.5
    j = np.concatenate([along, along, np.zeros(17), np.ones(17)]) * columns - 0.5
    return placement.spot(i, j)
