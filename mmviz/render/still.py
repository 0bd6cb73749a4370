"""Single pictures as files of pixels, of any size: what OpenGL cannot draw at once is drawn in tiles."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.machine.output_files import check_output, check_size, whole_file
from mmviz.orders.kinds import MOST_DPI, PICTURE, check_ground, endings_of, kind_of
from mmviz.orders.order import PictureOrder
from mmviz.render.film.packed import PackedWriter
from mmviz.render.film.png import PngWriter
from mmviz.render.region import Size, bands
from mmviz.render.renderer import Renderer, Renderers

TILE: Size = (4096, 2304)
"""Largest part of a picture that is drawn at once, in pixels, both even; a row of tiles is in memory at a time."""
FINE = TILE[0] * TILE[1]
"""Pixels of the largest picture that is drawn by several samples a pixel; in larger ones cells are many pixels wide."""


def check_still(order: PictureOrder) -> None:
    """Refuses a picture that cannot be written, before any number is computed.

    Raises:
        OutputError: the file's name, its folder, the size, the ground, dpi or quality.
    """
    check_output(order.place, endings_of("render"))
    kind = kind_of(order.path) or PICTURE
    check_size(*order.size, even=kind.even, largest=kind.largest)
    check_ground(order.path, order.ground)
    if not 1 <= order.dpi <= MOST_DPI:
        raise OutputError(f"dpi: must be from 1 to {MOST_DPI}, got {order.dpi}.")
    if not 1 <= order.quality <= 100:
        raise OutputError(f"quality: must be from 1 (smallest file) to 100 (best), got {order.quality}.")


def write_picture(
    order: PictureOrder, draw: Callable[[Renderer], NDArray[np.uint8]], renderers: Renderers, *, tile: Size = TILE
) -> None:
    """Draw one picture into a file; it is there as a whole or not at all.

    Args:
        order: The file, its size and ground.
        draw: Draws with a renderer of that size what it is cut to; gives (height, width, 3) of that part, or 4 with
            alpha where the ground is transparent.
        renderers: Opens it.
        tile: The largest part that is drawn at once, in pixels.

    Raises:
        OutputError: as `check_still`.
        DisplayError: this machine cannot draw.
    """
    check_still(order)
    clear = order.ground == "transparent"
    with whole_file(order.place) as part, ExitStack() as stack:
        rows = list(bands(order.size, tile))
        light = order.ground == "white"
        renderer = stack.enter_context(renderers(*order.size, rows[0][0], light=light, rimmed=clear))
        if order.fine and order.size[0] * order.size[1] <= FINE:
            renderer.refine()
        writer = _writer(part, order, 4 if clear else 3)
        stack.enter_context(writer)
        for row in rows:
            pieces = []
            for region in row:
                renderer.cut(region)
                pieces.append(draw(renderer))
            writer.add(np.concatenate(pieces, axis=1))


def _writer(part: Path, order: PictureOrder, channels: int) -> PngWriter | PackedWriter:
    if kind_of(order.path) in (PICTURE, None):
        return PngWriter(part, *order.size, channels, order.dpi)
    return PackedWriter(part, *order.size, channels, order.dpi, order.quality)
