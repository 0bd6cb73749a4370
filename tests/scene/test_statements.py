"""Several statements: the one expression that they mean, what is said of wrong ones, and how they are written back."""

import pytest
from hypothesis import assume, given

from mmviz import Scene, names
from mmviz.errors import ExpressionError, SceneError
from mmviz.scene.changes.yaml_round_trip import rewritten
from mmviz.scene.document import from_mapping, to_mapping
from mmviz.scene.language.building import build
from mmviz.scene.language.calls import softmax
from mmviz.scene.language.expression import Expression, Named, Statements, children, write
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shortened import shortened
from mmviz.scene.language.statements import joined, parted
from mmviz.scene.language.tree import references
from mmviz.scene.language.worn_function import outermost, wear
from mmviz.scene.language.written import text_of
from mmviz.scene.text.yaml_text import read_yaml, write_yaml
from tests.scene.strategies import EXPRESSIONS

ARTICLE = """\
Q = input @ wQ
K_t = wK_t @ input_t
V = input @ wV
attn = softmax(Q @ K_t)
out = attn @ V @ wO"""
ONE = "out = (attn = softmax((Q = input @ wQ) @ (K_t = wK_t @ input_t))) @ (V = input @ wV) @ wO"
SQUARE = {"init": "gaussian", "shape": [4, 4]}
TENSORS = "tensors:\n  x: {init: gaussian, shape: [4, 4]}  # rows\n  w: {init: gaussian, shape: [4, 4]}\n"
LATER = "Q = relu(x @ w)\nout = Q @ Q.T"


@pytest.mark.parametrize(
    ("text", "one"),
    [
        (ARTICLE, ONE),
        (ARTICLE.replace("\n", "; "), ONE),
        (ARTICLE.replace("\n", ";\n\n") + ";\n", ONE),
        ("a = b\nc = a @ a.T @ a", "c = (a = b) @ a.T @ a"),
        ("a = b @ c\nd = a.T\n  @ a", "d = (a = b @ c).T @ a"),
        ("a = relu(b\n@ c)\na + d", "(a = relu(b @ c)) + d"),
        ("a = b\n(a + c) @ d", "((a = b) + c) @ d"),
        ("a = b @ c\nd = a @ e\nf = a @ g\nf @ d", "(f = (a = b @ c) @ g) @ (d = a @ e)"),
        ("a = (b = c @ d) @ b\na @ e", "(a = (b = c @ d) @ b) @ e"),
    ],
)
def test_statements_mean_one_expression(text: str, one: str) -> None:
    assert joined(parse(text)) == parse(one)
    assert build(parse(text)) == build(parse(one))


