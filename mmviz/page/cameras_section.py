"""What a page has of cameras: the scene's own, its paths through the film, chapters, and how a person moves an eye.

All that goes by the shape of the picture is told for some shapes; a page takes the widest of them that it holds.
"""

import numpy as np

from mmviz.page.arrays import Arrays
from mmviz.page.items import camera, tight, vector
from mmviz.page.matrices_section import Record
from mmviz.picture import easing
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import INSET_BOTTOM, INSET_MARGIN, INSET_SIDE
from mmviz.picture.eye import camera as cameras
from mmviz.picture.eye import camera_path, compass, giving_way, handling, orbit
from mmviz.picture.eye.camera_path import CameraPath, Stop
from mmviz.picture.eye.flight import View
from mmviz.picture.shots import camera_work, framing
from mmviz.picture.shots.camera_work import CameraWork
from mmviz.picture.shots.framing import Look
from mmviz.picture.shots.keyframe_cameras import Following
from mmviz.picture.time.chapters import Chapter
from mmviz.scene.language.tree import walk

ASPECTS = (16 / 9, 4 / 3, 1.0, 9 / 16)
"""Widths divided by heights of the pictures for which cameras and the places of names are told."""
STRAIGHT = 1e-9
"""How far a point of a way may be beside the straight line between its neighbours to be left out, in cells."""


def cameras_section(composition: Composition, arrays: Arrays) -> Record:
    """The section of the document.

    Args:
        composition: The scene.
        arrays: Where the numbers go.
    """
    works = [composition.cameras.work(aspect) for aspect in ASPECTS]
    return {
        "rules": _rules(),
        "spin": works[0].spin,
        "whole": _chapter(works[0].whole),
        "chapters": [_chapter(one) for one in composition.chapters],
        "extent": tight(composition.extent, arrays),
        "extents": _extents(composition, arrays),
        "own": _own(composition),
        "aspects": [_shaped(composition, aspect, work, arrays) for aspect, work in zip(ASPECTS, works, strict=True)],
    }


def _rules() -> Record:
    return {
        "viewAngle": cameras.VIEW_ANGLE,
        "widest": cameras.WIDEST,
        "clearance": cameras.CLEARANCE,
        "beside": cameras.BESIDE,
        "level": cameras.LEVEL,
        "rounding": cameras.ROUNDING,
        "nearest": orbit.NEAREST,
        "back": orbit.BACK,
        "backing": camera_path.BACKING,
        "change": camera_work.CHANGE,
        "ramp": easing.RAMP,
        "few": giving_way.FEW,
        "share": giving_way.SHARE,
        "large": giving_way.LARGE,
        "huge": giving_way.HUGE,
        "seen": giving_way.SEEN,
        "border": list(framing.BORDER),
        "focusBorder": list(framing.FOCUS_BORDER),
        "roomForInset": list(framing.ROOM_FOR_INSET),
        "sharesAbove": list(framing.SHARES_ABOVE),
        "insetSide": INSET_SIDE,
        "insetMargin": INSET_MARGIN,
        "insetBottom": INSET_BOTTOM,
        "farthest": handling.FARTHEST,
        "flight": handling.FLIGHT,
        "sampled": list(handling.SAMPLED),
        "covered": handling.COVERED,
        "standard": {name: list(direction) for name, direction in handling.STANDARD.items()},
        "sides": {name: [list(way) for way in ways] for name, ways in compass.SIDES.items()},
        "edgeOn": compass.EDGE_ON,
        "straight": compass.STRAIGHT,
    }


def _chapter(one: Chapter) -> Record:
    return {
        "first": one.first,
        "last": one.last,
        "speed": one.speed,
        "hold": one.hold,
        "start": one.start,
        "title": one.title,
        "joined": one.joined,
    }


def _extents(composition: Composition, arrays: Arrays) -> Record:
    """What encloses each matrix with the sheet behind it and its cube: the extent, where others are hidden."""
    found = [composition.extent_of([node.path]) for node in walk(composition.root)]
    return {"counts": [len(points) for points in found], "points": tight(np.concatenate(found), arrays)}


def _own(composition: Composition) -> Record:
    """What a scene says of its own camera, for pictures of other shapes."""
    eye = composition.eye
    return {
        "direction": [float(number) for number in eye.direction],
        "zoom": eye.zoom,
        "position": None if eye.position is None else [float(number) for number in eye.position],
        "target": [float(number) for number in eye.target],
        "viewAngle": eye.view_angle,
    }


def _shaped(composition: Composition, aspect: float, work: CameraWork, arrays: Arrays) -> Record:
    """What goes by the shape of the picture."""
    eye, bars = composition.eye, composition.bars.room(aspect)
    room = composition.framing.room(Look(np.array(eye.direction), eye.zoom), aspect)[0]
    return {
        "aspect": aspect,
        "own": camera(work.own),
        "room": tight(room, arrays),  # (n, 3): what has to be in the picture
        "bars": {"right": bars.right, "bottom": bars.bottom},
        "path": _path(work.path),
        "paths": [_path(one) for one in work.paths],
    }


def _path(one: CameraPath | None) -> Record | None:
    if one is None:
        return None
    return {
        "stops": [_stop(stop) for stop in one.stops],
        "after": None if one.after is None else _stop(one.after),
        "leaving": one.leaving,
    }


def _stop(one: Stop) -> Record:
    return {
        "clock": one.clock,
        "view": _view(one.view),
        "orbit": one.orbit,
        "wide": None if one.wide is None else _view(one.wide),
        "follow": _way(one.follow) if isinstance(one.follow, Following) else None,
    }


def _view(one: View) -> Record:
    return {
        "pivot": vector(one.pivot),
        "offset": vector(one.offset),
        "distance": one.distance,
        "turn": one.turn,
        "climb": one.climb,
        "viewAngle": one.view_angle,
    }


def _way(follow: Following) -> Record:
    """Where the pivot is at some times; between two of them it goes on evenly."""
    clocks = follow.bends()
    pivots = [follow(clock).pivot for clock in clocks]
    kept = [0]
    for number in range(1, len(clocks) - 1):
        first, last = kept[-1], number + 1
        share = (clocks[number] - clocks[first]) / (clocks[last] - clocks[first])
        straight = pivots[first] + share * (pivots[last] - pivots[first])
        kept += [number] if abs(straight - pivots[number]).max() > STRAIGHT else []
    kept += [len(clocks) - 1] if len(clocks) > 1 else []
    return {"clocks": [clocks[number] for number in kept], "pivots": [vector(pivots[number]) for number in kept]}
