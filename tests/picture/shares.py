"""How much of a picture shows anything: faces of matrices and cubes of products, as they are projected."""

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.space.placement import Vector

GRID = (192, 108)
"""Points across and up the picture at which it is asked whether anything is there."""


def hull(points: Vector) -> NDArray[np.float64]:
    """(m, 2): the corners of the smallest convex polygon around points, (n, 2), counterclockwise."""
    ordered = sorted(map(tuple, points.tolist()))

    def half(places: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        chain: list[tuple[float, ...]] = []
        for x, y in places:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) > (by - ay) * (x - ax):
                    break
                chain.pop()
            chain.append((x, y))
        return chain

    return np.array([*half(ordered)[:-1], *half(ordered[::-1])[:-1]])


def area(polygon: NDArray[np.float64]) -> float:
    x, y = polygon.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def pixels(points: Vector, camera: Camera, size: tuple[int, int]) -> float:
    """The area of the convex hull of points in a picture, in square pixels."""
    width, height = size
    return area(hull(project(camera, points, width / height) * size))


def filled(composition: Composition, camera: Camera, aspect: float) -> float:
    """The share of a picture that is covered by matrices, or by the inset."""
    across, up = np.meshgrid(*((np.arange(count) + 0.5) / count for count in GRID))
    covered = np.zeros(across.shape, bool)
    for placement in composition.layout.values():
        x, y = project(camera, placement.corners(0.5), aspect).T
        turns = [(x[n] - x[n - 1]) * (up - y[n - 1]) - (y[n] - y[n - 1]) * (across - x[n - 1]) for n in range(len(x))]
        covered |= np.all(np.array(turns) >= 0, axis=0) | np.all(np.array(turns) <= 0, axis=0)
    for inset in composition.at(0, camera, aspect).insets:
        left, bottom, right, top = inset.place(aspect)
        covered |= (across > left) & (across < right) & (up > bottom) & (up < top)
    return float(covered.mean())
