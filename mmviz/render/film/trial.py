"""Whether this machine writes films: a few small pictures, encoded to a file and read back. Nothing is left of it."""

from pathlib import Path
from tempfile import gettempdir

import av
import numpy as np

from mmviz.errors import OutputError
from mmviz.machine.output_files import work_folder
from mmviz.orders.order import FilmOrder
from mmviz.render.film.movie import write_movie

FRAMES = 5
SIDE = 64
"""Of a picture, in pixels."""


def try_encoding() -> str:
    """What encodes, such as 'libx264 of FFmpeg 8.0.1, by PyAV 18.1.0'.

    Raises:
        OutputError: it does not, or what it wrote has another number of pictures.
    """
    if "libx264" not in av.codecs_available:
        raise OutputError(f"PyAV {av.__version__} was built without libx264.")
    pictures = [np.full((SIDE, SIDE, 3), 40 * number, np.uint8) for number in range(FRAMES)]
    with work_folder(Path(gettempdir()) / "mmviz trial") as folder:
        order = FilmOrder(str(folder / "trial.mp4"), SIDE, SIDE)
        try:
            write_movie(pictures, order)
            with av.open(order.path) as film:
                count = sum(1 for _ in film.decode(video=0))
        except av.FFmpegError as error:
            raise OutputError(f"PyAV {av.__version__} cannot encode: {error}.") from error
    if count != FRAMES:
        raise OutputError(f"PyAV {av.__version__} wrote a film of {count} pictures, {FRAMES} were given.")
    return f"libx264 of FFmpeg {av.ffmpeg_version_info}, by PyAV {av.__version__}"
