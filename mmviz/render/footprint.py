"""What an element adds to a picture from afar: its colour, and the share of its cell that its sphere covers.

The numbers are those of mmviz.picture.look, looked up along its curve of |x|: a matrix has millions of elements,
a table a few thousand rows.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.look import color, mm_color
from mmviz.picture.look.palette import PALETTE, MmLook, Palette

FULL = 65535
"""1 in numbers of 16 bits."""
SUMS = 9
"""Numbers of an element that are summed up."""
STEPS = 1024
"""Rows of the table for each sign."""
CAP = 0.14
"""Share of a sphere that is its white cap, where the value is beyond the scale."""
WHITE = 1.2
"""The cap's light, as a multiple of what the sphere's top would give in the mean."""
ABSENT, BEYOND, NAN, BELOW, INFINITE = range(5)
"""Rows before those of ordinary numbers."""
FIRST = 5


class Footprints:
    """Of the elements of a matrix, by the rows of a table.

    Args:
        values: (rows, columns).
        absent: (rows, columns), True where nothing is drawn, or None.
        look: Which colours.
        scale: |x| that is drawn at full size; not heeded under an MmLook, which has its own.
    """

    def __init__(
        self, values: NDArray[np.float32], absent: NDArray[np.bool_] | None, look: Palette | MmLook, scale: float
    ) -> None:
        self._rows = _rows(values, absent, look, scale)
        self.shape = values.shape
        self._table, self._packed = tables(look)

    def sums(self, start: int, end: int) -> NDArray[np.float32]:
        """(rows, columns, 9): what can be summed up of the elements of some rows, `start` to `end`.

        Light of positive elements, light of negative ones, coverage, and |x| / scale, 1 at most, of each sign. Light is
        red, green and blue times the covered share of the cell; half of what has no sign counts as of each.
        """
        return self._table[self._rows[start:end]]

    def packed(self) -> NDArray[np.uint16]:
        """(elements, 4): light, coverage; FULL is 1."""
        return self._packed[self._rows.reshape(-1)].view(np.uint16).reshape(-1, 4)


def _rows(
    values: NDArray[np.float32], absent: NDArray[np.bool_] | None, look: Palette | MmLook, scale: float
) -> NDArray[np.int16]:
    """The row of the table for each value."""
    full = np.float32(max(look.high if isinstance(look, MmLook) else scale, 1.5e-45))
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        sizes = np.abs(values) / full
    if isinstance(look, MmLook) or look.curve == "sqrt":
        shares = np.sqrt(np.minimum(np.nan_to_num(sizes), 1.0))
    else:
        shares = color.magnitude(sizes, 1.0, look)
    steps = np.maximum(np.rint(shares * STEPS), values != 0)
    rows: NDArray[np.int16] = np.copysign(steps, values).astype(np.int16) + np.int16(FIRST + STEPS)
    beyond = sizes > 1.000001
    if beyond.any():
        rows[beyond] = np.where(values[beyond] > 0, BEYOND, BELOW)
        rows[np.isinf(values)] = INFINITE
    rows[np.isnan(values)] = NAN
    if absent is not None:
        rows[absent] = ABSENT
    return rows


@lru_cache(maxsize=64)
def tables(look: Palette | MmLook) -> tuple[NDArray[np.float32], NDArray[np.uint64]]:
    """What a row means: its numbers, and light and coverage as one number of 4 x 16 bits."""
    table = _table(look)
    seen = np.concatenate([table[:, 0:3] + table[:, 3:6], table[:, 6:7]], axis=1)
    return table, np.rint(FULL * seen).astype(np.uint16).view(np.uint64)[:, 0]


def _table(look: Palette | MmLook) -> NDArray[np.float32]:
    """(FIRST + 2 * STEPS + 1, 9), a row for each number that `_rows` gives."""
    full = look.high if isinstance(look, MmLook) else 1.0
    shares = np.linspace(-1.0, 1.0, 2 * STEPS + 1)
    ruled = PALETTE if isinstance(look, MmLook) else look
    ordinary = np.copysign(color.at_magnitude(np.abs(shares), full, ruled), shares)
    ordinary[STEPS] = 0.0
    values = np.concatenate([[0.0, 2.0 * full, np.nan, -2.0 * full, np.inf], ordinary])
    if isinstance(look, MmLook):
        radius = mm_color.radius(values, look.low, look.high, look.colors)
        rgb = mm_color.color(values, look.low, look.high, look.colors)
    else:
        radius, rgb = color.radius(values, 1.0, look), color.color(values, 1.0, look)
        marked = color.clipped(values, 1.0) & ~np.isnan(values)
    light = np.maximum(rgb, 0.0)
    if not isinstance(look, MmLook):
        light = np.where(marked[:, None], light * (1 - CAP) + CAP * WHITE, light)
    cover = np.pi * radius**2
    cover[ABSENT] = 0.0
    light *= cover[:, None]
    positive = np.select([values > 0, values < 0], [1.0, 0.0], 0.5)[:, None]
    sizes = np.clip(np.nan_to_num(np.abs(values) / (full or 1.0), nan=1.0, posinf=1.0), 0.0, 1.0)
    sizes = sizes[:, None]
    rows = [positive * light, (1 - positive) * light, cover[:, None], positive * sizes, (1 - positive) * sizes]
    return np.concatenate(rows, axis=1).astype(np.float32)
