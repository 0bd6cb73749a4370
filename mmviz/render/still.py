"""Single pictures as PNG files of any size: what OpenGL cannot draw at once is drawn in tiles."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmviz.machine.output_files import LARGEST_STILL, check_output, check_size, whole_file
from mmviz.orders.kinds import PICTURE
from mmviz.render.film.png import PngWriter
from mmviz.render.region import Size, bands
from mmviz.render.renderer import Renderer, Renderers

TILE: Size = (4096, 2304)
"""Largest part of a picture that is drawn at once, in pixels, both even; a row of tiles is in memory at a time."""


def check_still(path: Path, size: Size) -> None:
    """Refuses a picture that cannot be written, before any number is computed.

    Raises:
        OutputError: the file's name, its folder or the size.
    """
    check_output(path, (PICTURE.ending,))
    check_size(*size, even=PICTURE.even, largest=LARGEST_STILL)


def write_png(
    path: Path,
    size: Size,
    draw: Callable[[Renderer], NDArray[np.uint8]],
    renderers: Renderers,
    *,
    channels: int = 3,
    tile: Size = TILE,
    light: bool = False,
    rimmed: bool = False,
) -> None:
    """Draw one picture into a file; it is there as a whole or not at all.

    Args:
        path: The file.
        size: Width and height, in pixels.
        draw: Draws with a renderer of that size what it is cut to; gives (height, width, channels) of that part.
        renderers: Opens it.
        channels: 3: red, green, blue; 4: with alpha.
        tile: The largest part that is drawn at once, in pixels.
        light: The colours are for a light ground.
        rimmed: Names have dark rims, for any ground.

    Raises:
        OutputError: the file's name, its folder or the size.
        DisplayError: this machine cannot draw.
    """
    check_still(path, size)
    with whole_file(path) as part, ExitStack() as stack:
        rows = list(bands(size, tile))
        renderer = stack.enter_context(renderers(*size, rows[0][0], light=light, rimmed=rimmed))
        writer = stack.enter_context(PngWriter(part, *size, channels))
        for row in rows:
            pieces = []
            for region in row:
                renderer.cut(region)
                pieces.append(draw(renderer))
            writer.add(np.concatenate(pieces, axis=1))
