"""Names and signs as they are drawn: upright toward the reader, with a line to the matrix where they stand off it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from mmviz.picture.drawlist import Label, Lines
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.convex import inside
from mmviz.picture.look.palette import Color
from mmviz.picture.marks.faces_seen import NEAREST, seen
from mmviz.picture.marks.name_choice import Choice
from mmviz.picture.marks.name_places import Nameplate, Spots, spots
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Vector

LINE: Color = (0.62, 0.62, 0.72)
NEAR, CLOSE = 1.5, 4.0
"""A name fades while the camera comes from CLOSE to NEAR its matrix, in cells."""
PASSED = 0.85
"""How much of a name goes away behind what flies before it."""
SAMPLES = np.stack(np.meshgrid(np.linspace(0.04, 0.96, 9), (0.15, 0.5, 0.85)), axis=-1).reshape(-1, 2)
"""(27, 2): places in a text, as shares of its width and height."""

FAINTEST = 0.01
"""Opacity of what is not drawn."""
WIDTH = 1.3
"""Of the lines, in pixels of a picture 1080 pixels high."""
Item = TypeVar("Item", Label, Lines)
Choices = Mapping[ItemKey, Choice]


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """One name in the picture; places as shares of its height."""

    box: Vector  # (4,): left, bottom, right and top
    line: Vector  # (2, 2): from the matrix to the text
    height: float  # of a capital letter
    opacity: float
    lined: float  # opacity of the line


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A name as a camera sees it where nothing flies, and the line that leads to it."""

    label: Label
    line: Lines | None
    box: Vector  # (4,): left, bottom, right and top, as shares of the picture's height


def names_drawn(
    names: Sequence[Nameplate],
    choices: tuple[Choices, Choices],
    share: float,
    extent: Vector,
    camera: Camera,
    aspect: float,
) -> list[Drawn]:
    """The names of a moment.

    Args:
        names: What is written.
        choices: Where the names stood, and where they will.
        share: How far the moment is between the two, 0..1.
        extent: (n, 3): points that enclose everything, in cells.
        camera: Of the picture.
        aspect: Its width divided by its height.
    """
    depths = camera.depths(extent)
    front = max(float(depths.min()), 4 * NEAREST * float(depths.max()))
    right, upward, _ = camera.axes()
    drawn = []
    for name, found in _written(names, choices, share, camera, aspect):
        if found.opacity < FAINTEST:
            continue
        height, middle = found.height * _scale(camera, front), (found.box[:2] + found.box[2:]) / 2
        place = _before(camera, aspect, middle, front)
        label = Label(name.key, name.text, place, right, upward, height, name.color, found.opacity)
        ends = np.array([_before(camera, aspect, end, front) for end in found.line])
        line = Lines(replace(name.key, kind="leader", part=name.key), ends, LINE, WIDTH, found.lined)
        drawn.append(Drawn(label, line if found.lined >= FAINTEST else None, found.box))
    return drawn


def giving_way(
    drawn: Sequence[Drawn], flying: Sequence[Vector], camera: Camera, aspect: float
) -> tuple[tuple[Label, ...], tuple[Lines, ...]]:
    """The labels and lines of names, fainter where something flies before them.

    Args:
        drawn: The names.
        flying: (4, 3) each, in cells: the corners of what flies.
        camera: Of the picture.
        aspect: Its width divided by its height.
    """
    shapes = _seen_shapes(flying, camera, aspect)
    kept = [1 - PASSED * _hidden(one.box, shapes) for one in drawn]
    labels = (_fainter(one.label, share) for one, share in zip(drawn, kept, strict=True))
    lines = (_fainter(one.line, share) for one, share in zip(drawn, kept, strict=True) if one.line is not None)
    return tuple(labels), tuple(lines)


def _fainter(item: Item, share: float) -> Item:
    return item if share == 1 else replace(item, opacity=share * item.opacity)


def _written(
    names: Sequence[Nameplate], choices: tuple[Choices, Choices], share: float, camera: Camera, aspect: float
) -> Iterator[tuple[Nameplate, Written]]:
    """What is read of each name that is there."""
    there = [name for name in names if any(name.key in one for one in choices)]
    if not there:
        return
    found = [
        spots(there, np.array([_height(name.key, one, other) for name in there]), camera, aspect)
        for one, other in (choices, choices[::-1])
    ]
    for index, name in enumerate(there):
        first, last = (_one(index, name, one, at) for one, at in zip(choices, found, strict=True))
        if first is not None and last is not None:
            yield name, _between(first, last, share)
        elif first is not None:
            yield name, _faded(first, 1 - share)
        elif last is not None:
            yield name, _faded(last, share)


def _height(key: ItemKey, one: Choices, other: Choices) -> float:
    return (one.get(key) or other[key]).height


def _one(index: int, name: Nameplate, choices: Choices, found: Spots) -> Written | None:
    choice = choices.get(name.key)
    if choice is None:
        return None
    place = choice.place
    near = float(np.clip((found.depths[index, place] - NEAR) / (CLOSE - NEAR), 0.0, 1.0))
    line = np.stack([found.starts[index, place], found.ends[index, place]])
    lined = float(found.lined[index, place]) * near
    return Written(found.boxes[index, place], line, choice.height, near, lined)


def _faded(one: Written, share: float) -> Written:
    return replace(one, opacity=share * one.opacity, lined=share * one.lined)


def _between(first: Written, last: Written, share: float) -> Written:
    """A name on its way from one place to the next."""

    def mean(one: Vector, other: Vector) -> Vector:
        return (1 - share) * one + share * other

    return Written(
        mean(first.box, last.box),
        mean(first.line, last.line),
        (1 - share) * first.height + share * last.height,
        (1 - share) * first.opacity + share * last.opacity,
        (1 - share) * first.lined + share * last.lined,
    )


def _scale(camera: Camera, depth: float) -> float:
    """Height of the picture at a depth, in cells."""
    return 2 * depth * camera.slope


def _before(camera: Camera, aspect: float, place: Vector, depth: float) -> Vector:
    """(3,): what is seen at a place of the picture, at a depth."""
    right, upward, toward = camera.axes()
    across, up = (place - (0.5 * aspect, 0.5)) * _scale(camera, depth)
    point: Vector = camera.position - depth * toward + across * right + up * upward
    return point


def _seen_shapes(flying: Sequence[Vector], camera: Camera, aspect: float) -> Vector:
    """(shapes, 4, 2): corners of what flies, as they are seen; but for what is not wholly before the eye."""
    found = [seen(camera, corners, aspect) for corners in flying]
    shapes = [flat for flat, depth in found if (depth > 0).all()]
    return np.array(shapes).reshape(-1, 4, 2)


def _hidden(box: Vector, shapes: Vector) -> float:
    """The share of a text that is seen over some convex shapes."""
    if not len(shapes):
        return 0.0
    near = ((shapes.min(axis=1) <= box[2:]) & (shapes.max(axis=1) >= box[:2])).all(axis=-1)
    if not near.any():
        return 0.0
    shapes = shapes[near]
    points = box[:2] + SAMPLES * (box[2:] - box[:2])
    return float(inside(points, shapes).any(axis=0).mean())
