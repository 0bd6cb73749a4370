"""What another expression, or another size, does to the settings of a scene: nothing stays that has lost its matrix."""

from typing import Any

import pytest

from mmviz.errors import ExpressionError
from mmviz.scene.changes.edits import edited, resized
from mmviz.scene.document import from_mapping
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse

SQUARE = {"init": "gaussian", "shape": [8, 8]}


def attention(**parts: Any) -> dict[str, Any]:
    return {"expr": "z = (p = softmax(A @ B)) @ C", "tensors": dict.fromkeys("ABC", SQUARE), **parts}


@pytest.mark.parametrize(
    ("expr", "sheets"),
    [
        ("z = (p = softmax(A @ B)) @ C @ D", {"p": "scores"}),
        ("z = (p = A @ B) @ C", {}),
        ("A @ C", {}),
        ("z = (p = relu(A)) @ C", {"p": "scores"}),
    ],
)
def test_a_sheet_behind_a_matrix_goes_when_the_matrix_or_its_function_goes(expr: str, sheets: dict[str, str]) -> None:
    document = from_mapping(attention(style={"before": {"p": "scores"}}), "scene")
    assert edited(document, expr).style.before == sheets


@pytest.mark.parametrize(
    ("expr", "algorithms"),
    [("z = (p = sdpa(A @ B)) @ C", {"z": "blockwise"}), ("z = (p = relu(A @ B)) @ C", {}), ("z = p @ C", {})],
)
def test_what_is_no_attention_any_more_goes_blockwise_no_more(expr: str, algorithms: dict[str, str]) -> None:
    document = from_mapping(attention(animation={"matrices": {"z": "blockwise"}}), "scene")
    assert edited(document, expr).animation.matrices == algorithms


def test_the_cut_of_an_inner_axis_goes_with_it() -> None:
    document = from_mapping(attention(partition={"i": 2, "k": 4}), "scene")
    assert edited(document, "A @ C").partition == {"i": 2, "k": 4}
    assert edited(document, "A + C").partition == {"i": 2}


def test_a_new_size_is_followed_by_patterns_and_formulas_only() -> None:
    sources = {
        "A": {"init": "rows", "shape": [4, 5]},
        "B": {"formula": "i + j", "shape": [5, 6]},
        "C": {"values": [[1.0, 2.0]] * 6},
    }
    document = from_mapping({"expr": "A @ B @ C", "tensors": sources}, "scene")
    known = {"A": (4, 5), "B": (5, 6), "C": (6, 2)}
    found = resized(document, "A", (3, 7), known)
    assert (found["A"]["shape"], found["B"]["shape"]) == ((3, 7), (7, 6))
    assert from_mapping({"expr": "A @ B @ C", "tensors": found}, "scene").tensors["C"] == document.tensors["C"]


def test_an_error_of_the_expression_as_a_whole_has_no_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        build(parse("x @ (x = A @ B)"))
    assert caught.value.position is None
    with pytest.raises(ExpressionError) as caught:
        parse("A @")
    assert caught.value.position == 3
