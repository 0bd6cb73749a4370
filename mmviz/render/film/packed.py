"""JPEG and WebP files, written by Pillow, which takes a picture as a whole; knows no drawing."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ExifTags import Base

MODES = {3: "RGB", 4: "RGBA"}
"""Pillow's words for pictures with so many channels."""
INCH = 2
"""EXIF's number for the unit of a resolution."""


class PackedWriter:
    """Writes one picture, top row first; the file is there when it is left. The ending says which kind it is.

    Args:
        path: Ends in .jpg, .jpeg or .webp.
        width: In pixels.
        height: In pixels.
        channels: 3: red, green, blue; 4: with alpha, of WebP only.
        dpi: Pixels an inch, which the file says.
        quality: 1: smallest, 100: best; a WebP of 100 is lossless.
    """

    def __init__(self, path: Path, width: int, height: int, channels: int, dpi: int, quality: int) -> None:
        self._path, self._dpi, self._quality = path, dpi, quality
        self._picture = Image.new(MODES[channels], (width, height))
        self._done = 0  # rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._picture.save(self._path, **self._options())

    def add(self, rows: NDArray[np.uint8]) -> None:
        """Take the next rows: (any number, width, channels)."""
        self._picture.paste(Image.fromarray(rows), (0, self._done))
        self._done += len(rows)

    def _options(self) -> dict[str, Any]:
        if self._path.suffix.lower() == ".webp":
            said = Image.Exif()
            said[Base.XResolution] = said[Base.YResolution] = float(self._dpi)
            said[Base.ResolutionUnit] = INCH
            return {"quality": self._quality, "lossless": self._quality == 100, "exif": said}
        # Colours in full resolution: halved, they blur red and blue letters and spheres.
        return {"quality": self._quality, "subsampling": 0, "optimize": True, "dpi": (self._dpi, self._dpi)}
