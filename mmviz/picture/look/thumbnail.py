"""A small picture of a matrix in the colours of its look, as plain pixels; sizes of spheres are left out."""

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.look.color import robust_scale
from mmviz.picture.look.looks import PALETTES, colors_of
from mmviz.scene.keys.options import StyleOptions


def thumbnail(values: NDArray[np.float32], style: StyleOptions, side: int) -> NDArray[np.uint8]:
    """The picture: of a large matrix each pixel is the number of largest magnitude among those that it stands for.

    Args:
        values: (rows, columns), both at least 1.
        style: The palette, and which magnitude has the full colour.
        side: Most pixels of a side.

    Returns:
        (height, width, 3), red, green and blue; no more pixels than elements.
    """
    scale = robust_scale(values, style.quantile)
    small = largest_of_blocks(values, min(values.shape[0], side), min(values.shape[1], side))
    colors = colors_of(small, PALETTES[style.palette], scale)
    return np.round(255 * np.clip(colors, 0, 1)).astype(np.uint8)


def largest_of_blocks(values: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Of each block of a matrix the number of largest magnitude; NaN where there is one.

    Args:
        values: (rows, columns).
        rows: Blocks below each other, at most as many as there are rows.
        columns: Blocks beside each other.
    """
    down, across = (np.arange(count) * size // count for count, size in zip((rows, columns), values.shape, strict=True))
    high = np.maximum.reduceat(np.maximum.reduceat(values, down, axis=0), across, axis=1)
    low = np.minimum.reduceat(np.minimum.reduceat(values, down, axis=0), across, axis=1)
    return np.where(high < -low, low, high)
