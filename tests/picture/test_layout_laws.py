"""Layout: the laws that hold for any tree, facing, gap and partition."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.space.cube import Cube
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.space.placement import Placement
from mmviz.scene.keys.options import LayoutOptions, Scheme
from mmviz.scene.keys.partition import Blocks
from mmviz.scene.language.tree import ElementwiseNode, LeafNode, walk
from tests.examples import examples
from tests.picture.trees import (
    Tree,
    cuboid,
    cut_trees,
    facings,
    gaps,
    grid,
    measured_tree,
    options,
    products,
    schemes,
    trees,
)


def assert_face(place: Placement, inside: NDArray[np.float64], normal: NDArray[np.float64], reach: float) -> None:
    """A matrix stands opposite the products of its own elements, `reach` away from the middle of the cube."""
    step = place.element(*grid(*place.shape)) - inside  # (rows, columns, 3)
    distance = step @ normal
    np.testing.assert_allclose(step - distance[..., None] * normal, 0, atol=1e-9)
    np.testing.assert_allclose(abs(distance), reach, atol=1e-9)
    assert len(np.unique(np.sign(distance))) <= 1


@given(cut_trees(4), facings, gaps, schemes)
@examples(40)
def test_every_matrix_is_the_face_of_the_cube_that_it_belongs_to(
    cut_tree: tuple[Tree, dict[str, tuple[Blocks, Blocks]]], code: str, gap: float, scheme: Scheme
) -> None:
    tree, blocks = cut_tree
    layout = lay_out(tree.root, tree.shapes, options(code, gap, scheme), blocks)
    for node in products(tree):
        cube = layout.cubes[node.path]
        rows, inner, columns = cube.shape
        assert cube.shape == (*tree.shapes[node.left.path], tree.shapes[node.right.path][1])
        far = [side / 2 + gap for side in cube.reach]
        for place, sides, normal, distance in (
            (layout[node.path], (rows, None, columns), cube.inward, far[1]),
            (layout[node.left.path], (rows, inner, None), cube.across, far[2]),
            (layout[node.right.path], (None, inner, columns), cube.down, far[0]),
        ):
            assert_face(place, middle_slice(cube, sides), normal, distance)


def middle_slice(cube: Cube, sides: tuple[int | None, ...]) -> NDArray[np.float64]:
    """Places of the middle slice of a cube along the axis that is None; (rows, columns, 3)."""
    first, last = ([np.arange(side) if side else np.array([end]) for side in sides] for end in (0, -1))
    last = [axis if axis[0] >= 0 else np.array([size - 1]) for axis, size in zip(last, cube.shape, strict=True)]
    ends = [np.squeeze(cube.element(*np.meshgrid(*axes, indexing="ij")), sides.index(None)) for axes in (first, last)]
    middle: NDArray[np.float64] = (ends[0] + ends[1]) / 2
    return middle


@given(cut_trees(4), facings, gaps, schemes)
@examples(20)
def test_blocks_of_a_matrix_are_a_gap_apart_and_its_elements_one_cell(
    cut_tree: tuple[Tree, dict[str, tuple[Blocks, Blocks]]], code: str, gap: float, scheme: Scheme
) -> None:
    tree, blocks = cut_tree
    layout = lay_out(tree.root, tree.shapes, options(code, gap, scheme), blocks)
    for path, place in layout.items():
        for axis, cut in enumerate(blocks[path]):
            index = np.arange(place.shape[axis])
            line = place.element(index, 0) if axis == 0 else place.element(0, index)
            steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
            expected = [1 + gap if i % cut.size == 0 else 1 for i in index[1:]]
            np.testing.assert_allclose(steps, expected, atol=1e-9)
            assert place.blocks[axis] == cut.count


@given(trees(4), facings, gaps)
@examples(20)
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
@examples(40)
def test_nothing_overlaps_in_trees_of_three_levels(tree: Tree, code: str, gap: float) -> None:
    """Deeper trees can wind back into themselves, in mm as here: the scheme looks no further than to its parent."""
    assert_apart(tree, code, gap)


@given(st.lists(st.integers(1, 6), min_size=3, max_size=14), st.sampled_from(["left", "right"]), facings)
@examples(20)
def test_chains_of_any_length_do_not_overlap(sizes: list[int], side: str, code: str) -> None:
    tree: Any = [sizes[0], sizes[1]]
    for inner, columns in pairwise(sizes[1:]):
        tree = [tree, [inner, columns]]
    assert_apart(measured_tree(tree if side == "left" else turned(tree)), code, 1.0)


def turned(tree: Any) -> Any:
    """(A @ B) @ C becomes C' @ (B' @ A')."""
    left, right = tree
    return [right, left] if isinstance(left, int) else [turned(right), turned(left)]


@given(cut_trees(3), facings, gaps, schemes, st.sampled_from([0.0, 3.0]))
@examples(40)
def test_the_terms_of_a_sum_stand_behind_it_away_from_its_consumer(
    cut_tree: tuple[Tree, dict[str, tuple[Blocks, Blocks]]], code: str, gap: float, scheme: Scheme, scatter: float
) -> None:
    tree, blocks = cut_tree
    layout = lay_out(tree.root, tree.shapes, options(code, gap, scheme, scatter=scatter), blocks)
    for node in walk(tree.root):
        if not isinstance(node, ElementwiseNode):
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
