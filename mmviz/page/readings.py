"""What is read from where: which names stand at which of their places for a camera, and which sizes are there.

These are choices, and a page has no rule for them. It has those of the scene's own camera, a few a second where that
moves, and those of a library of views from all sides; between them it takes those of the nearest view. In low pictures,
such as a phone's that lies on its side, texts have to be larger to be read: the page has all of it for these, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmviz.page.arrays import Arrays
from mmviz.page.cameras_section import ASPECTS
from mmviz.page.items import camera, label, ticks
from mmviz.page.matrices_section import Record
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.orbit import turntable
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.marks.name_places import PLACES, Nameplate
from mmviz.picture.marks.names import Choices
from mmviz.picture.marks.writing import Texts
from mmviz.picture.shots.framing import Look
from mmviz.picture.shots.lettering import Lettering
from mmviz.picture.shots.naming_shots import PAUSE
from mmviz.picture.space.placement import Vector, length

LOW, LOW_BELOW = 300, 560
"""Height of low pictures in pixels of the page, and below which height a picture is one."""
NOWHERE = 255
"""Place of a name that is not there."""
FEW, MANY = 20, 60
"""Matrices of a scene up to which its library has views also between faces, edges and corners, and from which on it has
those from faces and corners alone: each takes time to be chosen for."""
ROUND = 16
"""Views of one ring between them."""
RINGS = (-25.0, 0.0, 25.0, 55.0)
"""How high the eyes of these rings have climbed, in degrees."""
APART = 15.0
"""How far each is at least from every other view, in degrees."""
STAYING = 4.0
"""Degrees by which another view has to be nearer than the one whose choices are shown."""
CHANGE = 0.3
"""Seconds in which names go from one choice to the next while a person turns the scene."""


@dataclass
class Readings:
    """Collects choices, each kept once.

    Args:
        names: All that can be written over matrices.
        arrays: Where the numbers go.
        axes: Names of rows and columns by path.
    """

    names: Sequence[Nameplate]
    arrays: Arrays
    axes: Mapping[str, tuple[str, str]]
    _rows: dict[bytes, int] = field(default_factory=dict)
    _places: list[NDArray[np.uint8]] = field(default_factory=list)
    _heights: list[NDArray[np.float32]] = field(default_factory=list)
    _labels: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _label_records: list[Record] = field(default_factory=list)
    _ticks: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _tick_records: list[Record] = field(default_factory=list)
    _sets: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def row(self, choices: Choices) -> int:
        """Where names stand, by a number."""
        found = [choices.get(name.key) for name in self.names]
        places = np.array([NOWHERE if one is None else one.place for one in found], np.uint8)
        heights = np.array([0.0 if one is None else one.height for one in found], np.float32)
        key = places.tobytes() + heights.tobytes()
        if key not in self._rows:
            self._rows[key] = len(self._places)
            self._places.append(places)
            self._heights.append(heights)
        return self._rows[key]

    def texts(self, there: Texts) -> int:
        """Which sizes and tokens are there, by a number."""
        labels = tuple((self._label(one), one.height) for one in there.labels)
        key = labels, tuple(self._tick(one) for one in there.ticks)
        return self._sets.setdefault(key, len(self._sets))

    def _label(self, one: Any) -> int:
        key = one.key, one.text, one.center.tobytes()
        if key not in self._labels:
            self._labels[key] = len(self._label_records)
            self._label_records.append({"path": one.key.path, "length": length_of(one.text), **label(one)})
        return self._labels[key]

    def _tick(self, one: Any) -> int:
        key = one.key, one.places.tobytes()
        if key not in self._ticks:
            self._ticks[key] = len(self._tick_records)
            longest = max(map(length_of, one.texts))
            counted = self.axes[one.key.path][int(one.key.part)]
            told = {"path": one.key.path, "longest": longest, "axis": counted}
            record = {**told, **ticks(one, self.arrays), "texts": []}
            self._tick_records.append(record)
        return self._ticks[key]

    def record(self) -> Record:
        """All that the numbers stand for."""
        shape = len(self._places), len(self.names)
        return {
            "nowhere": NOWHERE,
            "places": self.arrays.add(np.array(self._places, np.uint8).reshape(shape)),
            "heights": self.arrays.add(np.array(self._heights, np.float32).reshape(shape)),
            "labels": self._label_records,
            "ticks": self._tick_records,
            "sets": [
                {"labels": [number for number, _ in labels], "heights": [high for _, high in labels], "ticks": rows}
                for labels, rows in self._sets
            ],
        }


def readings_section(composition: Composition, arrays: Arrays) -> Record:
    """Everything that is read, and from where.

    Args:
        composition: The scene.
        arrays: Where the numbers go.
    """
    assert PLACES <= NOWHERE  # noqa: S101  (a place is told by a byte)
    found = Readings(composition.writing.names(), arrays, composition.axes)
    library = [composition.camera_toward(Look(way), ASPECTS[0]) for way in directions(len(composition.layout))]
    wide = tuple(aspect for aspect in ASPECTS if aspect >= 1)  # no picture is both low and narrow
    return {
        "pause": PAUSE,
        "change": CHANGE,
        "staying": STAYING,
        "library": [camera(one) for one in library],
        "usual": _read(composition, ASPECTS, library, found),
        "low": {"below": LOW_BELOW, **_read(composition.for_height(LOW), wide, library, found)},
        **found.record(),
    }


def _read(composition: Composition, aspects: Sequence[float], library: Sequence[Camera], found: Readings) -> Record:
    """All choices for pictures of a height."""
    standing, moving = [], []
    for aspect in aspects:
        lettering = composition.cameras.lettering(aspect, frozenset())
        work = composition.cameras.work(aspect)
        standing.append(_alone(work.own, lettering, found) if work.stands else None)
        moving.append(None if work.stands else _film(composition, aspect, lettering, found))
    lettering = composition.cameras.lettering(ASPECTS[0], frozenset())
    return {"standing": standing, "moving": moving, "views": [_alone(one, lettering, found) for one in library]}


def directions(count: int) -> list[Vector]:
    """Toward the eyes of a library, (3,) each, for a scene of so many matrices."""
    around = [np.array(way, float) for way in product((-1, 0, 1), repeat=3) if any(way)]
    if count >= MANY:
        return [way for way in around if abs(way).sum() != 2]
    return around if count > FEW else list(_between(around))


def _between(around: Sequence[Vector]) -> Iterator[Vector]:
    """Directions, and of the rings between them those that are not near to any of them."""
    found = [way / length(way) for way in around]
    yield from around
    for climb, number in product(np.radians(RINGS), range(ROUND)):
        way = turntable(2 * np.pi * number / ROUND, climb)[0]
        if max(float(way @ other) for other in found) < np.cos(np.radians(APART)):
            found.append(way)
            yield way


def _alone(one: Camera, lettering: Lettering, found: Readings) -> Record:
    texts, names = lettering.alone(one)
    return {"names": found.row(names), "texts": found.texts(texts)}


def _film(composition: Composition, aspect: float, lettering: Lettering, found: Readings) -> list[Record]:
    """The choices of every chapter, a few a second."""
    work = composition.cameras.work(aspect)
    chapters = []
    for chapter in range(len(composition.chapters)):
        records = [lettering.filmed(chapter, number) for number in range(int(work.lasts(chapter) / PAUSE) + 1)]
        _, before, _ = records[0]
        chapters.append(
            {
                "before": found.row(before),
                "names": [found.row(now) for _, _, now in records],
                "texts": [found.texts(texts) for texts, _, _ in records],
            }
        )
    return chapters
