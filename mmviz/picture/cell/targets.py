"""What of a picture can be met at a place, whether its element is there, and the point in space that is meant there."""

import numpy as np

from mmviz.picture.cell.rays import Hit, Target, hits
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.eye.giving_way import SEEN, is_seen, reach_of
from mmviz.picture.eye.orbit import ray
from mmviz.picture.space.placement import Vector
from mmviz.picture.time.timeline import Frame

GRID = 9
"""Places along each side of a matrix, from which the nearest to the pointer is taken where it is beside everything."""
BEFORE = 0.1
"""Least distance before the eye, in cells, at which something is seen."""


def targets_of(composition: Composition, frame: Frame, camera: Camera) -> list[Target]:
    """The matrices of a frame, what flies between them, and the sheets behind them that a camera sees."""
    targets = [Target(path, composition.layout[path]) for path in frame]
    targets += [Target(plane.owner, plane.drawn, plane) for plane in frame.planes]
    places = composition.behind.placements
    behind = [path for path, share in composition.behind.seen_from(camera) if path in frame and share >= SEEN]
    return targets + [Target(path, places[path], before=True) for path in behind]


def is_there(hit: Hit, frame: Frame, reach: float = 0.0) -> bool:
    """Whether the element that is met is there at the frame's time, and does not give way to what is farther.

    Args:
        hit: What is met.
        frame: The state of every matrix.
        reach: Distance from the eye within which things give way, in cells.
    """
    element = hit.element
    if element is None or not is_seen(hit.reach, reach):
        return False
    plane = hit.target.plane
    return (frame[hit.target.path] if plane is None else plane).shown.holds(*element)


def meant(composition: Composition, frame: Frame, camera: Camera, x: float, y: float, aspect: float) -> Vector:
    """The point in space, (3,), that is meant at a place of the picture: it is seen there.

    It lies on the element there; where there is none, on the matrix that has its place there; beside everything, as
    far before the eye as the matrix that is nearest in the picture; and where nothing is in front of the eye, as far
    as what the camera looks at.

    Args:
        composition: What is shown.
        frame: The state of every matrix at the picture's time.
        camera: The picture's camera.
        x: From left to right, 0..1.
        y: From top to bottom, 0..1.
        aspect: Width of the picture divided by its height.
    """
    point = met(composition, frame, camera, x, y, aspect)
    if point is not None:
        return point
    eye, direction = ray(camera, x, y, aspect)
    depth = _depth_beside(composition, frame, camera, (x, 1 - y), aspect)
    beside: Vector = eye + depth / float(-(camera.axes()[2] @ direction)) * direction
    return beside


def met(composition: Composition, frame: Frame, camera: Camera, x: float, y: float, aspect: float) -> Vector | None:
    """The same on an element or a matrix; None beside everything."""
    eye, direction = ray(camera, x, y, aspect)
    reach, targets = reach_of(camera), targets_of(composition, frame, camera)
    within = [hit for hit in hits(targets, eye, direction) if hit.within and is_seen(hit.reach, reach)]
    matrices = (hit for hit in within if hit.target.plane is None and not hit.target.before)
    hit = next((hit for hit in within if is_there(hit, frame, reach)), None) or next(matrices, None)
    return None if hit is None else eye + hit.reach * direction


def _depth_beside(
    composition: Composition, frame: Frame, camera: Camera, spot: tuple[float, float], aspect: float
) -> float:
    """How far before the eye the place on a matrix is that is nearest to a spot of the picture."""
    points = np.concatenate([_grid(composition, path) for path in frame] or [np.zeros((0, 3))])
    depths = camera.depths(points)
    seen = depths > BEFORE
    if not seen.any():
        return max(float(camera.depths(camera.target)), BEFORE)
    away = (project(camera, points[seen], aspect) - spot) * (aspect, 1.0)
    return float(depths[seen][np.argmin((away**2).sum(axis=1))])


def _grid(composition: Composition, path: str) -> Vector:
    """(GRID * GRID, 3): places all over a matrix, its corners among them."""
    placement = composition.layout[path]
    rows, columns = (np.linspace(-0.5, size - 0.5, GRID) for size in placement.shape)
    return placement.spot(rows[:, None], columns).reshape(-1, 3)
