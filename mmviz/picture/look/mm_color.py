"""The colours and sizes of mm (bhosmer/mm), for scenes that come from its links.

Source: bhosmer/mm, measured. Its mistakes are not repeated: a matrix whose elements are all equal keeps its colour
under `superlocal`, where mm has NaN.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmviz.scene.keys.options import MmColors

Numbers = NDArray[np.float64]
LEAST_LIGHT = 1e-5
WIDTH = 1.2071
"""Elem scale of a full element that is one cell wide, in a landscape window at mm's 45 degrees."""


def full_range(largest: float, smallest: float, largest_of_all: float, colors: MmColors) -> tuple[float, float]:
    """The |x| at which size and lightness begin and end.

    Args:
        largest: |x| of the matrix, NaN left out.
        smallest: |x| of the matrix.
        largest_of_all: |x| of all matrices of the scene.
        colors: Which sensitivity.
    """
    match colors.sensitivity:
        case "global":
            return 0.0, largest_of_all
        case "semilocal":
            return 0.0, float(np.sqrt(largest * largest_of_all))
        case "local":
            return 0.0, largest
        case "superlocal":
            return smallest, largest


def size(values: ArrayLike, low: float, high: float, colors: MmColors) -> Numbers:
    """Size of each element, where elem_scale is a full one; same shape as `values`."""
    x = np.asarray(values, np.float64)
    share = (np.abs(x) - low) / (high - low) if high > low else np.zeros_like(x)
    with np.errstate(invalid="ignore"):
        grown = colors.min_size + (1 - colors.min_size) * np.sqrt(np.maximum(share, 0.0))
    grown = np.where(np.isinf(x), 1.0, np.minimum(grown, 1.0))
    return colors.elem_scale * np.where((x == 0) | np.isnan(x), 0.0, grown)


def radius(values: ArrayLike, low: float, high: float, colors: MmColors) -> Numbers:
    """Radius of each sphere, in cells; at most half a cell; same shape as `values`."""
    return np.minimum(0.5 * size(values, low, high, colors) / WIDTH, 0.5)


def color(values: ArrayLike, low: float, high: float, colors: MmColors) -> Numbers:
    """Colour of each element; (..., 3), RGB 0..1. Zero is black, NaN and infinities are white."""
    x = np.asarray(values, np.float64)
    known = np.isfinite(x)
    x = np.where(known, x, 0.0)
    sign, span = np.sign(x), high - low
    drift = (x - sign * low) / span if span > 0 else np.zeros_like(x)
    hue = (colors.zero_hue + sign * colors.hue_gap + colors.hue_spread * drift) % 1.0
    dark = max(colors.min_light, LEAST_LIGHT)
    bright = max(colors.max_light, dark)
    share = (np.clip(np.abs(x), low, high) - low) / span if span > 0 else np.zeros_like(x)
    rgb = _from_hue(hue, dark + (bright - dark) * np.sqrt(share))
    rgb = np.where((x == 0)[..., None], 0.0, rgb)
    return np.where(known[..., None], rgb, 1.0)


def _from_hue(hue: Numbers, light: Numbers) -> Numbers:
    """Fully saturated HSL colours as RGB."""
    chroma = 1 - np.abs(2 * light - 1)
    thirds = np.stack([hue + 1 / 3, hue, hue - 1 / 3], axis=-1) % 1.0
    ramp = np.clip(2 - np.abs(6 * thirds - 2), 0.0, 1.0)
    rgb: Numbers = light[..., None] + chroma[..., None] * (ramp - 0.5)
    return rgb
