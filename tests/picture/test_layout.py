"""Layout: every matrix stands where mm stands it, and the laws that hold for any tree."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.cube import Cube
from mmviz.picture.facing import Facing
from mmviz.picture.layout import Layout, lay_out
from mmviz.picture.placement import Placement
from mmviz.scene.options import Counts, LayoutOptions, Scheme
from mmviz.scene.partition import partition
from mmviz.scene.shapes import Shape
from mmviz.scene.tree import LeafNode, Node, ProductNode, SumNode, child, walk

ORACLE = json.loads(Path(__file__).with_name("layout_oracle.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in ORACLE["cases"]}
FACINGS = ["".join(letters) for letters in product("NP", "LR", "TB", "FB")]
# Parent, left child, right child; source: mm's scheme `blocks`, measured.
CHILDREN = [
    "NLTF PLBB PRTB",
    "NLTB PRBB PRBB",
    "NLBF PLTB PRTF",
    "NLBB PRTB PRBF",
    "NRTF PLBF PLTB",
    "NRTB PRBF PLBB",
    "NRBF PLTF PLTF",
    "NRBB PRTF PLBF",
    "PLTF NRBF NRBF",
    "PLTB NLBF NRTF",
    "PLBF NRTF NRBB",
    "PLBB NLTF NRTB",
    "PRTF NRBB NLBF",
    "PRTB NLBB NLTF",
    "PRBF NRTB NLBB",
    "PRBB NLTB NLTB",
]


@dataclass(frozen=True)
class Tree:
    """A tree with the shape of each of its matrices."""

    root: Node
    shapes: dict[str, Shape]

    def __repr__(self) -> str:
        return f"{self.root.name} {self.shapes}"


def facing(code: str) -> Facing:
    return Facing(*(letter == second for letter, second in zip(code, "PRBB", strict=True)))


def options(code: str, gap: float) -> LayoutOptions:
    return LayoutOptions(
        gap=gap,
        polarity="positive" if code[0] == "P" else "negative",
        left="right" if code[1] == "R" else "left",
        right="bottom" if code[2] == "B" else "top",
        result="back" if code[3] == "B" else "front",
    )


def measured_tree(tree: Any, path: str = "") -> Tree:
    """The tree of one of mm's cases: [rows, columns] of a matrix, [left, right] of a product."""
    left, right = tree
    if isinstance(left, int):
        return Tree(LeafNode(path, path, path), {path: (left, right)})
    a, b = (measured_tree(side, child(path, name)) for side, name in ((left, "left"), (right, "right")))
    shape = (a.shapes[a.root.path][0], b.shapes[b.root.path][1])
    return Tree(ProductNode(path, path, a.root, b.root), {**a.shapes, **b.shapes, path: shape})


# How mm calls what we call otherwise: in its layout and block groups.
PLACES = {"left placement": "left", "right placement": "right", "result placement": "result"}
AXES = {"i blocks": "i", "k blocks": "k", "j blocks": "j"}


def plain_tree(params: dict[str, Any]) -> Any:
    if not params.get("matmul", True):
        return [params["h"], params["w"]]
    return [plain_tree(params["left"]), plain_tree(params["right"])]


