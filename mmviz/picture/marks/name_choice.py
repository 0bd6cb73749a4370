"""Where each name stands: the best place that is free, for a camera and those that come next; draws nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.marks.faces_seen import ROWS, FacesSeen, seen
from mmviz.picture.marks.name_places import (
    ALONG,
    ANCHORS,
    AROUND,
    BESIDE,
    EDGES,
    FAR,
    INSIDE,
    ON,
    PLACES,
    RINGS,
    TINY,
    Nameplate,
    Spots,
    heights,
    spots,
)
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Vector

LEAST_SEEN = 1.2e-4
"""Share of the picture that has to be seen of a matrix, or its name stands for nothing."""
IMPOSSIBLE = 50.0
"""Costs of a place that is none."""
GOOD = 1.2
"""Costs up to which a place is a good one."""
WORST = 4.0
"""Costs from which a name is rather left out."""
OVER_CELLS, FREE = 10.0, 0.08
"""Costs of standing over matrices, and the share of a text from which it is impossible."""
OVER_FLIGHTS = 1.2
"""Costs of standing where things fly."""
ON_MATRIX, COVERS = 1.0, 25.0
"""Costs of standing on the matrix itself, and of all that is hidden of it."""
MOST_COVERED = 0.03
"""Share of what is seen of a matrix that its name may hide."""
LINE, LENGTH, CROSSING, THROUGH = 0.35, 0.08, 2.2, 0.3
"""Costs of a line, of a capital's height of it, of being all over other matrices and all over its own one."""
TOGETHER = 0.3
"""Share of what all signs cost on average at a place: they stand in a row where they can."""
NOW = 0.4
"""How much what a place costs now counts, where 1 is what it costs later."""
OVER_TEXT = 1.5
"""Costs of a line over another text."""
LATER = 3.0
"""Most that a place costs which is none later."""
ANOTHER = 30.0
"""Costs of lying over another name later."""
KEEPING = 2.0
"""How much better a place has to be for a name to leave the one that it had."""
NOT_YET: Mapping[ItemKey, "Choice"] = {}
APART = 0.25
"""Least distance of two names, as a multiple of a capital's height."""
SAMPLES = np.linspace(0.06, 0.94, 9)
"""Shares of the way along a line, at which it is asked what it crosses."""
LEVEL = 1e-12
"""Way across or up, as a share of the picture's height, below which a line is level or upright."""
LOWEST, HIGHEST, SIDE = 0.012, 0.988, 0.008
"""How near a text comes to the border of the picture."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Where one name stands."""

    place: int  # one of PLACES
    height: float  # of a capital letter, as a share of the picture's height


@dataclass(frozen=True, eq=False)
class Outlook:
    """What one camera sees, and what every place of every name costs."""

    all_names: Sequence[Nameplate]
    view: FacesSeen
    written: Vector  # (boxes, 4): what is taken by other texts and by what lies over the picture
    least: float = TINY  # height of a capital that can be read, as a share of the picture's height

    @cached_property
    def names(self) -> list[Nameplate]:
        """Those of what is seen."""
        tall = heights(self.all_names, self.view)
        areas = dict(zip(self.view.keys, self.view.areas.tolist(), strict=True))
        seen_of = [np.inf if name.matrix is None else areas[name.matrix] for name in self.all_names]
        there = [index for index, area in enumerate(seen_of) if area >= LEAST_SEEN and tall[index] > 0]
        return [self.all_names[index] for index in there]

    @cached_property
    def rows(self) -> Mapping[ItemKey, int]:
        """Which row of the costs belongs to a name."""
        return {name.key: row for row, name in enumerate(self.names)}

    @cached_property
    def large(self) -> "Costed":
        """Names as high as they should be."""
        return self._costed(max(1.0, self.least / TINY) * heights(self.names, self.view))

    @cached_property
    def small(self) -> "Costed":
        """Names in the smallest letters, where there is no room for others."""
        return self._costed(np.minimum(self.large.spots.heights, max(self.least, TINY)))

    def _costed(self, tall: Vector) -> "Costed":
        found = spots(self.names, tall, self.view.camera, self.view.aspect)
        return Costed(found, _costs(self.names, found, self.view, self.written))


@dataclass(frozen=True, slots=True, eq=False)
class Costed:
    """All places in letters of some height."""

    spots: Spots
    costs: Vector  # (names, PLACES)


