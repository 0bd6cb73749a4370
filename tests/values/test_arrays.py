"""Numbers that are given to a scene as arrays of numpy, torch and pandas, or as lists."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from mmviz import MmvizError, Scene
from mmviz.scene.keys.grid import Grid
from mmviz.scene.keys.sources import ValuesSource

ROWS = [[1.0, -2.5, 0.0], [4.0, 5.0, 1e-3]]
NUMBERS = np.array(ROWS).tobytes()


def drawn(numbers: Any) -> Any:
    """The numbers of a scene of one matrix."""
    return Scene("x", {"x": numbers}).values()[""]


def refusal(numbers: Any, expr: str = "x") -> str:
    with pytest.raises(MmvizError) as caught:
        Scene(expr, {"x": numbers, **({"w": {"init": "rows"}} if "w" in expr else {})})
    return str(caught.value)


TENSORS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "float32": lambda x: x,
    "float64": torch.Tensor.double,
    "float16": torch.Tensor.half,
    "bfloat16": torch.Tensor.bfloat16,
    "float8": lambda x: x.to(torch.float8_e4m3fn),
    "requires_grad": lambda x: x.clone().requires_grad_(),
    "parameter": torch.nn.Parameter,
    "strided": lambda x: x.mT.contiguous().mT,
    "expanded": lambda x: x[:1].expand(4, -1),
    "sparse": torch.Tensor.to_sparse,
    "int64": torch.Tensor.long,
    "uint8": lambda x: x.abs().byte(),
    "bool": torch.Tensor.bool,
    "quantized": lambda x: torch.quantize_per_tensor(x, 0.1, 0, torch.qint8),
    "row": lambda x: x[0],
}


@pytest.mark.parametrize("kind", TENSORS)
@pytest.mark.filterwarnings("ignore")  # torch warns of what it will drop: quantized tensors
def test_a_tensor_of_any_type_is_drawn_with_its_own_numbers(kind: str) -> None:
    tensor = TENSORS[kind](torch.tensor(ROWS))
    plain = tensor.detach()
    expected = plain.dequantize() if plain.is_quantized else plain.to_dense() if plain.is_sparse else plain
    np.testing.assert_array_equal(drawn(tensor), np.atleast_2d(expected.float().numpy()))


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "g", ">f4", "i1", "u8", "i8", "?"])
def test_an_array_of_any_real_type_is_drawn_with_its_own_numbers(kind: str) -> None:
    array = np.array(ROWS).astype(np.abs(np.array(ROWS)).dtype if kind == "u8" else kind)
    for one in (array, np.asfortranarray(array), array[::-1], array.T):
        np.testing.assert_array_equal(drawn(one), one.astype(np.float32))


def test_frames_series_and_lists_are_drawn_by_their_values() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, None], "c": pd.array([True, None], dtype="boolean")})
    np.testing.assert_array_equal(drawn(frame), np.array([[1, 0.5, 1], [2, np.nan, np.nan]], np.float32))
    np.testing.assert_array_equal(drawn(pd.Series([1, 2, 3])), [[1, 2, 3]])
    np.testing.assert_array_equal(drawn(ROWS), np.array(ROWS, np.float32))
    np.testing.assert_array_equal(drawn((1, 2.5)), [[1, 2.5]])
    np.testing.assert_array_equal(drawn([np.arange(2), torch.arange(2)]), [[0, 1], [0, 1]])
    np.testing.assert_array_equal(drawn(np.ma.masked_equal([[1, 2]], 2)), [[1, np.nan]])


def test_what_is_not_finite_is_kept_and_told() -> None:
    scene = Scene("x", {"x": torch.tensor([[1.0, np.nan, np.inf, -np.inf]])})
    np.testing.assert_array_equal(scene.values()[""], np.array([[1, np.nan, np.inf, -np.inf]], np.float32))
    assert scene.notes()


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (np.float64(3.5), "must be"),
        (
            torch.tensor(3.5),
            "scene, tensors.x: is a single number, 3.5; a matrix is needed: give [[3.5]] for one of 1x1.",
        ),
        (
            np.zeros((2, 3, 4)),
            "scene, tensors.x: has 3 dimensions, 2x3x4, and a matrix has two: give one of its slices, such as x[0], or "
            "all rows below each other, x.reshape(-1, 4).",
        ),
        (
            torch.zeros(2, 3, 4, 5),
            "scene, tensors.x: has 4 dimensions, 2x3x4x5, and a matrix has two: give one of its slices, such as "
            "x[0][0], or all rows below each other, x.reshape(-1, 5).",
        ),
        (np.zeros((0, 3)), "scene, tensors.x: is 0x3; from 1 to 16,777,216 rows and columns are needed."),
        (
            np.array([[1j]]),
            "scene, tensors.x: holds complex numbers; real numbers are needed. Give its real part, or its absolute "
            "values.",
        ),
        (np.array([["a"]]), "scene, tensors.x: holds texts; real numbers are needed."),
        (
            np.array([[object()]]),
            "scene, tensors.x: holds objects; real numbers are needed. If all of them are numbers, give "
            "x.astype(float).",
        ),
        (np.array([["2020-01-01"]], "M8"), "scene, tensors.x: holds dates; real numbers are needed."),
        (np.array([[1e39]]), "scene, tensors.x: holds the number 1e+39; numbers go up to 3e+38."),
        (torch.zeros(2, 2, device="meta"), "scene, tensors.x: is on the device meta, where tensors have no numbers."),
        (
            pd.DataFrame({"a": [1], "b": ["x"]}),
            f"scene, tensors.x: column b is of the type {pd.Series(['x']).dtype}; real numbers are needed.",
        ),
        ([[1, 2], [3]], "scene, tensors.x.values: rows 0 and 1 have 2 and 1 numbers; all rows need the same length."),
        ([["a"]], 'scene, tensors.x.values.0.0: must be a number, got "a".'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_matrix_of_real_numbers_is_refused_with_the_way_to_one(numbers: Any, message: str) -> None:
    said = refusal(numbers)
    assert said == message if message != "must be" else "tensors.x" in said


@pytest.mark.parametrize(
    ("expr", "stands"), [("w @ x", "stands at the right of a product"), ("x.T", "is turned by .T")]
)
@pytest.mark.parametrize("numbers", [np.arange(3), [0, 1, 2], torch.arange(3), pd.Series([0, 1, 2])])
def test_one_dimension_is_refused_where_a_column_may_be_meant(expr: str, stands: str, numbers: Any) -> None:
    assert refusal(numbers, expr) == (
        f"scene, tensors.x: has one dimension and {stands}, where it could be a row or a column; give "
        "x.reshape(1, -1) for a row, or x.reshape(-1, 1) for a column."
    )


def test_one_dimension_is_a_row_where_only_a_row_can_be_meant() -> None:
    scene = Scene("out = bias(x @ w, b)", {"x": np.ones(3), "w": np.eye(3), "b": torch.arange(3)})
    assert scene.values()[""].tolist() == [[1, 2, 3]]


def test_arrays_take_the_place_of_others_in_a_scene() -> None:
    scene = Scene("x @ w", {"x": np.ones((2, 3)), "w": np.eye(3)})
    other = scene.changed(tensors={"x": np.zeros((2, 3)), "w": np.eye(3)})
    assert not other.values()[""].any()
    assert other.edited("x").values()[""].tolist() == [[0, 0, 0], [0, 0, 0]]
    with pytest.raises(MmvizError, match="could be a row or a column"):
        scene.changed(tensors={"x": np.ones((2, 3)), "w": np.ones(3)})


def test_a_scene_never_changes_when_its_array_does() -> None:
    array = np.ones((2, 2), np.float32)
    scene = Scene("x", {"x": array})
    array[:] = 5
    assert scene.values()[""].tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_numbers_are_written_exactly(suffix: str, tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).standard_normal((20, 30)).astype(np.float32)
    scene = Scene("x @ y", {"x": numbers, "y": numbers.T.astype(np.float64) / 3})
    scene.save(tmp_path / f"scene{suffix}")
    again = Scene.load(tmp_path / f"scene{suffix}")
    assert again.document == scene.document
    np.testing.assert_array_equal(again.values()["left"], numbers)


def test_more_numbers_than_a_scene_file_can_have_are_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(MmvizError) as caught:
        Scene("x @ w", {"x": np.zeros((1000, 1000)), "w": {"init": "eye"}}).save(path)
    assert str(caught.value) == (
        f"{path}: tensors.x has 1000x1000 numbers, which makes the file larger than the 1 MiB that a scene file may "
        'have; write them to a file beside it, such as numpy.save("x.npy", x), and name it in the scene: '
        'tensors={"x": {"file": "x.npy"}}.'
    )
    assert [found.name for found in tmp_path.iterdir()] == ["scene.yaml"]
    assert path.read_text(encoding="utf-8") == "old"


def test_a_large_array_is_no_million_of_python_numbers() -> None:
    numbers = np.random.default_rng(0).standard_normal((1000, 1000))
    scene = Scene("x @ w", {"x": numbers, "w": {"init": "eye"}})
    other = scene.changed(title="t").edited("relu(x @ w)")
    before, after = scene.document.tensors["x"], other.document.tensors["x"]
    assert isinstance(before, ValuesSource)
    assert isinstance(after, ValuesSource)
    assert isinstance(after.values, Grid)
    assert after.values is before.values
    again = pickle.loads(pickle.dumps(other))
    assert again.document == other.document
    np.testing.assert_array_equal(other.values()["left"], numbers.astype(np.float32))


def test_a_grid_reads_as_its_rows() -> None:
    grid = Grid(NUMBERS, 2, 3, "d")
    rows = tuple(map(tuple, ROWS))
    assert (tuple(grid), grid[0], grid[-1], grid[:1], len(grid)) == (rows, rows[0], rows[1], rows[:1], 2)
    assert grid == rows
    assert rows == grid
    assert grid == Grid(NUMBERS, 2, 3, "d")
    assert grid != Grid(NUMBERS, 3, 2, "d")
    assert grid != rows[:1]
    assert hash(grid) == hash(Grid(NUMBERS, 2, 3, "d"))
    with pytest.raises(IndexError):
        grid[2]
    with pytest.raises(ValueError, match="2x4 numbers are needed, got 6"):
        Grid(NUMBERS, 2, 4, "d")


@pytest.mark.process
def test_arrays_are_taken_without_importing_the_libraries_that_they_are_of() -> None:
    program = (
        "import sys, numpy, mmviz\n"
        "mmviz.Scene('x', {'x': numpy.ones((2, 2))})\n"
        "found = [name for name in ('torch', 'pandas', 'vtk', 'PySide6') if name in sys.modules]\n"
        "sys.exit(' '.join(found) or 0)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert (found.returncode, found.stderr) == (0, ""), found.stderr


def test_two_columns_of_one_name_are_two_columns() -> None:
    np.testing.assert_array_equal(drawn(pd.DataFrame(ROWS, columns=["a", "b", "a"])), np.array(ROWS, np.float32))


def test_what_torch_puts_off_is_done() -> None:
    turned = torch.view_as_complex(torch.tensor([[[1.0, 2.0]]])).conj().imag
    assert turned.is_neg()
    assert drawn(turned).tolist() == [[-2.0]]


def test_lists_of_true_and_false_are_taken_as_arrays_of_them_are() -> None:
    assert drawn([[True, False], [0, 2.5]]).tolist() == [[1, 0], [0, 2.5]]
    assert drawn([True, False]).tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({1, 2}, "is a set; an array or a list of numbers is needed: give list(...) of it."),
        ((x for x in "ab"), "is a generator; an array or a list of numbers is needed: give list(...) of it."),
        (
            np.eye(2).astype(object),
            "holds objects; real numbers are needed. If all of them are numbers, give x.astype(float).",
        ),
    ],
)
def test_what_is_nearly_an_array_is_refused_with_the_way_to_one(numbers: Any, message: str) -> None:
    assert refusal(numbers) == f"scene, tensors.x: {message}"
