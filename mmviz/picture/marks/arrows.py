"""Arrows inside cubes, from two arguments to their result: outlined solids that give way to what is before them.

An arrow goes away while something flies through it or before it, where matrices with elements stand before it, and
while the eye is near: between elements it would be nothing but a pattern of dots.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import Lines, Patch
from mmviz.picture.easing import smooth
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.giving_way import presence, reach_of
from mmviz.picture.look.palette import Color
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector, cross, distance, length
from mmviz.picture.space.sweep import Sweep
from mmviz.scene.language.tree import Tree, products

FROM_LEFT: Color = (0.30, 0.47, 0.80)
FROM_RIGHT: Color = (0.78, 0.37, 0.34)
LIGHTER = 0.45
"""How much of white is in the outline's colour."""
THICK = 0.09
"""Of a vane, as a share of its width."""
WIDTH = 1.3
"""Of the outline, in pixels of a picture 1080 pixels high."""
GRID = 7
"""Places along each side of a vane at which it is asked what is before it."""
ROOM = 0.5
"""Distance from what flies at which an arrow begins to fade, as a share of its width."""
LARGE, HUGE = 0.28, 0.45
"""Lengths between which an arrow fades, as it is seen, as shares of the picture's height."""
SHIELDED = 1.5
"""An arrow is gone where 1 / SHIELDED of it is behind elements."""
GONE = 0.4
"""How much of an arrow is to be seen at least: less is a shadow over elements."""
STEPS = 32
"""Steps of opacity: less is not told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrow:
    """One arrow."""

    vanes: tuple[Patch, Patch]  # from the left, from the right argument
    outlines: tuple[Lines, Lines]
    places: Vector  # (n, 3): in the vanes, in cells
    width: float  # of a vane
    length: float

    @property
    def path(self) -> str:
        """Of its product."""
        return self.vanes[0].key.path


def arrow(path: str, layout: Layout, left: str, right: str) -> Arrow:
    """The arrow of a product: a blue vane from the left, a red one from the right argument.

    Args:
        path: Path of the product.
        layout: Where everything stands.
        left: Path of the left argument.
        right: Path of the right argument.
    """
    cube = layout.cubes[path]
    middle = cube.center()
    sides = [side + 1 for side in cube.reach]
    width = 0.17 * max(min(sides), 2) + 0.04 * max(sides)
    inward = _toward(middle, layout[path], cube.inward)
    half = min(width * 1.6, max(1.5, 0.42 * sides[1]))
    tip, tail = middle + half * inward, middle - half * inward
    vanes, outlines, places = [], [], []
    for side, argument, axis, color in (
        ("left", left, cube.across, FROM_LEFT),
        ("right", right, cube.down, FROM_RIGHT),
    ):
        outward = _toward(middle, layout[argument], axis)
        corners = np.array([tail, tip, tail + width * outward])
        points = np.concatenate(
            [corners + thick * cross(inward, outward) for thick in (-THICK * width / 2, THICK * width / 2)]
        )
        key = ItemKey("arrow", path, side)
        vanes.append(Patch(key, points, TRIANGLES, color))
        lighter: Color = tuple((1 - LIGHTER) * part + LIGHTER for part in color)  # type: ignore[assignment]
        outlines.append(Lines(replace(key, kind="edge"), points[EDGES].reshape(-1, 3), lighter, WIDTH))
        places.append(SHARES @ corners)
    return Arrow((vanes[0], vanes[1]), (outlines[0], outlines[1]), np.concatenate(places), width, 2 * half)


def arrows(root: Tree, layout: Layout) -> list[Arrow]:
    """The arrows of all products."""
    return [arrow(node.path, layout, node.left.path, node.right.path) for node in products(root)]


class Yielding:
    """The arrows of a scene as they are seen at a time.

    Args:
        found: All of them.
        faces: Where the matrices stand, by path.
    """

    def __init__(self, found: Sequence[Arrow], faces: Mapping[str, Placement]) -> None:
        self._arrows = found
        self._faces = faces
        self._places = np.concatenate([one.places for one in found]) if found else np.zeros((0, 3))
        self._latest: _Seen | None = None
        self._drawn: dict[str, tuple[float, tuple[Patch, ...], tuple[Lines, ...]]] = {}

    def at(
        self, camera: Camera, shown: Mapping[str, Sweep], flying: Sequence[Placement]
    ) -> tuple[tuple[Patch, ...], tuple[Lines, ...]]:
        """The vanes and the outlines of those that are there.

        Args:
            camera: Of the picture.
            shown: Which cells of each matrix are there, by path.
            flying: Where what flies is drawn.
        """
        if not self._arrows:
            return (), ()
        seen = self._seen(camera)
        behind = self._behind_elements(seen, shown)
        for place in flying:
            behind |= _before(place, camera.position, self._places)[0]
        opacity = np.clip(1 - SHIELDED * behind.reshape(len(self._arrows), -1).mean(axis=1), 0.0, 1.0)
        patches: list[Patch] = []
        lines: list[Lines] = []
        for one, share, near in zip(self._arrows, opacity.tolist(), seen.not_huge, strict=True):
            there = share * near
            if there > GONE:  # else it is gone, wherever what flies may be
                there *= _far_from_flights(one, flying)
            vanes, outlines = self._faded(one, round(STEPS * smooth(max(1 - (1 - there) / (1 - GONE), 0.0))) / STEPS)
            patches += vanes
            lines += outlines
        return tuple(patches), tuple(lines)

    def _seen(self, camera: Camera) -> "_Seen":
        """What goes by the camera alone; that of the latest one is kept."""
        if self._latest is None or self._latest.camera is not camera:
            through = []
            for path, face in self._faces.items():
                there, cells = _before(face, camera.position, self._places)
                if there.any():
                    through.append((path, np.flatnonzero(there), cells[there]))
            self._latest = _Seen(camera, through, [_not_huge(one, camera) for one in self._arrows])
        return self._latest

    def _behind_elements(self, seen: "_Seen", shown: Mapping[str, Sweep]) -> NDArray[np.bool_]:
        """(places,): which are seen through the elements of a matrix."""
        behind = np.zeros(len(self._places), np.bool_)
        for path, numbers, cells in seen.through:
            if path in shown:
                i, j = cells.astype(np.int64).T
                behind[numbers] |= shown[path].of(i, j)
        return behind

    def _faded(self, one: Arrow, opacity: float) -> tuple[tuple[Patch, ...], tuple[Lines, ...]]:
        """Vanes and outlines of some opacity; the same objects as long as that stays."""
        if opacity <= 0:
            return (), ()
        kept = self._drawn.get(one.path)
        if kept is None or kept[0] != opacity:
            vanes = tuple(replace(vane, opacity=opacity) for vane in one.vanes)
            outlines = tuple(replace(line, opacity=opacity) for line in one.outlines)
            kept = self._drawn[one.path] = opacity, vanes, outlines
        return kept[1], kept[2]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What one camera sees of all arrows, whatever flies and whichever cells are there."""

    camera: Camera
    through: list[tuple[str, NDArray[np.int64], Vector]]  # a matrix, the places behind it, and its cells before them
    not_huge: list[float]  # of each arrow


