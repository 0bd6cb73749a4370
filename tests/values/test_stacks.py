"""Arrays of any number of axes and files of many arrays: one matrix is taken out, the one that numpy or torch takes."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from safetensors.torch import save_file

from mmviz import Scene
from mmviz.errors import SourceError
from mmviz.values.tensors.matrix_files import read_matrix
from tests.values.test_matrix_files import Bomb, check, message

STACK = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
KINDS = ("npy", "npz", "safetensors", "pt")


def write(folder: Path, kind: str, array: Any) -> Path:
    path = folder / f"x.{kind}"
    match kind:
        case "npy":
            np.save(path, array)
        case "npz":
            np.savez_compressed(path, x=array)
        case "safetensors":
            save_file({"x": torch.from_numpy(np.ascontiguousarray(array))}, path)
        case _:
            torch.save(torch.from_numpy(np.ascontiguousarray(array)), path)
    return path


@pytest.mark.parametrize("kind", KINDS)
@given(shape=array_shapes(min_dims=1, max_dims=5, max_side=4), data=st.data())
def test_an_index_takes_what_numpy_takes(
    kind: str, shape: tuple[int, ...], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    order: Any = data.draw(st.sampled_from("CF"))
    array = np.asarray(np.random.default_rng(1).normal(size=shape).astype(np.float32), order=order)
    taken = data.draw(st.integers(max(0, len(shape) - 2), len(shape) - 1))
    index = tuple(data.draw(st.integers(0, side - 1)) for side in shape[:taken])
    path = write(tmp_path_factory.mktemp("x"), kind, array)
    check(path, np.atleast_2d(array[index]), index=index)


@pytest.mark.parametrize("kind", KINDS)
def test_axes_of_length_one_go_by_themselves(tmp_path: Path, kind: str) -> None:
    check(write(tmp_path, kind, STACK[:1, :1]), STACK[0, 0])
    check(write(tmp_path, kind, STACK[:, :1]), STACK[1, 0], index=(1,))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("index", "found"),
    [
        (
            (),
            "holds 2x3x4x5; a matrix of rows and columns is needed: "
            "index: [0, 0] takes the first of this stack of matrices.",
        ),
        (
            (1,),
            "holds 2x3x4x5; a matrix of rows and columns is needed: "
            "index: [0, 0] takes the first of this stack of matrices.",
        ),
        ((0, 3), "holds 2x3x4x5; index 1 must be from 0 to 2, got 3."),
        ((0, 0, 0, 0), "holds 2x3x4x5, 4 axes; index has 4 numbers, and fewer are needed."),
    ],
)
def test_an_index_that_leads_to_no_matrix(tmp_path: Path, kind: str, index: tuple[int, ...], found: str) -> None:
    path = write(tmp_path, kind, STACK)
    assert message(path, index=index) == f"{path}: {found}"


def test_a_scene_shows_a_head_of_saved_attentions(tmp_path: Path) -> None:
    attentions = tuple(torch.rand(1, 4, 6, 6).softmax(-1) for _ in range(2))
    torch.save({"attentions": attentions, "text": "a b", "layers": 2}, tmp_path / "a.pt")
    source = {"file": "a.pt", "key": "attentions.1", "index": [0, 3]}
    found = Scene("A", {"A": source}, folder=tmp_path).values()
    np.testing.assert_array_equal(found[""], attentions[1][0, 3])


def test_arrays_of_an_archive_have_names(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, a=STACK[0, 0], b=STACK[1, 1])
    check(path, STACK[1, 1], "b")
    assert message(path) == f"{path}: has the tensors a, b; the key must name one of them, got None."
    np.savez(path)
    assert message(path) == f"{path}: holds no array; a matrix of numbers is needed."
    np.savez(path, a=np.array([[Bomb(tmp_path / "it ran")]], object), allow_pickle=True)
    assert message(path, "a") == (
        f"{path}, a: holds Python objects, a pickle, which can run code and is never opened; real numbers are needed."
    )
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize("size", [4, 30, 60, 200])
def test_an_archive_that_is_cut_off(tmp_path: Path, size: int) -> None:
    path = write(tmp_path, "npz", STACK)
    path.write_bytes(path.read_bytes()[:size])
    assert message(path) == f"{path}: is cut off or no .npz file ({size} bytes); a whole one is needed."


def test_what_a_file_is_does_not_depend_on_its_name(tmp_path: Path) -> None:
    for kind in KINDS:
        path = write(tmp_path, kind, STACK[0, 0])
        for name in (f"X.{kind.upper()}", "x", "x.csv", "sha256-0123"):
            check(path.rename(tmp_path / name), STACK[0, 0])
            path = tmp_path / name


# torch


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64, torch.int32, torch.bool, torch.float8_e5m2])
def test_tensors_of_torch_of_every_type(tmp_path: Path, dtype: torch.dtype) -> None:
    tensor = torch.tensor([[1.0, 0.0, 3.0], [0.0, 2.0, 96.0]]).to(dtype)
    torch.save({"outer": {"x": tensor.mT}, "parameter": torch.nn.Parameter(tensor.float())}, tmp_path / "x.pt")
    check(tmp_path / "x.pt", tensor.mT.float(), "outer.x")
    check(tmp_path / "x.pt", tensor.float(), "parameter")


def test_code_in_a_file_of_torch_does_not_run(tmp_path: Path) -> None:
    mark, path = tmp_path / "it ran", tmp_path / "x.pt"
    end = (
        "which can run code and is never opened; "
        "save tensors alone: safetensors.torch.save_file({'name': tensor}, 'FILE.safetensors')."
    )
    torch.save({"x": torch.ones(2, 2), "y": Bomb(mark)}, path)
    assert message(path) == f"{path}: is broken, or a pickle of more than tensors, {end}"
    torch.save(torch.nn.Linear(2, 2), path)
    assert message(path) == f"{path}: is broken, or a pickle of more than tensors, {end}"
    torch.save({"x": torch.ones(2, 2)}, path, _use_new_zipfile_serialization=False)
    assert message(path) == (
        f"{path}: is a pickle, which can run code and is never opened; .npy, .npz, .safetensors, or .pt as torch.save "
        "has written it since version 1.6, is needed."
    )
    assert not mark.exists()


def test_a_file_of_torch_is_left_closed_where_torch_is_not_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "pt", STACK)
    monkeypatch.setattr(torch, "__version__", "2.9.1+cpu")
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was opened"))
    assert message(path) == (
        f"{path}: is a pickle, which can run code; torch 2.10 or later is needed to read it safely. Else save tensors "
        "alone: safetensors.torch.save_file({'name': tensor}, 'FILE.safetensors')."
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (torch.ones(2, 2, dtype=torch.complex64), ", 0: holds complex64; real numbers are needed."),
        (torch.ones(2, 2).to_sparse(), ", 0: is sparse, quantized or without numbers; a plain tensor is needed."),
        ({"lr": 0.1}, ": holds no array; a matrix of numbers is needed."),
    ],
)
def test_a_file_of_torch_without_a_matrix(tmp_path: Path, content: Any, found: str) -> None:
    torch.save(content, tmp_path / "x.pt")
    assert message(tmp_path / "x.pt") == f"{tmp_path / 'x.pt'}{found}"


# Types of safetensors: version 0.8.0 has 21.


def raw(path: Path, dtype: str, bits: int) -> None:
    """A 4 by 8 tensor of a type that torch may not have; its bytes count up."""
    size = 4 * 8 * bits // 8
    header = json.dumps({"x": {"dtype": dtype, "shape": [4, 8], "data_offsets": [0, size]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(range(size % 256)))


@pytest.mark.parametrize(("dtype", "bits"), [("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6)])
def test_numbers_smaller_than_a_byte_are_refused(tmp_path: Path, dtype: str, bits: int) -> None:
    path = tmp_path / "x.safetensors"
    raw(path, dtype, bits)
    assert message(path) == (
        f"{path}, x: is stored as {dtype}, whose numbers are smaller than a byte and share one scale with others; "
        "plain numbers are needed."
    )


@pytest.mark.parametrize(
    ("dtype", "kind"), [("U16", "<u2"), ("U32", "<u4"), ("I16", "<i2"), ("I8", "i1"), ("U8", "u1"), ("F16", "<f2")]
)
def test_whole_numbers_and_halves_are_what_numpy_reads(tmp_path: Path, dtype: str, kind: str) -> None:
    path = tmp_path / "x.safetensors"
    raw(path, dtype, 8 * np.dtype(kind).itemsize)
    expected = np.frombuffer(bytes(range(32 * np.dtype(kind).itemsize)), kind).reshape(4, 8)
    check(path, expected.astype(np.float32))


def test_powers_of_two_and_large_whole_numbers(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    raw(path, "F8_E8M0", 8)  # 2 to the power of the byte, less 127
    check(path, np.exp2(np.arange(32.0).reshape(4, 8) - 127).astype(np.float32))
    save_file({"x": torch.tensor([[2**64 - 1, 2**53 + 1]], dtype=torch.uint64)}, path)
    check(path, np.array([[2**64 - 1, 2**53 + 1]], np.uint64).astype(np.float32))


def test_a_broken_file_of_a_model_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.npy").write_bytes(b"GGUF\3\0\0\0")
    with pytest.raises(SourceError) as raised:
        read_matrix(tmp_path / "x.npy", None)
    assert str(raised.value) == f"{tmp_path / 'x.npy'}: is cut off, at byte 8; a whole .gguf file is needed."
