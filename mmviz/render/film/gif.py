"""GIF films: one palette for all frames, and of each frame only what has changed; one frame in memory at a time."""

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.GifImagePlugin import getdata

from mmviz.render.film.stopwatch import Stopwatch

COLORS = 255
"""Of the palette; the last number of 256 stands for what has not changed."""
UNCHANGED = 255
LOOP_FOR_EVER = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
END = b";"


def choose_palette(samples: Sequence[NDArray[np.uint8]]) -> bytes:
    """The colours that stand for those of a whole film: 256 times red, green, blue.

    Args:
        samples: Some of its frames, (height, width, 3) each. Their commonest colour, the ground, is kept as it is.
    """
    pixels = np.concatenate([frame.reshape(-1, 3) for frame in samples])
    numbers = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)  # (pixels,)
    found, counts = np.unique(numbers, return_counts=True)
    ground = found[counts.argmax()]
    # Each colour counts by the root of its share, or the shades of the ground would take all places.
    repeats = np.minimum(np.sqrt(counts), 64).astype(int)
    spread = np.repeat(found, repeats)
    colors = np.stack([spread >> 16, spread >> 8 & 255, spread & 255], axis=1).astype(np.uint8)
    reduced = Image.fromarray(colors[None]).quantize(COLORS - 1, Image.Quantize.MEDIANCUT)
    palette = bytes([ground >> 16, ground >> 8 & 255, ground & 255]) + bytes(reduced.getpalette() or [])
    return palette[: 3 * COLORS].ljust(3 * 256, b"\0")


def write_segment(
    part: Path,
    frames: Iterable[NDArray[np.uint8]],
    palette: bytes,
    first: int,
    fps: int,
    watch: Stopwatch,
) -> None:
    """Writes consecutive frames as blocks of a GIF without its head and end; the first frame is complete.

    Args:
        part: The file.
        frames: (height, width, 3) each.
        palette: Of the film.
        first: Number of the first frame in the film, by which its share of the film's hundredths of a second goes.
        fps: Frames a second.
        watch: Counts the time of encoding.
    """
    table = Image.new("P", (1, 1))
    table.putpalette(palette[: 3 * COLORS])
    before: Image.Image | None = None
    with part.open("wb") as file:
        for number, frame in enumerate(frames, start=first):
            with watch.stage("encode"):
                image = Image.fromarray(frame).quantize(palette=table, dither=Image.Dither.NONE)
                delay = round(100 * (number + 1) / fps) - round(100 * number / fps)  # in 1/100 s
                _add(file, image, before, delay)
            before = image


def join_segments(parts: Sequence[Path], whole: Path, size: tuple[int, int], palette: bytes) -> None:
    """Puts segments one after the other, with the head and the end of a GIF that is shown again and again."""
    with whole.open("wb") as file:
        # 0xF7: a palette of 256 colours for all frames, 8 bits a channel.
        file.write(b"GIF89a" + struct.pack("<HHBBB", *size, 0xF7, 0, 0) + palette + LOOP_FOR_EVER)
        for part in parts:
            file.write(part.read_bytes())
        file.write(END)


def _add(file: BinaryIO, image: Image.Image, before: Image.Image | None, delay: int) -> None:
    """Write the smallest rectangle that holds all changes; within it, what has not changed is left out."""
    box = (0, 0, *image.size)
    if before is not None:
        changes = _changes(image, before)
        box = changes.getbbox() or (0, 0, 1, 1)
        image = image.copy()
        image.paste(UNCHANGED, mask=changes.point(lambda changed: 255 - changed))
    piece = image.crop(box)
    blocks = getdata(piece, box[:2], duration=10 * delay, disposal=1, transparency=UNCHANGED, include_color_table=False)
    for block in blocks:
        file.write(block)


def _changes(image: Image.Image, before: Image.Image) -> Image.Image:
    """255 where two frames differ, else 0."""
    return Image.fromarray(np.where(np.asarray(image) != np.asarray(before), 255, 0).astype(np.uint8))
