"""How a value looks: size and colour of its sphere. The renderer's shader follows the same rule.

Positive is blue, negative red, zero small and dark; size and lightness grow with |x| / scale along the palette's curve.
"""

from math import gcd

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmviz.picture.look.palette import PALETTE, Palette

SAMPLE = 1 << 20
"""Most values that a quantile is taken over; larger matrices are sampled evenly over rows and columns."""
LEAST = 1e-37
"""Of |x| / scale under a logarithm: a float of the shader that is no zero."""
OUTLIER = 2.0
"""A largest value up to this many times the quantile is no outlier, and nothing is clipped."""


def robust_scale(values: NDArray[np.float32], quantile: float) -> float:
    """The |x| that is drawn at full size.

    Args:
        values: Any shape; zeros, NaN and infinities are left out.
        quantile: Share of the |x| that is not clipped, 0..1.

    Returns:
        The quantile of |x|, or the largest |x| where that is at most OUTLIER times as much; 1 when nothing is left.
    """
    flat = values.reshape(-1)
    sizes = np.abs(flat[:: _stride(values)])
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if sizes.size == 0:
        return 1.0
    place = min(sizes.size - 1, int(np.ceil(quantile * (sizes.size - 1))))
    level = float(np.partition(sizes, place)[place])
    finite = np.isfinite(flat)
    largest = max(float(flat.max(where=finite, initial=0.0)), -float(flat.min(where=finite, initial=0.0)))
    return largest if largest <= OUTLIER * level else level


def _stride(values: NDArray[np.float32]) -> int:
    """Distance of two values of the sample, without a divisor in common with the row length: it meets all columns."""
    stride = max(1, -(-values.size // SAMPLE))
    while gcd(stride, values.shape[-1]) > 1:
        stride += 1
    return stride


def magnitude(values: ArrayLike, scale: float, palette: Palette = PALETTE) -> NDArray[np.float64]:
    """|x| / scale along a palette's curve, clipped to 0..1; 1 for infinities, 0 for NaN; same shape as `values`."""
    sizes = np.abs(np.asarray(values, np.float64)) / scale
    sizes = np.clip(np.nan_to_num(sizes, nan=0.0, posinf=1.0), 0.0, 1.0)
    match palette.curve:
        case "sqrt":
            return np.sqrt(sizes)
        case "linear":
            return sizes
        case "log":
            return np.maximum(1.0 + np.log10(np.maximum(sizes, LEAST)) / palette.decades, 0.0)


def at_magnitude(shares: ArrayLike, scale: float, palette: Palette = PALETTE) -> NDArray[np.float64]:
    """The |x| of which `magnitude` gives these shares, 0..1; same shape as `shares`."""
    share = np.asarray(shares, np.float64)
    match palette.curve:
        case "sqrt":
            return scale * share**2
        case "linear":
            return scale * share
        case "log":
            return scale * 10.0 ** (palette.decades * (share - 1.0))


def radius(values: ArrayLike, scale: float, palette: Palette = PALETTE) -> NDArray[np.float64]:
    """Radius of each value's sphere, in cells; same shape as `values`."""
    size = magnitude(values, scale, palette)
    size = np.where(np.isnan(np.asarray(values, np.float64)), 1.0, size)
    return palette.smallest + (palette.largest - palette.smallest) * size


def color(values: ArrayLike, scale: float, palette: Palette = PALETTE) -> NDArray[np.float64]:
    """Colour of each value before light and shade; (..., 3), RGB 0..1."""
    x = np.asarray(values, np.float64)
    size = magnitude(x, scale, palette)[..., None]
    ramps = np.array([palette.negative, palette.positive])[(x > 0).astype(int)]  # (..., 3 stops, 3)
    low, middle, high = ramps[..., 0, :], ramps[..., 1, :], ramps[..., 2, :]
    rgb = np.where(size < 0.5, low + (middle - low) * 2 * size, middle + (high - middle) * (2 * size - 1))
    rgb = np.where((x == 0)[..., None], palette.zero, rgb)
    rgb = np.where(np.isinf(x)[..., None], palette.infinite, rgb)
    return np.where(np.isnan(x)[..., None], palette.nan, rgb)


def clipped(values: ArrayLike, scale: float) -> NDArray[np.bool_]:
    """True where |x| is beyond the scale, so that the sphere carries the mark of a clipped value."""
    return np.abs(np.asarray(values, np.float64)) > scale * (1 + 1e-6)
