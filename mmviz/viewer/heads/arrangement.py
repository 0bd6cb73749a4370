"""Where each head stands in the grid of heads, and how large it is there: numbers alone, no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan
from typing import Literal, NamedTuple

from mmviz.picture.look.head_pattern import Measure

LARGEST = 176
"""Side of a head's picture, in the screen's own unit."""
READABLE = 60
"""From here on there is room for a name above it; one layer alone is scrolled rather than drawn smaller."""
SMALLEST = 22
"""All layers are scrolled rather than drawn smaller."""
LABEL = 17
"""Height of the name above it."""
GAP = 6
"""Between two pictures that have names."""

GOOD = 0.85
"""Share of the largest side that fits at which more columns are better than larger pictures."""

Order = Literal["head"] | Measure


class Head(NamedTuple):
    """A head of a model, both from 0."""

    layer: int
    head: int

    @property
    def name(self) -> str:
        """As the grid calls it."""
        return f"L{self.layer} H{self.head}"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The heads in reading order, so many a row."""

    heads: tuple[Head, ...] = ()
    columns: int = 1
    side: int = READABLE  # of a picture
    headed: bool = False  # rows are layers, columns heads

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-len(self.heads) // self.columns)

    @property
    def named(self) -> bool:
        """Whether there is room for names."""
        return self.side >= READABLE

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a cell: the picture, what is around it, and its name."""
        gap = GAP if self.named else 2
        return self.side + gap, self.side + gap + (LABEL if self.named else 0)

    def at(self, row: int, column: int) -> Head | None:
        """The head in a cell; None beyond the last one."""
        number = row * self.columns + column
        return self.heads[number] if number < len(self.heads) else None

    def place(self, head: Head) -> tuple[int, int] | None:
        """The row and the column of a head; None where it is not there."""
        try:
            return divmod(self.heads.index(head), self.columns)
        except ValueError:
            return None


def of_layers(layers: Sequence[int], heads: int) -> tuple[Head, ...]:
    """All heads of some layers, layer by layer."""
    return tuple(Head(layer, head) for layer in layers for head in range(heads))


def sorted_by(heads: Sequence[Head], scores: Mapping[Head, float], *, least_first: bool = False) -> tuple[Head, ...]:
    """The heads by their score, the largest first; those without a number last; equal ones by layer and head."""

    def key(head: Head) -> tuple[float, Head]:
        score = scores.get(head, float("nan"))
        return (inf if isnan(score) else score if least_first else -score), head

    return tuple(sorted(heads, key=key))


def arranged(heads: Sequence[Head], width: int, height: int, headed: int = 0) -> Arrangement:
    """The heads as large as they fit into an area, or smaller and scrolled where they would be too small to be seen.

    Args:
        heads: In reading order.
        width: Of the area, in the screen's own unit.
        height: Of it.
        headed: Heads of a layer, where rows are to be layers; 0: rows are as long as fits best.
    """
    if not heads:
        return Arrangement()
    if headed:
        return _by_layers(tuple(heads), width, height, headed)
    sides = {columns: _side(len(heads), columns, width, height) for columns in range(1, len(heads) + 1)}
    good = max(READABLE, round(GOOD * max(sides.values())))
    fitting = [columns for columns, side in sides.items() if side >= good]
    if fitting:
        return Arrangement(tuple(heads), fitting[-1], sides[fitting[-1]])
    columns = max(1, width // (READABLE + GAP))
    return Arrangement(tuple(heads), columns, _fitting(width, columns, READABLE))


def _by_layers(heads: tuple[Head, ...], width: int, height: int, headed: int) -> Arrangement:
    """A row a layer; where pictures would be small in it, but are not in several rows a layer, so many."""
    side = _fitting(width, headed, SMALLEST)
    if side < READABLE:
        divisors = [columns for columns in range(1, headed) if headed % columns == 0]
        sides = {columns: _side(len(heads), columns, width, height) for columns in divisors}
        best = max(sides, key=lambda columns: (sides[columns], columns), default=headed)
        if sides.get(best, 0) >= READABLE:
            return Arrangement(heads, best, sides[best])
    return Arrangement(heads, headed, side, headed=True)


def _side(count: int, columns: int, width: int, height: int) -> int:
    """Of so many pictures in so many columns, where nothing is to be scrolled."""
    rows = -(-count // columns)
    return min(LARGEST, width // columns - GAP, height // rows - GAP - LABEL)


def _fitting(width: int, columns: int, least: int) -> int:
    side = width // columns - GAP
    if side < READABLE:
        side = min(width // columns - 2, READABLE - 1)
    return max(least, min(LARGEST, side))
