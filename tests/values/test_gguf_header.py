"""The header of a GGUF file: all that the gguf package writes is read, and no length is believed unchecked."""

import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from mmviz.errors import SourceError
from mmviz.values.files.gguf_header import MOST_AXES, MOST_ELEMENTS, Header, StoredTensor, read_header

PATH = Path("m.gguf")
U8, U32, TEXT, LIST, U64 = 0, 4, 8, 9, 10
F32, Q4_0, Q8_0, NVFP4 = (kind.value for kind in map(GGMLQuantizationType, [0, 2, 8, GGMLQuantizationType.NVFP4.value]))


def text(content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return struct.pack("<Q", len(content)) + content


def pair(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def of_list(kind: int, count: int) -> bytes:
    """The key k, whose value is a list."""
    return pair("k", LIST, struct.pack("<IQ", kind, count))


def entry(name: str, sizes: tuple[int, ...], kind: int = F32, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)


def file_of(*parts: bytes, tensors: int = 0, pairs: int = 0, numbers: int = 0) -> bytes:
    """The bytes of a file with these keys and entries, and so many bytes of numbers behind them, aligned to 32."""
    head = b"GGUF" + struct.pack("<IQQ", 3, tensors, pairs) + b"".join(parts)
    return head + bytes(-len(head) % 32) + bytes(numbers)


def read(content: bytes) -> Header:
    with mmap.mmap(-1, len(content)) as mapped:
        mapped.write(content)
        return read_header(mapped, PATH)


def refusal(content: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        read(content)
    return str(caught.value)


VALUES: Mapping[str, tuple[gguf.GGUFValueType, Any]] = {
    "u8": (gguf.GGUFValueType.UINT8, 255),
    "i8": (gguf.GGUFValueType.INT8, -128),
    "u16": (gguf.GGUFValueType.UINT16, 65535),
    "i16": (gguf.GGUFValueType.INT16, -32768),
    "u32": (gguf.GGUFValueType.UINT32, 2**32 - 1),
    "i32": (gguf.GGUFValueType.INT32, -(2**31)),
    "f32": (gguf.GGUFValueType.FLOAT32, 0.15625),
    "bool": (gguf.GGUFValueType.BOOL, True),
    "u64": (gguf.GGUFValueType.UINT64, 2**64 - 1),
    "i64": (gguf.GGUFValueType.INT64, -(2**63)),
    "f64": (gguf.GGUFValueType.FLOAT64, 0.1),
    "text": (gguf.GGUFValueType.STRING, "größe"),
    "texts": (gguf.GGUFValueType.ARRAY, ["a", "", "ö"]),
    "numbers": (gguf.GGUFValueType.ARRAY, [3, -1, 4]),
}


def test_what_the_gguf_package_writes_is_read(tmp_path: Path) -> None:
    path, matrix = tmp_path / "m.gguf", np.arange(64, dtype=np.float32).reshape(2, 32)
    writer = gguf.GGUFWriter(str(path), "llama")
    for key, (kind, value) in VALUES.items():
        writer.add_key_value(key, value, kind)
    writer.add_tensor("one", matrix)
    writer.add_tensor(
        "two", gguf.quants.quantize(matrix, GGMLQuantizationType.Q8_0), raw_dtype=GGMLQuantizationType.Q8_0
    )
    writer.add_tensor("vector", matrix[0])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = read(path.read_bytes())
    assert found.metadata == {"general.architecture": "llama", **{key: value for key, (_, value) in VALUES.items()}}
    for tensor in gguf.GGUFReader(path).tensors:
        ours = found.tensors[tensor.name]
        assert ours.kind == tensor.tensor_type.name
        assert ours.shape == tuple(tensor.shape.tolist()[::-1])
        assert (ours.start, ours.stored_bytes) == (tensor.data_offset, tensor.n_bytes)
    assert list(found.tensors) == ["one", "two", "vector"]


@pytest.mark.parametrize("kind", GGML_QUANT_SIZES, ids=lambda kind: kind.name)
def test_a_tensor_takes_as_many_bytes_as_the_package_says(kind: GGMLQuantizationType) -> None:
    block, block_bytes = GGML_QUANT_SIZES[kind]
    found = read(file_of(entry("x", (2 * block, 3), kind.value), tensors=1, numbers=6 * block_bytes)).tensors["x"]
    assert (found.kind, found.shape) == (kind.name, (3, 2 * block))
    assert (found.row_bytes, found.stored_bytes) == (2 * block_bytes, 6 * block_bytes)


def test_a_tensor_that_ends_where_the_file_does_is_whole_and_one_byte_less_is_not() -> None:
    content = file_of(entry("x", (3,), offset=32), tensors=1, numbers=44)
    found = read(content).tensors["x"]
    assert found.start + found.stored_bytes == len(content)
    assert refusal(content[:-1]) == (
        f"m.gguf, x: is cut off (it ends at byte {len(content)}, the file at {len(content) - 1}); a whole .gguf file "
        "is needed."
    )


@pytest.mark.parametrize(("alignment", "start"), [(1, 90), (2, 90), (4, 92), (64, 128), (4096, 4096)])
def test_tensors_begin_where_the_alignment_lets_them(alignment: int, start: int) -> None:
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + pair("general.alignment", U32, struct.pack("<I", alignment))
    head += entry("x", (1,))
    assert len(head) == 90
    assert read(head.ljust(start + 4, b"\0")).tensors["x"] == StoredTensor("F32", (1,), 1, 4, start)


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), (3, "3"), (48, "48")])
def test_an_alignment_that_is_no_power_of_2_is_refused(value: int, shown: str) -> None:
    content = file_of(pair("general.alignment", U32, struct.pack("<I", value)), pairs=1)
    assert refusal(content) == f"m.gguf, general.alignment: is {shown}; a power of 2 is needed."


