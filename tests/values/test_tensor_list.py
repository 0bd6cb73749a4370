"""Lists of the tensors of files as libraries write them, and looks into tensors that are too large to be read."""

import json
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from gguf.quants import dequantize, quantize
from safetensors.torch import save_file

from mmviz import Scene
from mmviz.errors import SourceError
from mmviz.values.files.gguf_arrays import GGUFArrays
from mmviz.values.files.safetensors_file import INDEX
from mmviz.values.tensors.tensor_list import TensorList, holds_tensors, steps


def listed(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    return [(tensor.name, tensor.shape, tensor.kind) for tensor in TensorList.open(path).tensors]


def unknown_gguf(path: Path) -> dict[str, np.ndarray]:
    """A GGUF file of an architecture that no one knows; its matrices as they were given."""
    numbers = np.random.default_rng(0).normal(size=(6, 64)).astype(np.float32)
    writer = gguf.GGUFWriter(str(path), "unheard-of")
    writer.add_tensor("plain", numbers)
    writer.add_tensor("vector", numbers[0])
    writer.add_tensor("stack", numbers.reshape(3, 2, 64))
    writer.add_tensor("whole", np.arange(8, dtype=np.int32).reshape(2, 4))
    for kind in (Kind.Q8_0, Kind.Q4_1):
        writer.add_tensor(kind.name, quantize(numbers, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return {
        "plain": numbers,
        **{kind.name: dequantize(quantize(numbers, kind), kind) for kind in (Kind.Q8_0, Kind.Q4_1)},
    }


def test_every_kind_of_file_is_listed_with_shapes_and_types(tmp_path: Path) -> None:
    ones = np.ones((3, 4))
    np.save(tmp_path / "a.npy", ones.astype(np.float16))
    np.savez(tmp_path / "b.npz", first=ones, second=ones.astype(np.int8)[:, 0])
    (tmp_path / "c.csv").write_text("1,2,3\n4,5,6\n")
    torch.save({"w": torch.ones(2, 5, dtype=torch.bfloat16)}, tmp_path / "d.pt")
    save_file({"x": torch.ones(2, 3, 4), "y": torch.ones(7, dtype=torch.int32)}, tmp_path / "e.safetensors")
    unknown_gguf(tmp_path / "f.gguf")
    assert listed(tmp_path / "a.npy") == [("", (3, 4), "float16")]
    assert listed(tmp_path / "b.npz") == [("first", (3, 4), "float64"), ("second", (3,), "int8")]
    assert listed(tmp_path / "c.csv") == [("", (2, 3), "float64")]
    assert listed(tmp_path / "d.pt") == [("w", (2, 5), "bfloat16")]
    assert listed(tmp_path / "e.safetensors") == [("x", (2, 3, 4), "F32"), ("y", (7,), "I32")]
    assert listed(tmp_path / "f.gguf") == [
        ("plain", (6, 64), "F32"),
        ("vector", (64,), "F32"),
        ("stack", (3, 2, 64), "F32"),
        ("whole", (2, 4), "I32"),
        ("Q8_0", (6, 64), "Q8_0"),
        ("Q4_1", (6, 64), "Q4_1"),
    ]
    assert all(holds_tensors(path) for path in tmp_path.iterdir())


def test_a_gguf_file_of_any_architecture_gives_its_tensors_as_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    expected = unknown_gguf(path)
    listing = TensorList.open(path)
    for tensor in listing.tensors:
        if tensor.name in expected:
            np.testing.assert_array_equal(listing.sample(tensor, 10**6), expected[tensor.name])
            scene = Scene("A", {"A": {"file": str(path), "key": tensor.name}})
            np.testing.assert_array_equal(scene.values()[""], expected[tensor.name])
    stack = Scene("A", {"A": {"file": str(path), "key": "stack", "index": [2]}})
    np.testing.assert_array_equal(stack.values()[""], expected["plain"].reshape(3, 2, 64)[2])
    whole = Scene("A", {"A": {"file": str(path), "key": "whole"}})
    np.testing.assert_array_equal(whole.values()[""], np.arange(8).reshape(2, 4))


def test_a_sample_has_every_so_many_th_element_and_no_more_than_it_may(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).normal(size=(96, 64)).astype(np.float32)
    np.save(tmp_path / "by_columns.npy", np.asfortranarray(numbers))
    np.savez(tmp_path / "x.npz", x=numbers)
    save_file({"x": torch.from_numpy(numbers)}, tmp_path / "x.safetensors")
    torch.save({"x": torch.from_numpy(numbers)}, tmp_path / "x.pt")
    writer = gguf.GGUFWriter(str(tmp_path / "x.gguf"), "any")
    writer.add_tensor("x", numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    apart = steps((96, 64), 1000)
    for path in sorted(tmp_path.iterdir()):
        listing = TensorList.open(path)
        found = listing.sample(listing.tensors[0], 1000)
        assert found.size <= 1000, path
        np.testing.assert_array_equal(found, numbers[:: apart[0], :: apart[1]], err_msg=path.name)


@pytest.mark.parametrize(
    "shape", [(5,), (10**9,), (128_256, 4096), (4096, 128_256), (64, 10**6), (7, 1), (32, 128, 4096), (60, 60, 60, 60)]
)
def test_a_sample_is_no_larger_than_asked_for_and_keeps_rows(shape: tuple[int, ...]) -> None:
    most = 100_000
    apart = steps(shape, most)
    left = [-(-side // step) for side, step in zip(shape, apart, strict=True)]
    assert np.prod(left) <= most
    if np.prod(shape) <= most:
        assert apart == (1,) * len(shape)
    elif len(shape) > 1:
        assert left[-2] >= min(shape[-2], 16)


def test_shards_of_an_index_and_files_of_a_folder_are_one_list(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2, 2)}, tmp_path / "model-00001-of-00002.safetensors")
    save_file({"b": torch.ones(3, 2)}, tmp_path / "model-00002-of-00002.safetensors")
    expected = [("a", (2, 2), "F32"), ("b", (3, 2), "F32")]
    assert listed(tmp_path) == expected
    names = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (tmp_path / INDEX).write_text(json.dumps({"weight_map": names}))
    assert listed(tmp_path) == listed(tmp_path / INDEX) == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("# made by hand\n1.5e-3 -2\n3 4\n", True),
        ("1;2\n", True),
        ("expr: A @ B\n", False),
        ("Dear all,\n", False),
        ("-- \n", False),
        ("", False),
    ],
)
def test_a_text_is_listed_where_it_begins_with_numbers(tmp_path: Path, text: str, numbers: bool) -> None:
    (tmp_path / "x.txt").write_text(text)
    assert holds_tensors(tmp_path / "x.txt") == numbers


def test_what_holds_no_tensors_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("hello")
    assert not holds_tensors(tmp_path / "notes.md")
    with pytest.raises(SourceError) as folder:
        TensorList.open(tmp_path)
    assert str(folder.value) == (
        f"{tmp_path}: holds no model and no tensors; a folder with .safetensors, .gguf, .npy or .npz files is needed."
    )
    save_file({}, tmp_path / "empty.safetensors")
    with pytest.raises(SourceError) as empty:
        TensorList.open(tmp_path / "empty.safetensors")
    assert str(empty.value) == f"{tmp_path / 'empty.safetensors'}: holds no tensor."


def test_a_tensor_that_is_not_read_stands_in_the_list_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    torch.save({"good": torch.ones(2, 2), "odd": torch.ones(2, 2, dtype=torch.complex64)}, path)
    good, odd = TensorList.open(path).tensors
    assert good.problem == ""
    assert odd.problem == f"{path}, odd: holds complex64; real numbers are needed."


def test_of_a_large_sparse_file_only_the_sample_is_read(tmp_path: Path) -> None:
    """Twenty gigabytes that take no room on the disk: reading them would take half a minute."""
    path, side = tmp_path / "large.safetensors", 1 << 17
    size = side * side  # a byte each
    header = json.dumps({"w": {"dtype": "I8", "shape": [side, side], "data_offsets": [0, size]}}).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + size)
    listing = TensorList.open(path)
    assert listing.tensors[0].elements == size
    assert listing.sample(listing.tensors[0], 1 << 12).shape == (16, 16)


def test_the_names_of_a_gguf_file_are_its_own(tmp_path: Path) -> None:
    unknown_gguf(tmp_path / "x.gguf")
    arrays = GGUFArrays(tmp_path / "x.gguf")
    assert list(arrays.names) == ["plain", "vector", "stack", "whole", "Q8_0", "Q4_1"]
    assert arrays.every("stack", (2, 1, 3)).shape == (2, 2, 22)
