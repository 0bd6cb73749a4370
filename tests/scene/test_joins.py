"""Joins: concat side by side and stack one below the other, as text, tree and shapes; numpy is the reference."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from mmviz.errors import ExpressionError, SceneError, ShapeError
from mmviz.scene.keys.folding import folding
from mmviz.scene.keys.partition import check_partition, partition
from mmviz.scene.language.building import TURNED_ALONG, build
from mmviz.scene.language.expression import Join, Name, write
from mmviz.scene.language.fitting import Side, Weight, fit
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import PartialShape, Shape, infer
from mmviz.scene.language.shortened import shortened
from mmviz.scene.language.tree import JoinNode, arguments, joins, walk, with_arguments
from mmviz.scene.language.worn_function import outermost, wear
from tests.examples import examples
from tests.scene.strategies import EXPRESSIONS


def tree(text: str) -> JoinNode:
    root = build(parse(text))
    assert isinstance(root, JoinNode)
    return root


def test_concat_and_stack_take_any_number_of_parts() -> None:
    assert parse("concat(A, B @ C, x = D)") == Join(
        (Name("A"), parse("B @ C"), parse("x = D")),
    )
    assert parse("stack(A, B)") == Join((Name("A"), Name("B")), "rows")
    assert write(parse("stack( concat(A,B) ,C.T)")) == "stack(concat(A, B), C.T)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("concat(A)", "concat takes 2 matrices or more"),
        ("stack(A, )", "expected a matrix name, a function or '(', found ')'"),
        ("concat(A, 2)", "expected a matrix name, a function or '(', found '2'"),
        ("concat(A B)", "expected ')' for the '(' at column 7, found 'B'"),
    ],
)
def test_what_cannot_be_joined_is_refused_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_parts_have_paths_and_come_in_their_order() -> None:
    root = tree("concat(A, softmax(B @ C), D)")
    assert [node.path for node in walk(root)] == ["part0", "part1.left", "part1.right", "part1", "part2", ""]
    assert [part.name for part in root.parts] == ["A", "softmax(B @ C)", "D"]
    assert root.formula == root.name == "concat(A, softmax(B @ C), D)"
    assert list(joins(root)) == [root]
    assert with_arguments(root, arguments(root)) == root


def test_a_transpose_of_a_join_joins_the_transposes_along_the_other_axis() -> None:
    assert tree("concat(A, B @ C).T") == tree("stack(A.T, C.T @ B.T)")
    assert TURNED_ALONG["rows"] == "columns"


@given(EXPRESSIONS)
@examples(40)
def test_a_join_is_read_as_it_is_written(expression: Name) -> None:
    joined = Join((expression, Name("A"), expression), "rows")
    assert parse(write(joined)) == joined


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("concat(A, B)", {"A": (3, 2), "B": (3, 4)}),
        ("stack(A, B, A)", {"A": (3, 2), "B": (1, 2)}),
        ("concat(A, B).T", {"A": (3, 2), "B": (3, 4)}),
        ("concat(A, stack(B, C)) @ D", {"A": (3, 2), "B": (1, 2), "C": (2, 2), "D": (4, 5)}),
    ],
)
def test_the_shape_of_a_join_is_that_of_numpy(text: str, shapes: dict[str, Shape]) -> None:
    found = infer(build(parse(text)), shapes).of[""]
    known: dict[str, Any] = {name: np.zeros(shape) for name, shape in shapes.items()}
    known |= {"concat": lambda *parts: np.concatenate(parts, 1), "stack": lambda *parts: np.concatenate(parts, 0)}
    assert found == eval(text, {}, known).shape


@pytest.mark.parametrize(
    ("text", "shapes", "settled"),
    [
        ("concat(A, B) @ C", {"A": (3, 2), "B": (3, None), "C": (5, 4)}, {"B": (3, 3)}),
        ("concat(A, B) @ C", {"A": (None, 2), "B": (3, 3), "C": (None, 4)}, {"A": (3, 2), "C": (5, 4)}),
        ("concat(A, B) + C", {"A": (None, 2), "B": (None, None), "C": (3, 5)}, {"A": (3, 2), "B": (3, 3)}),
        ("stack(A, B @ C)", {"A": (2, 4), "B": (None, 3), "C": (None, None)}, {}),
        ("concat(A, concat(B, C)) @ D", {"A": (1, 1), "B": (1, 1), "C": (1, None), "D": (7, 1)}, {"C": (1, 5)}),
    ],
)
def test_an_open_part_is_as_long_as_is_left_for_it(
    text: str, shapes: dict[str, PartialShape], settled: dict[str, PartialShape]
) -> None:
    if not settled:
        with pytest.raises(ShapeError, match=r"B: its shape is \?x3 and nothing in the expression settles the rest"):
            infer(build(parse(text)), shapes)
        return
    found = infer(build(parse(text)), shapes).tensors
    assert {name: found[name] for name in settled} == settled


@pytest.mark.parametrize(
    ("text", "shapes", "message"),
    [
        (
            "concat(A, B)",
            {"A": (3, 2), "B": (4, 2)},
            "concat(A, B): A is 3x2, B is 4x2; all parts need the same number of rows.",
        ),
        (
            "out = stack(A, B, C)",
            {"A": (3, 2), "B": (4, 2), "C": (1, 3)},
            "out = stack(A, B, C): A is 3x2, B is 4x2, C is 1x3; all parts need the same number of columns.",
        ),
        (
            "concat(A, B) @ C",
            {"A": (3, 2), "B": (3, 2), "C": (5, 1)},
            "concat(A, B) @ C: concat(A, B) is 3x4, C is 5x1; concat(A, B) needs as many columns as C has rows.",
        ),
        (
            "concat(A, B) @ C",
            {"A": (3, 4), "B": (3, None), "C": (4, 1)},
            "concat(A, B): A is 3x4, B is 3x?; it needs 4 columns where it stands, and the others have 4 of them.",
        ),
        (
            "concat(A, B) @ C + A",
            {"A": (3, 4), "B": (None, None), "C": (7, 4)},
            "",
        ),
        (
            "concat(A, B) @ C + B @ D",
            {"A": (3, 4), "B": (3, None), "C": (8, 4), "D": (5, 4)},
            "concat(A, B): A is 3x4, B is 3x5; together they have 9 columns; 8 are needed where it stands.",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused_with_their_sizes(
    text: str, shapes: dict[str, PartialShape], message: str
) -> None:
    if not message:
        assert infer(build(parse(text)), shapes).tensors["B"] == (3, 3)
        return
    with pytest.raises(ShapeError) as caught:
        infer(build(parse(text)), shapes)
    assert str(caught.value) == message


def test_new_parts_fit_beside_each_other() -> None:
    free, known = Side(None, Weight.NEW), Side(5, Weight.KNOWN)
    found = fit(build(parse("concat(A, B) @ C")), {"A": (known, known), "B": (free, free), "C": (free, free)})
    assert found == {"A": (5, 5), "B": (5, 32), "C": (37, 32)}


def test_a_join_is_cut_and_folded_across_its_parts_alone() -> None:
    root = build(parse("out = concat(A @ B, C)"))
    shapes = infer(root, {"A": (4, 2), "B": (2, 4), "C": (4, 4)})
    found = partition(root, shapes.of, shapes.axes, {"i": 2})
    assert [found[path][0].count for path in ("", "part0", "part1", "part0.left")] == [2, 2, 2, 2]
    with pytest.raises(SceneError) as caught:
        check_partition(root, {"j": 2}, "my.yaml")
    assert str(caught.value) == (
        "my.yaml, partition: cuts the columns of out, along which its parts are joined; these have to stay whole."
    )
    with pytest.raises(SceneError) as caught:
        folding(root, shapes.axes, {"j": 2}, "my.yaml")
    assert str(caught.value) == (
        "my.yaml, layout.fold: the columns of out, along which its parts are joined, and those that they stand for "
        "have to be folded alike."
    )
    assert folding(root, shapes.axes, {"i": 2})["part1"] == (2, 1)


def test_functions_are_put_on_a_part() -> None:
    expression = parse("x = concat(A, relu(B @ C))")
    found = outermost(expression, "part1")
    assert found == parse("relu(B @ C)")
    assert write(wear(expression, "part1", "tanh")) == "x = concat(A, tanh(B @ C))"
    assert write(wear(expression, "", "tanh")) == "x = tanh(concat(A, relu(B @ C)))"
    with pytest.raises(ExpressionError, match=r"there is no part2 of"):
        wear(parse("concat(A, B)"), "part2", "tanh")


def test_a_long_join_is_told_by_the_names_of_its_parts() -> None:
    assert shortened("y = concat(a = A @ B @ C, b = D @ E @ F)", 25) == "y = concat(a, b)"
