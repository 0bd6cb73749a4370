"""Expressions that cannot be: too deep or too large, names and calls that no text can hold."""

from operator import add, matmul, mul, sub
from typing import Any

import numpy as np
import pytest

from mmviz.errors import ExpressionError
from mmviz.scene.language.building import build
from mmviz.scene.language.calls import relu
from mmviz.scene.language.expression import MAX_DEPTH, MAX_SIZE, Call, Expression, Name, names, write
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import walk
from tests.scene.test_grammar import BAD_NAME, KNOWN

A, B, C = names("A B C")
TOO_DEEP = f"the expression is nested more than {MAX_DEPTH} deep; every operator counts."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("(" * 10_000, f"column 102: parentheses are nested more than {MAX_DEPTH} deep."),
        ("relu(" * 10_000, f"column 506: parentheses are nested more than {MAX_DEPTH} deep."),
        (" @ ".join("A" * 10_000), f"column 399: {TOO_DEEP}"),
        (" + ".join("A" * 10_000), f"column 399: {TOO_DEEP}"),
        ("A" + ".T" * 10_000, f"column 200: {TOO_DEEP}"),
        ("+".join(["@".join("A" * 50)] * 51), f"column 5000: the expression has more than {MAX_SIZE} names,"),
    ],
)
def test_deep_and_long_texts_get_one_message(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"expression, {problem}")


def deepest(grow: str) -> Expression:
    tree: Expression = A
    while tree.depth < MAX_DEPTH:
        match grow:
            case "left":
                tree = tree @ B
            case "right":
                tree = B @ tree
            case "call":
                tree = relu(tree)
            case "sum":
                tree = B - tree
            case _:
                tree = tree.T
    return tree


@pytest.mark.parametrize("grow", ["left", "right", "call", "sum", "transpose"])
def test_the_deepest_tree_can_be_written_read_and_built(grow: str) -> None:
    tree = deepest(grow)
    assert parse(write(tree)) == tree
    assert len(list(walk(build(tree)))) == (1 if grow in ("call", "transpose") else 2 * MAX_DEPTH - 1)
    with pytest.raises(ExpressionError) as caught:
        relu(tree)
    assert str(caught.value) == TOO_DEEP


def test_a_tree_that_doubles_at_each_step_is_refused_before_it_explodes() -> None:
    def doubled(tree: Expression) -> Expression:
        return doubled(tree @ tree)

    with pytest.raises(ExpressionError) as caught:
        doubled(A)
    assert str(caught.value) == f"the expression has more than {MAX_SIZE} names, functions and operators."


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", f"{BAD_NAME} ''."),
        ("'", f'{BAD_NAME} "\'".'),
        ("it's", f'{BAD_NAME} "it\'s".'),
        ("a\nb", f"{BAD_NAME} 'a\\nb'."),
        (" a", f"{BAD_NAME} ' a'."),
        ("\ud800", f"{BAD_NAME} '\\ud800'."),
        ("x" * 101, f"{BAD_NAME} '{'x' * 40}'..."),
        (5, "a matrix name must be text, got 5."),
    ],
)
def test_a_name_that_no_text_can_hold_cannot_be_built(name: Any, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Name(name)
    assert str(caught.value).rstrip(".") == problem.rstrip(".")
    with pytest.raises(ExpressionError):
        A.named(name)


@pytest.mark.parametrize(
    ("function", "arguments", "problem"),
    [
        ("softmx", (A, ()), f"unknown function 'softmx'; known functions: {KNOWN}."),
        ("relu", (3, ()), "an expression is needed, for example names('A B'), got 3."),
        ("relu", (A, (1.0,)), "relu takes (x), got 1 number after the matrix."),
        ("scale", (A, ("2",)), "scale, factor: must be a number, got '2'."),
        ("scale", (A, (True,)), "scale, factor: must be a number, got True."),
        ("scale", (A, (float("nan"),)), "scale, factor: must be a finite number."),
        ("scale", (A, (10**400,)), "scale, factor: must be a finite number."),
        ("rmsnorm", (A, (), (3,)), "rmsnorm, weight: must be the name of a vector, got 3."),
        ("rmsnorm", (A, (), (A.T,)), "rmsnorm, weight: must be the name of a vector, got A.T."),
        ("relu", (A, (), (A,)), "relu takes (x), got 1 vector."),
        ("layernorm", (A, (), (A, B, C)), "layernorm takes (x, weight, bias, eps, axis), got 3 vectors."),
        ("layernorm", (A, (-1e-5,)), "layernorm, eps: must be more than 0, got -1e-05."),
    ],
)
def test_a_call_that_no_text_can_hold_cannot_be_built(function: str, arguments: Any, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Call(function, *arguments)
    assert str(caught.value) == problem


def test_what_is_no_expression_beside_one_is_a_type_error() -> None:
    a: Any = A
    cases: list[tuple[Any, Any]] = [(2, operation) for operation in (matmul, add, sub)]  # 2 * A is an expression
    cases += [(other, operation) for other in ("B", None, np.eye(2)) for operation in (matmul, mul, add, sub)]
    for other, operation in cases:
        with pytest.raises(TypeError):
            operation(a, other)
        with pytest.raises(TypeError):
            operation(other, a)
