"""A second, thinner sheet right behind a matrix: the same matrix before the last function that it wears."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import Lines
from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.looks import looks
from mmviz.picture.look.palette import MmLook, Palette
from mmviz.picture.look.scale_words import range_of
from mmviz.picture.marks.guides import mask_edge, outline
from mmviz.picture.space.beside_scores import right_behind
from mmviz.picture.space.item_key import BEHIND, of_sheet_behind
from mmviz.picture.space.joining import begins
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector, distance
from mmviz.picture.time.planes import Matrix
from mmviz.picture.time.timeline import Finish, Latest, Timeline
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    ProductNode,
    ReducedNode,
    TakenNode,
    Tree,
    arguments,
    find,
    results,
    walk,
)

THIN = 0.65
"""Radius of the elements as a share of that on other sheets."""
NEAREST = 1.5
"""Least distance from the matrix, in cells, where there is room."""
DISTANCE = 0.12
"""Distance as a share of the side of a square as large as the matrix."""
NEAR, CLOSE = 1.5, 4.0
"""Distances of the eye in cells: a sheet is gone, and begins to go."""
HEAD_ON = 0.80, 0.95
"""Cosine of the angle at which one looks at a matrix: a sheet behind it begins to go, and is gone."""
LARGE = 0.45, 0.65
"""Length of the matrix as a share of the picture's height, likewise."""
FAINT = 0.4
"""How much darker the elements are than those of other sheets, through which they are seen."""
DEEPEST = 0.4
"""Largest distance as a share of a cube's depth, or of the way to the next sheet of a sum."""


class Numbers(Protocol):
    """The numbers of some matrices, by path."""

    @property
    def of(self) -> Mapping[str, Matrix]:
        """(rows, columns) each."""
        ...

    @property
    def masked(self) -> Mapping[str, NDArray[np.bool_]]:
        """(rows, columns) each, True where a mask forbids the element."""
        ...

    @property
    def finish(self) -> Finish:
        """What a product shows for (partial) sums."""
        ...


def _sums_themselves(_path: str, sums: NDArray[np.float64]) -> Matrix:
    return sums.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """What the sheets show, by the path of the matrix that each stands behind."""

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Matrix] = field(default_factory=dict)  # (rows, columns), finished
    masked: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)  # (rows, columns), where a mask forbids
    finish: Finish = _sums_themselves  # what the sheet of a product shows for (partial) sums

    @classmethod
    def of(cls, names: Mapping[str, str], earlier: Numbers | None) -> "Before":
        """Sheets of these names with the numbers of the matrices before their last function."""
        return cls() if earlier is None else cls(names, earlier.of, earlier.masked, earlier.finish)


def sheet_names(root: Tree, style: StyleOptions) -> dict[str, str]:
    """What the sheets behind matrices are called, by the path of the matrix."""
    found = ((find(root, key), name) for key, name in style.before.items())
    return {node.path: name for node, name in found if node is not None}


class Sheets:
    """Where the sheets of a scene stand, what they show at a time, and how they look; all by path."""

    def __init__(self, root: Tree, layout: Layout, timeline: Timeline, before: Before, style: StyleOptions) -> None:
        self.masked = before.masked
        self.placements = {path: place(path, root, layout) for path in before.names}
        self.looks = _looks(root, before, style)
        self.names = _with_ranges(before, self.looks) if style.scales.shown else before.names
        self._before = before
        self._layout = layout
        self._timeline = timeline
        self._running_sum = Latest(self._compute_running_sum)

    @property
    def named(self) -> dict[str, tuple[str, Placement]]:
        """Name and place of each."""
        return {path: (self.names[path], place) for path, place in self.placements.items()}

    def values(self, path: str, t: float) -> Matrix:
        """(rows, columns): what a sheet shows at time t, in steps; running sums included."""
        step = self._timeline.running_step(path, t)
        return self._before.values[path] if step is None else self._running_sum(path, step)

    def finished(self, path: str, values: Matrix) -> bool:
        """True where these are the numbers that a sheet ends with."""
        return values is self._before.values[path]

    def seen_from(self, camera: Camera) -> Iterator[tuple[str, float]]:
        """The sheets that are there for a camera, and how much of each.

        They go while the eye comes within a few cells, and while it comes to stand right before the matrix that they
        are behind: between its elements they would only be in the way.
        """
        for path, placement in self.placements.items():
            share = min(max((distance(placement, camera.position[None]) - NEAR) / (CLOSE - NEAR), 0.0), 1.0)
            share *= 1 - _looked_at(self._layout[path], placement, camera)
            if isinstance(self.looks[path][0], MmLook):
                share = round(share)  # the colours of mm know no scale
            if share > 0:
                yield path, share

    def guides(self) -> list[Lines]:
        """The border of every sheet, and the edge of its mask."""
        lines: list[Lines] = []
        for path, placement in self.placements.items():
            border, _ = outline(path, placement, BEHIND)
            edge = mask_edge(path, placement, self.masked[path], BEHIND) if path in self.masked else None
            lines += [border] if edge is None else [border, edge]
        return lines

    def _compute_running_sum(self, path: str, step: int) -> Matrix:
        shown = self._before.finish(path, self._timeline.sums(path, step))
        return np.where(self._timeline.begun(path, step), shown, np.float32(0.0))


