"""Expressions as text: which are read, as what, and what is said of the others."""

import copy
import pickle
from operator import mul, truediv
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import ExpressionError
from mmviz.scene.language.calls import bias, gelu, layernorm, relu, rmsnorm, rope, scale, sdpa, softcap, softmax
from mmviz.scene.language.expression import Call, Elementwise, Expression, Name, Named, Product, Transpose, names, write
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.words import token_at
from tests.scene.strategies import EXPRESSIONS

A, B, C, D = names("A B C D")
KNOWN = (
    "abs, add, batchnorm, bfloat16, bias, chunk, clip, cumsum, dropout, exp, float16, gelu, gelu_tanh, layernorm, "
    "leaky_relu, local, log, maximum, minimum, onehot, pad, position_scale, power, prefix, relu, relu2, rmsnorm, "
    "rope, rope_pairs, scale, sdpa, share, sigmoid, silu, softcap, softmax, softmax_sink, square, swish, tanh, "
    "topk, tril, triu, window, xielu"
)
FACTOR = "a number times A is written 2 * A"
TERM = "a number is added to all elements by add(A, 2)"
QUOTED = "a name with - . / or a leading digit is quoted, as in 'wQ-0/2'"
BAD_NAME = "a matrix name has 1 to 100 printable characters, no quote (') and no space at its ends, got"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("A", A),
        ("  A\n", A),
        ("A @ B", Product(A, B)),
        ("A@B", Product(A, B)),
        ("A @ B @ C", Product(Product(A, B), C)),
        ("A @ (B @ C)", Product(A, Product(B, C))),
        ("A - B + C", Elementwise(Elementwise(A, B, "-"), C, "+")),
        ("A - (B + C)", Elementwise(A, Elementwise(B, C, "+"), "-")),
        ("A + B @ C", Elementwise(A, Product(B, C), "+")),
        ("(A + B) @ C", Product(Elementwise(A, B, "+"), C)),
        ("A * B", Elementwise(A, B, "*")),
        ("A * B @ C", Product(Elementwise(A, B, "*"), C)),
        ("A @ B * C", Elementwise(Product(A, B), C, "*")),
        ("A * (B @ C)", Elementwise(A, Product(B, C), "*")),
        ("A + B * C - D", Elementwise(Elementwise(A, Elementwise(B, C, "*"), "+"), D, "-")),
        ("(A + B) * C", Elementwise(Elementwise(A, B, "+"), C, "*")),
        ("A * B.T", Elementwise(A, Transpose(B), "*")),
        ("((A))", A),
        ("A.T", Transpose(A)),
        ("A.T.T", Transpose(Transpose(A))),
        ("A @ B.T", Product(A, Transpose(B))),
        ("(A @ B).T", Transpose(Product(A, B))),
        ("relu(A).T", Transpose(relu(A))),
        ("'wQ-0/2' @ B", Product(Name("wQ-0/2"), B)),
        ("'A' @ B", Product(A, B)),
        ("'A @ B'", Name("A @ B")),
        ("'my matrix'.T", Transpose(Name("my matrix"))),
        ("relu", Name("relu")),
        ("T.T", Transpose(Name("T"))),
        ("out = A @ B", Named("out", Product(A, B))),
        ("'my out' = A", Named("my out", A)),
        ("out = (x = A @ B) @ C", Named("out", Product(Named("x", Product(A, B)), C))),
        ("softmax(x = A @ B)", softmax(Named("x", Product(A, B)))),
        ("scale(A, 0.125)", scale(A, 0.125)),
        ("scale(A,-1e-3)", scale(A, -0.001)),
        ("scale(A, .5)", scale(A, 0.5)),
        ("scale(A)", scale(A)),
        ("rope(A, 100000)", rope(A, 1e5)),
        ("sdpa(A @ B.T)", sdpa(A @ B.T)),
        ("sdpa(A, B.T)", sdpa(A @ B.T)),
        ("out =\n  A @ B  \n  @ C\n", Named("out", Product(Product(A, B), C))),
        ("rmsnorm(A, B)", Call("rmsnorm", A, (), (B,))),
        ("rmsnorm(A, 1e-5)", Call("rmsnorm", A, (1e-5,))),
        ("rmsnorm(A @ B, (C), 1e-5)", Call("rmsnorm", Product(A, B), (1e-5,), (C,))),
        ("layernorm(A, 'w-1', B, 1e-5)", Call("layernorm", A, (1e-5,), (Name("w-1"), B))),
        ("bias(A, B)", Call("bias", A, (), (B,))),
        ("clip(A, -1, 1)", Call("clip", A, (-1.0, 1.0))),
        ("softmax(A, 2)", Call("softmax", A, (2.0,))),
        ("softmax(A, axis=0)", Call("softmax", A, axis=0)),
        ("softmax(A, 2, 0)", Call("softmax", A, (2.0,), axis=0)),
        ("share(A, -1)", Call("share", A)),
        ("layernorm(A, B, axis = -2)", Call("layernorm", A, (), (B,), axis=0)),
        ("2 * A", scale(A, 2)),
        ("A * 2 + B", Elementwise(scale(A, 2), B, "+")),
        ("A + 2 * B", Elementwise(A, scale(B, 2), "+")),
        ("A * -2", scale(A, -2)),
        ("A @ B / 8", scale(Product(A, B), 0.125)),
        ("2 * A @ B", Product(scale(A, 2), B)),
        ("1 / 8 * 4 * A.T", scale(Transpose(A), 0.5)),
        ("-A @ B", Product(scale(A, -1), B)),
        ("-A.T", scale(Transpose(A), -1)),
        ("A - -B", Elementwise(A, scale(B, -1), "-")),
        ("--A", scale(scale(A, -1), -1)),
    ],
)
def test_a_text_is_read_as_its_tree(text: str, tree: Expression) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text", ["2 * A", "A / 8", "A @ B / 3", "-A", "-(A @ B)", "A @ (-B)", "2 * A.T @ B", "-0.5 * (A @ B)", "(2 * A).T"]
)
def test_numbers_are_written_as_they_were_read(text: str) -> None:
    assert write(parse(text)) == text


