"""Shapes from shapes: what is left open, what does not fit, and numpy as the reference."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import ShapeError
from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Elementwise, Expression, Name, Product, Transpose
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import MAX_ELEMENTS, PartialShape, Shape, Shapes, infer


def shapes_of(text: str, **tensors: PartialShape) -> Shapes:
    return infer(build(parse(text)), tensors)


@pytest.mark.parametrize(
    ("text", "tensors", "shapes"),
    [
        ("A", {"A": (3, 4)}, {"": (3, 4)}),
        ("A.T", {"A": (3, 4)}, {"": (4, 3)}),
        ("A @ B", {"A": (3, 4), "B": (4, 5)}, {"left": (3, 4), "right": (4, 5), "": (3, 5)}),
        ("(A @ B).T", {"A": (3, 4), "B": (4, 5)}, {"left": (5, 4), "right": (4, 3), "": (5, 3)}),
        ("A @ A.T", {"A": (3, 4)}, {"left": (3, 4), "right": (4, 3), "": (3, 3)}),
        ("A + B", {"A": (3, 4), "B": (3, 4)}, {"left": (3, 4), "right": (3, 4), "": (3, 4)}),
        ("relu(A @ B)", {"A": (1, 2), "B": (2, 1)}, {"left": (1, 2), "right": (2, 1), "": (1, 1)}),
    ],
)
def test_shapes_follow_from_the_tensors(text: str, tensors: dict[str, PartialShape], shapes: dict[str, Shape]) -> None:
    assert shapes_of(text, **tensors).of == shapes


@pytest.mark.parametrize(
    ("text", "tensors", "settled"),
    [
        ("A @ B", {"A": (3, None), "B": (4, 5)}, {"A": (3, 4), "B": (4, 5)}),
        ("A @ B", {"A": (3, 4), "B": (None, 5)}, {"A": (3, 4), "B": (4, 5)}),
        ("A + B", {"A": (3, 4), "B": (None, None)}, {"A": (3, 4), "B": (3, 4)}),
        ("A + B", {"A": (3, None), "B": (None, 4)}, {"A": (3, 4), "B": (3, 4)}),
        ("x + A @ B @ C", {"x": (3, 4), "A": (None, 2), "B": (2, 2), "C": (2, None)}, {"A": (3, 2), "C": (2, 4)}),
        ("A @ (B + C)", {"A": (3, None), "B": (None, 5), "C": (4, None)}, {"A": (3, 4), "B": (4, 5), "C": (4, 5)}),
        ("A @ A", {"A": (3, None)}, {"A": (3, 3)}),
        ("A.T + B", {"A": (None, None), "B": (3, 4)}, {"A": (4, 3)}),
    ],
)
def test_an_open_side_is_settled_by_its_neighbours(
    text: str, tensors: dict[str, PartialShape], settled: dict[str, Shape]
) -> None:
    found = shapes_of(text, **tensors).tensors
    assert {name: found[name] for name in settled} == settled


@pytest.mark.parametrize(
    ("text", "tensors", "message"),
    [
        (
            "scores = Q @ K_t",
            {"Q": (5, 64), "K_t": (32, 5)},
            "scores = Q @ K_t: Q is 5x64, K_t is 32x5; Q needs as many columns as K_t has rows.",
        ),
        ("A @ B", {"A": (3, 4), "B": (5, 6)}, "A @ B: A is 3x4, B is 5x6; A needs as many columns as B has rows."),
        (
            "relu(A @ B)",
            {"A": (3, 4), "B": (5, 6)},
            "A @ B: A is 3x4, B is 5x6; A needs as many columns as B has rows.",
        ),
        (
            "x = sdpa(A @ B)",
            {"A": (3, 4), "B": (5, 6)},
            "A @ B: A is 3x4, B is 5x6; A needs as many columns as B has rows.",
        ),
        (
            "out = (A + B) @ (C @ D)",
            {"A": (3, 4), "B": (3, 4), "C": (5, 2), "D": (2, 1)},
            "out = (A + B) @ (C @ D): A + B is 3x4, C @ D is 5x1; A + B needs as many columns as C @ D has rows.",
        ),
        (
            "A @ B.T",
            {"A": (3, 4), "B": (4, 5)},
            "A @ B.T: A is 3x4, B.T is 5x4; A needs as many columns as B.T has rows.",
        ),
        (
            "(A @ B).T",
            {"A": (3, 4), "B": (5, 6)},
            "B.T @ A.T: B.T is 6x5, A.T is 4x3; B.T needs as many columns as A.T has rows.",
        ),
        ("A @ A", {"A": (3, 4)}, "A @ A: A is 3x4, A is 3x4; A needs as many columns as A has rows."),
        (
            "A + B",
            {"A": (3, 4), "B": (4, 3)},
            "A + B: A is 3x4, B is 4x3; both sides of a sum need the same shape, or one row or column.",
        ),
        (
            "y = A - B",
            {"A": (None, 4), "B": (2, 3)},
            "y = A - B: A is 2x4, B is 2x3; both sides of a sum need the same shape, or one row or column.",
        ),
        (
            "A + A.T",
            {"A": (3, 4)},
            "A + A.T: A is 3x4, A.T is 4x3; both sides of a sum need the same shape, or one row or column.",
        ),
        (
            "A @ B @ A",
            {"A": (3, None), "B": (4, 5)},
            "A @ B @ A: A @ B is 3x5, A is 3x4; A @ B needs as many columns as A has rows.",
        ),
        (
            "A @ B",
            {"A": (3, None), "B": (None, 5)},
            "A: its shape is 3x? and nothing in the expression settles the rest; "
            "give tensors.A.shape: [rows, columns].",
        ),
        (
            "A.T",
            {"A": (3, None)},
            "A: its shape is 3x? and nothing in the expression settles the rest; "
            "give tensors.A.shape: [rows, columns].",
        ),
        (
            "A * B",
            {"A": (3, 4), "B": (4, 3)},
            "A * B: A is 3x4, B is 4x3; both sides of * (a matrix product is written with @) need the same shape, "
            "or one row or column.",
        ),
        (
            "rmsnorm(A, w)",
            {"A": (24, 576), "w": (1, 64)},
            "rmsnorm: its matrix is 24x576, its weight w is 1x64; "
            "the weight needs one row, with as many columns as the matrix.",
        ),
        (
            "layernorm(A @ B, w, b)",
            {"A": (24, 4), "B": (4, 6), "w": (1, 6), "b": (6, 1)},
            "layernorm: its matrix is 24x6, its bias b is 6x1; "
            "the bias needs one row, with as many columns as the matrix.",
        ),
        (
            "bias(A, b).T",
            {"A": (2, 3), "b": (1, 2)},
            "bias: its matrix is 2x3, its bias b is 1x2; the bias needs one row, with as many columns as the matrix.",
        ),
        ("A", {"A": (20000, 20000)}, "A: is 20000x20000; one matrix has at most 201,326,592 elements."),
        (
            "x = A @ B",
            {"A": (20000, 1), "B": (1, 20000)},
            "x: is 20000x20000; one matrix has at most 201,326,592 elements.",
        ),
    ],
)
def test_what_does_not_fit_gets_one_message(text: str, tensors: dict[str, PartialShape], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        shapes_of(text, **tensors)
    assert str(caught.value) == message


def test_the_largest_matrix_is_allowed() -> None:
    assert shapes_of("A", A=(1, MAX_ELEMENTS)).of == {"": (1, MAX_ELEMENTS)}


def test_names_of_axes_travel_along_joined_axes() -> None:
    axes = {"x": ("tokens", "d_model"), "w": ("", "d_head")}
    tensors: dict[str, PartialShape] = {"x": (5, 8), "w": (8, 2), "v": (None, 2)}
    found = infer(build(parse("(x @ w) @ (x @ v).T")), tensors, axes).axes
    assert found[""] == ("tokens", "tokens")
    assert found["left"] == ("tokens", "d_head")
    assert found["left.right"] == ("d_model", "d_head")
    assert found["right.left"] == ("d_head", "d_model")
    assert found["right"] == ("d_head", "tokens")


def test_a_matrix_without_named_axes_has_none() -> None:
    assert shapes_of("A @ B", A=(1, 2), B=(2, 3)).axes[""] == ("", "")


def test_a_vector_is_as_long_as_the_rows_of_its_matrix() -> None:
    shapes = shapes_of("bias(rmsnorm(A, w).T, b)", A=(3, 4), w=(None, None), b=(None, None))
    assert shapes.tensors == {"A": (3, 4), "w": (1, 4), "b": (1, 3)}


def test_a_vector_settles_and_names_the_columns_of_its_matrix() -> None:
    tensors: dict[str, PartialShape] = {"A": (3, None), "w": (1, 4)}
    found = infer(build(parse("rmsnorm(A, w)")), tensors, {"w": ("", "d_model")})
    assert (found.of[""], found.axes[""]) == ((3, 4), ("", "d_model"))


SIDES = st.integers(1, 4)


@st.composite
def fitting(draw: st.DrawFn, rows: int, columns: int, depth: int) -> tuple[Expression, dict[str, Shape]]:
    """An expression of the shape (rows, columns), and the shapes of its tensors."""
    kind = draw(st.sampled_from(["leaf", "product", "sum", "transpose"])) if depth else "leaf"
    if kind == "leaf":
        name = f"t{draw(st.integers(0, 10**9))}_{rows}x{columns}"
        return Name(name), {name: (rows, columns)}
    if kind == "transpose":
        argument, tensors = draw(fitting(columns, rows, depth - 1))
        return Transpose(argument), tensors
    inner = draw(SIDES)
    first = (rows, inner) if kind == "product" else (rows, columns)
    second = (inner, columns) if kind == "product" else (rows, columns)
    left, of_left = draw(fitting(*first, depth - 1))
    right, of_right = draw(fitting(*second, depth - 1))
    joined = (
        Product(left, right) if kind == "product" else Elementwise(left, right, draw(st.sampled_from(["+", "-", "*"])))
    )
    return joined, of_left | of_right


def in_numpy(expression: Expression, tensors: dict[str, Shape]) -> Shape:
    """The shape that numpy gives to the expression over zeros."""

    def zeros(node: Expression) -> Any:
        match node:
            case Name(name):
                return np.zeros(tensors[name])
            case Transpose(argument):
                return zeros(argument).T
            case Product(left, right):
                return zeros(left) @ zeros(right)
            case Elementwise(left, right):
                return zeros(left) + zeros(right)
            case _:
                raise TypeError(node)

    rows, columns = zeros(expression).shape
    return rows, columns


@given(st.tuples(SIDES, SIDES).flatmap(lambda shape: fitting(*shape, 4)))
def test_the_result_has_the_shape_that_numpy_gives_it(case: tuple[Expression, dict[str, Shape]]) -> None:
    expression, tensors = case
    assert infer(build(expression), tensors).of[""] == in_numpy(expression, tensors)


@given(st.tuples(*[SIDES] * 4))
def test_a_product_fits_exactly_when_numpy_takes_it(sides: tuple[int, ...]) -> None:
    a, b = (sides[0], sides[1]), (sides[2], sides[3])
    try:
        expected = (np.zeros(a) @ np.zeros(b)).shape
    except ValueError:
        with pytest.raises(ShapeError):
            shapes_of("A @ B", A=a, B=b)
    else:
        assert shapes_of("A @ B", A=a, B=b).of[""] == expected