def _before(face: Placement, eye: Vector, places: Vector) -> tuple[NDArray[np.bool_], Vector]:
    """Which places an eye sees through a matrix, (n,), and through which of its rows and columns, (n, 2)."""
    top_left, top_right, _, bottom_left = face.corners(0.5)
    across, down = top_right - top_left, bottom_left - top_left
    normal, rays = cross(down, across), places - eye
    with np.errstate(divide="ignore", invalid="ignore"):
        way = float((top_left - eye) @ normal) / (rays @ normal)  # (n,): the place is at 1
        spots = eye + way[:, None] * rays - top_left
        shares = np.stack([spots @ down / (down @ down), spots @ across / (across @ across)], axis=1)
    through = (way > 0) & (way < 1) & ((shares >= 0) & (shares < 1)).all(axis=1)
    return through, np.where(through[:, None], shares, 0.0) * face.shape


def _not_huge(one: Arrow, camera: Camera) -> float:
    """0 where an arrow is close before the eye or would fill the picture, 1 from some distance on."""
    nearest = float(np.linalg.norm(one.places - camera.position, axis=1).min())
    seen = one.length / max(2 * nearest * camera.slope, 1e-9)
    return min(max((HUGE - seen) / (HUGE - LARGE), 0.0), 1.0) * float(presence(nearest, reach_of(camera)))


def _far_from_flights(one: Arrow, flying: Sequence[Placement]) -> float:
    """0 where something flies through an arrow, 1 from some distance on."""
    nearest = min((distance(place, one.places) for place in flying), default=np.inf)
    return min(nearest / (ROOM * one.width), 1.0)


def _toward(point: Vector, face: Placement, axis: Vector) -> Vector:
    """Unit vector along `axis`, in the sense that leads from `point` to a face."""
    distance = float(np.dot(face.center() - point, axis))
    return (axis if distance >= 0 else -axis) / length(axis)


def _shares() -> Vector:
    """(n, 3): shares of the three corners at places all over a triangle."""
    a, b = np.meshgrid(np.arange(GRID) + 0.5, np.arange(GRID) + 0.5)
    inside = a + b < GRID
    first, second = a[inside] / GRID, b[inside] / GRID
    return np.stack([first, second, 1 - first - second], axis=1)


SHARES = _shares()
TRIANGLES = np.array([[0, 2, 1], [3, 4, 5], [0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 5, 4], [2, 0, 3], [2, 3, 5]])
"""(8, 3): the sides of a vane; its corners are counted on one side and then on the other."""
EDGES = np.array([[0, 1], [1, 2], [2, 0], [3, 4], [4, 5], [5, 3], [0, 3], [1, 4], [2, 5]])
"""(9, 2): from corner to corner."""
