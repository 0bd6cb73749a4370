"""Which tokens an inset names where it has no room for all: the current row's, and those of its largest weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import Lines, Sheet, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.palette import Color
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.marks.labels import readable
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.sweep import Sweep

NAMED: Color = (0.93, 0.92, 1.0)
LEADER: Color = (0.55, 0.55, 0.65)
LETTERS = 8
"""Most letters of a token that is named."""
MOST = 4
"""Most columns that are named."""
LEAST = 0.05
"""Least weight of a named column, as a share of the row's largest."""
SPACE = 1.2
"""Least space between two names in a line, as a share of their capitals' height."""
AWAY = 1.0
"""How far names stand from the matrix's border, likewise, and twice as far above: lines lead there."""
GAP = 0.4
"""From such a line to its name, likewise."""
ABOVE = 2 * AWAY + GAP + 1.2
"""How far the names of columns reach out of the matrix, likewise."""
TICKS = 25
"""Most ticks along a side."""
SAMPLED = 256
"""Columns of a row that are asked whether they are there, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Naming:
    """What is written beside a matrix, and the lines that lead there."""

    ticks: tuple[TickLabels, ...]
    lines: Lines


class Namer:
    """Names the tokens of insets; what it gave last is kept, so that frames of one row share their texts.

    Args:
        texts: What is written for each token, by the name of the axes that count them.
        axes: Names of rows and columns by path.
    """

    def __init__(self, texts: Mapping[str, Sequence[str]], axes: Mapping[str, tuple[str, str]]) -> None:
        self._texts, self._axes = texts, axes
        self._key: tuple[float | None, ...] = ()
        self._latest: Naming | None = None

    def at(self, sheet: Sheet, lit: Sequence[Sweep], height: float, camera: Camera) -> Naming:
        """What is named of a matrix as it is shown.

        Args:
            sheet: The matrix.
            lit: The cells that a person has picked.
            height: Of a capital letter, in cells.
            camera: From where it is read.
        """
        row = current(sheet.placement.shape, sheet.shown, lit)
        columns: list[int] = []
        named = [self._texts.get(name, ()) for name in self._axes[sheet.key.path]]
        if row is not None and len(named[1]) == sheet.values.shape[1]:
            masked = np.zeros(sheet.values.shape[1], np.bool_) if sheet.masked is None else sheet.masked[row]
            columns = strongest(sheet.values[row], ~masked)
        key = (height, row, *columns)
        if self._latest is None or key != self._key:
            self._key = key
            self._latest = naming(sheet.key.path, sheet.placement, named, row, columns, height, camera)
        return self._latest


def current(shape: tuple[int, int], shown: Sweep, lit: Sequence[Sweep] = ()) -> int | None:
    """The row that a person looks at, or else the last one that is there; None where there is none.

    Args:
        shape: Rows, columns.
        shown: The cells that are there.
        lit: The cells that a person has picked, or a row that is pointed at.
    """
    rows = np.arange(shape[0])[:, None]
    columns = np.unique(np.linspace(0, shape[1] - 1, min(shape[1], SAMPLED)).astype(int))[None]
    alone = [one for one in lit if one.first == one.last and one.row_turn]  # a cell, or a row
    picked = [one.first // one.row_turn for one in alone if (one.row_turn, one.column_turn) in ((1, 0), (shape[1], 1))]
    if picked:
        return picked[0]
    if shown.first <= 0 and shown.row_turn == 0 == shown.column_turn:
        return shape[0] - 1 if shown.last >= 0 else None
    there = np.flatnonzero(shown.of(rows, columns).any(axis=1))
    return int(there[-1]) if len(there) else None


def strongest(weights: NDArray[np.float32], allowed: NDArray[np.bool_]) -> list[int]:
    """The columns of a row that are named, the strongest first."""
    sizes = np.where(allowed & np.isfinite(weights), np.abs(weights), 0.0)
    largest = np.argsort(-sizes, kind="stable")[:MOST]
    return [int(j) for j in largest if sizes[j] > 0 and sizes[j] >= LEAST * sizes.max()]


def spaced(wanted: Sequence[float], widths: Sequence[float], start: float, end: float) -> list[float]:
    """The middles of names in a line, in their order, as near to where they belong as they can be.

    Args:
        wanted: Where they belong, from the first on.
        widths: How wide each is, with the space that it keeps from the next.
        start: Where the line begins.
        end: Where it ends; what is wider in all goes beyond it.
    """
    before = np.cumsum([0.0, *widths[:-1]]) + np.array(widths) / 2  # from the line's start to each middle
    groups: list[tuple[float, int]] = []  # names that stand close together: where their line would begin, how many
    for place, offset in zip(wanted, before, strict=True):
        groups.append((place - float(offset), 1))
        while len(groups) > 1 and groups[-2][0] > groups[-1][0]:
            (one, few), (other, more) = groups[-2:]
            groups[-2:] = [((few * one + more * other) / (few + more), few + more)]
    starts = [begin for begin, count in groups for _ in range(count)]
    last = max(end - sum(widths), start)
    return [min(max(begin, start), last) + float(offset) for begin, offset in zip(starts, before, strict=True)]


def short(token: str) -> str:
    """A token as it is named, no longer than LETTERS."""
    return token if len(token) <= LETTERS else token[: LETTERS - 1] + "…"


def naming(
    path: str,
    placement: Placement,
    texts: Sequence[Sequence[str]],
    row: int | None,
    columns: Sequence[int],
    height: float,
    camera: Camera,
) -> Naming:
    """The name of a row at the left, of some columns in a line above, and ticks at regular distances.

    Args:
        path: Of the matrix.
        placement: Where it stands.
        texts: What is written for each row, and for each column.
        row: The row that is named.
        columns: The columns that are named, the strongest first; as many as there is room for.
        height: Of a capital letter, in cells.
        camera: From where it is read.
    """
    down, across = placement.ways
    points = [*_ticks(placement, 0, -across, 0.4 * height), *_ticks(placement, 1, -down, 0.4 * height)]
    ticks: list[TickLabels] = []
    if row is not None:
        name, line = _row_named(path, placement, row, short(texts[0][row]), height, camera)
        ticks.append(name)
        points += line
    ends = (-room(texts[0]) * height, placement.reach[1] + 1)
    numbers = _fitting(columns, texts[1], (ends[1] - ends[0]) / height)
    if numbers:
        words = tuple(short(texts[1][number]) for number in numbers)
        names, lines = _columns_named(path, placement, numbers, words, ends, height, camera)
        ticks.append(names)
        points += lines
    return Naming(tuple(ticks), Lines(ItemKey("mark", path, "tokens"), np.array(points), LEADER, 1.2))


def _row_named(
    path: str, placement: Placement, row: int, word: str, height: float, camera: Camera
) -> tuple[TickLabels, list[Vector]]:
    """What stands at the left of a row, and the ends of the line to it, (3,) each."""
    down, across = placement.ways
    border = placement.spot(row, 0) - placement.margins(MARGIN)[1] * across
    place = border - AWAY * height * across
    along, up = readable(across, -down, camera, place)
    foot = place[None] - GAP * height * across
    name = TickLabels(ItemKey("tokens", path, 0), (word,), foot, along, up, height, NAMED, ends=True)
    return name, [border, place]


def _columns_named(
    path: str,
    placement: Placement,
    numbers: Sequence[int],
    words: tuple[str, ...],
    ends: tuple[float, float],
    height: float,
    camera: Camera,
) -> tuple[TickLabels, list[Vector]]:
    """What stands above columns, between two ends of a line in cells, and the ends of the lines there, (3,) each."""
    down, across = placement.ways
    widths = np.array([height * length_of(word) for word in words])
    belong = placement.spot(0, numbers)  # (columns, 3)
    wanted = (belong - placement.origin) @ across  # (columns,)
    middles = np.array(spaced(wanted.tolist(), (widths + SPACE * height).tolist(), *ends))
    border = belong - placement.margins(MARGIN)[0] * down
    feet = border + (middles - wanted)[:, None] * across - 2 * AWAY * height * down
    along, up = readable(across, -down, camera, feet.mean(axis=0))
    places = feet - (0.5 + GAP) * height * down - widths[:, None] / 2 * across
    names = TickLabels(ItemKey("tokens", path, 1), words, places, along, up, height, NAMED)
    return names, list(np.stack([border, feet], axis=1).reshape(-1, 3))


def _fitting(columns: Sequence[int], texts: Sequence[str], wide: float) -> list[int]:
    """As many of the first columns as find room in a line, from left to right; `wide` is a share of the capitals."""
    widths = np.cumsum([length_of(short(texts[number])) + SPACE for number in columns])
    return sorted(columns[: int((widths <= wide).sum())])


def room(texts: Sequence[str]) -> float:
    """How far the name of a row reaches out of the matrix at most, as a share of its capitals' height."""
    return AWAY + GAP + max(length_of(short(text)) for text in texts)


def _beside(placement: Placement, axis: int, numbers: Vector) -> Vector:
    """(n, 3): the first element of some rows (axis 0) or columns."""
    return placement.spot(numbers, 0) if axis == 0 else placement.spot(0, numbers)


def _ticks(placement: Placement, axis: int, out: Vector, long: float) -> list[Vector]:
    size = placement.shape[axis]
    step = next(s for power in range(9) for s in (10**power, 2 * 10**power, 5 * 10**power) if size / s <= TICKS)
    places = _beside(placement, axis, np.arange(0, size, step, dtype=float)) + placement.margins(MARGIN)[1 - axis] * out
    return list(np.stack([places, places + long * out], axis=1).reshape(-1, 3))
