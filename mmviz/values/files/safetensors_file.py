"""Weights in safetensors files, one or many with an index, sliced lazily; never opens a pickle, never computes."""

import re
from collections.abc import Collection, Mapping
from functools import cached_property
from math import prod
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Literal

from safetensors import SafetensorError, safe_open

from mmviz.errors import SourceError
from mmviz.values.files.json_file import read_json
from mmviz.values.files.plain_file import check_plain
from mmviz.values.files.store import FLOATS

if TYPE_CHECKING:  # which is imported once a number is read
    import torch

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
BITS = re.compile("[0-9]+")  # a dtype's first number: F8_E4M3, BF16, U8; BOOL has none and takes 8

RELEASE = 768 << 20
"""How many bytes of weights are touched before the files are closed, until they are needed again: what was read of a
file that is mapped into memory counts as the process's own until then. Small models stay mapped, which is quicker."""

MOST_LOOKED = 32 << 20
"""The same of small tensors, which are looked at before anything is computed."""

MOST_SIZES = 8
"""Axes that a shape in a file has."""

MOST_LETTERS = 4096
"""Bytes of a text in a tensor."""

PAGE = 4096
"""Bytes of a file that are mapped at once, however few of them are read."""

Span = slice


class _File:
    """One .safetensors file, mapped into memory: as numpy has it while its header is read, which imports no torch."""

    def __init__(self, path: Path, needed: str) -> None:
        self.path = path
        self._needed = needed
        self._header: Any = _open_file(path, needed, "np")  # None while it is closed
        self._mapped: Any = None  # as torch has it

    def names(self) -> Collection[str]:
        return set(self._read().keys())

    def header(self, name: str) -> Any:
        return self._read().get_slice(name)

    def metadata(self) -> Mapping[str, str]:
        return self._read().metadata() or {}

    def close(self) -> None:
        self._header = self._mapped = None

    def part(self, name: str, rows: Span | None, columns: Span | None) -> Any:
        """A weight or a part of it, where it lies in the file, which stays mapped as long as this is kept."""
        if rows is None and columns is None:
            return self._opened().get_tensor(name)
        if columns is None:
            return self._opened().get_slice(name)[rows]
        return self._opened().get_slice(name)[rows or Span(None), columns]

    def _read(self) -> Any:
        if self._mapped is None and self._header is None:
            self._header = _open_file(self.path, self._needed, "np")
        return self._mapped or self._header

    def _opened(self) -> Any:
        if self._mapped is None:
            self._mapped = _open_file(self.path, self._needed, "pt")
            self._header = None
        return self._mapped


