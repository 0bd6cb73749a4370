"""A matrix as two textures: its elements, and what they give to a picture in the mean, level by level; no OpenGL.

A cell of a level stands for 2 x 2 cells of the level below, and tells two things of its elements. What they give to a
picture in the mean: their light, and the share of the cell that their spheres cover; so a matrix is as bright from afar
as it is near by. And which element is the strongest, of largest |x| with NaN and infinities first, where it stands out
from what surrounds it; so no outlier is lost. Masked elements and those that are not there yet give nothing.

Where columns are nearer to each other than rows are, the first levels put together two columns each, and no rows.
Elements of two blocks are never put together: each block of a matrix is halved by itself, down to a single cell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.picture.look.palette import MmLook, Palette
from mmviz.render.footprint import FULL, SUMS, Footprints

MASKED = np.float32(-3.0e38)
"""Stands in the texture for an element that a mask forbids."""
UNITS = (2.0**-126, 2.0**127)
"""Least and largest 1 / scale: ordinary float32 numbers, which graphics drivers do not flush to zero."""
SMALLEST = 2.0**-126
"""Of |x| / scale of what is not 0, and of |x| in the texture: less would be drawn as 0 where drivers flush it."""
LIFT = 2.0**64
"""By which a matrix of very small numbers is multiplied with its scale, so that its numbers are ordinary ones."""
MAX_SIDE = 16384
"""Largest side of a texture that every OpenGL driver in use accepts."""
HEADER = 32
"""Texels before the means: the number of the first cell of each level, its lower and its upper 16 bits."""
OFFSETS = 4096
"""Rows and columns of the largest cell that tells where its strongest element is."""
STANDS_OUT = 10.0
"""How many times the mean |x| around it an element is that stands out."""
BAND = 1 << 17
"""Elements that are summed up at once, in about as many rows."""
FAINT = 0.02
"""Share of the scale that the mean |x| around an element counts for at least."""
TINY = 2.0**-120
"""That mean counts for at least so much: the least number that |x| is divided by."""
AROUND = 2
"""How many levels coarser the cells are from whose means an element must stand out."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """Texels of one matrix, read by the running number of a cell: level after level, each row by row.

    The cells of level 0 are the elements. In `texels` they have x, or MASKED; a cell of another level has 0, or, where
    its strongest element stands out, 1 + OFFSETS * rows + columns, by which it is below and right of the cell's first.
    """

    texels: NDArray[np.float32]  # (texture rows, texture columns)
    means: NDArray[np.uint16]  # (texture rows, texture columns, 4): light times coverage, and coverage; FULL is 1
    levels: int
    unit: float  # 1 / scale
    has_outliers: bool
    two_signs: bool

    @property
    def shifts(self) -> tuple[int, int]:
        """log2 of the columns of both textures."""
        return int(self.texels.shape[1]).bit_length() - 1, int(self.means.shape[1]).bit_length() - 1


Entries = TypeVar("Entries", NDArray[np.float32], NDArray[np.int64])


class Side(NamedTuple):
    """One side of a level: so many entries, in blocks of so many; the last block may have fewer."""

    size: int
    block: int

    def halved(self) -> "Side":
        """The same side of the next level: half of every block, rounded up."""
        before = (self.size - 1) // self.block
        block = (self.block + 1) // 2
        return Side(before * block + (self.size - before * self.block + 1) // 2, block)

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(entries of the next level,): the first of the entries that make each; and whether there is a second."""
        within = np.arange(self.size) % self.block
        first = np.flatnonzero(within % 2 == 0)
        return first, (within[first] + 1 < self.block) & (first + 1 < self.size)

    def joined(self, entries: Entries, axis: int, join: np.ufunc) -> Entries:
        """The entries of the next level: every two of a block joined, of an odd block the last as it is."""
        before: tuple[Any, ...] = (slice(None),) * axis
        if self.block == 1:
            return entries
        if self.block >= self.size:
            whole: Entries = entries[(*before, slice(0, None, 2))].copy()
            pair = whole[(*before, slice(0, self.size // 2))]
            join(pair, entries[(*before, slice(1, None, 2))], out=pair)
            return whole
        first, has_second = self.pairs()
        parts: Entries = np.take(entries, first, axis)
        parts[(*before, has_second)] = join(parts[(*before, has_second)], np.take(entries, first[has_second] + 1, axis))
        return parts

    def parents(self) -> NDArray[np.int64]:
        """(entries,): the entry of the next level that each is a part of."""
        number, within = np.divmod(np.arange(self.size), self.block)
        parents: NDArray[np.int64] = number * self.halved().block + within // 2
        return parents


Sides = tuple[Side, Side]
"""Rows and columns of a level."""


def build_atlas(
    values: NDArray[np.float32],
    masked: NDArray[np.bool_] | None,
    look: Palette | MmLook,
    scale: float,
    blocks: tuple[int, int] = (0, 0),
    late: tuple[int, int] = (0, 0),
    there: NDArray[np.bool_] | None = None,
) -> Atlas:
    """Pack a matrix and its pyramid.

    Args:
        values: (rows, columns).
        masked: (rows, columns), True where a mask forbids the element, or None.
        look: Which colours.
        scale: |x| that is drawn at full size.
        blocks: Rows and columns of a block; 0: all.
        late: After how many levels rows, and columns, begin to be halved.
        there: (rows, columns), True where the coarser levels show the element; None: everywhere.

    Raises:
        OutputError: the matrix has more elements than a texture can hold.
    """
    sides, steps = _levels(values.shape, blocks, late)
    first = np.cumsum([0, *(rows.size * columns.size for rows, columns in sides)])
    _check_cells(int(first[-1]), sides[0])
    absent = masked if there is None else ~there if masked is None else masked | ~there
    full = look.high if isinstance(look, MmLook) else scale
    texture = np.zeros((*_shape(HEADER + int(first[-1])), 4), np.uint16)
    packed = texture.reshape(-1, 4)
    packed[: len(sides), 0], packed[: len(sides), 1] = first[:-1] & FULL, first[:-1] >> 16
    footprints, sizes = Footprints(values, absent, look, scale), []
    packed[HEADER:][: values.size] = footprints.packed()
    for start, means in zip(first[1:], _means(footprints, steps), strict=False):
        packed[HEADER + start :][: means.count.size] = np.rint(FULL * means.seen()).reshape(-1, 4)
        sizes.append(means.sizes)
    codes = _outliers(_rank(values, absent), sizes, full, steps)
    texels = np.zeros(_shape(int(first[-1])), np.float32)
    elements, unit = _elements(values, masked, scale)
    for start, part in zip(first, [elements, *codes], strict=False):
        texels.reshape(-1)[start:][: part.size] = part
    stands_out, two_signs = any(code.any() for code in codes), bool((values < 0).any() and (values > 0).any())
    return Atlas(texels, texture, len(sides), unit, stands_out, two_signs)


def _elements(
    values: NDArray[np.float32], masked: NDArray[np.bool_] | None, scale: float
) -> tuple[NDArray[np.float32], float]:
    """The elements one after the other, in numbers that no driver takes for 0, and 1 / scale."""
    if scale < 1.0 / LIFT:
        values, scale = _lifted(values), scale * LIFT
    flat = np.ascontiguousarray(values, np.float32)
    flat = flat if masked is None else np.where(masked, MASKED, flat)
    return _not_flushed(flat.reshape(-1), SMALLEST * max(1.0, scale)), float(np.clip(1.0 / scale, *UNITS))


def check_room(shape: tuple[int, ...], blocks: tuple[int, int] = (0, 0), late: tuple[int, int] = (0, 0)) -> None:
    """Refuse a matrix that is too large, before any work; arguments as in `build_atlas`.

    Raises:
        OutputError: no texture has room for the cells of all its levels.
    """
    levels, _ = _levels(shape, blocks, late)
    _check_cells(sum(rows.size * columns.size for rows, columns in levels), levels[0])


def _check_cells(cells: int, sides: Sides) -> None:
    if cells + HEADER > MAX_SIDE * MAX_SIDE:
        rows, columns = sides
        cut = any(side.block < side.size for side in sides)
        raise OutputError(
            f"a matrix of {rows.size}x{columns.size} is too large to draw; at most {MAX_SIDE * MAX_SIDE * 3 // 4:,} "
            f"elements fit into a texture{', of thin blocks two thirds of that' if cut else ''}."
        )


def _shape(texels: int) -> tuple[int, int]:
    """Rows and columns, a power of two, of a texture with room for so many texels one after the other."""
    width = 1 << max(5, (texels - 1).bit_length() // 2)
    return -(-texels // width), width


def _levels(shape: tuple[int, ...], blocks: tuple[int, int], late: tuple[int, int]) -> tuple[list[Sides], list[Sides]]:
    """Rows and columns of every level, the finest first, down to a single entry of each block; and how they are paired.

    In pairs they make those of the next level; a side that is not halved yet has blocks of a single entry there.
    """
    rows, columns = (Side(size, min(block or size, size)) for size, block in zip(shape, blocks, strict=True))
    levels, steps = [(rows, columns)], list[Sides]()
    while max(rows.block, columns.block) > 1:
        waits = [len(steps) < wait for wait in late]
        pair = [Side(side.size, 1) if wait else side for side, wait in zip((rows, columns), waits, strict=True)]
        steps.append((pair[0], pair[1]))
        rows, columns = (side if wait else side.halved() for side, wait in zip((rows, columns), waits, strict=True))
        levels.append((rows, columns))
    return levels, steps


def _means(footprints: Footprints, steps: list[Sides]) -> Iterator["_Means"]:
    """The means of every level but the first."""
    counts = [np.ones(size, np.float32) for size in footprints.shape]
    sums = None
    for rows, columns in steps:
        if sums is None:
            sums = _first_sums(footprints, rows, columns)
        else:
            sums = columns.joined(rows.joined(sums, 0, np.add), 1, np.add)
        counts = [side.joined(count, 0, np.add) for side, count in zip((rows, columns), counts, strict=True)]
        count = counts[0][:, None] * counts[1]
        yield _Means(sums / count[..., None], count)


def _first_sums(footprints: Footprints, rows: Side, columns: Side) -> NDArray[np.float32]:
    """The sums of level 1, some rows after the other: those of single elements are many."""
    first, has_second = rows.pairs()
    sums = np.empty((len(first), columns.halved().size, SUMS), np.float32)
    band = max(1, BAND // columns.size)
    for start in range(0, len(first), band):
        low, paired = first[start : start + band], has_second[start : start + band]
        light = columns.joined(footprints.sums(low[0], low[-1] + 1 + int(paired[-1])), 1, np.add)
        sums[start : start + band] = light[low - low[0]]
        sums[start : start + band][paired] += light[low[paired] - low[0] + 1]
    return sums


@dataclass(frozen=True, slots=True)
class _Means:
    """Of the elements of each cell of a level."""

    light: NDArray[np.float32]  # (rows, columns, 9): see mmviz.render.footprint
    count: NDArray[np.float32]  # (rows, columns): elements

    @property
    def sizes(self) -> NDArray[np.float32]:
        """(rows, columns): |x| / scale."""
        sizes: NDArray[np.float32] = self.light[..., 7] + self.light[..., 8]
        return sizes

    def seen(self) -> NDArray[np.float32]:
        """(rows, columns, 4): light and coverage of each cell.

        The sign that outweighs the other has the more of the colour, the less that is by chance. The light is that of
        all elements.
        """
        positive, negative = self.light[..., 0:3], self.light[..., 3:6]
        both = [light.sum(axis=2) for light in (positive, negative)]
        light, more = both[0] + both[1], self.light[..., 7] / np.maximum(self.sizes, 1e-9) - 0.5
        share = np.clip(both[0] / np.maximum(light, 1e-9) + more * (np.sqrt(self.count) - 1.0), 0.0, 1.0)
        # What is undecided shows one sign or the other by turns: both in their own colours, which mixed mean nothing.
        turn = np.indices(self.count.shape).sum(axis=0) % 2 - 0.5
        share += turn * (1.0 - np.abs(2.0 * share - 1.0))
        mixed = both[0] * both[1] > 0
        parts = zip((share, 1 - share), both, strict=True)
        weights = [np.where(mixed, part * light / np.maximum(own, 1e-9), 1.0) for part, own in parts]
        colored = positive * weights[0][..., None] + negative * weights[1][..., None]
        return np.concatenate([colored, self.light[..., 6:7]], axis=2)


def _outliers(
    rank: NDArray[np.float32], sizes: list[NDArray[np.float32]], full: float, steps: list[Sides]
) -> list[NDArray[np.float32]]:
    """Of every level but the first the cells one after the other: 0, or where in it is what stands out."""
    # A number of 64 bits that is the larger, the larger |x| is, and says which element it is of.
    strongest = rank.view(np.int32).astype(np.int64)
    strongest <<= 32
    strongest += np.arange(0, rank.size, rank.shape[1])[:, None]
    strongest += np.arange(rank.shape[1])
    starts, found = [np.arange(size) for size in rank.shape], []
    for level, pair in enumerate(steps, 1):
        for axis, side in enumerate(pair):
            strongest = side.joined(strongest, axis, np.maximum)
            starts[axis] = starts[axis][side.pairs()[0]]
        over = steps[level : level + AROUND]
        rows, columns = (_ancestors([above[axis] for above in over], size) for axis, size in enumerate(strongest.shape))
        around = np.maximum(full * np.maximum(sizes[level - 1 + len(over)][rows[:, None], columns], FAINT), TINY)
        cells = np.nonzero((strongest >> 32).astype(np.int32).view(np.float32) > STANDS_OUT * around)
        place = strongest[cells] & 0xFFFFFFFF
        down, right = (place // rank.shape[1] - starts[0][cells[0]], place % rank.shape[1] - starts[1][cells[1]])
        codes = np.zeros(strongest.shape, np.float32)
        codes[cells] = np.where(np.maximum(down, right) < OFFSETS, 1 + OFFSETS * down + right, 0)
        found.append(codes.reshape(-1))
    return found


def _ancestors(sides: list[Side], size: int) -> NDArray[np.int64]:
    """(entries,): the entry that each is a part of, so many levels above."""
    entries = np.arange(size)
    for side in sides:
        entries = side.parents()[entries]
    return entries


def _rank(values: NDArray[np.float32], absent: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    """|x|, with NaN and infinities first, and what gives nothing last."""
    rank = np.abs(values)
    if not np.isfinite(values).all():
        rank = np.where(np.isnan(values), np.float32(np.inf), rank)
    if absent is not None:
        rank = np.where(absent, np.float32(0.0), rank)
    return rank


def _lifted(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same numbers, LIFT times as large; the largest, which are drawn as clipped, no larger than they can be."""
    most = np.float32(-MASKED / 2)
    grown = np.clip(values, -most / np.float32(LIFT), most / np.float32(LIFT)) * np.float32(LIFT)
    return np.where(np.isinf(values), values, grown)


def _not_flushed(values: NDArray[np.float32], smallest: float) -> NDArray[np.float32]:
    """The same numbers, of which those that are not 0 are at least so large."""
    small = (values != 0) & (np.abs(values) < smallest)
    return np.where(small, np.copysign(np.float32(smallest), values), values) if small.any() else values
