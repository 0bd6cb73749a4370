"""What a document says of single matrices, and edits that say something else: each keeps all that it does not name."""

from typing import Any

import pytest

from mmviz import Scene
from mmviz.scene.language.tree import Node, find, root_of
from mmviz.viewer.session.shown_scene import Edit, mapping
from mmviz.viewer.tabs.scene import node_edits as edits

TENSORS: dict[str, Any] = {
    "A": {"init": "uniform", "shape": [4, 3], "seed": 7, "min": -2},
    "B": {"formula": "i + j", "shape": [3, 5]},
    "C": {"values": [[1, 2]] * 5},
}


def scene(**parts: Any) -> Scene:
    return Scene("out = (p = A @ B) @ C", TENSORS, **parts)


def node(made: Scene, name: str) -> Node:
    found = find(made.root, name)
    assert found is not None
    return found


def changed(made: Scene, edit: Edit) -> Scene:
    after = edit(made)
    assert isinstance(after, Scene)
    return after


def said(made: Scene, *keys: str) -> Any:
    """What a scene file would say below these keys; None where it says nothing."""
    part: Any = mapping(made.document)
    for key in keys:
        part = None if part is None else part.get(key)
    return part


@pytest.mark.parametrize(
    ("settings", "key"), [({}, "p"), ({"p": 1}, "p"), ({"left": 1}, "left"), ({"p": 1, "left": 2}, "left")]
)
def test_a_document_speaks_of_a_matrix_by_the_key_that_it_has(settings: dict[str, object], key: str) -> None:
    made = scene()
    assert edits.key_of(node(made, "p"), made.root, settings) == key


def test_a_name_that_two_matrices_have_is_no_key_unless_the_document_uses_it() -> None:
    made = Scene("A @ B + A @ B", {name: {"init": "rows", "shape": [2, 2]} for name in "AB"})
    right = node(made, "right")
    assert right.name == node(made, "left").name
    assert edits.key_of(right, made.root, {}) == "right"
    assert edits.key_of(right, made.root, {"A @ B": 1}) == "A @ B"


@pytest.mark.parametrize(("tensor", "pattern"), [("A", "uniform"), ("B", "formula"), ("C", "values")])
def test_a_tensor_is_called_after_its_pattern_or_where_its_numbers_come_from(tensor: str, pattern: str) -> None:
    assert edits.pattern_of(scene().document, tensor) == pattern


def test_another_setting_of_a_pattern_keeps_the_others() -> None:
    after = changed(scene(), edits.set_source("A", {"seed": 8}))
    assert said(after, "tensors", "A") == {"init": "uniform", "shape": [4, 3], "seed": 8, "min": -2.0}
    assert said(after, "tensors", "B") == said(scene(), "tensors", "B")


def test_another_pattern_keeps_the_settings_that_it_has_too() -> None:
    after = changed(scene(), edits.set_pattern("A", "gaussian"))
    assert said(after, "tensors", "A") == {"init": "gaussian", "shape": [4, 3], "seed": 7, "min": -2.0}


def test_a_pattern_that_becomes_a_formula_keeps_its_shape_and_back() -> None:
    formula = changed(scene(), edits.set_pattern("A", "formula"))
    assert said(formula, "tensors", "A") == {"formula": edits.FIRST_FORMULA, "shape": [4, 3]}
    assert said(changed(formula, edits.set_pattern("A", "eye")), "tensors", "A") == {"init": "eye", "shape": [4, 3]}


def test_what_was_no_pattern_gets_the_shape_that_it_had() -> None:
    after = changed(scene(), edits.set_pattern("C", "rows"))
    assert said(after, "tensors", "C") == {"init": "rows", "shape": [5, 2]}


def test_another_pattern_leaves_out_what_only_the_one_before_has() -> None:
    full = changed(scene(), edits.set_source("A", {"init": "full", "value": 3}))
    assert said(full, "tensors", "A", "value") == 3
    zeros = changed(full, edits.set_pattern("A", "zeros"))
    assert said(zeros, "tensors", "A") == {"init": "zeros", "shape": [4, 3], "seed": 7, "min": -2.0}


def test_another_formula_stays_a_formula() -> None:
    after = changed(scene(), edits.set_source("B", {"formula": "i * j"}))
    assert said(after, "tensors", "B") == {"formula": "i * j", "shape": [3, 5]}