class SafetensorsStore:
    """The weights of one .safetensors file, or of the shards that an index names."""

    def __init__(self, files: Mapping[str, _File]) -> None:
        self.bytes_read = 0
        self._looked = 0  # bytes of small tensors since then
        self._touched = 0  # bytes that were read since all files were closed, about
        self._files = files  # weight name -> its file
        self._readable: set[str] = set()  # weights that were looked at and can be read

    @classmethod
    def open(cls, path: Path) -> "SafetensorsStore":
        """Read the header of one file.

        Raises:
            SourceError: it cannot be read, is broken or cut off.
        """
        file = _File(path, "a readable file is needed")
        return cls(dict.fromkeys(sorted(file.names()), file))

    @classmethod
    def open_sharded(cls, index: Path) -> "SafetensorsStore":
        """Read the index and the header of every shard that it names, which all lie in its folder.

        Raises:
            SourceError: the index or a shard is missing, broken, or does not fit the other.
        """
        shard_names = _shard_names(index)
        needed = f"every shard that {INDEX} names is needed"
        shards = {file.relative_to(index.parent).as_posix(): _File(file, needed) for file in shards_of(index)}
        held = {shard: file.names() for shard, file in shards.items()}
        for weight, shard in shard_names.items():
            if weight not in held[shard]:
                raise SourceError(
                    f"{index.parent / shard}: has no weight {weight!r}, which {INDEX} names; "
                    "shards of one model are needed."
                )
        return cls({weight: shards[shard] for weight, shard in shard_names.items()})

    @property
    def names(self) -> Collection[str]:
        """Every weight's name as stored."""
        return self._files.keys()

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, or those of the shards that hold a weight, in alphabetical order."""
        return tuple(sorted({file.path for file in self._files.values()}))

    @cached_property
    def metadata(self) -> Mapping[str, str]:
        """What all files say of themselves, from their headers."""
        said: dict[str, str] = {}
        for file in dict.fromkeys(self._files.values()):
            said |= file.metadata()
        return said

    def shape(self, name: str) -> tuple[int, ...]:
        """A weight's shape, from the header alone."""
        return tuple(self._files[name].header(name).get_shape())

    def dtype(self, name: str) -> str:
        """What a weight is stored as, in the words of the format: F32, BF16, I8."""
        return str(self._files[name].header(name).get_dtype())

    def stored_bytes(self, name: str) -> int:
        """How many bytes a weight takes in its file."""
        bits = BITS.search(self.dtype(name))
        return prod(self.shape(name)) * (int(bits[0]) if bits else 8) // 8

    def read(self, name: str, rows: Span | None, columns: Span | None) -> "torch.Tensor":
        """A weight or a part of it, in the dtype it is stored in; no other bytes are read.

        Raises:
            SourceError: it is not stored as floating point numbers.
        """
        part = self._part(name, rows, columns)
        return part.clone() if part.is_contiguous() else part.contiguous()

    def place(self, name: str) -> str:
        """Where a weight is, for messages."""
        return f"{self._files[name].path}, {name}"

    def sizes(self, name: str) -> tuple[int, ...]:
        """The whole numbers of a small tensor that says the shape of another, which count as a part of the header.

        Raises:
            SourceError: it is too large, or of another dtype.
        """
        shape, dtype = self.shape(name), self.dtype(name)
        if dtype not in ("U8", "I32", "I64") or prod(shape) > MOST_SIZES:
            found = "x".join(map(str, shape))
            raise SourceError(f"{self.place(name)}: is {found} as {dtype}; a shape, as whole numbers, is needed.")
        return tuple(map(int, self._files[name].part(name, None, None).flatten()))

    def content(self, name: str) -> bytes:
        """The bytes of a small tensor that is a text about others, which counts as a part of the header.

        Raises:
            SourceError: it is too large, or of another dtype.
        """
        shape, dtype = self.shape(name), self.dtype(name)
        if dtype != "U8" or prod(shape) > MOST_LETTERS:
            found = "x".join(map(str, shape))
            raise SourceError(f"{self.place(name)}: is {found} as {dtype}; a short text, as U8, is needed.")
        return bytes(self._files[name].part(name, None, None).flatten().tolist())

    def read_stored(self, name: str, rows: range | None = None, columns: range | None = None) -> "torch.Tensor":
        """A tensor of any dtype or a part of it, to compute with at once and not to keep: it may lie in the file."""
        return self._counted(self._files[name].part(name, *map(_span, (rows, columns))), columns is not None)

    def look_at(self, name: str, rows: range | None = None, columns: range | None = None) -> "torch.Tensor":
        """The same of a small tensor that says what others mean, which counts as a part of the header."""
        part: torch.Tensor = self._files[name].part(name, *map(_span, (rows, columns)))
        self._looked += part.nbytes
        if self._looked > MOST_LOOKED:
            self.release()
        return part

    def check(self, name: str) -> None:
        """Refuse a weight that is not stored as numbers.

        Raises:
            SourceError: it is not stored as floating point numbers.
        """
        dtype = self.dtype(name)
        if dtype not in FLOATS:
            raise SourceError(
                f"{self.place(name)}: is stored as {dtype}, as quantized weights and masks are, and its "
                f"numbers do not mean anything by themselves; {', '.join(FLOATS[:-1])} or {FLOATS[-1]} is needed."
            )

    def lend(self, name: str) -> "torch.Tensor":
        """A whole weight where it lies in the file, which stays mapped as long as this is kept.

        Raises:
            SourceError: as `read`.
        """
        return self._part(name, None, None)

    def _part(self, name: str, rows: Span | None, columns: Span | None) -> "torch.Tensor":
        if name not in self._readable:
            self.check(name)
            self._readable.add(name)
        return self._counted(self._files[name].part(name, rows, columns), columns is not None)

    def _counted(self, part: "torch.Tensor", in_stretches: bool) -> "torch.Tensor":
        self.bytes_read += part.nbytes
        self._count(part.nbytes + PAGE * len(part) if in_stretches else part.nbytes)  # a stretch for each row
        return part

    def _count(self, touched: int) -> None:
        self._touched += touched
        if self._touched > RELEASE:
            self.release()

    def release(self) -> None:
        """Close all files, until they are needed again."""
        self._touched = self._looked = 0
        for file in set(self._files.values()):
            file.close()


def _span(numbers: range | None) -> Span | None:
    return None if numbers is None else Span(numbers.start, numbers.stop)


def shards_of(index: Path) -> list[Path]:
    """The shards that an index names, in alphabetical order, whether they are there or not.

    Raises:
        SourceError: it is broken, or names what does not lie in its folder.
    """
    shards = sorted(set(_shard_names(index).values()))
    for shard in shards:
        _check_inside(shard, index)
        _check_link(index.parent / shard, index)
    return [index.parent / shard for shard in shards]


def _shard_names(index: Path) -> dict[str, str]:
    """The shard of every weight."""
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise SourceError(f"{index}, weight_map: is missing or broken; weight names with file names are needed.")
    return names


def _check_inside(shard: str, index: Path) -> None:
    """Only names inside the folder: an index from elsewhere must not make other files of this machine be read."""
    kinds = (PurePosixPath(shard), PureWindowsPath(shard))
    if not shard or any(kind.anchor or ".." in kind.parts for kind in kinds):
        raise SourceError(f"{index}, weight_map: names the file {shard!r}; a file in the index's own folder is needed.")


def _check_link(file: Path, index: Path) -> None:
    """No link leads out of the folder, either, but to where the Hugging Face cache keeps all files of a model."""
    place, folder = file.resolve(), index.parent.resolve()
    kept = folder.parent.parent / "blobs" if folder.parent.name == "snapshots" else folder
    if not (place.is_relative_to(folder) or place.is_relative_to(kept)):
        raise SourceError(f"{file}: is a link to {place}; a file in the folder of {index.name} is needed.")


def _open_file(path: Path, needed: str, library: Literal["np", "pt"]) -> Any:
    check_plain(path)
    try:
        with path.open("rb") as plain:  # says what is wrong in the system's words, which safe_open does not
            size = plain.seek(0, 2)
        return safe_open(path, framework=library)
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file; {needed}.") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{path}: cannot be read ({reason}); a readable file is needed.") from error
    except SafetensorError as error:
        raise SourceError(
            f"{path}: is cut off or no safetensors file ({size} bytes; {_reason(error)}); a whole one is needed."
        ) from error


def _reason(error: SafetensorError) -> str:
    words = str(error).removeprefix("Error while deserializing header: ").splitlines() or [""]
    return words[0][:120]
