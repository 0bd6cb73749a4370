"""Slices, reductions, rows of tables, terms of one row or column: text, tree and shapes; numpy is the reference."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmviz import Scene, names, split
from mmviz.errors import ExpressionError, SceneError, ShapeError
from mmviz.reports.scene_report import scene_report
from mmviz.scene.keys.partition import check_partition, partition
from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Cut, Name, Reduced, Taken, write
from mmviz.scene.language.fitting import Side, Weight, fit
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import Shape, infer
from mmviz.scene.language.spans import WHOLE_AXIS, Span, spans_of
from mmviz.scene.language.tree import CutNode, ReducedNode, TakenNode, reduces, root_of, takes_over, walk
from mmviz.scene.language.worn_function import wear

BOUNDS = st.none() | st.integers(-6, 6)


@pytest.mark.parametrize(
    ("text", "rows", "columns"),
    [
        ("x[0:64]", Span(0, 64), WHOLE_AXIS),
        ("x[:, 64:128]", Span(), Span(64, 128)),
        ("x[-1:]", Span(-1), WHOLE_AXIS),
        ("x[3]", Span(3, one=True), WHOLE_AXIS),
        ("x[2, -1]", Span(2, one=True), Span(-1, one=True)),
    ],
)
def test_slices_are_read_as_in_python_and_written_back(text: str, rows: Span, columns: Span) -> None:
    assert parse(text) == Cut(Name("x"), rows, columns)
    assert write(parse(text)) == text
    (x,) = names("x")
    assert eval(text, {"x": x}) == parse(text)


def test_slices_bind_as_tightly_as_transposes() -> None:
    assert write(parse("(A + B)[0:2].T[1] @ C")) == "(A + B)[0:2].T[1] @ C"
    assert root_of(build(parse("x[0:2, 1].T"))).name == "x.T[1, 0:2]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x[:]", "a slice of all rows and columns is the matrix itself; leave it out"),
        ("x[3:3]", "the slice 3:3 is empty"),
        ("x[0.5]", "a slice counts in whole numbers, found '0.5'"),
        ("x[1:2:3]", "expected ']' for the '[' at column 2, found ':'"),
        ("x[]", "expected begin:end or a whole number, found ']'"),
        ("sum(x)", "sum takes (x, axis), 0: of every column, 1: of every row; found ')'"),
        ("sum(x, 2)", "sum takes (x, axis), 0: of every column, 1: of every row; found '2'"),
        ("embed(x)", "embed takes (ids, E); found ')'".replace("E", "table")),
        ("x / 2 @", ""),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (slice(0, 4, 2), "a slice takes neighbours, begin:end without a step, got slice(0, 4, 2)."),
        (0.5, "a slice counts in whole numbers, got 0.5."),
        (True, "a slice counts in whole numbers, got True."),
        ((1, 2, 3), "a slice of a matrix says rows, or rows and columns, as in x[0:4, 8:16], got (1, 2, 3)."),
    ],
)
def test_what_python_cannot_slice_by_is_refused(key: Any, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        spans_of(key)
    assert str(caught.value) == message


def test_an_expression_is_no_sequence() -> None:
    with pytest.raises(TypeError):
        iter(Name("x"))


def test_python_reduces_with_methods() -> None:
    (x,) = names("x")
    for function in ("sum", "mean", "max", "min", "argmax"):
        assert getattr(x, function)(1) == parse(f"{function}(x, 1)")
    with pytest.raises(ExpressionError, match=r"sum, axis: must be 0 \(of every column\) or 1 \(of every row\), got 2"):
        x.sum(2)
    assert x / x.sum(1) == parse("x / sum(x, 1)")


@given(BOUNDS, BOUNDS, st.integers(1, 6))
def test_a_span_means_what_a_slice_of_numpy_does(begin: int | None, end: int | None, size: int) -> None:
    span, taken = Span(begin, end), np.arange(size)[begin:end]
    inside = all(bound is None or -size <= bound <= size for bound in (begin, end))
    assert span.holds_in(size) == (inside and len(taken) > 0)
    if span.holds_in(size):
        first, last = span.within(size)
        assert taken.tolist() == list(range(first, last))
        assert span.length(size) == len(taken)
        assert span.length(None) in (None, len(taken))


def test_kinds_paths_and_what_they_say_of_themselves() -> None:
    nodes = {node.path: node for node in walk(build(parse("x[0:2] @ sum(y, 1) + embed(ids, E)")))}
    assert set(nodes) == {
        "",
        "left",
        "left.left",
        "left.left.whole",
        "left.right",
        "left.right.whole",
        "right",
        "right.ids",
        "right.table",
    }
    cut, reduced, taken = nodes["left.left"], nodes["left.right"], nodes["right"]
    assert (type(cut), type(reduced), type(taken)) == (CutNode, ReducedNode, TakenNode)
    assert [takes_over(node) for node in (cut, reduced, taken)] == [True, False, True]
    assert [reduces(node) for node in (cut, reduced, taken)] == [False, True, False]
    assert root_of(build(parse("embed(ids, E).T"))).name == "embed(ids, E).T"
    assert build(parse("sum(x, 1).T")) == build(parse("sum(x.T, 0)"))


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("x[1:3, -2:]", {"x": (4, 5)}),
        ("x[-1]", {"x": (4, 5)}),
        ("x.T[0:2]", {"x": (4, 5)}),
        ("x / x.sum(1)", {"x": (4, 5)}),
        ("(x - x.mean(0)) * y", {"x": (4, 5), "y": (1, 1)}),
        ("x.max(1) + y", {"x": (4, 5), "y": (1, 6)}),
        ("x[0:2] @ y[:, 1:3]", {"x": (4, 5), "y": (5, 6)}),
    ],
)
def test_shapes_are_those_of_numpy(text: str, shapes: dict[str, Shape]) -> None:
    found = infer(build(eval(text, {name: Name(name) for name in shapes})), shapes).of[""]
    known: dict[str, Any] = {name: np.ones(shape).view(_Keeping) for name, shape in shapes.items()}
    assert found == np.atleast_2d(eval(text, known)).shape


class _Keeping(np.ndarray):
    """Reductions that keep their axis, as ours do."""

    def sum(self, axis: int) -> Any:  # type: ignore[override]
        return np.sum(np.asarray(self), axis=axis, keepdims=True)

    def mean(self, axis: int) -> Any:  # type: ignore[override]
        return np.mean(np.asarray(self), axis=axis, keepdims=True)

    def max(self, axis: int) -> Any:  # type: ignore[override]
        return np.max(np.asarray(self), axis=axis, keepdims=True)


@pytest.mark.parametrize(
    ("text", "shapes", "message"),
    [
        ("x[0:5]", {"x": (4, 3)}, "x[0:5]: x is 4x3; it has rows 0 to 3, and [0:5] asks for others."),
        ("y = x[:, -4]", {"x": (4, 3)}, "y = x[:, -4]: x is 4x3; it has columns 0 to 2, and [-4] asks for others."),
        ("x[2:-2]", {"x": (4, 3)}, "x[2:-2]: x is 4x3; it has rows 0 to 3, and [2:-2] takes none."),
        (
            "x[0:2] @ y",
            {"x": (4, 3), "y": (4, 3)},
            "x[0:2] @ y: x[0:2] is 2x3, y is 4x3; x[0:2] needs as many columns as y has rows.",
        ),
        (
            "A / B",
            {"A": (4, 3), "B": (3, 3)},
            "A / B: A is 4x3, B is 3x3; both sides of a quotient need the same shape, or one row or column.",
        ),
        (
            "embed(ids, E)",
            {"ids": (2, 3), "E": (9, 4)},
            "embed(ids, E): ids is 2x3, E is 9x4; the ids need one column or one row.",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_sizes(text: str, shapes: dict[str, Shape], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        infer(build(parse(text)), shapes)
    assert str(caught.value) == message


def test_ids_are_a_column_or_a_row_and_turned_a_row_of_results() -> None:
    for ids in ((3, 1), (1, 3)):
        shapes = infer(build(parse("embed(ids, E)")), {"ids": ids, "E": (9, 4)})
        assert shapes.of[""] == (3, 4)
        turned = infer(build(parse("embed(ids, E).T")), {"ids": ids, "E": (9, 4)})
        assert turned.of[""] == (4, 3)


def test_a_column_of_ones_does_not_settle_what_is_left_open() -> None:
    found = infer(build(parse("x / sum(x, 1) + y")), {"x": (4, None), "y": (4, 5)})
    assert found.tensors["x"] == (4, 5)


def test_new_matrices_are_as_large_as_slices_of_them_ask_for() -> None:
    free = Side(None, Weight.NEW)
    found = fit(build(parse("x[:, 40:50] @ w")), {"x": (free, free), "w": (free, free)})
    assert found == {"x": (32, 50), "w": (10, 32)}
    found = fit(build(parse("embed(ids, E) + x / sum(x, 1)")), dict.fromkeys(("ids", "E", "x"), (free, free)))
    assert found == {"ids": (32, 1), "E": (32, 32), "x": (32, 32)}


def test_what_is_cut_out_or_taken_is_cut_into_blocks_across_alone() -> None:
    root = build(parse("out = x[:, 0:4]"))
    blocks = partition(root, {"": (6, 4), "whole": (6, 8)}, {"": ("", ""), "whole": ("", "")}, {"i": 2})
    assert [blocks[path][0].count for path in ("", "whole")] == [2, 2]
    with pytest.raises(SceneError) as caught:
        check_partition(root, {"j": 2}, "my.yaml")
    assert str(caught.value) == (
        "my.yaml, partition: cuts the columns of out, along which it is cut out; these have to stay whole."
    )
    with pytest.raises(SceneError) as caught:
        check_partition(build(parse("y = embed(ids, E)")), {"i": 2}, "my.yaml")
    assert str(caught.value) == (
        "my.yaml, partition: cuts the rows of y, along which these are taken; these have to stay whole."
    )


def test_functions_are_put_on_what_is_cut_reduced_or_taken() -> None:
    assert write(wear(parse("relu(A)[0:2] @ B"), "left.whole", "tanh")) == "tanh(A)[0:2] @ B"
    assert write(wear(parse("sum(A, 1).T"), "whole", "tanh")) == "sum(tanh(A), 1).T"
    assert write(wear(parse("embed(ids, E)"), "table", "tanh")) == "embed(ids, tanh(E))"


def test_a_report_names_the_kinds() -> None:
    ones = np.ones((2, 2), np.float32)
    scene = Scene("x[0:1] @ sum(x, 1) / embed(i, x)", {"x": ones, "i": np.zeros((1, 1), np.float32)})
    kinds = {matrix["path"]: matrix["kind"] for matrix in scene_report(scene)["matrices"]}
    assert kinds[""] == "quotient"
    assert (kinds["left.left"], kinds["left.right"], kinds["right"]) == ("slice", "sum of rows", "embed")


def test_kept_axes_are_those_of_the_matrix_that_is_reduced() -> None:
    assert Reduced("sum", Name("x"), 1).axis == 1
    assert Taken(Name("i"), Name("E")).table == Name("E")


@pytest.mark.parametrize(
    ("wrong", "meant"), [("concta(A, B)", "concat"), ("argmx(A, 1)", "argmax"), ("embd(i, E)", "embed")]
)
def test_a_mistyped_name_of_these_is_found(wrong: str, meant: str) -> None:
    with pytest.raises(ExpressionError, match=f"did you mean '{meant}'"):
        parse(wrong)


def test_a_split_is_slices_one_behind_the_other_as_torch_has_them() -> None:
    (x,) = names("x")
    whole = torch.arange(60.0).reshape(6, 10)
    for sizes, axis in (([1, 2, 3], 0), ([4, 4, 2], 1)):
        parts = split(x, sizes, axis=axis)
        expected = torch.split(whole, sizes, dim=axis)
        for part, tensor in zip(parts, expected, strict=True):
            scene = Scene(part, {"x": whole.numpy()})
            assert np.array_equal(scene.values()[""], tensor.numpy())
    assert [write(part) for part in split(x, [2, 4])] == ["x[0:2]", "x[2:6]"]


@pytest.mark.parametrize(
    ("sizes", "axis", "message"),
    [
        ([2, 0], 0, "split, size 1: must be a whole number, 1 or more, got 0."),
        ([2.5], 0, "split, size 0: must be a whole number, 1 or more, got 2.5."),
        ([], 0, "split: sizes must be a list of whole numbers such as [64, 64], got []."),
        (64, 0, "split: sizes must be a list of whole numbers such as [64, 64], got 64."),
        ([2], 2, "split: axis must be 0 for rows or 1 for columns, got 2."),
    ],
)
def test_what_is_no_split_is_refused(sizes: Any, axis: int, message: str) -> None:
    (x,) = names("x")
    with pytest.raises(ExpressionError) as caught:
        split(x, sizes, axis=axis)
    assert str(caught.value) == message
