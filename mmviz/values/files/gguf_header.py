"""The header of a GGUF file, every length checked against the file's size before it is believed; reads no weights.

Source: the GGUF specification, versions 2 and 3, at github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from mmviz.errors import SourceError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
ALIGNMENT = 32  # bytes, where general.alignment does not say
MOST_ELEMENTS = 2**24  # in a metadata array; a hundred times the largest vocabulary
MOST_AXES = 4

# Type numbers of metadata values. Scalars are read by their struct format.
SCALARS: Mapping[int, str] = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
STRING, ARRAY = 8, 9

# Type numbers of tensors: name, and the numbers and the bytes of a block.
BLOCKS: Mapping[int, tuple[str, int, int]] = {
    kind.value: (kind.name, *GGML_QUANT_SIZES[kind]) for kind in GGMLQuantizationType if kind in GGML_QUANT_SIZES
}


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """One tensor of the file, its rows split into blocks of `block` numbers in `block_bytes` bytes."""

    kind: str  # F32, Q4_1, ...
    shape: tuple[int, ...]  # the last axis is contiguous, as in torch
    block: int  # numbers
    block_bytes: int
    start: int  # in bytes from the start of the file
    part: int = 0  # the file, of a model in several; counted from 0

    @property
    def row_bytes(self) -> int:
        """Bytes of one row, or of the whole vector."""
        return self.shape[-1] // self.block * self.block_bytes

    @property
    def stored_bytes(self) -> int:
        """Bytes of the whole tensor."""
        return math.prod(self.shape[:-1]) * self.row_bytes


@dataclass(frozen=True, slots=True)
class Header:
    """Metadata by key, and tensors by their names in the file."""

    metadata: Mapping[str, Any]
    tensors: Mapping[str, StoredTensor]


def read_header(content: mmap.mmap, path: Path) -> Header:
    """Metadata and the places of the tensors.

    Args:
        content: The whole file, mapped.
        path: What it is called in messages.

    Raises:
        SourceError: it is no GGUF file, of another version, cut off or broken.
    """
    reader = _Reader(content, path)
    if content[: len(MAGIC)] != MAGIC:
        raise SourceError(f"{path}: does not begin with GGUF; a .gguf file is needed.")
    reader.place = len(MAGIC)
    version = reader.scalar("<I")
    if version not in VERSIONS:
        found = "is written for big-endian machines" if version & 0xFFFF == 0 else f"is of GGUF version {version}"
        raise SourceError(f"{path}: {found}; version {VERSIONS[0]} or {VERSIONS[1]}, little-endian, is needed.")
    tensor_count, pair_count = reader.count("<Q", 24), reader.count("<Q", 12)
    metadata: dict[str, Any] = {}
    for _ in range(pair_count):
        key = reader.text("a metadata key")
        if key in metadata:
            raise reader.broken(f"has the metadata key {key!r} twice")
        metadata[key] = reader.value(reader.scalar("<I"), key)
    entries = [_entry(reader) for _ in range(tensor_count)]
    return Header(metadata, _tensors(reader, entries, metadata))


class _Reader:
    """Reads forward through the file."""

    def __init__(self, content: mmap.mmap, path: Path) -> None:
        self.content = content
        self.path = path
        self.place = 0  # in bytes

    def broken(self, found: str) -> SourceError:
        return SourceError(f"{self.path}: {found}, at byte {self.place}; a whole .gguf file is needed.")

    def left(self) -> int:
        return len(self.content) - self.place

    def scalar(self, layout: str) -> Any:
        size = struct.calcsize(layout)
        if self.left() < size:
            raise self.broken("is cut off")
        (value,) = struct.unpack_from(layout, self.content, self.place)
        self.place += size
        return value

    def count(self, layout: str, smallest: int) -> int:
        """A number of things that take at least `smallest` bytes each."""
        count = int(self.scalar(layout))
        if count * smallest > self.left():
            raise self.broken(f"is cut off or broken (announces {count} entries)")
        return count

    def text(self, what: str) -> str:
        start = self.place
        length = self.count("<Q", 1)
        self.place += length
        try:
            return self.content[self.place - length : self.place].decode("utf-8")
        except UnicodeDecodeError:
            self.place = start
            raise self.broken(f"has {what} that is no UTF-8") from None

    def value(self, kind: int, key: str) -> Any:
        if kind in SCALARS:
            return self.scalar(SCALARS[kind])
        if kind == STRING:
            return self.text(key)
        if kind != ARRAY:
            raise self.broken(f"has the unknown value type {kind} at {key!r}")
        element = self.scalar("<I")
        if element == STRING:
            return [self.text(key) for _ in range(self._length(8, key))]
        if element not in SCALARS:
            raise self.broken(f"has an array of the unknown element type {element} at {key!r}")
        layout = SCALARS[element]
        size = struct.calcsize(layout)
        count = self._length(size, key)
        values = list(struct.unpack_from(f"<{count}{layout[1]}", self.content, self.place))
        self.place += count * size
        return values

    def _length(self, smallest: int, key: str) -> int:
        count = self.count("<Q", smallest)
        if count > MOST_ELEMENTS:
            raise self.broken(f"has {count} elements at {key!r}, more than {MOST_ELEMENTS}")
        return count


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the file's table of tensors."""

    name: str
    sizes: tuple[int, ...]  # the contiguous axis first
    kind: int
    offset: int  # in bytes from the start of the tensors


def _entry(reader: _Reader) -> _Entry:
    name = reader.text("a tensor's name")
    axes = reader.scalar("<I")
    if not 1 <= axes <= MOST_AXES:
        raise reader.broken(f"has a tensor of {axes} axes, {name!r}")
    sizes = tuple(reader.scalar("<Q") for _ in range(axes))
    return _Entry(name, sizes, reader.scalar("<I"), reader.scalar("<Q"))


def _tensors(reader: _Reader, entries: list[_Entry], metadata: Mapping[str, Any]) -> dict[str, StoredTensor]:
    alignment = metadata.get("general.alignment", ALIGNMENT)
    if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
        raise SourceError(f"{reader.path}, general.alignment: is {alignment!r}; a power of 2 is needed.")
    first = -(-reader.place // alignment) * alignment
    tensors: dict[str, StoredTensor] = {}
    for entry in entries:
        if entry.name in tensors:
            raise SourceError(f"{reader.path}, {entry.name}: is there twice; a whole .gguf file is needed.")
        tensors[entry.name] = _placed(entry, first, len(reader.content), f"{reader.path}, {entry.name}")
    return tensors


def _placed(entry: _Entry, first: int, file_bytes: int, where: str) -> StoredTensor:
    if entry.kind not in BLOCKS:
        raise SourceError(f"{where}: is of the unknown type {entry.kind}; one that the gguf package knows is needed.")
    name, block, block_bytes = BLOCKS[entry.kind]
    tensor = StoredTensor(name, entry.sizes[::-1], block, block_bytes, first + entry.offset)
    if 0 in tensor.shape or tensor.shape[-1] % block:
        size = " by ".join(map(str, tensor.shape))
        raise SourceError(f"{where}: is {size}; as {name}, rows of a multiple of {block} numbers are needed.")
    end = tensor.start + tensor.stored_bytes
    if end > file_bytes:
        raise SourceError(
            f"{where}: is cut off (it ends at byte {end}, the file at {file_bytes}); a whole .gguf file is needed."
        )
    return tensor
