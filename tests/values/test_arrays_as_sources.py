"""Arrays of Python as sources of a scene: what is one, what is left to the checks of scene files, and rows of one."""

from typing import Any

import numpy as np
import pytest
import torch

from mmviz.errors import SceneError
from mmviz.scene.keys.grid import Grid
from mmviz.scene.keys.sources import LARGEST, FormulaSource
from mmviz.scene.language.parsed import tree_of
from mmviz.values.tensors.arrays import LONGEST, check_rows, sources_of


def numbers(given: Any) -> Grid:
    sources, _ = sources_of({"x": given}, "s")
    found = sources["x"]["values"]
    assert isinstance(found, Grid)
    return found


def refusal(given: Any) -> str:
    with pytest.raises(SceneError) as caught:
        sources_of({"x": given}, "s")
    return str(caught.value).removeprefix("s, tensors.x: ")


@pytest.mark.parametrize(
    "said", [{"init": "eye"}, FormulaSource(formula="i", shape=(2, 2)), "text", b"bytes", 3, 2.5, True, None]
)
def test_what_a_scene_file_can_say_is_left_as_it_is(said: Any) -> None:
    sources, rows = sources_of({"x": said}, "s")
    assert sources["x"] is said
    assert rows == []


def test_there_may_be_none() -> None:
    assert sources_of(None, "s") == ({}, [])
    assert sources_of({}, "s") == ({}, [])


@pytest.mark.parametrize(
    ("given", "called"),
    [([1], "a list"), (np.ones(2), "a ndarray"), (iter(()), "a tuple_iterator"), (3, "an int")],
)
def test_what_is_no_mapping_is_told_by_its_type(given: Any, called: str) -> None:
    with pytest.raises(SceneError) as caught:
        sources_of(given, "s")
    assert str(caught.value) == (
        f's, tensors: must be a mapping from the names of expr to their numbers, such as {{"A": A}}, got {called}.'
    )


@pytest.mark.parametrize(
    ("given", "rows", "values"),
    [
        ([1, 2.5], ["x"], [[1, 2.5]]),
        ((1, 2), ["x"], [(1, 2)]),
        ([[1, 2], [3, 4]], [], [[1, 2], [3, 4]]),
        ([[True, False], [1, "nan"]], [], [[1, 0], [1, "nan"]]),
        ([True, None], ["x"], [[1, None]]),
        ([], ["x"], [[]]),
        ([[1], 2], [], [[1], 2]),  # the checks of scene files tell where it is wrong
    ],
)
def test_a_list_is_checked_as_that_of_a_scene_file(given: Any, rows: list[str], values: Any) -> None:
    sources, found = sources_of({"x": given}, "s")
    assert (sources["x"]["values"], found) == (values, rows)


@pytest.mark.parametrize("kind", ["f2", "f4", ">f4", "f8", "i1", "u4", "?", "g"])
def test_halves_and_singles_stay_small_and_all_else_is_double(kind: str) -> None:
    array = np.array([[0, 1, 1], [1, 0, 1]], kind)
    grid = numbers(array)
    assert grid.kind == ("f" if kind in ("f2", "f4") else "d")
    assert [list(row) for row in grid] == array.tolist()


def test_a_vector_is_a_row_and_is_told_as_one() -> None:
    sources, rows = sources_of({"a": np.arange(3), "b": torch.ones(2, 2), "c": torch.arange(2)}, "s")
    assert rows == ["a", "c"]
    assert [list(row) for row in sources["a"]["values"]] == [[0, 1, 2]]


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_go_up_to_the_largest_and_infinities_are_kept(sign: int) -> None:
    assert list(numbers(np.array([[sign * LARGEST, sign * np.inf, np.nan]]))[0])[:2] == [sign * LARGEST, sign * np.inf]
    large = sign * np.nextafter(LARGEST, np.inf)
    assert refusal(np.array([[np.inf, large]])) == f"holds the number {large:g}; numbers go up to {LARGEST:g}."


