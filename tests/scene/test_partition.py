"""Partition: one count for every matrix that shares an axis, by whichever name the axis is called."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmviz
from mmviz.errors import SceneError
from mmviz.scene.document import Document, from_mapping
from mmviz.scene.keys.options import Counts
from mmviz.scene.keys.partition import Blocks, cut, partition
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import Shapes, infer
from mmviz.scene.language.tree import LeafNode, Node, ProductNode, arguments, child, root_of, walk

TENSORS = {"A": (10, 12), "B": (12, 9), "C": (9, 11), "D": (11, 6), "S": (10, 12)}
AXES = {"A": ("tokens", "d_model"), "D": ("d_mlp", "")}
CHAIN = "abc = (ab = A @ B) @ C"
BASE: dict[str, Any] = {"expr": CHAIN, "tensors": {name: {"init": "eye", "shape": TENSORS[name]} for name in "ABC"}}


def shaped(text: str) -> tuple[Node, Shapes]:
    root = root_of(build(parse(text)))
    used = {node.tensor for node in walk(root) if isinstance(node, LeafNode)}
    return root, infer(root, {name: TENSORS[name] for name in used}, {name: AXES.get(name, ("", "")) for name in used})


def counts(text: str, cuts: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """How many blocks the rows and the columns of each matrix are asked for; all counts here divide well."""
    root, shapes = shaped(text)
    read = {key: Counts(**value) if isinstance(value, dict) else value for key, value in cuts.items()}
    blocks = partition(root, shapes.of, shapes.axes, read)
    return {path: (rows.count, columns.count) for path, (rows, columns) in blocks.items()}


# One axis.


@pytest.mark.parametrize(
    ("length", "asked", "size", "count"),
    [(10, 1, 10, 1), (10, 2, 5, 2), (10, 3, 4, 3), (10, 8, 2, 5), (10, 10, 1, 10), (10, 99, 1, 10), (1, 5, 1, 1)],
)
def test_the_last_block_may_be_short_and_none_is_empty(length: int, asked: int, size: int, count: int) -> None:
    assert cut(length, asked) == Blocks(length, size)
    assert cut(length, asked).count == count


@given(st.integers(1, 5000), st.integers(1, 6000))
def test_blocks_cover_their_axis_and_are_never_more_than_asked(length: int, asked: int) -> None:
    blocks = cut(length, asked)
    assert blocks.count <= asked
    assert (blocks.count - 1) * blocks.size < length <= blocks.count * blocks.size


# Names of axes.


@pytest.mark.parametrize(
    ("by_letter", "by_name"),
    [
        ({"i": 5}, {"tokens": 5}),
        ({"ab": {"k": 4}}, {"d_model": 4}),
        ({"left": {"k": 4}, "i": 2}, {"tokens": 2, "d_model": 4}),
        ({"left": {"i": 2}}, {"tokens": 2}),
        ({"k": 3}, {"": {"k": 3}}),
        ({"k": 3}, {"abc": {"k": 3}}),
        ({"k": 3}, {"left": {"j": 3}}),
        ({"i": 2, "k": 3, "j": 11}, {"": {"i": 2, "k": 3, "j": 11}}),
    ],
)
def test_letters_and_names_of_one_axis_mean_the_same(by_letter: dict[str, Any], by_name: dict[str, Any]) -> None:
    assert counts(CHAIN, by_letter) == counts(CHAIN, by_name)


def test_a_name_cuts_every_axis_of_that_name() -> None:
    found = counts("scores = A @ A.T", {"tokens": 5})
    assert found == {"": (5, 5), "left": (5, 1), "right": (1, 5)}


def test_without_a_partition_nothing_is_cut() -> None:
    assert set(counts(CHAIN, {}).values()) == {(1, 1)}


def test_the_terms_of_a_sum_are_cut_like_the_sum() -> None:
    assert counts("(A + S) @ B", {"i": 5, "k": 4}) == {
        "": (5, 1),
        "left": (5, 4),
        "left.left": (5, 4),
        "left.right": (5, 4),
        "right": (4, 1),
    }


# What is refused. Messages of documents are checked when they are read, as far as no axis name is needed.


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ({"i": 0}, "scene, partition.i: must be 1 or more, got 0."),
        ({"i": "8"}, 'scene, partition.i: must be a whole number, got "8".'),
        ({"i": 2.5}, "scene, partition.i: must be a whole number, got 2.5."),
        ({"i": True}, "scene, partition.i: must be a whole number, got true."),
        ({"ab": {"k": 0}}, "scene, partition.ab.k: must be 1 or more, got 0."),
        ({"ab": {"m": 2}}, "scene, partition.ab: unknown key 'm'; known keys: i, j, k."),
        ({"xy": {"k": 2}}, "scene, partition.xy: no product is named 'xy'; the products are ab, abc."),
        ({"A": {"i": 2}}, "scene, partition.A: no product is named 'A'; the products are ab, abc."),
        ({"i": 2, "ab": {"i": 3}}, "scene, partition.ab.i: must be 2, got 3; partition.i cuts the same axis."),
        ({"k": 2, "left": {"j": 3}}, "scene, partition.left.j: must be 2, got 3; partition.k cuts the same axis."),
        (
            {"ab": {"k": 2}, "left": {"k": 3}},
            "scene, partition.left.k: must be 2, got 3; partition.ab.k cuts the same axis.",
        ),
    ],
)
def test_a_broken_partition_is_refused(cuts: dict[str, Any], message: str) -> None:
    with pytest.raises(SceneError) as problem:
        from_mapping(BASE | {"partition": cuts}, "scene")
    assert str(problem.value) == message


def test_a_matrix_that_is_no_product_has_no_k() -> None:
    with pytest.raises(SceneError) as problem:
        from_mapping({**BASE, "expr": "A", "tensors": {"A": {"init": "eye"}}, "partition": {"k": 2}}, "scene")
    assert str(problem.value) == "scene, partition.k: A is no product, so it has no k."


def test_an_unknown_axis_is_refused_with_the_known_ones() -> None:
    root, shapes = shaped(CHAIN)
    with pytest.raises(SceneError) as problem:
        partition(root, shapes.of, shapes.axes, {"token": 8}, "scenes/x.yaml")
    assert str(problem.value) == (
        "scenes/x.yaml, partition.token: no axis has this name; the axes are i, k, j, d_model, tokens; "
        "a product takes counts of its own: {k: 4}."
    )


def test_two_names_of_one_axis_with_two_counts_are_refused() -> None:
    with pytest.raises(SceneError) as problem:
        counts(CHAIN, {"i": 5, "tokens": 2})
    assert str(problem.value) == "scene, partition.tokens: must be 5, got 2; partition.i cuts the same axis."


def test_the_empty_name_is_no_axis() -> None:
    with pytest.raises(SceneError, match=r"partition\.'': no axis has this name"):
        counts(CHAIN, {"": 2})


def test_a_scene_with_an_unknown_axis_says_so_when_it_is_laid_out() -> None:
    with pytest.raises(SceneError, match=r"^scene, partition\.tokens: no axis has this name; the axes are i, k, j; "):
        mmviz.Scene(**BASE, partition={"tokens": 2}).layout()


def test_a_scene_lays_its_blocks_out() -> None:
    layout = mmviz.Scene(**BASE, partition={"i": 8, "ab": {"k": 3}}).layout()
    assert layout[""].blocks == (5, 1)
    assert layout["left.left"].blocks == (5, 3)
    assert layout["left.right"].blocks == (3, 1)


def test_a_document_keeps_its_partition() -> None:
    document = from_mapping(BASE | {"partition": {"i": 8, "ab": {"k": 3}}}, "scene")
    written = document.model_dump(mode="json", exclude_defaults=True)
    assert written["partition"] == {"i": 8, "ab": {"k": 3}}
    assert Document.model_validate(written) == document


# Up and down the tree, as mm does it.


@dataclass
class Counted:
    """mm's node: a product with its three counts, or a leaf."""

    path: str
    i: int = 1
    k: int = 1
    j: int = 1
    parent: "Counted | None" = None
    left: "Counted | None" = None
    right: "Counted | None" = None


