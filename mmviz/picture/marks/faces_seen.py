"""Which matrix is seen where in the picture, on a coarse grid: what names have to keep off; draws nothing.

Places in the picture are shares of its height: x from 0 to the aspect, y from 0 at the bottom to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.convex import hull
from mmviz.picture.space.cube import Cube
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector

ROWS = 144
"""Of the grid: a place is five pixels of a picture 720 pixels high."""
NEAREST = 1e-3
"""Nearest depth that is looked at, as a share of the scene's farthest."""
ALONG = 97
"""Places along the middle of a matrix, at which also one is found that is thinner than the grid."""
THINNER = 0.02
"""How much nearer another matrix may be than a thin one that is still seen, as a share of the distance."""
EDGE = 0.5
"""Distance from the outermost elements' centres to the border of what counts as the matrix, in cells."""


@dataclass(frozen=True, eq=False)
class FacesSeen:
    """What one camera sees."""

    camera: Camera
    aspect: float  # width of the picture divided by its height
    keys: tuple[ItemKey, ...]  # of the matrices
    number: NDArray[np.int16]  # (ROWS, columns), from the bottom: which matrix is nearest, -1: none
    flown: NDArray[np.bool_]  # (ROWS, columns): where things fly from matrix to matrix
    front: float  # depth at which nothing stands before what is written, in cells

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """(matrices,): how much is seen of each, as a share of the picture."""
        counts = np.bincount(self.number.ravel() + 1, minlength=len(self.keys) + 1)[1:]
        return counts / self.number.size

    def at(self, places: Vector) -> NDArray[np.int16]:
        """(...,): the number of the matrix that is seen at places, (..., 2); -1 for none and outside the picture."""
        column, row = self._cells(places)
        inside = (column >= 0) & (row >= 0) & (column < self.number.shape[1]) & (row < ROWS)
        found = self.number[np.clip(row, 0, ROWS - 1), np.clip(column, 0, self.number.shape[1] - 1)]
        return np.where(inside, found, np.int16(-1))

    def taken(self, boxes: Vector) -> Vector:
        """(...,): the share of boxes that is over matrices; boxes: (..., 4), left, bottom, right and top."""
        return self._share(self._matrices, boxes)

    def crossed(self, boxes: Vector) -> Vector:
        """(...,): the share of boxes where things fly."""
        return self._share(self._flights, boxes)

    def _share(self, table: NDArray[np.int64], boxes: Vector) -> Vector:
        left, bottom = self._cells(boxes[..., :2])
        right, top = (one + 1 for one in self._cells(boxes[..., 2:]))
        high, wide = table.shape[0] - 1, table.shape[1] - 1
        left, right = np.clip(left, 0, wide), np.clip(right, 0, wide)
        bottom, top = np.clip(bottom, 0, high), np.clip(top, 0, high)
        count = table[top, right] - table[bottom, right] - table[top, left] + table[bottom, left]
        share: Vector = count / np.maximum((right - left) * (top - bottom), 1)
        return share

    def _cells(self, places: Vector) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Column and row of the grid."""
        bounded = np.clip(np.floor(places * ROWS), -1e6, 1e6).astype(np.int64)
        return bounded[..., 0], bounded[..., 1]

    @cached_property
    def _matrices(self) -> NDArray[np.int64]:
        return _table(self.number >= 0)

    @cached_property
    def _flights(self) -> NDArray[np.int64]:
        return _table(self.flown)


def faces_seen(
    faces: Mapping[ItemKey, Placement], cubes: Sequence[Cube], extent: Vector, camera: Camera, aspect: float
) -> FacesSeen:
    """What a camera sees.

    Args:
        faces: Where every matrix stands.
        cubes: Through which planes fly.
        extent: (n, 3): points that enclose everything, in cells.
        camera: The picture's.
        aspect: Width of the picture divided by its height.
    """
    view = _View(camera, aspect)
    depths = camera.depths(extent)
    near = max(float(depths.max()), 1e-6) * NEAREST
    depth = np.full(view.shape, np.inf)
    number = np.full(view.shape, -1, np.int16)
    for index, place in enumerate(faces.values()):
        _paint(index, place.corners(EDGE), view, near, depth, number)
    for index, place in enumerate(faces.values()):
        _trace(index, place, view, near, depth, number)
    flown = np.zeros(view.shape, np.bool_)
    for cube in cubes:
        _shade(cube.corners(), view, near, flown)
    return FacesSeen(camera, aspect, tuple(faces), number, flown, max(float(depths.min()), 4 * near))


def seen(camera: Camera, points: Vector, aspect: float) -> tuple[Vector, Vector]:
    """Where points, (n, 3), are seen, (n, 2), as shares of the picture's height; and their depths, in cells."""
    right, upward, toward = camera.axes()
    rays = points - camera.position
    depth = -(rays @ toward)
    scale = 2 * np.maximum(depth, 1e-9) * camera.slope
    return np.stack([0.5 * aspect + rays @ right / scale, 0.5 + rays @ upward / scale], axis=-1), depth


