"""Writes GGUF files byte by byte, with metadata of every type, also those that no writer would write."""

import random
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gguf

STRING, ARRAY = 8, 9
SCALARS: Mapping[int, str] = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
ALIGNMENT = 32
TEXTS = ("", "llama", "gpt2", "qwen2", "linear", "yarn", "none", "default", "the", "t h", "é東", "x" * 200)


@dataclass(frozen=True, slots=True)
class Value:
    """A value with its type; an array also has the type of its elements."""

    kind: int
    value: Any
    element: int = 0

    def encoded(self) -> bytes:
        """Type and value, as they stand behind a key."""
        return struct.pack("<I", self.kind) + self._content()

    def _content(self) -> bytes:
        if self.kind == STRING:
            return text(self.value)
        if self.kind != ARRAY:
            return struct.pack(SCALARS[self.kind], self.value)
        inner = [Value(self.element, each)._content() for each in self.value]
        return struct.pack("<IQ", self.element, len(inner)) + b"".join(inner)

    def read(self) -> Any:
        """What a reader finds: a float with as many digits as are stored."""
        if self.kind == ARRAY:
            return [Value(self.element, each).read() for each in self.value]
        if self.kind == STRING:
            return self.value
        return struct.unpack(SCALARS[self.kind], struct.pack(SCALARS[self.kind], self.value))[0]


def some_value(chance: random.Random) -> Value:
    """A value of any type."""
    kind = chance.choice((*SCALARS, STRING, STRING, ARRAY, ARRAY))
    if kind != ARRAY:
        return Value(kind, _some(kind, chance))
    element = chance.choice((*SCALARS, STRING))
    return Value(ARRAY, [_some(element, chance) for _ in range(chance.choice((0, 1, 3, 300)))], element)


def _some(kind: int, chance: random.Random) -> Any:
    if kind == STRING:
        return chance.choice(TEXTS)
    layout = SCALARS[kind]
    if chance.random() < 0.5 and layout != "<?":
        return chance.choice((0, 1, 2, 3, 32, 48, 96))
    return struct.unpack(layout, chance.randbytes(struct.calcsize(layout)))[0]


def text(words: str) -> bytes:
    return struct.pack("<Q", len(words.encode())) + words.encode()


def metadata_of(path: Path) -> dict[str, Value]:
    """The metadata of a file, as the gguf package reads it."""
    found = {}
    for key, field in gguf.GGUFReader(path).fields.items():
        if not key.startswith("GGUF."):
            element = int(field.types[1]) if len(field.types) > 1 else 0
            found[key] = Value(int(field.types[0]), field.contents(), element)
    return found


def written(path: Path, metadata: Mapping[str, Value] | Sequence[tuple[str, Value]], model: Path) -> Path:
    """A file with this metadata and the tensors of a model."""
    pairs = list(metadata.items()) if isinstance(metadata, Mapping) else list(metadata)
    count, tensors, numbers = _tensors(model)
    head = b"GGUF" + struct.pack("<IQQ", 3, count, len(pairs))
    head += b"".join(text(key) + value.encoded() for key, value in pairs) + tensors
    path.write_bytes(head + b"\0" * (-len(head) % ALIGNMENT) + numbers)
    return path


@cache
def _tensors(model: Path) -> tuple[int, bytes, bytes]:
    """How many tensors a file has, its table of them, and their numbers."""
    reader = gguf.GGUFReader(model)
    table = b""
    for tensor in reader.tensors:
        sizes = [int(size) for size in tensor.shape]
        table += text(tensor.name) + struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes)
        table += struct.pack("<IQ", int(tensor.tensor_type), tensor.data_offset - reader.data_offset)
    return len(reader.tensors), table, model.read_bytes()[reader.data_offset :]
