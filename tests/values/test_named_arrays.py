"""Arrays that are chosen by name out of a file, what cannot be read of them, and matrices that go round."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from mmviz.errors import SourceError
from mmviz.values.tensors import matrix_files
from mmviz.values.tensors.matrix_files import read_matrix, read_shape, wrapped


def refusal(path: Path, key: str | None = None, index: tuple[int, ...] = ()) -> str:
    with pytest.raises(SourceError) as caught:
        read_matrix(path, key, index)
    return str(caught.value).replace(str(path), "F")


@pytest.mark.parametrize(("count", "more"), [(8, ""), (9, ", ...")])
def test_of_many_names_the_first_eight_are_told(tmp_path: Path, count: int, more: str) -> None:
    names = [f"w{number}" for number in range(count)]
    arrays: dict[str, Any] = {name: np.ones((1, 1)) for name in reversed(names)}
    np.savez(tmp_path / "x.npz", **arrays)
    assert refusal(tmp_path / "x.npz", "none") == (
        f"F: has the tensors {', '.join(names[:8])}{more}; the key must name one of them, got 'none'."
    )


def test_a_file_of_nothing_holds_no_array(tmp_path: Path) -> None:
    save_file({}, tmp_path / "x.safetensors")
    assert refusal(tmp_path / "x.safetensors") == "F: holds no array; a matrix of numbers is needed."


@pytest.mark.parametrize("error", [AttributeError("float9"), RuntimeError("no"), NotImplementedError()])
def test_a_type_that_torch_does_not_know_is_told_with_its_version(
    tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_file({"x": torch.ones(2, 2)}, tmp_path / "x.safetensors")

    class Slice:
        def get_dtype(self) -> str:
            return "F9"

        def get_shape(self) -> list[int]:
            return [2, 2]

        def __getitem__(self, _: object) -> None:
            raise error

    class File:
        def keys(self) -> list[str]:
            return ["x"]

        def get_slice(self, _: str) -> Slice:
            return Slice()

        def get_tensor(self, _: str) -> None:
            raise error

    monkeypatch.setattr(matrix_files, "_mapped", lambda _: File())
    assert read_shape(tmp_path / "x.safetensors", None) == (2, 2)
    assert refusal(tmp_path / "x.safetensors") == (
        f"F, x: is stored as F9, which torch {torch.__version__} cannot read; plain numbers are needed."
    )


@pytest.mark.parametrize(
    ("shape", "index", "message"),
    [
        ((2, 3), (0, 0), "F: holds 2x3, 2 axes; index has 2 numbers, and fewer are needed."),
        ((3,), (0,), "F: holds 3, 1 axis; index has 1 numbers, and fewer are needed."),
        ((), (0,), "F: holds a single number, 0 axes; index has 1 numbers, and fewer are needed."),
        ((2, 3, 4), (2,), "F: holds 2x3x4; index 0 must be from 0 to 1, got 2."),
        ((2, 3, 4, 5), (1, 3), "F: holds 2x3x4x5; index 1 must be from 0 to 2, got 3."),
        (
            (2, 3, 4, 5),
            (1,),
            "F: holds 2x3x4x5; a matrix of rows and columns is needed: index: [0, 0] takes the first of this stack of "
            "matrices.",
        ),
        ((2, 0, 4), (), "F: holds 2x0x4; a matrix of rows and columns is needed."),
        ((2, 3, 0), (1,), "F: holds 2x3x0; a matrix of rows and columns is needed."),
    ],
)
def test_an_index_that_leads_to_no_matrix_is_told(
    tmp_path: Path, shape: tuple[int, ...], index: tuple[int, ...], message: str
) -> None:
    np.save(tmp_path / "x.npy", np.zeros(shape))
    assert refusal(tmp_path / "x.npy", index=index) == message


@pytest.mark.parametrize(
    ("shape", "index", "found"),
    [
        ((1, 1, 3, 4), (), (3, 4)),
        ((1, 4), (), (1, 4)),
        ((1, 1, 4), (), (1, 4)),
        ((2, 3), (1,), (1, 3)),
        ((5,), (), (1, 5)),
    ],
)
def test_axes_of_one_before_a_matrix_need_no_index(
    tmp_path: Path, shape: tuple[int, ...], index: tuple[int, ...], found: tuple[int, int]
) -> None:
    array = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    np.save(tmp_path / "x.npy", array)
    assert read_shape(tmp_path / "x.npy", None, index) == found
    np.testing.assert_array_equal(read_matrix(tmp_path / "x.npy", None, index), array[index].reshape(found))


sides = st.integers(1, 5)


@given(rows=sides, columns=sides, wanted=st.tuples(st.integers(1, 12), st.integers(1, 12)))
def test_a_matrix_goes_round_as_tiles_of_itself(rows: int, columns: int, wanted: tuple[int, int]) -> None:
    matrix: Any = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    found = wrapped(matrix, wanted)
    np.testing.assert_array_equal(found, np.tile(matrix, (12, 12))[: wanted[0], : wanted[1]])
    assert (found is matrix) == (wanted == matrix.shape)
