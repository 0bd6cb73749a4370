"""The kinds of films, chosen by the name's ending: how segments of frames are written, and how they are joined.

A film is always made of segments of SEGMENT frames, each of which is written by itself: so that several processes can
share the work, and the result is the same whether they do or not.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmviz.errors import OutputError
from mmviz.machine.endings import ENDINGS
from mmviz.machine.output_files import (
    check_folder,
    check_link,
    check_no_folder,
    check_output,
    check_place,
    check_size,
    check_writable,
    put,
    put_folder,
)
from mmviz.orders.kinds import FILM, FRAMES, GIF, KINDS, MOV, WEBM, check_ground, is_folder, kind_of
from mmviz.orders.order import FilmOrder
from mmviz.render.film import gif, movie
from mmviz.render.film.stopwatch import Stopwatch

SEGMENT = 120
"""Frames of a segment, but of the last one."""
PATTERN = "frame_%05d.png"
"""Names of the pictures in a folder."""
NUMBER = re.compile(r"%(0\d)?d")
Frames = Iterable[NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive frames of a film."""

    number: int  # from 0
    first: int  # frame, from 0
    last: int  # frame, not included

    @property
    def count(self) -> int:
        """Of its frames."""
        return self.last - self.first


def segments(count: int) -> list[Segment]:
    """A film of so many frames, cut into segments."""
    starts = range(0, count, SEGMENT)
    return [Segment(number, first, min(first + SEGMENT, count)) for number, first in enumerate(starts)]


@dataclass(frozen=True)
class FilmFile(ABC):
    """One kind of film. It can be sent to another process."""

    order: FilmOrder

    samples = 0
    """Frames that have to be seen before the first one can be written."""

    @property
    def path(self) -> Path:
        """The file, or the folder of pictures."""
        return self.order.place

    @abstractmethod
    def check(self) -> None:
        """Refuses what cannot be written, before any number is computed.

        Raises:
            OutputError: the file's name or folder, the picture size, or another option.
        """

    def prepared(self, samples: Sequence[NDArray[np.uint8]]) -> Self:  # noqa: ARG002
        """The same film, which knows how some of its frames look."""
        return self

    @abstractmethod
    def write(self, folder: Path, segment: Segment, frames: Frames, watch: Stopwatch) -> None:
        """Write the frames of a segment into a folder."""

    @abstractmethod
    def join(self, folder: Path, parts: Sequence[Segment]) -> None:
        """Make the film of the segments in a folder; it is there as a whole or not at all."""


class Coded(FilmFile):
    """A film that FFmpeg codes: H.264, which every player shows; ProRes, for editing; VP9, for web pages."""

    def check(self) -> None:
        """See FilmFile."""
        movie.check_movie(self.order)

    def write(self, folder: Path, segment: Segment, frames: Frames, watch: Stopwatch) -> None:
        """See FilmFile."""
        movie.write_segment(_part(folder, segment, self._ending), frames, self.order, watch)

    def join(self, folder: Path, parts: Sequence[Segment]) -> None:
        """See FilmFile."""
        whole = folder / f"whole{self._ending}"
        pieces = [(_part(folder, part, self._ending), part.count) for part in parts]
        if self._ending == FILM.ending:
            movie.join_segments(pieces, whole)
        else:
            movie.join_plain_segments(pieces, whole, self.order)
        put(whole, self.path)

    @property
    def _ending(self) -> str:
        return self.path.suffix.lower()


@dataclass(frozen=True)
class Gif(FilmFile):
    """A moving picture for web pages, which is shown again and again."""

    palette: bytes = b""  # 256 times red, green, blue

    samples = 12

    def check(self) -> None:
        """See FilmFile."""
        check_output(self.path, (GIF.ending,))
        check_size(self.order.width, self.order.height, even=GIF.even)
        movie.check_rate(self.order.fps, GIF.fastest)

    def prepared(self, samples: Sequence[NDArray[np.uint8]]) -> Self:
        """See FilmFile."""
        return replace(self, palette=gif.choose_palette(samples))

    def write(self, folder: Path, segment: Segment, frames: Frames, watch: Stopwatch) -> None:
        """See FilmFile."""
        part = _part(folder, segment, ".blocks")
        gif.write_segment(part, frames, self.palette, segment.first, self.order.fps, watch)

    def join(self, folder: Path, parts: Sequence[Segment]) -> None:
        """See FilmFile."""
        whole, size = folder / "whole.gif", (self.order.width, self.order.height)
        gif.join_segments([_part(folder, part, ".blocks") for part in parts], whole, size, self.palette)
        put(whole, self.path)


