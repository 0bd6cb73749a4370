"""Arrays that numpy wrote, in a .npy file or a .npz archive of them; Python objects in them are never made.

The header is read here: numpy's own reader ends in errors of many kinds where it is broken. See its format in
numpy.lib.format.
"""

import ast
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import SourceError

MAGIC = b"\x93NUMPY"
LENGTHS: Mapping[int, int] = {1: 2, 2: 4, 3: 4}
"""Bytes of the header's length, by the format's major version."""
MOST_HEADER = 10_000
"""Bytes of a header; numpy itself believes no longer one."""
MOST_AXES = 32
REAL = re.compile(r"[<>|=]?[biuf][0-9]{1,2}|\?")
CHUNK = 1 << 20  # bytes of an archive that are passed over at once


class BrokenHeaderError(ValueError):
    """It is no array that numpy wrote, or a part of one."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of an array say."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    by_columns: bool  # as Fortran has it
    start: int  # of the numbers, in bytes

    @property
    def end(self) -> int:
        """Of the numbers, in bytes."""
        return self.start + math.prod(self.shape) * self.dtype.itemsize


def open_npy(path: Path) -> NDArray[Any]:
    """A .npy file, mapped into memory: nothing but its header is read.

    Raises:
        SourceError: it is broken, or holds anything but real numbers.
    """
    try:
        with path.open("rb") as file:
            header = _header(file, str(path))
        if header.end != path.stat().st_size:
            raise BrokenHeaderError
        if not math.prod(header.shape):
            return np.zeros(header.shape, header.dtype)
        order: Any = "F" if header.by_columns else "C"
        mapped = np.asarray(np.memmap(path, header.dtype, "r", header.start, header.shape or (1,), order))
        return mapped.reshape(header.shape)
    except BrokenHeaderError as error:
        size = path.stat().st_size
        raise SourceError(f"{path}: is cut off or no .npy file ({size} bytes); a whole one is needed.") from error


class Archive:
    """A .npz file: arrays by name."""

    def __init__(self, path: Path) -> None:
        """Read the names of its arrays.

        Raises:
            SourceError: it is broken.
        """
        self.path = path
        with self._whole(), zipfile.ZipFile(path) as file:
            members = [member.filename for member in file.infolist()]
        self.names = tuple(name.removesuffix(".npy") for name in members if name.endswith(".npy"))

    def shape(self, name: str) -> tuple[int, ...]:
        """Of an array, from its header.

        Raises:
            SourceError: it is broken, or holds anything but real numbers.
        """
        with self._opened(name) as (_, header):
            return header.shape

    def part(self, name: str, index: tuple[int, ...]) -> NDArray[Any]:
        """What lies at an index of an array's first axes; as little of the rest as can be is kept.

        Raises:
            SourceError: as `shape`.
        """
        with self._opened(name) as (file, header):
            shape = header.shape[len(index) :]
            if header.by_columns:
                whole = np.frombuffer(self._take(file, header.end - header.start), header.dtype)
                return np.asarray(whole.reshape(header.shape, order="F")[index])
            number = int(np.ravel_multi_index(index, header.shape[: len(index)])) if index else 0
            size = math.prod(shape) * header.dtype.itemsize
            for _ in range(number * size // CHUNK):
                self._take(file, CHUNK)
            self._take(file, number * size % CHUNK)
            return np.frombuffer(self._take(file, size), header.dtype).reshape(shape)

    def kind(self, name: str) -> str:
        """What the numbers of an array are stored as, from its header.

        Raises:
            SourceError: as `shape`.
        """
        with self._opened(name) as (_, header):
            return header.dtype.name

    def every(self, name: str, steps: tuple[int, ...]) -> NDArray[Any]:
        """Every so many-th element along each axis, for which the whole array is unpacked.

        Raises:
            SourceError: as `shape`.
        """
        return self.part(name, ())[tuple(slice(None, None, step) for step in steps)]

    @contextmanager
    def _opened(self, name: str) -> Iterator[tuple[IO[bytes], Header]]:
        with self._whole(), zipfile.ZipFile(self.path) as archive:
            member = archive.getinfo(f"{name}.npy")
            with archive.open(member) as file:
                header = _header(file, f"{self.path}, {name}")
                if header.end != member.file_size:
                    raise BrokenHeaderError
                yield file, header

    @staticmethod
    def _take(file: IO[bytes], size: int) -> bytes:
        content = file.read(size)
        if len(content) != size:
            raise BrokenHeaderError
        return content

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            yield
        except SourceError:
            raise
        except Exception as error:  # of zipfile, zlib and the header: there are a dozen kinds
            size = self.path.stat().st_size
            raise SourceError(
                f"{self.path}: is cut off or no .npz file ({size} bytes); a whole one is needed."
            ) from error


def _header(file: IO[bytes], where: str) -> Header:
    """Read an array's header, and refuse what are no real numbers."""
    start = file.read(8)
    if start[:6] != MAGIC or len(start) != 8 or start[6] not in LENGTHS:
        raise BrokenHeaderError
    wide = LENGTHS[start[6]]
    length = int.from_bytes(file.read(wide), "little")
    text = file.read(length) if length <= MOST_HEADER else b""
    if len(text) != length or not length:
        raise BrokenHeaderError
    said = _said(text)
    kind, shape, by_columns = said.get("descr"), said.get("shape"), said.get("fortran_order")
    if not _is_shape(shape) or not isinstance(by_columns, bool):
        raise BrokenHeaderError
    return Header(_dtype(kind, where), shape, by_columns, 8 + wide + length)


def _said(text: bytes) -> Mapping[str, Any]:
    """The dictionary that a header is, in Python's own words; those of Python 2 write 10 as 10L."""
    try:
        said = ast.literal_eval(re.sub(r"(?<=[0-9])L(?=[,)])", "", text.decode("utf-8").strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, OverflowError) as error:
        raise BrokenHeaderError from error
    if not isinstance(said, dict):
        raise BrokenHeaderError
    return said


def _is_shape(shape: object) -> TypeGuard[tuple[int, ...]]:
    sides = shape if isinstance(shape, tuple) and len(shape) <= MOST_AXES else (None,)
    return all(isinstance(side, int) and not isinstance(side, bool) and 0 <= side < 1 << 60 for side in sides)


def _dtype(kind: object, where: str) -> np.dtype[Any]:
    """The type of real numbers that a header names."""
    if isinstance(kind, list):
        raise SourceError(f"{where}: holds a table of named columns; real numbers are needed.")
    if not isinstance(kind, str):
        raise BrokenHeaderError
    letter = kind.lstrip("<>|=")[:1]
    if letter == "O":
        raise SourceError(
            f"{where}: holds Python objects, a pickle, which can run code and is never opened; real numbers are needed."
        )
    if letter == "V" or kind == "<f1":
        raise SourceError(
            f"{where}: holds raw bytes ({kind[:12]!r}), as np.save writes bfloat16 and other small floats; "
            "save them as float32."
        )
    try:
        dtype = np.dtype(kind)
    except Exception as error:  # of no such letter or size, or in no words of numpy: there are several kinds
        raise BrokenHeaderError from error
    if not REAL.fullmatch(kind):
        raise SourceError(f"{where}: holds {dtype}; real numbers are needed.")
    return dtype