@pytest.mark.parametrize(
    ("content", "place", "found"),
    [
        (b"GGUF\3\0\0", 4, "is cut off"),
        (b"GGUF" + struct.pack("<IQ", 3, 1), 16, "is cut off or broken (announces 1 entries)"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + text("k"), 24, "is cut off or broken (announces 2 entries)"),
        (file_of(struct.pack("<Q", 99), bytes(64), pairs=1), 32, "is cut off or broken (announces 99 entries)"),
        (file_of(text(b"\xff"), bytes(64), pairs=1), 24, "has a metadata key that is no UTF-8"),
        (file_of(*[pair("k", U8, b"\1")] * 2, pairs=2), 47, "has the metadata key 'k' twice"),
        (file_of(pair("k", 13, bytes(8)), pairs=1), 37, "has the unknown value type 13 at 'k'"),
        (file_of(of_list(LIST, 0), pairs=1), 41, "has an array of the unknown element type 9 at 'k'"),
        (file_of(of_list(U64, 9), bytes(8), pairs=1), 49, "is cut off or broken (announces 9 entries)"),
        (file_of(of_list(TEXT, 8), bytes(40), pairs=1), 49, "is cut off or broken (announces 8 entries)"),
        (file_of(entry("x", ()), bytes(64), tensors=1), 37, "has a tensor of 0 axes, 'x'"),
        (file_of(entry("x", (1,) * (MOST_AXES + 1)), tensors=1), 37, "has a tensor of 5 axes, 'x'"),
    ],
)
def test_what_is_broken_is_told_with_its_place(content: bytes, place: int, found: str) -> None:
    assert refusal(content) == f"m.gguf: {found}, at byte {place}; a whole .gguf file is needed."


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([entry("x", (1,))] * 2, "is there twice; a whole .gguf file is needed."),
        ([entry("x", (1,), kind=4)], "is of the unknown type 4; one that the gguf package knows is needed."),
        ([entry("x", (4, 0))], "is 0 by 4; as F32, rows of a multiple of 1 numbers are needed."),
        ([entry("x", (33, 2), kind=Q4_0)], "is 2 by 33; as Q4_0, rows of a multiple of 32 numbers are needed."),
    ],
)
def test_a_tensor_that_cannot_be_read_is_named(entries: list[bytes], found: str) -> None:
    assert refusal(file_of(*entries, tensors=len(entries), numbers=99)) == f"m.gguf, x: {found}"


def test_what_begins_otherwise_is_no_gguf_file() -> None:
    assert refusal(b"GGML....") == "m.gguf: does not begin with GGUF; a .gguf file is needed."


def test_more_elements_than_a_vocabulary_has_are_refused_before_they_are_read() -> None:
    count = MOST_ELEMENTS + 1
    content = file_of(of_list(U8, count), bytes(count), pairs=1)
    assert refusal(content) == (
        f"m.gguf: has {count} elements at 'k', more than {MOST_ELEMENTS}, at byte 49; a whole .gguf file is needed."
    )