def _looked_at(front: Placement, behind: Placement, camera: Camera) -> float:
    """How much a camera looks at a matrix alone, before the sheet behind it: 0 from the side and from afar, to 1."""
    center = front.center()
    if (camera.position - center) @ front.normal * ((behind.center() - center) @ front.normal) >= 0:
        return 0.0
    depth = float(camera.depths(center))
    large = (max(front.reach) + 1) / max(2 * depth * camera.slope, 1e-9)
    head_on = abs(float(camera.axes()[2] @ front.normal))
    return _ramp(head_on, *HEAD_ON) * _ramp(large, *LARGE)


def _ramp(x: float, none: float, all_: float) -> float:
    return min(max((x - none) / (all_ - none), 0.0), 1.0)


def place(path: str, root: Tree, layout: Layout) -> Placement:
    """Where the sheet behind a matrix stands, element behind element.

    Behind a product is the inside of its cube, behind a sum its first term; a plain matrix has its back to its
    consumer. So the sheet never stands between a matrix and what reads it.

    Args:
        path: Of the matrix.
        root: The tree.
        layout: Where everything stands.
    """
    front = layout[path]
    behind, room = _behind(path, root, layout)
    side = float(np.sqrt(np.prod(np.add(front.reach, 1.0))))
    distance = min(max(DISTANCE * side, NEAREST), DEEPEST * room)
    return replace(front, origin=front.origin + distance * behind)


def _behind(path: str, root: Tree, layout: Layout) -> tuple[Vector, float]:
    """Unit vector out of a matrix at its back, and how far it is to the next thing there, in cells."""
    node = next(node for node in walk(root) if node.path == path)
    front = layout[path]
    match node:
        case LeafNode():
            return _back_of_plain(path, root, layout)
        case ProductNode():
            cube = layout.cubes[path]
            return _along(front.normal, cube.center() - front.center()), cube.reach[1] + 2 * cube.gap
        case ElementwiseNode():
            way = layout[right_behind(node).path].center() - front.center()
            return _along(front.normal, way), float(np.linalg.norm(way))
        case JoinNode(parts=parts):
            way = layout[parts[0].path].origin - front.origin
            return _along(front.normal, way), float(np.linalg.norm(way))
        case CutNode(whole=other) | ReducedNode(whole=other) | TakenNode(table=other):
            way = layout[other.path].center() - front.center()
            return _along(front.normal, way), np.inf


def _back_of_plain(path: str, root: Tree, layout: Layout) -> tuple[Vector, float]:
    """The same of a plain matrix or a reference: away from its consumer."""
    front = layout[path]
    match next((node for node in results(root) if any(side.path == path for side in arguments(node))), None):
        case None:
            return -front.normal, np.inf
        case ProductNode() as consumer:
            return _along(front.normal, front.center() - layout.cubes[consumer.path].center()), np.inf
        case ElementwiseNode() as consumer:
            way = front.center() - layout[consumer.path].center()
            return _along(front.normal, way), float(np.linalg.norm(way))
        case CutNode() | ReducedNode() | TakenNode() as consumer:
            return _along(front.normal, front.center() - layout[consumer.path].center()), np.inf
        case JoinNode() as consumer:
            shapes = [layout[part.path].shape for part in consumer.parts]
            firsts = zip(consumer.parts, begins(consumer.axis, shapes), strict=True)
            first = next(first for part, first in firsts if part.path == path)
            way = front.origin - layout[consumer.path].spot(*first)
            return _along(front.normal, way), float(np.linalg.norm(way))


def _along(normal: Vector, way: Vector) -> Vector:
    """A normal, in the sense that goes with a way."""
    return normal if np.dot(normal, way) >= 0 else -normal


def _with_ranges(before: Before, looks: Mapping[str, tuple[Palette | MmLook, float]]) -> dict[str, str]:
    """The names with the numbers from which to which the sheets are drawn beside them."""
    ranges = {path: range_of(before.values[path], before.masked.get(path), *looks[path]) for path in before.names}
    return {path: f"{name}  {ranges[path]}" for path, name in before.names.items()}


def _looks(root: Tree, before: Before, style: StyleOptions) -> dict[str, tuple[Palette | MmLook, float]]:
    """Look and scale of each sheet, by path: as those of other matrices, with smaller elements."""
    allowed = {
        of_sheet_behind(path): values[~before.masked[path]] if path in before.masked else values
        for path, values in before.values.items()
    }
    found = looks(root, allowed, style)
    return {key.path: (_thinner(look), scale) for key, (look, scale) in found.items()}


def _thinner(look: Palette | MmLook) -> Palette | MmLook:
    if isinstance(look, MmLook):
        return replace(look, colors=look.colors.model_copy(update={"elem_scale": THIN * look.colors.elem_scale}))
    return replace(look, smallest=THIN * look.smallest, largest=THIN * look.largest)