def test_a_name_stands_for_its_matrix_where_it_is_used_first() -> None:
    tree = build(parse("a = b @ c\nd = a @ e\nd + a"))
    assert [(leaf.path, target) for leaf, target in references(tree)] == [("right", "left.left")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "Q = x @ w\nK = Q @ Z\nA @ B",
            "line 2, column 1: K is never used; leave it out, or use it in a statement further on.\n  K = Q @ Z\n  ^",
        ),
        (
            "A @ B\nC",
            "line 1, column 1: only the last may have no name; others are written NAME = ....\n  A @ B\n  ^",
        ),
        (
            "Q = K @ w\nK = x @ w\nQ @ K",
            "line 1, column 5: K is used before it is assigned; statement 2 belongs above.\n  Q = K @ w\n      ^",
        ),
        ("Q = x @ Q\nQ @ y", "line 1, column 9: Q is used within its own assignment.\n  Q = x @ Q\n          ^"),
        (
            "Q = x\nout = out @ Q",
            "line 2, column 7: out is used within its own assignment.\n  out = out @ Q\n        ^",
        ),
        (
            "Q = A;  'Q' = B; Q @ Q",
            "column 9: Q is assigned twice; every name stands for one matrix.\n  Q = A;  'Q' = B; Q @ Q\n          ^",
        ),
        (
            "Q = A @ (z = B @ C)\nQ @ z",
            "line 2, column 5: z is assigned within statement 1; give it a statement of its own, to be used here.\n"
            "  Q @ z\n      ^",
        ),
        (
            "a = b\nc = a @",
            "line 2, column 8: expected a matrix name, a function or '(', found the end.\n  c = a @\n         ^",
        ),
        ("a = b; @ c", "column 8: expected a matrix name, a function or '(', found '@'.\n  a = b; @ c\n         ^"),
        ("a = b\n) @ a", "line 2, column 1: expected an operator or the end, found ')'.\n  ) @ a\n  ^"),
    ],
)
def test_a_wrong_statement_is_shown_in_its_line(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert str(caught.value) == f"expression, {problem}"


def test_what_has_a_statement_is_no_vector() -> None:
    with pytest.raises(ExpressionError) as caught:
        build(parse("w = a @ b\nrmsnorm(x, w)"))
    assert str(caught.value) == (
        "rmsnorm, weight: w is assigned in the expression; a vector must be a tensor with a source of its own."
    )


def test_statements_that_nest_too_deep_together_are_refused() -> None:
    text = "\n".join(["a0 = x", *(f"a{n} = a{n - 1} @ x" for n in range(1, 1000)), "a999"])
    with pytest.raises(ExpressionError) as caught:
        build(parse(text))
    assert str(caught.value) == "the expression is nested more than 100 deep; every operator counts."


@given(EXPRESSIONS)
def test_a_statement_may_be_any_expression(expression: Expression) -> None:
    try:
        whole = Statements((Named("first one", expression), Named("whole", parse("'first one' @ 'first one'"))))
        joined(whole)
    except ExpressionError:
        assume(False)  # a name is assigned twice
    assert parse(write(whole)) == whole
    assert parted(joined(whole), whole) == whole


@pytest.mark.parametrize(
    "expr",
    [
        ["Q = x @ w", "out = Q @ Q.T"],
        ("Q = x @ w\n", "  out = Q @ Q.T;"),
        "Q = x @ w; out = Q @ Q.T",
        [(names("x")[0] @ names("w")[0]).named("Q"), "out = Q @ Q.T"],
    ],
)
def test_python_gives_statements_as_a_list(expr: str | list[str | Expression]) -> None:
    scene = Scene(expr, {"x": SQUARE, "w": SQUARE})
    assert str(scene) == 'Scene("Q = x @ w; out = Q @ Q.T", x 4x4, w 4x4, out 4x4)'
    assert Scene("A @ B", {"A": SQUARE, "B": SQUARE}).edited(expr).document.expr == "Q = x @ w\nout = Q @ Q.T"


def test_what_was_named_in_python_may_be_used_in_several_places() -> None:
    x, w = names("x w")
    q = (x @ w).named("Q")
    k = (q @ w).named("K")
    assert text_of(softmax(q @ k.T) @ q) == "softmax((Q = x @ w) @ (K = Q @ w).T) @ Q"
    assert text_of([q, k, q @ k.T]) == "Q = x @ w\nK = Q @ w\nQ @ K.T"


@pytest.mark.parametrize(
    ("expr", "problem"),
    [
        ([], "is an empty list; a statement is needed, for example out = A @ B."),
        (["Q = x", 3], "statement 2: must be text such as Q = x @ wQ, got 3."),
        (
            ["Q = x @", "Q @ w"],
            "statement 1: expression, column 8: expected a matrix name, a function or '(', found the end.\n"
            "  Q = x @\n         ^",
        ),
        (
            ["Q = x", "x @ w"],
            "expression, line 1, column 1: Q is never used; leave it out, or use it in a statement further on.\n"
            "  Q = x\n  ^",
        ),
    ],
)
def test_a_wrong_list_is_refused(expr: list[str], problem: str) -> None:
    with pytest.raises(SceneError) as caught:
        from_mapping({"expr": expr, "tensors": {"x": SQUARE, "w": SQUARE}}, "scene")
    assert str(caught.value) == f"scene, expr: {problem}"


def test_a_function_is_worn_and_taken_off_within_its_statement() -> None:
    expression = parse("Q = x @ w\nout = Q @ Q.T")
    assert str(wear(expression, "left", "relu")) == LATER
    assert str(wear(expression, "right", "relu")) == "Q = x @ w\nout = Q @ relu(Q.T)"
    assert str(wear(expression, "", "softmax")) == "Q = x @ w\nout = softmax(Q @ Q.T)"
    assert wear(wear(expression, "left", "relu"), "left", None) == expression
    assert outermost(parse(LATER), "left") == parse("relu(x @ w)")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("expr: |\n  Q = x @ w\n  out = Q @ Q.T\n", "expr: |-\n  Q = relu(x @ w)\n  out = Q @ Q.T\n"),
        ("expr: |-  # a\n   Q = x @ w\n   out = Q @ Q.T\n", "expr: |-  # a\n   Q = relu(x @ w)\n   out = Q @ Q.T\n"),
        ("expr:\n  - Q = x @ w  # a\n  - out = Q @ Q.T\n", "expr:\n  - Q = relu(x @ w)  # a\n  - out = Q @ Q.T\n"),
        ("expr: [Q = x @ w, out = Q @ Q.T]  # a\n", "expr: [Q = relu(x @ w), out = Q @ Q.T]  # a\n"),
        ("expr: out = (Q = x @ w) @ Q.T  # a\n", "expr: |-  # a\n  Q = relu(x @ w)\n  out = Q @ Q.T\n"),
        ("expr: >-\n  Q = x @ w;\n  out = Q @ Q.T\n", "expr: |-\n  Q = relu(x @ w)\n  out = Q @ Q.T\n"),
    ],
)
def test_a_scene_file_keeps_its_statements(before: str, after: str) -> None:
    document = from_mapping(read_yaml(before + TENSORS, "file"), "file")
    scene = Scene(document.expr, {"x": SQUARE, "w": SQUARE}).edited(LATER)
    new = rewritten(before + TENSORS, scene.document)
    assert new is not None
    assert (new.text, new.anew) == (after + TENSORS.replace("[4, 4]}", "[4, 4]}"), ())


def test_a_new_scene_file_has_a_statement_a_line() -> None:
    document = Scene(LATER, {"x": SQUARE, "w": SQUARE}).document
    text = write_yaml(to_mapping(document))
    assert text.startswith("version: 1\nexpr: |-\n  Q = relu(x @ w)\n  out = Q @ Q.T\ntensors:\n")
    assert from_mapping(read_yaml(text, "file"), "file") == document


def test_statements_over_a_picture_are_told_as_one_expression() -> None:
    assert shortened(ARTICLE, 200) == ONE
    assert shortened(ARTICLE, 60) == "out = (attn = softmax(Q @ K_t)) @ (V = input @ wV) @ wO"
    assert shortened(ARTICLE, 25) == "out = attn @ V @ wO"


def test_every_part_of_statements_is_a_child() -> None:
    whole = parse("a = b\nc = a @ a")
    assert isinstance(whole, Statements)
    assert children(whole) == whole.parts