def test_a_matrix_has_sides_from_1_up_to_a_bound() -> None:
    row = np.broadcast_to(np.int8(1), (1, LONGEST + 1))
    for array, shape in ((row, f"1x{LONGEST + 1}"), (row.T, f"{LONGEST + 1}x1"), (np.ones((2, 0)), "2x0")):
        assert refusal(array) == f"is {shape}; from 1 to {LONGEST:,} rows and columns are needed."
    assert refusal(np.ones(0)) == f"is 1x0; from 1 to {LONGEST:,} rows and columns are needed."


@pytest.mark.parametrize(
    ("array", "holds"),
    [
        (np.array([[1j]]), "complex numbers; real numbers are needed. Give its real part, or its absolute values."),
        (np.array([[b"a"]]), "texts; real numbers are needed."),
        (np.array([["a"]]), "texts; real numbers are needed."),
        (np.array([["2020"]], "M8[Y]"), "dates; real numbers are needed."),
        (np.array([[3]], "m8[s]"), "lengths of time; real numbers are needed."),
        (np.zeros((1, 1), "f4,i4"), "records; real numbers are needed."),
        (
            np.array([[None]]),
            "objects; real numbers are needed. If all of them are numbers, give x.astype(float).",
        ),
    ],
)
def test_what_an_array_holds_instead_is_said_in_words(array: Any, holds: str) -> None:
    assert refusal(array) == f"holds {holds}"


def test_what_is_masked_is_nan_and_masked_texts_are_texts() -> None:
    grid = numbers(np.ma.masked_array([[1, 2]], [[False, True]]))
    np.testing.assert_array_equal(list(grid), [[1, np.nan]])
    assert refusal(np.ma.masked_array([["a"]], [[False]])) == "holds texts; real numbers are needed."


def test_an_array_that_cannot_be_made_is_told_with_its_reason() -> None:
    class Odd:
        def __array__(self, *_: object, **__: object) -> Any:
            raise RuntimeError("no\nmore")

    assert refusal(Odd()) == "cannot be made an array of numpy (no)."
    assert refusal([np.ones(2), np.ones(3)]).startswith("cannot be made an array of numpy (")


def test_classes_of_the_same_name_from_elsewhere_are_no_tensors_and_no_frames() -> None:
    for name in ("Tensor", "DataFrame", "Series"):
        kind = type(name, (), {"__module__": "elsewhere.torch", "__array__": lambda *_, **__: np.ones((1, 1))})
        assert [list(row) for row in numbers(kind())] == [[1]]


def test_a_frame_of_a_class_of_ones_own_is_a_frame() -> None:
    pandas = pytest.importorskip("pandas")

    mine = type("Mine", (pandas.DataFrame,), {})
    assert [list(row) for row in numbers(mine({"a": [1, 2]}))] == [[1], [2]]
    assert refusal(pandas.Series(["x"], name="words")).startswith("column words is of the type ")


ROW = (
    "s, tensors.{name}: has one dimension and {stands}, where it could be a row or a column; give {name}.reshape(1, "
    "-1) for a row, or {name}.reshape(-1, 1) for a column."
)


@pytest.mark.parametrize(
    ("expr", "name", "stands"),
    [
        ("a @ x", "x", "stands at the right of a product"),
        ("a @ (b @ x)", "x", "stands at the right of a product"),
        ("x.T @ a", "x", "is turned by .T"),
        ("x.T", "x", "is turned by .T"),
        ("a @ x.T", "x", "stands at the right of a product"),
        ("x @ a", "x", None),
        ("x + a", "x", None),
        ("bias(a @ b, x)", "x", None),
        ("a @ (x + b)", "x", None),
    ],
)
def test_a_row_is_refused_where_it_may_be_a_column(expr: str, name: str, stands: str | None) -> None:
    if stands is None:
        check_rows([name], tree_of(expr), "s")
        return
    with pytest.raises(SceneError) as caught:
        check_rows(["a", name] if "a @ a" in expr else [name], tree_of(expr), "s")
    assert str(caught.value) == ROW.format(name=name, stands=stands)
