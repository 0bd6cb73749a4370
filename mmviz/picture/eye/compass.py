"""A small cube that is turned as the scene is: which of its sides and corners an eye sees, and where; draws nothing."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.placement import Vector

Direction = tuple[int, int, int]
"""Toward an eye, along the axes of the scene."""
SIDES: dict[str, tuple[Direction, Direction, Direction]] = {
    "front": ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    "back": ((0, 0, -1), (-1, 0, 0), (0, 1, 0)),
    "right": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "left": ((-1, 0, 0), (0, 0, 1), (0, 1, 0)),
    "top": ((0, 1, 0), (1, 0, 0), (0, 0, -1)),
    "bottom": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
}
"""Of each side: out of the cube, and to the right and up for one who stands before it."""
EDGE_ON = 0.05
"""How far a side has to be turned to the eye to be seen: the cosine of an angle."""
STRAIGHT = 0.999
"""From how far on an eye stands right before a side, likewise."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A side of the cube that is seen."""

    name: str
    direction: Direction
    corners: Vector  # (4, 2): lower left, lower right, upper right, upper left of what is written on it
    facing: float  # how far it is turned to the eye, 0..1


@dataclass(frozen=True, slots=True, eq=False)
class Corner:
    """A corner of the cube that is seen."""

    direction: Direction
    place: Vector  # (2,)


def sides(camera: Camera) -> list[Side]:
    """What is seen of the sides, to the right and up in the picture; the cube's corners are 1 from its middle."""
    right, up, toward = camera.axes()
    found = []
    for name, (out, along, above) in SIDES.items():
        facing = float(np.dot(toward, out))
        if facing > EDGE_ON:
            square = [np.add(out, np.add(np.multiply(x, along), np.multiply(y, above))) for x, y in SQUARE]
            corners = np.array(square) / np.sqrt(3) @ np.stack([right, up], axis=1)
            found.append(Side(name, out, corners, facing))
    return found


def corners(camera: Camera) -> list[Corner]:
    """The corners at which sides are seen."""
    right, up, toward = camera.axes()
    found = []
    for x, y, z in product((-1, 1), repeat=3):
        seen = max(x * toward[0], y * toward[1], z * toward[2]) > EDGE_ON
        if seen:
            place = np.array((x, y, z)) / np.sqrt(3) @ np.stack([right, up], axis=1)
            found.append(Corner((x, y, z), place))
    return found


def chosen(camera: Camera, direction: Direction) -> Direction:
    """From where one looks who chooses a side or corner: from there, or from behind if one stands there already."""
    toward = camera.axes()[2]
    if float(np.dot(toward, direction)) < STRAIGHT * np.linalg.norm(direction):
        return direction
    x, y, z = direction
    return (-x, -y, -z)


SQUARE = ((-1, -1), (1, -1), (1, 1), (-1, 1))
