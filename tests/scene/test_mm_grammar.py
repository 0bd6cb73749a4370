"""Expressions of mm: read as mm reads them; what mm stumbles over gets one message."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import ExpressionError
from mmviz.scene.mm.grammar import MAX_NAMES, MmChain, MmExpression, MmName, default_name, parse_mm

CASES = json.loads((Path(__file__).parents[1] / "mm" / "expressions.json").read_text(encoding="utf-8"))["cases"]
REFUSED = {
    "A @ B = C": "mm makes a matrix called '=' (oddity 16)",
    "A, B": "mm reads ',' as '@' (oddity 16)",
}
"""What mm reads and we refuse on purpose."""


def read(text: str) -> dict[str, Any]:
    def named(tree: MmExpression) -> dict[str, Any]:
        if isinstance(tree, MmName):
            return {"name": tree.name}
        left, right = named(tree.left), named(tree.right)
        return {"name": tree.name or default_name(left["name"], right["name"]), "left": left, "right": right}

    return named(parse_mm(text))


@pytest.mark.parametrize("case", CASES, ids=[case["expr"] for case in CASES])
def test_what_mm_reads_is_read_alike_and_the_rest_is_refused(case: dict[str, Any]) -> None:
    if case.get("tree") is None or case["expr"] in REFUSED:
        with pytest.raises(ExpressionError):
            read(case["expr"])
    else:
        assert read(case["expr"]) == case["tree"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A", "column 1: A is one matrix; a product is needed, as in A @ B.\n  A\n  ^"),
        ("( A )", "column 1: A is one matrix; a product is needed, as in A @ B.\n  (A)\n  ^"),
        ("A @", "column 3: expected the name of a matrix or '(', found the end.\n  A@\n    ^"),
        ("X = A", "column 1: X = A names one matrix twice; a product is needed, as in X = A @ B.\n  X=A\n  ^"),
        ("X =", "column 3: expected the name of a matrix or '(', found the end.\n  X=\n    ^"),
        ("= A @ B", "column 1: expected the name of a matrix or '(', found '=' (a name stands in front, as in "
         "X = A @ B or in (X = A @ B) @ C).\n  =A@B\n  ^"),
        ("A * B", "column 2: expected '@' or the end, found '*' (a product is written with @).\n  A*B\n   ^"),
        ("(A @ B", "column 5: expected ')' for the '(' at column 1, found the end.\n  (A@B\n      ^"),
        ("α @ B", "column 1: expected the name of a matrix or '(', found 'α'.\n  α@B\n  ^"),
        ("A @ \x00", "column 3: expected the name of a matrix or '(', found the character U+0000.\n  A@ \n    ^"),
    ],
)  # fmt: skip
def test_a_broken_expression_gets_one_message_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_mm(text)
    assert str(caught.value) == f"mm expression, {message}"


@pytest.mark.parametrize("text", ["(" * 1000, "A@" * (MAX_NAMES + 1) + "A", "(A@" * 101 + "A" + ")" * 101])
def test_an_endless_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="more than"):
        parse_mm(text)


@given(st.text(alphabet="AB@=() .-[", max_size=30))
def test_any_text_is_read_or_gets_a_message(text: str) -> None:
    message = None
    try:
        assert isinstance(parse_mm(text), MmChain)
    except ExpressionError as error:
        message = str(error)
    assert message is None or message.startswith("mm expression, column ")