def _costs(names: Sequence[Nameplate], found: Spots, view: FacesSeen, written: Vector) -> Vector:
    """(names, PLACES): what every place costs."""
    boxes = found.boxes
    own = np.array([-2 if name.matrix is None else view.keys.index(name.matrix) for name in names])[:, None]
    taken = view.taken(boxes)
    costs = OVER_CELLS * taken + OVER_FLIGHTS * view.crossed(boxes) + _PREFERRED
    costs[taken > FREE] += IMPOSSIBLE
    costs[:, BESIDE:ON] = _on_matrix(names, found, view, own)
    low, high = np.array([SIDE, LOWEST]), np.array([view.aspect - SIDE, HIGHEST])
    outside = (boxes[..., :2] < low).any(axis=-1) | (boxes[..., 2:] > high).any(axis=-1)
    is_sign = own == -2
    impossible = outside | ~(_shown(names, view, own) | is_sign) | (found.depths <= 0) | (is_sign & ~_NEXT_TO_EDGES)
    costs[impossible] = IMPOSSIBLE
    possible = costs < IMPOSSIBLE
    costs[possible] += IMPOSSIBLE * _overlapping(boxes[possible], written).any(axis=-1)
    _add_lines(costs, found, view, own[:, 0], written)
    if is_sign.any():
        together = np.minimum(costs[is_sign[:, 0]], 2 * WORST).mean(axis=0)
        costs[is_sign[:, 0]] += TOGETHER * (together - together.min())
    return costs


def _on_matrix(names: Sequence[Nameplate], found: Spots, view: FacesSeen, own: NDArray[np.int64]) -> Vector:
    """(names, INSIDE): costs of the places on a matrix."""
    boxes = found.boxes[:, BESIDE:ON]
    x = boxes[..., [0, 0, 0, 2, 2, 2]] * 1.0
    x[..., [1, 4]] = boxes[..., [0, 2]].mean(axis=-1, keepdims=True)
    y = boxes[..., [1, 3, 1, 3, 1, 3]]
    under = view.at(np.stack([x, y], axis=-1))  # (names, INSIDE, 6)
    sizes = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]) / view.aspect
    areas = np.where(own[:, 0] >= 0, view.areas[own[:, 0]], 0.0)[:, None]
    covered = sizes / np.maximum(areas, 1e-9)
    may = np.array([name.may_cover for name in names])[:, None] & (under == own[..., None]).all(axis=-1)
    costs = ON_MATRIX + COVERS * covered + OVER_FLIGHTS * view.crossed(boxes)
    return np.where(may & (covered <= MOST_COVERED), costs, IMPOSSIBLE)


def _add_lines(costs: Vector, found: Spots, view: FacesSeen, own: NDArray[np.int64], written: Vector) -> None:
    """Add what the lines to texts cost, where a text may stand."""
    row, place = np.nonzero(found.lined & (costs < WORST))
    start, way = found.starts[row, place], found.ends[row, place] - found.starts[row, place]
    points = start[:, None] + SAMPLES[:, None] * way[:, None]  # (lines, samples, 2)
    under = view.at(points)
    mine = under == own[row, None]
    length = np.linalg.norm(way, axis=-1) / found.heights[row]
    costs[row, place] += LINE + LENGTH * length
    costs[row, place] += CROSSING * ((under >= 0) & ~mine).mean(axis=-1) + THROUGH * mine.mean(axis=-1)
    costs[row, place] += OVER_TEXT * _crossed(written, start, start + way).any(axis=0)


