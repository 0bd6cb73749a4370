"""Which labels stay where there is no room for all: names always, sizes only where they cover nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import Label
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.marks.labels import span
from mmviz.picture.space.placement import Vector


def uncrowded(names: Sequence[Label], sizes: Sequence[Label], camera: Camera) -> tuple[Label, ...]:
    """All names, and the sizes that are seen beside them and beside each other; the largest come first.

    Args:
        names: Labels that stay in any case.
        sizes: Labels that stay where they cover no other one.
        camera: From where they are read.
    """
    shapes = _seen(sizes, camera)
    largest_first = sorted(range(len(sizes)), key=lambda number: -_extent(shapes[number]))
    taken = [shape for shape in _seen(names, camera) if shape is not None]
    kept: list[int] = []
    for number in largest_first:
        shape = shapes[number]
        if shape is None or not _covers(shape, taken):
            kept.append(number)
            taken += [] if shape is None else [shape]
    return (*names, *(sizes[number] for number in sorted(kept)))


def _covers(one: Vector, others: Sequence[Vector]) -> bool:
    """Whether a quadrilateral, (4, 2), covers a part of one of the others."""
    (left, bottom), (right, top) = one.min(axis=0).tolist(), one.max(axis=0).tolist()
    corners = np.array(others).reshape(-1, 4, 2)
    (lefts, bottoms), (rights, tops) = corners.min(axis=1).T, corners.max(axis=1).T
    near = (lefts < right) & (left < rights) & (bottoms < top) & (bottom < tops)
    return bool(near.any() and not apart(one, corners[near]).all())


def apart(one: Vector, others: Vector) -> NDArray[np.bool_]:
    """Whether convex quadrilaterals leave another one uncovered: a line along one of their sides parts them.

    Args:
        one: (4, 2), its corners in order.
        others: (n, 4, 2).

    Returns:
        (n,)
    """
    same = np.broadcast_to(one, others.shape)  # (n, 4, 2)
    edges = np.concatenate([_sides(same), _sides(others)], axis=1)  # (n, 8, 2)
    across = np.stack([-edges[..., 1], edges[..., 0]], axis=-1)  # (n, 8, 2)
    a = np.einsum("nek,nck->nec", across, same)  # (n, 8, 4): how far each corner lies across each side
    b = np.einsum("nek,nck->nec", across, others)  # (n, 8, 4)
    parted = (a.max(-1) <= b.min(-1)) | (b.max(-1) <= a.min(-1))  # (n, 8)
    uncovered: NDArray[np.bool_] = parted.any(-1)
    return uncovered


def _sides(corners: Vector) -> Vector:
    return np.roll(corners, -1, axis=1) - corners


def _seen(labels: Sequence[Label], camera: Camera) -> list[Vector | None]:
    """(4, 2) each: the corners of labels in the picture, one after the other around each; None behind the eye."""
    corners = np.array([span(label) for label in labels]).reshape(-1, 3)  # (4 * labels, 3)
    _, _, toward = camera.axes()
    before = (corners - camera.position) @ toward  # (4 * labels,): less than 0
    shapes = project(camera, corners, 1.0).reshape(-1, 4, 2)
    return [shape if (depths < 0).all() else None for depths, shape in zip(before.reshape(-1, 4), shapes, strict=True)]


def _extent(corners: Vector | None) -> float:
    return 0.0 if corners is None else float(np.ptp(corners, axis=0).max())