def test_python_has_numbers_of_any_kind_beside_a_matrix() -> None:
    a: Any = A
    twice = [2 * a, a * 2, np.float32(2) * a, a * np.int64(2), a / 0.5, a / np.float64(0.5)]
    assert twice == [scale(A, 2)] * 6
    assert scale(A, -1) == -A
    assert str(-A @ B / 8 + 0.5 * C) == "-A @ B / 8 + 0.5 * C"
    for operation, other in ((mul, True), (mul, np.ones(2)), (truediv, "2")):
        with pytest.raises(TypeError):
            operation(a, other)
    with pytest.raises(ExpressionError, match=r"^a matrix cannot be divided by 0\.$"):
        A / 0


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("", 0, "column 1: expected a matrix name, a function or '(', found the end.\n  \n  ^"),
        ("A @ ", 3, "column 4: expected a matrix name, a function or '(', found the end.\n  A @ \n     ^"),
        ("A @ @ B", 4, "column 5: expected a matrix name, a function or '(', found '@'.\n  A @ @ B\n      ^"),
        (
            "A B",
            2,
            "column 3: expected an operator or the end, found 'B' (a matrix product is written with @).\n  A B\n    ^",
        ),
        ("A ** B", 3, "column 4: expected a matrix name, a function or '(', found '*'.\n  A ** B\n     ^"),
        ("A + 2", 4, f"column 5: expected a matrix name, a function or '(', found '2' ({TERM}).\n  A + 2\n      ^"),
        ("2 * 3", 0, f"column 1: expected a matrix name, a function or '(', found '2' ({QUOTED}).\n  2 * 3\n  ^"),
        ("2 @ A", 2, f"column 3: @ takes two matrices ({FACTOR}).\n  2 @ A\n    ^"),
        ("A @ 2", 4, f"column 5: @ takes two matrices ({FACTOR}).\n  A @ 2\n      ^"),
        (
            "1 / A",
            4,
            "column 5: a number is not divided by a matrix (one over every element is power(A, -1)).\n  1 / A\n      ^",
        ),
        ("A / 0", 2, "column 3: a matrix cannot be divided by 0.\n  A / 0\n    ^"),
        ("1 / 0 * A", 4, "column 5: a number cannot be divided by 0.\n  1 / 0 * A\n      ^"),
        ("A * 1e999", 2, "column 3: scale, factor: must be a finite number.\n  A * 1e999\n    ^"),
        ("wQ-0", 3, f"column 4: expected a matrix name, a function or '(', found '0' ({QUOTED}).\n  wQ-0\n     ^"),
        ("2A", 0, f"column 1: expected a matrix name, a function or '(', found '2' ({QUOTED}).\n  2A\n  ^"),
        ("relu(A, axis=0)", 0, "column 1: relu takes (x), and no axis.\n  relu(A, axis=0)\n  ^"),
        (
            "share(A, axis=2)",
            0,
            "column 1: share, axis: must be 1 (along rows) or 0 (along columns), got 2.\n  share(A, axis=2)\n  ^",
        ),
        ("x.y", 1, f"column 2: '.' means nothing here (a transpose is written A.T; {QUOTED}).\n  x.y\n   ^"),
        ("x.1", 1, f"column 2: expected an operator or the end, found '.1' ({QUOTED}).\n  x.1\n   ^"),
        ("A^T", 1, "column 2: '^' means nothing here (a transpose is written A.T).\n  A^T\n   ^"),
        ("A @ $", 4, "column 5: '$' means nothing here.\n  A @ $\n      ^"),
        ("A\x07", 1, "column 2: the character U+0007 means nothing here.\n  A \n   ^"),
        ("A @ 'b", 4, "column 5: this quote is not closed.\n  A @ 'b\n      ^"),
        ("A @ 'b\nc'", 4, "line 1, column 5: this quote is not closed.\n  A @ 'b\n      ^"),
        ('"A"', 0, "column 1: '\"' means nothing here (a name is quoted with ').\n  \"A\"\n  ^"),
        ("''", 0, f"column 1: {BAD_NAME} ''.\n  ''\n  ^"),
        ("' A'", 0, f"column 1: {BAD_NAME} ' A'.\n  ' A'\n  ^"),
        ("(A", 2, "column 3: expected ')' for the '(' at column 1, found the end.\n  (A\n    ^"),
        ("A)", 1, "column 2: expected an operator or the end, found ')'.\n  A)\n   ^"),
        (
            "relu(\nA @ B\n@ C",
            15,
            "line 3, column 4: expected ')' for the '(' at line 1, column 5, found the end.\n  @ C\n     ^",
        ),
        (
            "A = B = C",
            6,
            "column 7: expected an operator or the end, found '=' "
            "(a name stands in front, as in out = A @ B or in (x = A @ B) @ C).\n  A = B = C\n        ^",
        ),
        ("f(A)", 0, f"column 1: unknown function 'f'; known functions: {KNOWN}.\n  f(A)\n  ^"),
        (
            "A @ sofmax(B)",
            4,
            "column 5: unknown function 'sofmax'; did you mean 'softmax'? "
            f"Known functions: {KNOWN}.\n  A @ sofmax(B)\n      ^",
        ),
        ("relu()", 5, "column 6: expected a matrix name, a function or '(', found ')'.\n  relu()\n       ^"),
        ("relu(A, 3)", 0, "column 1: relu takes (x), got 1 number after the matrix.\n  relu(A, 3)\n  ^"),
        (
            "scale(A, 3, 4)",
            0,
            "column 1: scale takes (x, factor), got 2 numbers after the matrix.\n  scale(A, 3, 4)\n  ^",
        ),
        (
            "relu(A, B)",
            8,
            "column 9: relu takes no further matrix here; expected a number, found 'B'.\n  relu(A, B)\n          ^",
        ),
        (
            "sdpa(A, B, C)",
            11,
            "column 12: sdpa takes no further matrix here; expected a number, found 'C'.\n"
            "  sdpa(A, B, C)\n             ^",
        ),
        (
            "rmsnorm(A, B, C)",
            14,
            "column 15: rmsnorm takes no further matrix here; expected a number, found 'C'.\n"
            "  rmsnorm(A, B, C)\n                ^",
        ),
        (
            "rmsnorm(A, 1, B)",
            14,
            "column 15: rmsnorm takes no further matrix here; expected a number, found 'B'.\n"
            "  rmsnorm(A, 1, B)\n                ^",
        ),
        (
            "rmsnorm(A, B @ C)",
            0,
            "column 1: rmsnorm, weight: must be the name of a vector, got B @ C.\n  rmsnorm(A, B @ C)\n  ^",
        ),
        ("bias(A)", 0, "column 1: bias takes (x, bias), got no bias.\n  bias(A)\n  ^"),
        ("power(A)", 0, "column 1: power takes (x, p), got no numbers after the matrix.\n  power(A)\n  ^"),
        ("clip(A, 1)", 0, "column 1: clip takes (x, low, high), got 1 number after the matrix.\n  clip(A, 1)\n  ^"),
        (
            "clip(A, 2, 1)",
            0,
            "column 1: clip: low must not be more than high, got low 2 and high 1.\n  clip(A, 2, 1)\n  ^",
        ),
        ("softcap(A, 0)", 0, "column 1: softcap, cap: must be more than 0, got 0.\n  softcap(A, 0)\n  ^"),
        ("scale(A, 1e999)", 0, "column 1: scale, factor: must be a finite number.\n  scale(A, 1e999)\n  ^"),
        ("window(A, 0)", 0, "column 1: window, size: must be a whole number, 1 or more, got 0.\n  window(A, 0)\n  ^"),
        (
            "chunk(A, 2.5)",
            0,
            "column 1: chunk, size: must be a whole number, 1 or more, got 2.5.\n  chunk(A, 2.5)\n  ^",
        ),
        (
            "prefix(A, -1)",
            0,
            "column 1: prefix, length: must be a whole number, 0 or more, got -1.\n  prefix(A, -1)\n  ^",
        ),
        ("pad(A, 2, 2)", 0, "column 1: pad: end must be more than begin, got end 2 and begin 2.\n  pad(A, 2, 2)\n  ^"),
        ("window(A)", 0, "column 1: window takes (x, size), got no numbers after the matrix.\n  window(A)\n  ^"),
        ("rope(A, 0)", 0, "column 1: rope, theta: must be more than 0, got 0.\n  rope(A, 0)\n  ^"),
    ],
)
def test_a_broken_text_gets_one_message_with_its_place(text: str, position: int, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert str(caught.value) == f"expression, {problem}"
    assert caught.value.position == position


def test_of_a_long_line_only_what_is_near_the_place_is_shown() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("A @ " * 30 + "$" + " @ A" * 30)
    assert str(caught.value) == (
        f"expression, column 121: '$' means nothing here.\n  {'A @ ' * 15}${' @ A' * 9} @ \n  {' ' * 60}^"
    )


@pytest.mark.parametrize(
    ("built", "text"),
    [
        (A @ B @ C, "A @ B @ C"),
        (A @ (B @ C), "A @ (B @ C)"),
        (A + B - C, "A + B - C"),
        (A - (B - C), "A - (B - C)"),
        ((A + B) @ C.T, "(A + B) @ C.T"),
        (A * B @ C * D, "A * B @ C * D"),
        (A * (B * C), "A * (B * C)"),
        (A * (B @ C), "A * (B @ C)"),
        (A @ (B * C), "A @ (B * C)"),
        ((A - B) * (C + D), "(A - B) * (C + D)"),
        ((A * B).T + C, "(A * B).T + C"),
        (rmsnorm(A, B), "rmsnorm(A, B)"),
        (rmsnorm(A, 1e-5), "rmsnorm(A, 1e-05)"),
        (layernorm(A @ B, C, D, 1e-5), "layernorm(A @ B, C, D, 1e-05)"),
        (bias(A, B), "bias(A, B)"),
        (softcap(A, 50), "softcap(A, 50)"),
        ((A @ B).T, "(A @ B).T"),
        (gelu(A @ B) @ C, "gelu(A @ B) @ C"),
        (layernorm(A, 1e-6), "layernorm(A, 1e-06)"),
        (scale(A, 2), "scale(A, 2)"),
        ((sdpa(A, B.T).named("attn") @ C @ D).named("out"), "out = (attn = sdpa(A @ B.T)) @ C @ D"),
        (Name("wQ-0/2") @ A, "'wQ-0/2' @ A"),
    ],
)
def test_python_operators_build_the_tree_of_the_text(built: Expression, text: str) -> None:
    assert parse(text) == built
    assert str(built) == text


FLAT = st.lists(st.sampled_from(["A", "B", "C.T", "(A + B)", "(B @ C).T"]), min_size=1, max_size=7).flatmap(
    lambda items: st.lists(st.sampled_from("@*+-"), min_size=len(items) - 1, max_size=len(items) - 1).map(
        lambda signs: " ".join([items[0], *(f"{sign} {item}" for sign, item in zip(signs, items[1:], strict=True))])
    )
)


@given(FLAT)
def test_operators_bind_as_in_python(text: str) -> None:
    assert eval(text, {"A": A, "B": B, "C": C}) == parse(text)


@given(EXPRESSIONS)
def test_reading_what_was_written_gives_the_same_tree(tree: Expression) -> None:
    assert parse(write(tree)) == tree


@given(EXPRESSIONS)
def test_a_tree_survives_copying_and_pickling(tree: Expression) -> None:
    assert copy.deepcopy(tree) == pickle.loads(pickle.dumps(tree)) == tree
    assert hash(copy.deepcopy(tree)) == hash(tree)


def test_names_may_be_separated_by_commas() -> None:
    assert names("A, B,C  D") == (A, B, C, D)


def test_a_word_knows_whether_it_is_the_first_of_its_line() -> None:
    assert [token_at("A\n  B", start).first for start in (0, 1)] == [True, True]
    assert not token_at("A B", 1).first
