"""Pictures with straight alpha: found from two grounds, and made fit for coders that blur colours; draws nothing."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SPREAD = 4
"""How far colours flow at least, in pixels: coders that halve colours look about so far around an edge."""


def with_alpha(on_black: NDArray[np.uint8], on_white: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture without its ground, from how it looks on black and on white.

    A pixel of colour c that covers the share a of its ground is a * c on black and a * c + 1 - a on white.

    Args:
        on_black: (height, width, 3).
        on_white: The same.

    Returns:
        (height, width, 4): red, green, blue, and alpha.
    """
    black, white = on_black.astype(np.float32), on_white.astype(np.float32)
    alpha = np.clip(255.0 - (white - black).mean(axis=2, keepdims=True), 0.0, 255.0)  # (height, width, 1)
    alpha = np.maximum(alpha, black.max(axis=2, keepdims=True))  # a colour is at most white
    color = np.where(alpha > 0.0, 255.0 * black / np.maximum(alpha, 1.0), 0.0)
    picture: NDArray[np.uint8] = np.rint(np.concatenate([color, alpha], axis=2)).astype(np.uint8)
    return picture


def with_spread_colors(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture, whose transparent pixels have the colours of what is near, where they had black.

    Nobody sees them, but a coder that halves colours would mix the black into every edge.

    Args:
        picture: (height, width, 4), straight alpha.
    """
    height, width = picture.shape[:2]
    multiplied = Image.fromarray(picture).convert("RGBa")
    around = multiplied.reduce(SPREAD).resize((width, height), Image.Resampling.BILINEAR).convert("RGBA")
    colors = np.where(picture[..., 3:] == 0, np.asarray(around)[..., :3], picture[..., :3])
    return np.concatenate([colors, picture[..., 3:]], axis=2)