@pytest.mark.parametrize(
    ("tensor", "side", "size", "shapes"),
    [
        ("A", 0, 6, {"A": (6, 3), "B": (3, 5)}),
        ("A", 1, 2, {"A": (4, 2), "B": (2, 5)}),
        ("B", 0, 2, {"A": (4, 2), "B": (2, 5)}),
    ],
)
def test_what_stands_beside_a_matrix_of_another_size_follows(
    tensor: str, side: Any, size: int, shapes: dict[str, tuple[int, int]]
) -> None:
    after = changed(scene(), edits.resize(tensor, side, size))
    assert {name: after.shapes.tensors[name] for name in shapes} == shapes


def test_the_last_function_is_the_one_that_is_exchanged() -> None:
    made = Scene("out = relu(softmax(p = A @ B)) @ C", TENSORS)
    assert edits.function_of(made.document, "left") == "relu"
    assert edits.function_of(made.document, "") is None
    assert changed(made, edits.set_function("left", "tanh")).document.expr == "out = tanh(softmax(p = A @ B)) @ C"
    assert changed(made, edits.set_function("left", None)).document.expr == "out = softmax(p = A @ B) @ C"
    assert edits.set_function("left", "relu")(made) is made, "the same is no change"


def test_an_algorithm_of_its_own_is_said_and_inherit_is_not_said_at_all() -> None:
    made = scene(animation={"fuse": "async"})
    product = node(made, "p")
    assert edits.algorithm_of(made.document, product, made.root) == "inherit"
    after = changed(made, edits.set_algorithm(product, made.root, "vvprod"))
    assert said(after, "animation") == {"fuse": "async", "matrices": {"p": "vvprod"}}
    assert edits.algorithm_of(after.document, product, after.root) == "vvprod"
    assert changed(after, edits.set_algorithm(product, after.root, "inherit")).document == made.document


def test_a_layout_of_its_own_is_said_key_by_key_and_goes_with_its_last_one() -> None:
    made = scene(layout={"gap": 3})
    product = node(made, "p")
    one = changed(made, edits.set_layout(product, made.root, "gap", 9.0))
    both = changed(one, edits.set_layout(product, made.root, "scheme", "custom"))
    assert said(both, "layout") == {"gap": 3.0, "matrices": {"p": {"gap": 9.0, "scheme": "custom"}}}
    assert edits.layout_of(both.document, product, made.root, "gap") == 9
    assert edits.layout_of(made.document, product, made.root, "gap") is None
    back = changed(both, edits.set_layout(product, made.root, "scheme", None))
    assert back.document == one.document
    assert changed(back, edits.set_layout(product, made.root, "gap", None)).document == made.document


def test_blocks_of_a_product_are_said_letter_by_letter_and_go_with_the_last_one() -> None:
    made = scene()
    product = node(made, "p")
    one = changed(made, edits.set_count(product, made.root, "k", 2))
    both = changed(one, edits.set_count(product, made.root, "j", 3))
    assert said(both, "partition") == {"p": {"k": 2, "j": 3}}
    assert edits.count_of(both.document, product, made.root, "k") == 2
    assert edits.count_of(both.document, product, made.root, "i") is None
    back = changed(both, edits.set_count(product, made.root, "j", None))
    assert back.document == one.document
    assert changed(back, edits.set_count(product, made.root, "k", None)).document == made.document


def test_blocks_of_the_whole_scene_are_those_of_its_root_alone() -> None:
    made = scene(partition={"i": 2})
    assert edits.count_of(made.document, root_of(made.root), root_of(made.root), "i") == 2
    assert edits.count_of(made.document, node(made, "p"), made.root, "i") is None
    assert said(changed(made, edits.set_count(root_of(made.root), root_of(made.root), "i", 4)), "partition") == {"i": 4}
    assert said(changed(made, edits.set_count(root_of(made.root), root_of(made.root), "i", None)), "partition") is None


def test_blocks_of_the_root_along_an_axis_that_is_not_cut_yet_are_its_own() -> None:
    made = scene(partition={"i": 2})
    after = changed(made, edits.set_count(root_of(made.root), root_of(made.root), "k", 5))
    assert said(after, "partition") == {"i": 2, "out": {"k": 5}}
