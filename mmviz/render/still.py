"""Single pictures as PNG files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmviz.render.canvas import Canvas
from mmviz.render.files import check_output, check_size, whole_file


def write_png(path: Path, size: tuple[int, int], draw: Callable[[Canvas], NDArray[np.uint8]]) -> None:
    """Draw one picture into a file; it is there as a whole or not at all.

    Args:
        path: The file.
        size: Width and height, in pixels.
        draw: Draws on a canvas of that size and returns (height, width, 3).

    Raises:
        OutputError: the file's name, its folder or the size.
        DisplayError: this machine cannot draw.
    """
    check_output(path, (".png",))
    check_size(*size, even=False)
    with Canvas(*size) as canvas:
        picture = draw(canvas)
    with whole_file(path) as part:
        Image.fromarray(picture).save(part)