def counted(node: Node, into: dict[str, Counted], parent: Counted | None = None) -> Counted | None:
    if isinstance(node, LeafNode):
        return None
    made = into[node.path] = Counted(node.path, parent=parent)
    made.left, made.right = (counted(side, into, made) for side in arguments(node))
    return made


def push_down(node: Counted) -> None:
    if node.left:
        node.left.i, node.left.j = node.i, node.k
        push_down(node.left)
    if node.right:
        node.right.i, node.right.j = node.k, node.j
        push_down(node.right)


def set_count(node: Counted, letter: str, count: int) -> None:
    """mm's fixBlocks: i goes up while the node is a left child, j while it is a right one; then all go down again."""
    setattr(node, letter, count)
    if letter != "k":
        side = "left" if letter == "i" else "right"
        while node.parent and getattr(node.parent, side) is node:
            node = node.parent
        if node.parent:
            node = node.parent
            node.k = count
        else:
            setattr(node, letter, count)
    push_down(node)


@st.composite
def cut_products(draw: st.DrawFn) -> tuple[Node, dict[str, tuple[int, int]], list[tuple[str, str, int]]]:
    """A tree of products with its shapes, and the counts that are set in it one after the other."""
    sizes = st.integers(1, 12)
    shapes: dict[str, tuple[int, int]] = {}

    def grow(path: str, rows: int, columns: int, depth: int) -> Node:
        shapes[path] = (rows, columns)
        if depth == 0 or (path and draw(st.booleans())):
            return LeafNode(path, path, path)
        inner = draw(sizes)
        left = grow(child(path, "left"), rows, inner, depth - 1)
        return ProductNode(path, path, left, grow(child(path, "right"), inner, columns, depth - 1))

    root = grow("", draw(sizes), draw(sizes), 4)
    paths = [node.path for node in walk(root) if isinstance(node, ProductNode)]
    one = st.tuples(st.sampled_from(paths), st.sampled_from("ikj"), st.integers(2, 14))
    return root, shapes, draw(st.lists(one, max_size=4))


