"""PNG files that are written row by row, so that a picture may be larger than memory; knows no drawing."""

import struct
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOR_TYPES = {3: 2, 4: 6}
"""PNG's number for red, green, blue, and for these with alpha, by the count of channels."""
DIFFERENCE_TO_ABOVE = 2
"""The filter of every row: on smooth spheres files get as small as with Pillow's choice for each row."""
INCH = 0.0254
"""In metres."""
METRE = 1
"""PNG's number for the unit of a resolution."""
LEVEL = 6
"""Of the compression: more takes several times as long for a few percent."""


def save_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a picture that is there already: (height, width, 3 or 4), RGB or with alpha.

    Raises:
        OSError: the file cannot be written.
    """
    height, width, channels = picture.shape
    with PngWriter(path, width, height, channels) as writer:
        writer.add(picture)


def up_filtered(rows: NDArray[np.uint8], above: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Rows as PNG stores them before they are compressed: each by how it differs from the one above.

    Args:
        rows: (rows, width, channels).
        above: (1, width * channels), the row before the first one; black by default.

    Returns:
        (rows, 1 + width * channels): the number of the filter before every row.
    """
    lines = rows.reshape(len(rows), -1)
    filtered = np.empty((len(lines), lines.shape[1] + 1), np.uint8)
    filtered[:, 0] = DIFFERENCE_TO_ABOVE
    filtered[:, 1:] = lines
    if above is not None:
        filtered[0, 1:] -= above[0]
    filtered[1:, 1:] -= lines[:-1]
    return filtered


class PngWriter:
    """Writes one picture, top row first. Use it as a context manager; `close` ends the file.

    Args:
        path: The file.
        width: In pixels.
        height: In pixels.
        channels: 3: red, green, blue; 4: with alpha.
        dpi: Pixels an inch, which the file says; None: it says nothing of it.
    """

    def __init__(self, path: Path, width: int, height: int, channels: int, dpi: int | None = None) -> None:
        self._above = np.zeros((1, width * channels), np.uint8)
        self._packer = zlib.compressobj(LEVEL)
        self._file = path.open("wb")
        self._file.write(SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, COLOR_TYPES[channels], 0, 0, 0))
        if dpi is not None:
            fine = round(dpi / INCH)  # pixels a metre
            self._chunk(b"pHYs", struct.pack(">IIB", fine, fine, METRE))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._chunk(b"IDAT", self._packer.flush())
                self._chunk(b"IEND", b"")
        finally:
            self._file.close()

    def add(self, rows: NDArray[np.uint8]) -> None:
        """Write the next rows: (any number, width, channels)."""
        filtered = up_filtered(rows, self._above)
        self._above = rows[-1:].reshape(1, -1).copy()
        self._chunk(b"IDAT", self._packer.compress(filtered.tobytes()))

    def _chunk(self, kind: bytes, content: bytes) -> None:
        if content or kind == b"IEND":
            self._file.write(struct.pack(">I", len(content)) + kind + content)
            self._file.write(struct.pack(">I", zlib.crc32(content, zlib.crc32(kind))))