@dataclass(frozen=True, eq=False)
class _View:
    """The grid, and the rays through its places."""

    camera: Camera
    aspect: float

    @cached_property
    def shape(self) -> tuple[int, int]:
        return ROWS, max(1, round(ROWS * self.aspect))

    def places(self, points: Vector) -> Vector:
        """(n, 2): where points before the eye are seen, in places of the grid."""
        flat: Vector = seen(self.camera, points, self.aspect)[0] * ROWS
        return flat

    def clipped(self, corners: Vector, near: float) -> Vector:
        """The corners of what is left of a flat convex shape beyond a depth."""
        beyond = self.camera.depths(corners) - near
        if (beyond >= 0).all():
            return corners
        kept: list[Vector] = []
        for here, there, a, b in zip(corners, np.roll(corners, -1, 0), beyond, np.roll(beyond, -1), strict=True):
            kept += [here] if a >= 0 else []
            kept += [here + a / (a - b) * (there - here)] if (a >= 0) != (b >= 0) else []
        return np.array(kept).reshape(-1, 3)

    def depths(self, point: Vector, normal: Vector, x: Vector, y: Vector) -> Vector:
        """Depths of a plane at places of the grid, as its columns x and rows y broadcast."""
        right, upward, toward = self.camera.axes()
        half = self.camera.slope
        across, up = (2 * (x + 0.5) / ROWS - self.aspect) * half, (2 * (y + 0.5) / ROWS - 1) * half
        slope = across * float(right @ normal) + up * float(upward @ normal) - float(toward @ normal)
        height = float((point - self.camera.position) @ normal)
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Vector = height / slope
        return np.where(np.isfinite(found) & (found > 0), found, np.inf)


def _paint(index: int, corners: Vector, view: _View, near: float, depth: Vector, number: NDArray[np.int16]) -> None:
    """Put a matrix wherever it is the nearest one so far."""
    shape = view.clipped(corners, near)
    covered = _covered(view.places(shape), view.shape) if len(shape) else None
    if covered is None:
        return
    rows, columns, inside = covered
    normal = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    found = view.depths(
        corners[0], normal, np.arange(columns.start, columns.stop), np.arange(rows.start, rows.stop)[:, None]
    )
    nearer = inside & (found < depth[rows, columns])
    depth[rows, columns][nearer] = found[nearer]
    number[rows, columns][nearer] = index


def _trace(index: int, place: Placement, view: _View, near: float, depth: Vector, number: NDArray[np.int16]) -> None:
    """Put the middle line of a matrix where it is seen, however thin it is there."""
    a, b, c, d = place.corners(EDGE)
    height, width = place.reach
    start, end = ((a + d) / 2, (b + c) / 2) if width >= height else ((a + b) / 2, (c + d) / 2)
    points = start + np.linspace(0, 1, ALONG)[:, None] * (end - start)
    far = view.camera.depths(points)
    points, far = points[far > near], far[far > near]
    column, row = np.floor(np.clip(view.places(points), -1e6, 1e6)).astype(np.int64).T
    inside = (column >= 0) & (row >= 0) & (column < view.shape[1]) & (row < view.shape[0])
    row, column, far = row[inside], column[inside], far[inside]
    there = (far <= (1 + THINNER) * depth[row, column]) & (number[row, column] != index)
    depth[row[there], column[there]] = np.minimum(far[there], depth[row[there], column[there]])
    number[row[there], column[there]] = index


def _shade(corners: Vector, view: _View, near: float, flown: NDArray[np.bool_]) -> None:
    """Mark where a cube is seen, if it lies wholly before the eye."""
    if (view.camera.depths(corners) < near).any():
        return
    covered = _covered(hull(view.places(corners)), view.shape)
    if covered is not None:
        rows, columns, inside = covered
        flown[rows, columns] |= inside


def _covered(places: Vector, shape: tuple[int, int]) -> tuple[slice, slice, NDArray[np.bool_]] | None:
    """Rows and columns of the grid around a convex shape, and which of their places have their middle in it."""
    low = np.clip(np.floor(places.min(axis=0)), 0, shape[::-1]).astype(int)
    high = np.clip(np.ceil(places.max(axis=0)), 0, shape[::-1]).astype(int)
    if (high <= low).any():
        return None
    x, y = np.arange(low[0], high[0]) + 0.5, (np.arange(low[1], high[1]) + 0.5)[:, None]
    (x0, y0), (x1, y1) = places.T, np.roll(places, -1, axis=0).T
    turn = np.sign(float(x0 @ y1 - x1 @ y0))
    inside = np.ones((high[1] - low[1], high[0] - low[0]), np.bool_)
    for a, b, c, d in zip(x0, y0, x1, y1, strict=True):
        inside &= turn * (c - a) * (y - b) >= turn * (d - b) * (x - a)
    return slice(low[1], high[1]), slice(low[0], high[0]), inside


def _table(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(rows + 1, columns + 1): how many places below and left of each corner are marked."""
    table = np.zeros((marked.shape[0] + 1, marked.shape[1] + 1), np.int64)
    table[1:, 1:] = marked.cumsum(axis=0).cumsum(axis=1)
    return table