def _shown(names: Sequence[Nameplate], view: FacesSeen, own: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(names, PLACES): whether the matrix is seen at the point that a place is counted from, or right beside it."""
    places, depth = seen(view.camera, np.concatenate([name.within for name in names]), view.aspect)
    places = places.reshape(len(names), -1, 1, 2)
    around = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(-1, 2) / ROWS
    found = (view.at(places + around) == own[..., None]).any(axis=-1) & (depth > 0).reshape(len(names), -1)
    shown: NDArray[np.bool_] = found[:, ANCHORS]
    return shown


def _preferences() -> Vector:
    """(PLACES,): what tells equal places apart."""
    edges = np.repeat(np.tile([0.0, 0.05, 0.05, 0.12, 0.12], EDGES), len(RINGS))
    return np.concatenate([edges, np.arange(len(INSIDE)) * 0.05, np.zeros(len(INSIDE) * len(AROUND) * len(FAR))])


_PREFERRED = _preferences()
_NEXT_TO_EDGES = np.concatenate(
    [np.tile(np.arange(len(RINGS)) == 0, EDGES * len(ALONG)), np.zeros(PLACES - BESIDE, np.bool_)]
)


def _overlapping(boxes: Vector, others: Vector) -> NDArray[np.bool_]:
    """(..., others): which boxes, (..., 4), lie over which other ones, (others, 4)."""
    one, other = boxes[..., None, :], others.reshape(-1, 4)
    found: NDArray[np.bool_] = (
        (one[..., 0] < other[..., 2])
        & (other[..., 0] < one[..., 2])
        & (one[..., 1] < other[..., 3])
        & (other[..., 1] < one[..., 3])
    )
    return found


def choose(
    now: Outlook,
    ahead: Sequence[Outlook] = (),
    before: Mapping[ItemKey, Choice] = NOT_YET,
) -> dict[ItemKey, Choice]:
    """Where the names stand, by key; what finds no place is left out.

    Args:
        now: What the camera sees.
        ahead: What it will see, so that no name goes where it cannot stay.
        before: Where they stood: they keep that unless another place is much better.
    """
    choosing = _Choosing([now, *ahead], before)
    chosen: dict[ItemKey, Choice] = {}
    for name in _narrowest_first(now):
        choice = choosing.place(name.key, small=False) or choosing.place(name.key, small=True)
        if choice is not None:
            chosen[name.key] = choice
    return chosen


def _narrowest_first(now: Outlook) -> list[Nameplate]:
    """The names that there are: signs, then those that have the fewest good places."""
    if not now.names:
        return []
    places = (now.large.costs < GOOD).sum(axis=1).tolist()
    order = sorted(now.rows.values(), key=lambda row: (now.names[row].matrix is not None, places[row]))
    return [now.names[row] for row in order]


class _Choosing:
    """Names that get their places one after the other."""

    def __init__(self, outlooks: Sequence[Outlook], before: Mapping[ItemKey, Choice]) -> None:
        self._outlooks = outlooks  # now, and ahead
        self._before = before
        self._placed = [_Placed() for _ in self._outlooks]

    def place(self, key: ItemKey, *, small: bool) -> Choice | None:
        """The best place for a name, which is taken from now on; None where there is none."""
        now, row = self._costed(self._outlooks[0], small=small), self._outlooks[0].rows[key]
        places = np.flatnonzero(now.costs[row] < WORST)
        places = places[~self._placed[0].collides(now.spots, row, places)]
        if not len(places):
            return None
        others = [
            (self._costed(one, small=small), one.rows[key], placed)
            for one, placed in zip(self._outlooks[1:], self._placed[1:], strict=True)
            if key in one.rows
        ]
        total = NOW * now.costs[row, places]
        for other, there, placed in others:
            later = other.costs[there, places] + ANOTHER * placed.collides(other.spots, there, places)
            total = total + np.minimum(later, LATER) / len(others)
        if key in self._before:
            total = total - KEEPING * (places == self._before[key].place)
        best = int(places[total.argmin()])
        for costed, there, placed in [(now, row, self._placed[0]), *others]:
            placed.add(costed.spots, there, best)
        return Choice(best, float(now.spots.heights[row]))

    def _costed(self, one: Outlook, *, small: bool) -> "Costed":
        return one.small if small else one.large


class _Placed:
    """The names that have their places, from one camera."""

    def __init__(self) -> None:
        self._boxes: list[Vector] = []  # (4,) each, with some space around
        self._lines: list[Vector] = []  # (2, 2) each: both ends of the lines that lead to them

    def add(self, found: Spots, index: int, place: int) -> None:
        """Take a place."""
        self._boxes.append(found.boxes[index, place] + APART * found.heights[index] * np.array([-1.6, -1.0, 1.6, 1.0]))
        if found.lined[index, place]:
            self._lines.append(np.stack([found.starts[index, place], found.ends[index, place]]))

    def collides(self, found: Spots, index: int, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(places,): which places of a name lie over what is there, or their lines do."""
        if not self._boxes or not len(places):
            return np.zeros(len(places), np.bool_)
        boxes, taken = found.boxes[index, places], np.array(self._boxes)
        over: NDArray[np.bool_] = np.any(_overlapping(boxes, taken), axis=-1)
        if self._lines:
            over |= _crossed(boxes, *np.stack(self._lines, axis=1)).any(axis=-1)
        with_line = np.flatnonzero(found.lined[index, places] & ~over)
        there = places[with_line]
        over[with_line] = _crossed(taken, found.starts[index, there], found.ends[index, there]).any(axis=0)
        return over


def _crossed(boxes: Vector, starts: Vector, ends: Vector) -> NDArray[np.bool_]:
    """(boxes, lines): which box, (boxes, 4), some of a straight line, from (lines, 2) to (lines, 2), is in."""
    ways = ends - starts
    ways = np.where(np.abs(ways) < LEVEL, LEVEL, ways)
    enters: Vector | float = 0.0
    leaves: Vector | float = 1.0
    for axis in (0, 1):  # numpy takes several times as long to look along axes of two
        low, high = ((boxes[:, side, None] - starts[:, axis]) / ways[:, axis] for side in (axis, axis + 2))
        enters = np.maximum(enters, np.minimum(low, high))  # (boxes, lines), a share of the way
        leaves = np.minimum(leaves, np.maximum(low, high))
    crossed: NDArray[np.bool_] = np.less_equal(enters, leaves)
    return crossed
