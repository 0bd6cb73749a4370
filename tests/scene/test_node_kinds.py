"""What may look at a node's kind: `match`, which mypy holds to every kind, and the few functions beside `walk`."""

import ast
from pathlib import Path
from typing import get_args

import pytest

import mmviz
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import (
    Node,
    arguments,
    computed,
    elementwise,
    pattern_of,
    plain,
    products,
    references,
    results,
    root_of,
    shown_again,
    tensor_of,
    walk,
)
from tests.modules import modules_in

PACKAGE = Path(mmviz.__file__).parent
KINDS = {kind.__name__ for kind in get_args(Node)}
NODES = KINDS | {"Node", "Result"}
ASKS = {"isinstance", "issubclass", "type"}


def tree(text: str) -> Node:
    return root_of(build(parse(text)))


def asking(source: str) -> list[int]:
    """The lines that ask for a node's kind by isinstance and the like."""
    if not all(any(name in source for name in names) for names in (ASKS, NODES)):
        return []
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    asks = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ASKS]
    named = {call.lineno: {n.id for n in ast.walk(call) if isinstance(n, ast.Name)} for call in asks}
    return [line for line, names in named.items() if names & NODES]


@pytest.mark.slow
def test_only_the_tree_itself_asks_for_a_nodes_class_so_that_mypy_points_to_all_that_differs_by_kind() -> None:
    found = {
        str(file.relative_to(PACKAGE)): lines
        for file in modules_in(PACKAGE)
        if (lines := asking(file.read_text(encoding="utf-8")))
    }
    assert list(found) == [str(Path("scene", "language", "tree.py"))]


@pytest.mark.parametrize(
    "line",
    [
        "found = isinstance(node, ProductNode)",
        "found = [n for n in nodes if not isinstance(n, (LeafNode, ElementwiseNode))]",
        "same = type(node) is type(ProductNode)",
    ],
)
def test_asking_for_a_class_is_seen(line: str) -> None:
    assert asking(f"{line}\nother = isinstance(node, str)") == [1]


def test_the_arguments_of_all_nodes_are_all_nodes_but_the_root() -> None:
    root = tree("(x = A @ B) @ (C - relu(x)) + x * D")
    below = [argument.path for node in walk(root) for argument in arguments(node)]
    assert sorted([*below, ""]) == sorted(node.path for node in walk(root))


def test_a_node_is_either_computed_or_shows_a_tensor_or_another_node_again() -> None:
    root = tree("(x = A @ B) @ (C - relu(x)) + x * A")
    for node in walk(root):
        assert [computed(node), tensor_of(node) is not None, shown_again(node) is not None].count(True) == 1
    assert [node.name for node in plain(root)] == ["A", "B", "C", "A"]
    assert [(node.name, target) for node, target in references(root)] == [("relu(x)", "left.left"), ("x", "left.left")]
    assert [node.name for node in products(root)] == ["x", "x @ (C - relu(x))"]
    assert {node.path for node in results(root)} == {n.path for n in products(root)} | {
        n.path for n in elementwise(root)
    }


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("softmax(Q @ K) @ V", "left"),
        ("(attn = sdpa(Q @ K)) @ V", "left"),
        ("softmax(tril(Q @ K)) @ V", "left"),
        ("tril(softmax(Q @ K)) @ V", None),
        ("V.T @ softmax(Q @ K).T", None),
        ("(softmax(Q @ K) @ V).T", None),
        ("softmax(A) @ V", None),
        ("softmax(Q @ K)", None),
        ("softmax(Q @ K) + V", None),
    ],
)
def test_attention_weights_are_a_softmax_of_a_product_as_a_left_argument(text: str, pattern: str | None) -> None:
    found = pattern_of(tree(text))
    assert (None if found is None else found.path) == pattern
