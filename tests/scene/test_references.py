"""A name that is assigned and used again is one matrix: in the tree, in its shapes and blocks, in a document."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

from mmviz.errors import ExpressionError, SceneError, ShapeError
from mmviz.scene.changes.edits import edited
from mmviz.scene.document import Document, from_mapping, load, save
from mmviz.scene.keys.options import Counts
from mmviz.scene.keys.partition import partition
from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Expression, Name, Named, children, write
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import PartialShape, infer
from mmviz.scene.language.tree import LeafNode, Node, Worn, arguments, find, root_of, tensors, twins, walk
from tests.examples import examples
from tests.scene.strategies import reuses


def node_at(root: Node, path: str) -> Node:
    return next(node for node in walk(root) if node.path == path)


# The tree.


@pytest.mark.parametrize(
    ("text", "path", "leaf"),
    [
        ("(x = A @ B) @ x", "right", ("x", False, "left", 0)),
        ("(x = A @ B) @ x.T", "right", ("x.T", True, "left", 0)),
        ("(x = A @ B).T @ x", "right", ("x", True, "left", 0)),
        ("(x = A @ B).T @ x.T", "right", ("x.T", False, "left", 0)),
        ("((x = A @ B) @ x).T", "left", ("x.T", False, "right", 0)),
        ("((x = A @ B) @ x.T).T", "left", ("x", True, "right", 0)),
        ("((x = A @ B) + x).T", "right", ("x.T", False, "left", 0)),
        ("(A @ (x = B @ C)).T @ x", "right", ("x", True, "left.left", 0)),
        ("(x = A) + x", "right", ("x", False, "left", 0)),
        ("(x = relu(A)) + x", "right", ("x", False, "left", 1)),
        ("relu(x = A) + x", "right", ("x", False, "left", 0)),
        ("tanh(x = relu(A @ B)) + x", "right", ("x", False, "left", 1)),
        ("(x = A + B) + (y = relu(x)) + y", "right", ("y", False, "left.right", 1)),
        ("(y = (x = A + B)) + x", "right", ("x", False, "left", 0)),
        ("('x-1' = A @ B) @ 'x-1'", "right", ("x-1", False, "left", 0)),
    ],
)
def test_a_name_that_is_used_again_is_a_leaf_that_shows_its_matrix(
    text: str, path: str, leaf: tuple[str, bool, str, int]
) -> None:
    name, transposed, target, depth = leaf
    found = node_at(root_of(build(parse(text))), path)
    assert isinstance(found, LeafNode)
    assert (found.name, found.tensor, found.transposed) == (name, "", transposed)
    assert (found.target, found.depth) == (target, depth)


def test_a_reference_wears_the_functions_of_its_own_place() -> None:
    root = root_of(build(parse("(x = relu(A @ B)) + rmsnorm(x.T, w, 1e-5).T")))
    found = node_at(root, "right")
    assert found.worn == (Worn("rmsnorm", (1e-5,), turned=True, vectors=("w",)),)
    assert node_at(root, "left").worn == (Worn("relu"),)
    assert tensors(root) == {"A", "B", "w"}


def python_accepts(expression: Expression) -> bool:
    """True where Python, with := for =, has every name when it is needed."""
    ones = np.ones((1, 1))
    try:
        eval(f"({write(expression).replace('=', ':=')})", {"S": ones, "Z": ones, "relu": np.abs})
    except NameError:
        return False
    return True


def assigned_and_used(expression: Expression) -> tuple[set[str], set[str]]:
    parts, stack = [], [expression]
    while stack:
        parts.append(stack.pop())
        stack += children(parts[-1])
    assigned = {part.name for part in parts if isinstance(part, Named)}
    return assigned, {part.name for part in parts if isinstance(part, Name)}


@given(reuses())
@examples(100)
def test_a_name_can_be_used_exactly_where_python_has_it(expression: Expression) -> None:
    assigned, used = assigned_and_used(expression)
    assume(used - {"S", "Z"} <= assigned)
    if not python_accepts(expression):
        with pytest.raises(ExpressionError, match="can be used only further on"):
            root_of(build(expression))
        return
    nodes = list(walk(root_of(build(expression))))
    assert tensors(nodes[-1]) == used & {"S", "Z"}
    assert parse(write(expression)) == expression


@given(reuses())
@examples(80)
def test_a_walk_meets_every_node_once_and_after_all_that_it_needs(expression: Expression) -> None:
    assume(python_accepts(expression))
    root = root_of(build(expression))
    met: set[str] = set()
    for node in walk(root):
        needs = [node.target] if isinstance(node, LeafNode) else [argument.path for argument in arguments(node)]
        assert node.path not in met
        assert met.issuperset(need for need in needs if need is not None)
        met.add(node.path)
    assert node is root


def test_a_walk_of_a_part_leaves_out_what_it_shows_of_other_parts() -> None:
    root = root_of(build(parse("(x = A @ B) @ (x + C)")))
    assert [node.path for node in walk(node_at(root, "right"))] == ["right.left", "right.right", "right"]


def test_a_walk_of_very_many_references_to_one_another_comes_to_an_end() -> None:
    """Each in a product that is turned, so that a walk comes to the last of them first."""

    def grow(first: int, last: int) -> str:
        if first == last:
            return f"(x{first} = {f'x{first - 1} + A' if first else 'A'})"
        middle = (first + last) // 2
        return f"({grow(first, middle)} @ {grow(middle + 1, last)}.T).T"

    met = [node.name.removesuffix(".T") for node in walk(root_of(build(parse(grow(0, 399)))))]
    assert len(met) == 1 + 399 * 3 + 399
    assert [name for name in dict.fromkeys(met) if name.startswith("x") and " " not in name] == [
        f"x{number}" for number in range(400)
    ]


def test_a_name_means_the_matrix_itself_rather_than_where_it_is_shown_again() -> None:
    root = root_of(build(parse("((x = A @ B).T @ x.T).T")))
    for name, path in (("x", "right"), ("right", "right"), ("left", "left")):
        found = find(root, name)
        assert found is not None
        assert found.path == path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(x = A @ B) @ x", {"right": ("left", False)}),
        ("(x = A @ B).T @ x", {"right": ("left", True)}),
        ("(x = A @ B).T @ (y = x) @ y.T", {"left.right": ("left.left", True), "right": ("left.left", False)}),
        ("(x = A @ B) @ relu(x)", {}),
        ("(x = relu(A)) @ x", {"right": ("left", False)}),
        ("relu(x = A) @ x", {}),
        ("(x = A @ B) @ (y = relu(x)) @ y", {"right": ("left.right", False)}),
        ("A @ A", {}),
    ],
)
def test_a_twin_shows_just_what_another_matrix_shows(text: str, found: dict[str, tuple[str, bool]]) -> None:
    assert twins(root_of(build(parse(text)))) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x = A @ x",
            "x is used within its own assignment; an assigned matrix can be used only further on, "
            "as in (x = A @ B) @ x.",
        ),
        (
            "x @ ('my x' = A) @ (x = B)",
            "x is used before it is assigned; an assigned matrix can be used only further on, as in (x = A @ B) @ x.",
        ),
        (
            "'my x' @ ('my x' = A)",
            "'my x' is used before it is assigned; an assigned matrix can be used only further on, "
            "as in (x = A @ B) @ x.",
        ),
        (
            "(x @ (x = A)).T",
            "x is used before it is assigned; an assigned matrix can be used only further on, as in (x = A @ B) @ x.",
        ),
        ("(x = A) @ x @ (x = B)", "x is assigned twice; every name stands for one matrix."),
        (
            "(b = A @ B) + bias(C, b)",
            "bias, bias: b is assigned in the expression; a vector must be a tensor with a source of its own.",
        ),
        (
            "layernorm(C, w, b) + (b = A @ B)",
            "layernorm, bias: b is assigned in the expression; a vector must be a tensor with a source of its own.",
        ),
        (
            "w = rmsnorm(A, w)",
            "rmsnorm, weight: w is assigned in the expression; a vector must be a tensor with a source of its own.",
        ),
        ("(x = A + B) @ sdpa(x)", "sdpa(x): x is no product, so it has no inner size k to scale by."),
    ],
)
def test_a_use_that_means_nothing_gets_one_message(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        root_of(build(parse(text)))
    assert str(caught.value) == message


def test_a_product_that_is_used_again_still_has_its_inner_size() -> None:
    assert node_at(root_of(build(parse("(x = A @ B) + sdpa(relu(x)) + scale(x)"))), "right").worn == (Worn("scale"),)


# Shapes and blocks.


@pytest.mark.parametrize(
    ("text", "sizes", "settled"),
    [
        ("(x = A @ B) @ x", {"A": (3, 4), "B": (4, None)}, {"B": (4, 3)}),
        ("(x = A) + (x.T @ B).T", {"A": (None, 5), "B": (3, None)}, {"A": (3, 5), "B": (3, 3)}),
        ("((x = A) @ (B + x).T).T", {"A": (None, None), "B": (2, 3)}, {"A": (2, 3)}),
        ("(x = A @ B) @ C + rmsnorm(x, w)", {"A": (2, 2), "B": (2, 3), "C": (None, None), "w": (None, None)}, {}),
    ],
)
def test_sizes_travel_both_ways_between_a_matrix_and_where_it_is_used_again(
    text: str, sizes: dict[str, PartialShape], settled: dict[str, Any]
) -> None:
    root = root_of(build(parse(text)))
    found = infer(root, sizes)
    assert settled.items() <= found.tensors.items()
    for node in walk(root):
        if isinstance(node, LeafNode) and node.target is not None:
            target = found.of[node.target]
            assert found.of[node.path] == (target[::-1] if node.transposed else target)


def test_names_of_axes_travel_with_a_matrix_that_is_used_again() -> None:
    root = root_of(build(parse("(x = A @ B) @ C @ x.T")))
    axes = {"A": ("tokens", ""), "C": ("d_head", "")}
    found = infer(root, {"A": (3, 4), "B": (4, 5), "C": (5, 5)}, axes).axes
    assert found["left.left"] == ("tokens", "d_head")
    assert found["right"] == ("d_head", "tokens")


def test_a_matrix_that_does_not_fit_where_it_is_used_again_gets_one_message() -> None:
    with pytest.raises(ShapeError) as caught:
        infer(root_of(build(parse("out = (x = A @ B) @ x"))), {"A": (3, 4), "B": (4, 5)})
    assert str(caught.value) == "out = x @ x: x is 3x5, x is 3x5; x needs as many columns as x has rows."


def blocks_of(text: str, cuts: dict[str, Any]) -> dict[str, tuple[int, int]]:
    root = root_of(build(parse(text)))
    shapes = infer(root, {"A": (12, 8), "B": (8, 6), "C": (6, 12)})
    blocks = partition(root, shapes.of, shapes.axes, cuts)
    return {path: (rows.count, columns.count) for path, (rows, columns) in blocks.items()}


def test_a_matrix_is_cut_alike_wherever_it_is_used() -> None:
    text = "((x = A @ B) @ C) @ x"
    counts = {"left.left": (4, 3), "right": (4, 3), "left": (4, 4), "": (4, 3)}
    for cuts in ({"i": 4, "j": 3}, {"k": 4, "left.left": Counts(j=3)}, {"left": Counts(i=4, k=3)}):
        found = blocks_of(text, cuts)
        assert {path: found[path] for path in counts} == counts
        assert found["left.right"] == (3, 4)
    turned = blocks_of("(x = A @ B) @ x.T", {"left": Counts(i=4, k=2, j=3)})
    assert (turned["left"], turned["right"], turned[""]) == ((4, 3), (3, 4), (4, 4))


def test_two_counts_for_one_axis_get_one_message() -> None:
    with pytest.raises(SceneError) as caught:
        blocks_of("((x = A @ B) @ C) @ x", {"i": 4, "k": 3})
    assert str(caught.value) == "scene, partition.k: must be 4, got 3; partition.i cuts the same axis."


# Documents and their edits.


def document(expr: str, **parts: Any) -> Document:
    shapes = {"A": [4, 3], "B": [3, 4], "w": [1, 4]}
    sources = {name: {"init": "gaussian", "shape": shape} for name, shape in shapes.items() if name in expr}
    return from_mapping({"expr": expr, "tensors": sources | parts.pop("tensors", {}), **parts}, "scene")


SETTINGS: dict[str, Any] = {
    "partition": {"x": {"k": 3}},
    "animation": {"matrices": {"x": "vvprod"}},
    "layout": {"matrices": {"x": {"gap": 3}}},
    "captions": [{"start": "x", "text": "x"}, {"start": "right.left", "text": "again"}],
    "camera": {"inset": "x"},
}


def test_a_document_asks_for_no_numbers_of_what_is_assigned(tmp_path: Path) -> None:
    made = document("out = (x = A @ B) @ (x + rmsnorm(x.T, w))", **SETTINGS)
    save(made, tmp_path / "scene.yaml")
    assert load(tmp_path / "scene.yaml") == made
    with pytest.raises(SceneError) as caught:
        document("(x = A @ B) @ x", tensors={"x": {"init": "eye", "shape": [4, 4]}})
    assert str(caught.value) == "scene, tensors.x: expr has no input of that name; it has A, B."


def test_settings_of_a_product_are_not_asked_of_where_it_is_used_again() -> None:
    with pytest.raises(SceneError) as caught:
        document("(x = A @ B) @ x", animation={"matrices": {"right": "mvprod"}})
    assert str(caught.value) == (
        "scene, animation.matrices.right: no product is named 'right'; the products are x, x @ x."
    )


def test_the_same_expression_changes_nothing() -> None:
    before = document("out = (x = A @ B) @ (x + rmsnorm(x.T, w))", **SETTINGS)
    assert edited(before, before.expr) == before


def test_settings_stay_with_a_matrix_that_comes_to_be_used_again() -> None:
    parts = {key: value for key, value in SETTINGS.items() if key != "captions"}
    before = document("(x = A @ B) @ B.T", **parts)
    after = edited(before, "B @ ((x = A @ B) @ x)")
    assert after.camera.inset == "x"
    assert after.animation.matrices == {"x": "vvprod"}


def test_what_was_used_again_and_becomes_a_matrix_keeps_its_shape() -> None:
    before = document("(y = (x = A @ w.T).T) @ (z = (x @ x.T))", tensors={"w": {"init": "eye", "shape": [5, 3]}})
    after = edited(before, "z @ D").model_dump(exclude_defaults=True)
    assert after["tensors"]["z"] == {"init": "row major", "shape": (4, 4)}


def test_a_new_matrix_fits_where_its_product_is_used_again() -> None:
    values = {"A": {"values": [[1, 2, 3], [4, 5, 6]]}}
    before = from_mapping({"expr": "A", "tensors": values}, "scene")
    after = edited(before, "(x = A @ D) + x.T").model_dump(exclude_defaults=True)
    assert after["tensors"]["D"] == {"init": "col major", "shape": (3, 2)}
    assert set(after["tensors"]) == {"A", "D"}
