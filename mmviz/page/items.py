"""Items of draw lists as a page's document has them: plain records, named as in front/src/picture/drawlist.ts."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmviz.page.arrays import Arrays, Ref
from mmviz.page.matrices_section import Record, placed
from mmviz.page.storing import exact
from mmviz.picture.drawlist import Caption, DrawList, Inset, Label, Lines, Sheet, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.palette import MmLook, Palette
from mmviz.picture.space.placement import Vector
from mmviz.picture.space.sweep import Sweep

LookNumber = Callable[[Palette | MmLook], int]
"""Which of the document's looks one is."""


def vector(one: Vector) -> list[float]:
    """The numbers of a vector."""
    return [float(number) for number in one]


def tight(array: NDArray[Any], arrays: Arrays) -> Ref:
    """An array of float64 among the others, in half the room where float32 says the same."""
    return arrays.add(exact(array))


def camera(one: Camera) -> Record:
    """An eye."""
    return {
        "position": vector(one.position),
        "target": vector(one.target),
        "up": vector(one.up),
        "viewAngle": one.view_angle,
    }


def sweep(one: Sweep) -> Record:
    """A set of cells."""
    return {
        "rowTurn": one.row_turn,
        "columnTurn": one.column_turn,
        "first": one.first,
        "last": one.last,
        "rowBlock": one.row_block,
        "columnBlock": one.column_block,
        "rowSize": one.row_size,
        "columnSize": one.column_size,
    }


def sheet(one: Sheet, arrays: Arrays, look: LookNumber) -> Record:
    """A matrix as it is drawn."""
    rows, columns = one.values.shape
    return {
        "key": str(one.key),
        "path": one.key.path,
        "placement": placed(one.placement),
        "matrix": {"rows": rows, "columns": columns, "values": arrays.add(one.values)},
        "scale": one.scale,
        "masked": None if one.masked is None else arrays.add(one.masked.astype(np.uint8)),
        "look": look(one.look),
        "shown": sweep(one.shown),
        "lit": [sweep(cells) for cells in one.lit],
        "dimmed": one.dimmed,
    }


def lines(one: Lines, arrays: Arrays) -> Record:
    """Straight segments."""
    return {
        "key": str(one.key),
        "points": tight(one.points, arrays),
        "color": list(one.color),
        "width": one.width,
        "opacity": one.opacity,
    }


def label(one: Label) -> Record:
    """A line of text."""
    return {
        "key": str(one.key),
        "text": one.text,
        "center": vector(one.center),
        "along": vector(one.along),
        "up": vector(one.up),
        "height": one.height,
        "color": list(one.color),
        "opacity": one.opacity,
    }


def ticks(one: TickLabels, arrays: Arrays) -> Record:
    """Short texts along an edge."""
    return {
        "key": str(one.key),
        "texts": list(one.texts),
        "places": tight(one.places, arrays),
        "along": vector(one.along),
        "up": vector(one.up),
        "height": one.height,
        "color": list(one.color),
        "ends": one.ends,
        "opacities": list(one.opacities),
    }


def caption(one: Caption) -> Record:
    """A line of text in the picture's plane."""
    return {
        "key": one.key,
        "text": one.text,
        "level": one.level,
        "color": list(one.color),
        "height": one.height,
        "badge": one.badge,
        "plate": None if one.plate is None else list(one.plate),
    }


def drawing(one: DrawList, arrays: Arrays, look: LookNumber) -> Record:
    """A picture that does not change; it has no arrows and no insets."""
    return {
        "sheets": [sheet(each, arrays, look) for each in one.sheets],
        "lines": [lines(each, arrays) for each in one.lines],
        "labels": [label(each) for each in one.labels],
        "ticks": [ticks(each, arrays) for each in one.ticks],
        "patches": [],
        "captions": [caption(each) for each in one.captions],
        "insets": [],
        "background": list(one.background),
        "extent": tight(one.extent, arrays),
        "near": one.near,
    }


def inset(one: Inset, arrays: Arrays, look: LookNumber) -> Record:
    """A picture in another that does not change."""
    return {
        "key": str(one.key),
        "kind": one.key.kind,
        "drawing": drawing(one.drawing, arrays, look),
        "camera": camera(one.camera),
        "side": one.side,
        "margin": one.margin,
        "bottom": one.bottom,
        "width": one.width,
    }
