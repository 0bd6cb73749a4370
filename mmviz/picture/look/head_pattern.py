"""One head's attention pattern in small: a picture, what it resembles, where it is largest; plain arithmetic, no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.look.color import robust_scale
from mmviz.picture.look.head_kinds import Kind, KindCells
from mmviz.picture.look.looks import PALETTES, colors_of, sizes_of
from mmviz.picture.look.mm_color import full_range
from mmviz.picture.look.palette import SEQUENTIAL, MmLook, Palette
from mmviz.picture.look.thumbnail import largest_of_blocks
from mmviz.scene.keys.options import StyleOptions

MOST_BYTES = 32 << 20
"""Of the pictures of all heads of a model together, about."""
LARGEST, SMALLEST = 256, 40
"""Pixels of a side of a picture, where the pattern has as many tokens."""
STRONGEST = 3
"""Cells that are named."""


Measure = Kind | Literal["itself"]
"""What a pattern is measured by: how much it is like each kind, and the mean share that tokens give themselves."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An element of a pattern."""

    query: int  # the token that attends
    key: int  # the token that it attends to
    share: float


@dataclass(frozen=True, eq=False, slots=True)
class HeadPattern:
    """What is shown of a pattern."""

    picture: NDArray[np.uint8]  # (side, side, 3), black where nothing is attended to
    scores: Mapping[Measure, float]  # NaN where the prompt shows nothing of it; those that such a head can have
    strongest: tuple[Cell, ...]  # the largest elements, where there was something to choose


def side_of(heads: int) -> int:
    """Pixels of a side at most, of the pictures of so many heads."""
    return max(SMALLEST, min(LARGEST, isqrt(MOST_BYTES // (3 * max(heads, 1)))))


def head_pattern(pattern: NDArray[np.float32], style: StyleOptions, side: int, cells: KindCells) -> HeadPattern:
    """The pattern of a head in small.

    Args:
        pattern: (tokens, tokens or source_tokens); 0 where a token may not look.
        style: The scene's, whose colours a pattern has.
        side: Most pixels of a side.
        cells: What the kinds of heads are about, on this prompt, in this layer.
    """
    scores: dict[Measure, float] = dict(cells.scores(pattern).items())
    if cells.of_its_own:
        own = pattern.diagonal()[cells.counting]
        scores["itself"] = float(own.mean(dtype=np.float64)) if own.size else float("nan")
    return HeadPattern(picture(pattern, style, side), scores, _strongest(pattern))


def picture(pattern: NDArray[np.float32], style: StyleOptions, side: int) -> NDArray[np.uint8]:
    """The pattern in the colours of a scene, on black, darker where its spheres are smaller.

    A pixel of a large one is the largest of its elements.
    """
    look, scale = _look(pattern, style)
    rows, columns = (min(size, side) for size in pattern.shape)
    small = largest_of_blocks(pattern, rows, columns)
    colors = colors_of(small, look, scale) * _share(small, look, scale)[..., None]
    return np.round(255 * np.clip(colors, 0, 1)).astype(np.uint8)


def _look(pattern: NDArray[np.float32], style: StyleOptions) -> tuple[Palette | MmLook, float]:
    """As `looks` gives them to a softmax."""
    if style.mm is not None:
        finite = pattern[np.isfinite(pattern)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        return MmLook(style.mm, *full_range(high, low, high, style.mm)), 1.0
    palette = SEQUENTIAL if style.patterns == "sequential" else PALETTES[style.palette]
    return replace(palette, curve=style.curve, decades=style.decades), robust_scale(pattern, style.quantile)


def _share(small: NDArray[np.float32], look: Palette | MmLook, scale: float) -> NDArray[np.float64]:
    """Which share of the largest sphere's size the spheres have; 0 where nothing is attended to."""
    largest = look.largest if isinstance(look, Palette) else 1.0
    share: NDArray[np.float64] = np.clip(sizes_of(small, look, scale) / largest, 0.0, 1.0)
    return np.where(small == 0, 0.0, share)


def _strongest(pattern: NDArray[np.float32]) -> tuple[Cell, ...]:
    """The largest elements, without those that say nothing: a first token that can look at nothing but itself."""
    shares = np.nan_to_num(pattern)
    begin = int(len(shares) == 1 or not shares[0, 1:].any())
    flat = shares[begin:].reshape(-1)
    count = min(STRONGEST, flat.size)
    if not count:
        return ()
    places = np.argpartition(flat, flat.size - count)[flat.size - count :]
    places = places[np.argsort(-flat[places], kind="stable")]
    width = shares.shape[1]
    cells = (Cell(begin + int(place) // width, int(place) % width, float(flat[place])) for place in places)
    return tuple(cell for cell in cells if cell.share > 0)