def groups(params: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Path, layout group and block group of every product."""
    if params.get("matmul", True):
        yield path, params.get("layout", {}), params.get("block", {})
        yield from groups(params["left"], child(path, "left"))
        yield from groups(params["right"], child(path, "right"))


def measured_layout(case: dict[str, Any]) -> Layout:
    tree = measured_tree(plain_tree(case["params"]))
    own, cuts = {}, {}
    for path, layout, block in groups(case["params"]):
        own[path] = {PLACES.get(key, key): value for key, value in layout.items()}
        counts = {AXES[key]: value for key, value in block.items()}
        # mm forces i and j of an inner product to be those of the product above, whatever its parameters say.
        cuts[path] = Counts(**counts) if path == "" else Counts(k=counts.get("k"))
    options = LayoutOptions.model_validate({**own.pop(""), "matrices": own})
    unnamed = dict.fromkeys(tree.shapes, ("", ""))
    return lay_out(tree.root, tree.shapes, options, partition(tree.root, tree.shapes, unnamed, cuts))


def cuboid(cube: Cube) -> NDArray[np.float64]:
    """(2, 3): lowest and highest corner of a product's cuboid, its gap included."""
    points = cube.corners()
    return np.stack([points.min(axis=0) - cube.gap, points.max(axis=0) + cube.gap])


def test_the_measured_cases_show_everything() -> None:
    products = [product for case in CASES.values() for product in case["products"].values()]
    layouts = [case["params"]["layout"] for case in CASES.values()]
    assert {product["facing"] for product in products} == set(FACINGS)
    assert {layout["scheme"] for layout in layouts} == set(get_args(Scheme))
    assert {layout["gap"] for layout in layouts} == {0, 1, 2, 4, 5, 8, 10, 24}
    assert {np.sign(layout["blast"]) for layout in layouts if layout["scatter"]} == {-1, 0, 1}
    assert any(0 < size < 12 for product in products for size in product["blocks"])
    assert any(distance > 0 for product in products for distance in product["scatter"])


@pytest.mark.parametrize("name", CASES)
def test_every_element_stands_where_mm_stands_it(name: str) -> None:
    case = CASES[name]
    layout = measured_layout(case)
    assert set(layout) == set(case["matrices"])
    for path, (*corners, (i, j, middle)) in case["matrices"].items():
        rows, columns = layout[path].shape
        found = layout[path].element([0, 0, rows - 1, rows - 1, i], [0, columns - 1, 0, columns - 1, j])
        np.testing.assert_allclose(found, [*corners, middle], rtol=0, atol=1e-5, err_msg=path)


@pytest.mark.parametrize("name", CASES)
def test_every_cuboid_and_the_whole_box_are_those_of_mm(name: str) -> None:
    case = CASES[name]
    layout = measured_layout(case)
    assert set(layout.cubes) == set(case["products"])
    for path, measured in case["products"].items():
        cube = layout.cubes[path]
        np.testing.assert_allclose(cuboid(cube), measured["box"], rtol=0, atol=1e-5, err_msg=path)
        sizes = [block or size for block, size in zip(cube.blocks, cube.shape, strict=True)]
        assert sizes == measured["blocks"], path
    np.testing.assert_allclose(layout.box, case["box"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("codes", CHILDREN)
def test_arguments_face_as_in_mm(codes: str) -> None:
    parent, left, right = (facing(code) for code in codes.split())
    assert parent.of_left() == left
    assert parent.of_right() == right


def test_the_root_faces_as_the_options_say() -> None:
    tree = measured_tree([[2, 3], [3, 4]])
    for code in FACINGS:
        layout = lay_out(tree.root, tree.shapes, options(code, 4.0))
        cube, center = layout.cubes[""], layout.cubes[""].center()
        assert (cube.inward[2] < 0) == (code[0] == "P")  # positive: away from the front
        assert (layout["left"].origin[0] > center[0]) == (code[1] == "R")
        assert (layout["right"].origin[1] < center[1]) == (code[2] == "B")
        assert (layout[""].origin[2] < center[2]) == (code[3] == "B")


# Laws


@st.composite
def trees(draw: st.DrawFn, depth: int, operators: str = "@+-") -> Tree:
    """A tree of at most `depth` operators one in the other."""
    shapes: dict[str, Shape] = {}
    sizes = st.integers(1, 5)

    def grow(path: str, rows: int, columns: int, left: int) -> Node:
        shapes[path] = (rows, columns)
        operator = draw(st.sampled_from(operators if path == "" else f"{operators}x")) if left else "x"
        if operator == "x":
            return LeafNode(path, path, path)
        inner = (draw(sizes),) * 2 if operator == "@" else (columns, rows)
        a = grow(child(path, "left"), rows, inner[0], left - 1)
        b = grow(child(path, "right"), inner[1], columns, left - 1)
        name = f"({a.name} {operator} {b.name})"
        return ProductNode(path, name, a, b) if operator == "@" else SumNode(path, name, a, b, operator)

    return Tree(grow("", draw(sizes), draw(sizes), depth), shapes)


facings = st.sampled_from(FACINGS)
gaps = st.sampled_from([0.0, 0.3, 1.0, 2.5, 4.0, 100.0])


def grid(rows: int, columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    return i, j


def assert_face(place: Placement, inside: NDArray[np.float64], normal: NDArray[np.float64], reach: float) -> None:
    """A matrix stands opposite the products of its own elements, `reach` away from the middle of the cube."""
    step = place.element(*grid(*place.shape)) - inside  # (rows, columns, 3)
    distance = step @ normal
    np.testing.assert_allclose(step - distance[..., None] * normal, 0, atol=1e-9)
    np.testing.assert_allclose(abs(distance), reach, atol=1e-9)
    assert len(np.unique(np.sign(distance))) <= 1


@given(trees(4), facings, gaps)
@settings(max_examples=60, deadline=None)
def test_every_matrix_is_the_face_of_the_cube_that_it_belongs_to(tree: Tree, code: str, gap: float) -> None:
    layout = lay_out(tree.root, tree.shapes, options(code, gap))
    for node in walk(tree.root):
        if not isinstance(node, ProductNode):
            continue
        cube = layout.cubes[node.path]
        rows, inner, columns = cube.shape
        assert cube.shape == (*tree.shapes[node.left.path], tree.shapes[node.right.path][1])
        reach = [(size - 1) / 2 + gap for size in cube.shape]
        for place, sides, normal, far in (
            (layout[node.path], (rows, None, columns), cube.inward, reach[1]),
            (layout[node.left.path], (rows, inner, None), cube.across, reach[2]),
            (layout[node.right.path], (None, inner, columns), cube.down, reach[0]),
        ):
            assert_face(place, middle_slice(cube, sides), normal, far)


def middle_slice(cube: Cube, sides: tuple[int | None, ...]) -> NDArray[np.float64]:
    """Places of the middle slice of a cube along the axis that is None; (rows, columns, 3)."""
    axes = [
        np.array([(size - 1) / 2]) if side is None else np.arange(side)
        for size, side in zip(cube.shape, sides, strict=True)
    ]
    return np.squeeze(cube.element(*np.meshgrid(*axes, indexing="ij")), axis=sides.index(None))


@given(trees(4), facings, gaps)
@settings(max_examples=40, deadline=None)
def test_nothing_is_stretched_and_all_is_centred(tree: Tree, code: str, gap: float) -> None:
    layout = lay_out(tree.root, tree.shapes, options(code, gap))
    steps = [np.stack([cube.down, cube.across, cube.inward]) for cube in layout.cubes.values()]
    steps += [np.stack([place.down, place.across, place.normal]) for place in layout.values()]
    for frame in steps:
        np.testing.assert_allclose(frame @ frame.T, np.eye(3), atol=1e-12)
    corners = np.concatenate([place.corners() for place in layout.values()])
    assert (corners >= layout.box[0] - 1e-9).all()
    assert (corners <= layout.box[1] + 1e-9).all()
    np.testing.assert_allclose(layout.box.mean(axis=0), 0, atol=1e-9)


def bodies(tree: Tree, layout: Layout, gap: float) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """What takes up room: the cuboid of every product, and the cells of every other matrix."""
    for path, place in layout.items():
        if path in layout.cubes:
            yield path, cuboid(layout.cubes[path])
        else:
            points = np.concatenate([place.corners(0.4) + s * 0.4 * place.normal for s in (1, -1)])
            yield path, np.stack([points.min(axis=0), points.max(axis=0)])


def assert_apart(tree: Tree, code: str, gap: float) -> None:
    """No two bodies overlap, but an argument's cells may be half in the face of its own product."""
    layout = lay_out(tree.root, tree.shapes, options(code, gap))
    for (a, first), (b, second) in combinations(bodies(tree, layout, gap), 2):
        on_face = any(x not in layout.cubes and x.rpartition(".")[0] == y for x, y in ((a, b), (b, a)))
        shared = np.minimum(first[1], second[1]) - np.maximum(first[0], second[0])
        assert on_face or (shared < 1e-9).any(), (a, b)


@given(trees(3), facings, st.sampled_from([1.0, 2.5, 4.0]))
@settings(max_examples=80, deadline=None)
def test_nothing_overlaps_in_trees_of_three_levels(tree: Tree, code: str, gap: float) -> None:
    """Deeper trees can wind back into themselves, in mm as here: the scheme looks no further than to its parent."""
    assert_apart(tree, code, gap)


@given(st.lists(st.integers(1, 6), min_size=3, max_size=14), st.sampled_from(["left", "right"]), facings)
@settings(max_examples=40, deadline=None)
def test_chains_of_any_length_do_not_overlap(sizes: list[int], side: str, code: str) -> None:
    tree: Any = [sizes[0], sizes[1]]
    for inner, columns in pairwise(sizes[1:]):
        tree = [tree, [inner, columns]]
    assert_apart(measured_tree(tree if side == "left" else turned(tree)), code, 1.0)


def turned(tree: Any) -> Any:
    """(A @ B) @ C becomes C' @ (B' @ A')."""
    left, right = tree
    return [right, left] if isinstance(left, int) else [turned(right), turned(left)]


@given(trees(3), facings, gaps)
@settings(max_examples=60, deadline=None)
def test_the_terms_of_a_sum_stand_behind_it_away_from_its_consumer(tree: Tree, code: str, gap: float) -> None:
    layout = lay_out(tree.root, tree.shapes, options(code, gap))
    for node in walk(tree.root):
        if not isinstance(node, SumNode):
            continue
        total = layout[node.path]
        away = term_distance(layout, node.left.path, total)
        farther = term_distance(layout, node.right.path, total)
        assert abs(away) >= max(gap, 1.0) - 1e-9
        assert abs(farther) >= abs(away) + max(gap, 1.0) - 1e-9
        assert away * farther > 0
        consumer = layout.cubes.get(node.path.rpartition(".")[0]) if node.path else None
        if consumer is not None and gap > 0:  # without a gap the cube itself may be flat
            assert np.dot(consumer.center() - total.origin, total.normal) * away < 0


def term_distance(layout: Layout, path: str, total: Placement) -> float:
    """How far along its normal a sum's term is from the sum; each element is behind its own sum."""
    indices = grid(*total.shape)
    step = layout[path].element(*indices) - total.element(*indices)
    np.testing.assert_allclose(step - step[:1, :1], 0, atol=1e-9)
    distance = float(step[0, 0] @ total.normal)
    np.testing.assert_allclose(step[0, 0], distance * total.normal, atol=1e-9)
    return distance


def test_a_matrix_alone_faces_the_viewer_in_the_middle() -> None:
    layout = lay_out(LeafNode("", "A", "A"), {"": (3, 5)}, LayoutOptions())
    np.testing.assert_allclose(layout[""].element([0, 2], [0, 4]), [[-2, 1, 0], [2, -1, 0]], atol=1e-12)
    np.testing.assert_allclose(layout[""].normal, [0, 0, 1], atol=1e-12)


def test_blocks_of_a_placement_are_a_gap_apart() -> None:
    down, across = np.array([0.0, -1, 0]), np.array([1.0, 0, 0])
    place = Placement((5, 6), np.zeros(3), down, across, row_block=2, column_block=3, gap=4.0)
    x = [place.element(0, j)[0] for j in range(6)]
    y = [place.element(i, 0)[1] for i in range(5)]
    assert x == [0, 1, 2, 7, 8, 9]
    assert y == [0, -1, -6, -7, -12]