@given(cut_products())
def test_counts_travel_as_in_mm(
    case: tuple[Node, dict[str, tuple[int, int]], list[tuple[str, str, int]]],
) -> None:
    root, shapes, settings = case
    nodes: dict[str, Counted] = {}
    top = counted(root, nodes)
    assert top is not None
    cuts: dict[str, dict[str, int]] = {}
    for path, letter, count in settings:
        if getattr(nodes[path], letter) == 1:  # an axis that has a count gets no other one
            set_count(nodes[path], letter, count)
            cuts.setdefault(path, {})[letter] = count
    read = {path: Counts(**of) for path, of in cuts.items()}
    blocks = partition(root, shapes, dict.fromkeys(shapes, ("", "")), read)
    for path, node in nodes.items():
        rows, columns = shapes[path]
        left, right = blocks[child(path, "left")], blocks[child(path, "right")]
        inner = shapes[child(path, "left")][1]
        assert blocks[path] == (cut(rows, node.i), cut(columns, node.j))
        assert left == (cut(rows, node.i), cut(inner, node.k))
        assert right == (cut(inner, node.k), cut(columns, node.j))


def test_a_scene_is_named_once_by_whatever_asks_for_its_blocks() -> None:
    square = {"init": "eye", "shape": [2, 2]}
    scene = mmviz.Scene("A @ B", {"A": square, "B": square}, partition={"x": 2})
    for ask in (scene.layout, scene.check_film):
        with pytest.raises(SceneError) as raised:
            ask()
        assert str(raised.value) == (
            "scene, partition.x: no axis has this name; the axes are i, k, j; "
            "a product takes counts of its own: {k: 4}."
        )
