"""Files that are opened: pipes, broken JSON, arrays of our own; and what is odd about numbers."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import SourceError
from mmviz.scene.language.tree import Worn
from mmviz.values.files.json_file import read_json
from mmviz.values.files.plain_file import check_plain
from mmviz.values.tensors import element_window
from mmviz.values.tensors.array_file import read_arrays, write_arrays
from mmviz.values.tensors.element_window import needed, product
from mmviz.values.tensors.odd_numbers import odd_numbers


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "config.json"
    os.mkfifo(pipe)
    for refuse in (check_plain, read_json):
        with pytest.raises(SourceError) as error:
            refuse(pipe)
        assert str(error.value) == f"{pipe}: is a pipe or a device; a plain file is needed."
    for fine in (tmp_path, tmp_path / "none", Path("a\0b")):
        check_plain(fine)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file; the model's config.json is needed."),
        (b"[1]", "is a JSON list; an object is needed."),
        (b"null", "is a JSON NoneType; an object is needed."),
        (b'{"a": ', "broken JSON (Expecting value: line 1 column 7 (char 6)); a whole config.json is needed."),
    ],
)
def test_json_that_is_no_object_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "config.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError) as error:
        read_json(path)
    assert str(error.value) == f"{path}: {message}"


@pytest.mark.parametrize("content", [b"\xff", b"[" * 100_000, b""])
def test_json_that_is_broken_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(SourceError, match=r"x\.json: broken JSON \(.*\); a whole x\.json is needed\.$"):
        read_json(tmp_path / "x.json")
    (tmp_path / "x.json").write_text('{"ä": 1}', encoding="utf-8")
    assert read_json(tmp_path / "x.json") == {"ä": 1}


def test_arrays_are_read_as_they_were_written_and_the_same_arrays_give_the_same_bytes(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {"b": np.arange(6.0).reshape(2, 3).T, "a": np.array([-1, 1 << 60])}
    for name in ("x", "y"):
        write_arrays(tmp_path / name, arrays, "about", "text")
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()
    found = read_arrays(tmp_path / "x")
    assert list(found) == ["a", "b"]
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"x: cannot be read \(.*\); a whole safetensors file is needed\.$"):
        read_arrays(tmp_path / "x")


def test_odd_numbers_are_counted_and_the_first_of_each_kind_is_told() -> None:
    matrix = np.zeros((40, 50), np.float32)
    assert list(odd_numbers("A", matrix)) == []
    matrix[3, 7] = -np.inf
    assert list(odd_numbers("A", matrix)) == ["A: 1 of 2,000 numbers is infinite, the first at [3, 7]."]
    matrix[5, 1:3] = np.nan
    matrix[4, 9] = np.nan
    assert list(odd_numbers("A", matrix)) == [
        "A: 3 of 2,000 numbers are NaN, the first at [4, 9].",
        "A: 1 of 2,000 numbers is infinite, the first at [3, 7].",
    ]


@given(st.integers(1, 5), st.integers(1, 9), st.integers(1, 5), st.integers(1, 40))
def test_a_product_in_pieces_is_numpys_in_float64(rows: int, inner: int, columns: int, at_once: int) -> None:
    numbers = np.random.default_rng(rows + 10 * inner + 100 * columns)
    left = numbers.standard_normal((rows, inner)).astype(np.float32)
    right = numbers.standard_normal((inner, columns)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(element_window, "AT_ONCE", at_once)
        found = product(torch.from_numpy(left), torch.from_numpy(right))
    assert found.dtype == torch.float64
    np.testing.assert_allclose(
        found.numpy(), left.astype(np.float64) @ right.astype(np.float64), rtol=1e-14, atol=1e-14
    )


def test_functions_of_elements_need_the_element_and_functions_of_rows_the_row() -> None:
    def rows_and_columns(*worn: Worn) -> tuple[range, range]:
        rows, columns = needed(worn, 2, 3, (5, 7))
        return range(5)[rows], range(7)[columns]

    relu, softmax, turned = Worn("relu"), Worn("softmax"), Worn("softmax", turned=True)
    assert rows_and_columns() == rows_and_columns(relu) == (range(2, 3), range(3, 4))
    assert rows_and_columns(relu, softmax) == (range(2, 3), range(7))
    assert rows_and_columns(turned) == (range(5), range(3, 4))
    assert rows_and_columns(softmax, turned) == (range(5), range(7))
