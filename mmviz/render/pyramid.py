"""A matrix as one flat texture: the values and their pyramid, so that a far matrix neither shimmers nor fades.

Averaging would be wrong twice: + and - would cancel to grey, and outliers would vanish. Each level holds of every 2 x 2
entries of the level below the one with the largest |x|, sign kept; NaN and infinities come first, masked elements last.
Entries of two blocks are never put together: each block of a matrix is halved by itself, down to a single entry.
Where columns are nearer to each other than rows are, the first levels hold of every two columns the stronger one.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.picture.look.color import robust_scale

MASKED = np.float32(-3.0e38)
"""Stands in the texture for an element that a mask forbids."""
HEADER = 32
"""Texels before the values: 1 / scale of each level."""
QUANTILE = 0.995
"""Share of the |x| of a coarser level that is drawn without clipping."""
UNITS = (2.0**-126, 2.0**127)
"""Least and largest 1 / scale: ordinary float32 numbers, which graphics drivers do not flush to zero."""
SMALLEST = 2.0**-126
"""Of |x| / scale of what is not 0, and of |x| in the texture: less would be drawn as 0 where drivers flush it."""
LIFT = 2.0**64
"""By which a matrix of very small numbers is multiplied with its scale, so that its numbers are ordinary ones."""
MAX_SIDE = 16384
"""Largest side of a texture that every OpenGL driver in use accepts."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """Texels of one matrix, read by a running number: header, then level after level, each row by row."""

    texels: NDArray[np.float32]  # (texture rows, texture columns)
    levels: int

    @property
    def shift(self) -> int:
        """log2 of the texture's columns."""
        return int(self.texels.shape[1]).bit_length() - 1


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


def build_atlas(
    values: NDArray[np.float32],
    masked: NDArray[np.bool_] | None,
    scale: float,
    quantile: float | None = QUANTILE,
    blocks: tuple[int, int] = (0, 0),
    late: tuple[int, int] = (0, 0),
) -> Atlas:
    """Pack a matrix and its pyramid.

    Args:
        values: (rows, columns).
        masked: (rows, columns), True where a mask forbids the element, or None.
        scale: |x| that is drawn at full size on the finest level; coarser levels, whose entries
            are the largest of many, are scaled by their own quantile when that is more.
        quantile: Of |x| on the coarser levels; None: they have the same scale.
        blocks: Rows and columns of a block; 0: all.
        late: After how many levels rows, and columns, begin to be halved.

    Raises:
        OutputError: the matrix has more elements than a texture can hold.
    """
    sides = _levels(values.shape, blocks, late)
    width, height = _texture_size(HEADER + sum(rows.size * columns.size for rows, columns in sides), sides[0])
    if quantile is not None and scale < 1.0 / LIFT:
        values, scale = _lifted(values), scale * LIFT
    finest = np.ascontiguousarray(values, np.float32)
    levels = [finest if masked is None else np.where(masked, MASKED, finest)]
    for (rows, columns), halved in pairwise(sides):
        level = levels[-1] if rows == halved[0] else _halved(levels[-1], rows)
        levels.append(level if columns == halved[1] else _halved(level.T, columns).T)
    texels = np.zeros(width * height, np.float32)
    units = [1.0 / _scale(part, scale, quantile, n) for n, part in enumerate(levels)]
    texels[: len(levels)] = np.clip(units, *UNITS)
    place = HEADER
    for part in levels:
        texels[place : place + part.size] = _not_flushed(part.reshape(-1), SMALLEST * max(1.0, scale))
        place += part.size
    return Atlas(texels.reshape(height, width), len(levels))


def _texture_size(texels: int, sides: tuple[Side, Side]) -> tuple[int, int]:
    """Columns, a power of two, and rows of a texture with room for so many texels of a matrix and its levels.

    Raises:
        OutputError: no texture has room for them.
    """
    width = 1 << max(5, (texels - 1).bit_length() // 2)
    height = -(-texels // width)
    if max(width, height) > MAX_SIDE:
        rows, columns = sides
        cut = any(side.block < side.size for side in sides)
        raise OutputError(
            f"a matrix of {rows.size}x{columns.size} is too large to draw; at most {MAX_SIDE * MAX_SIDE * 3 // 4:,} "
            f"elements fit into a texture{', of thin blocks two thirds of that' if cut else ''}."
        )
    return width, height


def _levels(shape: tuple[int, ...], blocks: tuple[int, int], late: tuple[int, int]) -> list[tuple[Side, Side]]:
    """Rows and columns of every level, the finest first, down to a single entry of each block."""
    rows, columns = (Side(size, min(block or size, size)) for size, block in zip(shape, blocks, strict=True))
    levels = [(rows, columns)]
    while max(rows.block, columns.block) > 1:
        number = len(levels) - 1
        rows, columns = (
            side if number < wait else side.halved() for side, wait in zip((rows, columns), late, strict=True)
        )
        levels.append((rows, columns))
    return levels


def _lifted(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same numbers, LIFT times as large; the largest, which are drawn as clipped, no larger than they can be."""
    most = np.float32(-MASKED / 2)
    grown = np.clip(values, -most / np.float32(LIFT), most / np.float32(LIFT)) * np.float32(LIFT)
    return np.where(np.isinf(values), values, grown)


def _not_flushed(values: NDArray[np.float32], smallest: float) -> NDArray[np.float32]:
    """The same numbers, of which those that are not 0 are at least so large."""
    small = (values != 0) & (np.abs(values) < smallest)
    return np.where(small, np.copysign(np.float32(smallest), values), values) if small.any() else values


def _scale(level: NDArray[np.float32], scale: float, quantile: float | None, number: int) -> float:
    if number == 0 or quantile is None:
        return scale
    return max(scale, robust_scale(level[level != MASKED], quantile))


def _halved(values: NDArray[np.float32], rows: Side) -> NDArray[np.float32]:
    """Of every two rows of a block the entries of larger rank; of an odd block the last as it is."""
    first, has_second = rows.pairs()
    result = values[first]
    stronger = result[has_second]
    second = values[first[has_second] + 1]
    np.copyto(stronger, second, where=_rank(second) > _rank(stronger))
    result[has_second] = stronger
    return result


def _rank(values: NDArray[np.float32]) -> NDArray[np.float32]:
    rank = np.abs(values)
    if not np.isfinite(values).all():
        rank = np.where(np.isnan(values), np.float32(np.inf), rank)
    rank[values == MASKED] = -1.0
    return rank