class Pictures(FilmFile):
    """A PNG for each frame, numbered from 0: in a new folder, or in a folder that is there by a name with %d."""

    def check(self) -> None:
        """See FilmFile."""
        check_size(self.order.width, self.order.height, even=FRAMES.even)
        movie.check_rate(self.order.fps, FRAMES.fastest)
        if self.folder:
            self._check_folder()
            return
        check_place(self.path)
        numbers = len(NUMBER.findall(self.path.name)), self.path.name.count("%")
        if numbers != (1, 1) or NUMBER.search(str(self.path.parent)):
            raise OutputError(f"{self.path}: the name must have one number in it, such as frame_%05d.png.")
        if found := next(filter(re.compile(self._names).fullmatch, _names_in(self.path.parent)), None):
            raise OutputError(
                f"{self.path}: {found} is there already; remove the old pictures, or choose another name."
            )

    def write(self, folder: Path, segment: Segment, frames: Frames, watch: Stopwatch) -> None:
        """See FilmFile."""
        pictures = folder / "pictures"
        pictures.mkdir(exist_ok=True)
        for number, frame in enumerate(frames, start=segment.first):
            with watch.stage("encode"):
                dpi = self.order.dpi, self.order.dpi
                Image.fromarray(frame).save(pictures / (self._pattern % number), compress_level=4, dpi=dpi)

    def join(self, folder: Path, parts: Sequence[Segment]) -> None:
        """See FilmFile."""
        pictures = folder / "pictures"
        with ENDINGS.held():
            if self.folder:
                put_folder(pictures, self.path)
                return
            for number in range(parts[-1].last):
                put(pictures / (self._pattern % number), self.path.parent / (self._pattern % number))

    @property
    def folder(self) -> bool:
        """Whether `path` is a folder, and not a name with %d."""
        return is_folder(self.order.path)

    @property
    def _pattern(self) -> str:
        return PATTERN if self.folder else self.path.name

    @property
    def _names(self) -> str:
        before, after = self._pattern.split(NUMBER.search(self._pattern)[0])  # type: ignore[index]
        return rf"{re.escape(before)}\d+{re.escape(after)}"

    def _check_folder(self) -> None:
        check_folder(self.path)
        check_link(self.path)
        if self.path.exists() and not self.path.is_dir():
            raise OutputError(f"{self.path}/: there is a file of that name; choose another.")
        if self.path.exists() and _names_in(self.path):
            raise OutputError(f"{self.path}/: is there already and not empty; name a new folder.")
        check_writable(self.path)


WRITERS: Mapping[str, type[FilmFile]] = {
    FILM.name: Coded,
    MOV.name: Coded,
    WEBM.name: Coded,
    GIF.name: Gif,
    FRAMES.name: Pictures,
}
"""What writes each kind that moves, by its name."""


def film_of(order: FilmOrder) -> FilmFile:
    """The kind of film that an order's name asks for, checked before any number is computed.

    Raises:
        OutputError: the name asks for none, or the film cannot be written.
    """
    kind = kind_of(order.path)
    if kind is not FRAMES:
        check_no_folder(order.path)
    if kind is None or not kind.moves:
        suffix = order.place.suffix
        found = f"ends in {suffix}" if suffix else "has no ending"
        *others, last = (known.ending for known in KINDS if known.moves and known is not FRAMES)
        raise OutputError(
            f"{order.path}: the name {found}; it must end in {', '.join(others)} or {last}, or for single pictures in "
            "%05d.png, or in / for a folder of them."
        )
    check_ground(order.path, order.ground)
    film = WRITERS[kind.name](order)
    film.check()
    return film


def _part(folder: Path, segment: Segment, suffix: str) -> Path:
    return folder / f"{segment.number:05d}{suffix}"


def _names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
