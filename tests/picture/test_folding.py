"""Axes that are drawn shorter than they are: every matrix and every product keeps its place among the others."""

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.errors import SceneError
from mmviz.picture.marks.guides import MARGIN, outline
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.space.placement import Placement
from mmviz.scene.document import from_mapping
from mmviz.scene.keys.folding import folding
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.keys.partition import partition
from mmviz.scene.language.tree import ProductNode
from tests.picture.trees import Tree, gaps, products, trees

DOWN, ACROSS = np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0])
WIDE: dict[str, Any] = {
    "expr": "AB = A @ B",
    "tensors": {"A": {"init": "rows", "shape": [3, 12]}, "B": {"init": "cols", "shape": [12, 4]}},
    "layout": {"fold": {"k": 6}},
}

letters = st.dictionaries(st.sampled_from("ij"), st.integers(1, 5))
folds_of_letters = st.dictionaries(st.sampled_from("ij"), st.sampled_from([0.25, 0.5, 1, 2, 3, 5]))


def laid_out(
    tree: Tree, folds: dict[str, float], cuts: dict[str, int] | None = None, *, gap: float | Literal["auto"] = "auto"
) -> Layout:
    names = dict.fromkeys(tree.shapes, ("", ""))
    blocks = partition(tree.root, tree.shapes, names, cuts or {})
    return lay_out(tree.root, tree.shapes, LayoutOptions(gap=gap), blocks, folding(tree.root, names, folds))


def flat(placement: Placement, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points without their distance from a matrix's plane."""
    return points - (points @ placement.normal)[..., None] * placement.normal


@given(trees(3), folds_of_letters, letters)
def test_each_product_stands_before_the_elements_that_it_is_made_of(
    tree: Tree, folds: dict[str, float], cuts: dict[str, int]
) -> None:
    layout = laid_out(tree, folds, cuts)
    for node in products(tree):
        cube = layout.cubes[node.path]
        i, k, j = np.ogrid[: cube.shape[0], : cube.shape[1], : cube.shape[2]]
        places = cube.element(i, k, j)
        for side, rows, columns in ((node, i, j), (node.left, i, k), (node.right, k, j)):
            matrix = layout[side.path]
            expected = np.broadcast_to(matrix.element(rows, columns), places.shape)
            np.testing.assert_allclose(flat(matrix, places), flat(matrix, expected), atol=1e-9)


@given(trees(3), st.dictionaries(st.sampled_from("ijk"), st.sampled_from([0.125, 0.5, 1, 3])), gaps)
def test_elements_that_are_drawn_longer_stay_within_their_outline_and_a_gap_from_other_faces(
    tree: Tree, folds: dict[str, float], gap: float
) -> None:
    if not isinstance(tree.root, ProductNode):
        folds.pop("k", None)
    layout = laid_out(tree, folds, gap=gap)
    for place in layout.values():
        rows, columns = np.array(place.shape) - 1
        ends = place.spot([-0.5, rows + 0.5], [-0.5, columns + 0.5])  # of what the outermost cells are drawn as
        outline = place.corners(MARGIN)[[0, 2]]
        for way in (place.down, place.across):
            assert outline[0] @ way < ends[0] @ way < ends[1] @ way < outline[1] @ way
    for node in products(tree):
        cube = layout.cubes[node.path]
        for side, reach, step in zip((node.right, node, node.left), cube.reach, cube.steps, strict=True):
            off = (layout[side.path].center() - cube.center()) @ layout[side.path].normal
            assert abs(off) - reach / 2 - max(1.0, step) / 2 == pytest.approx(gap - 0.5)
        np.testing.assert_allclose(cube.partial(cube.nearest).origin, layout[node.path].origin, atol=1e-9)


@given(trees(2), folds_of_letters)
def test_an_axis_is_as_many_times_shorter_as_it_is_folded(tree: Tree, folds: dict[str, float]) -> None:
    true, drawn = laid_out(tree, {}), laid_out(tree, folds)
    names = dict.fromkeys(tree.shapes, ("", ""))
    for path, factors in folding(tree.root, names, folds).items():
        np.testing.assert_allclose(np.multiply(drawn[path].reach, factors), true[path].reach, atol=1e-9)
        np.testing.assert_allclose(drawn[path].steps, 1 / np.array(factors))
    assert drawn[""].folds == (folds.get("i", 1), folds.get("j", 1))


@given(st.integers(1, 9), st.integers(1, 9))
def test_gaps_between_blocks_stay_as_wide_as_they_are(row_fold: int, column_fold: int) -> None:
    place = Placement((6, 8), np.zeros(3), DOWN / row_fold, ACROSS / column_fold, 3, 2, 4.0)
    np.testing.assert_allclose(place.element(3, 0) - place.element(2, 0), (4 + 1 / row_fold) * DOWN, atol=1e-12)
    np.testing.assert_allclose(place.element(0, 2) - place.element(0, 1), (4 + 1 / column_fold) * ACROSS, atol=1e-12)
    np.testing.assert_allclose(place.center(), place.corners(1.0).mean(axis=0), atol=1e-12)


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        ({"k": 0}, "scene, layout.fold.k: must be 0.001 or more, got 0."),
        ({"k": "none"}, 'scene, layout.fold.k: must be a number, got "none".'),
    ],
)
def test_a_fold_that_cannot_be_is_refused(folds: dict[str, Any], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        from_mapping({**WIDE, "layout": {"fold": folds}}, "scene")
    assert str(caught.value) == message


def test_an_axis_that_is_not_there_or_is_folded_in_two_ways_is_refused() -> None:
    wide = from_mapping(WIDE, "scene").tree()
    names = {"": ("tokens", ""), "left": ("tokens", ""), "right": ("", "")}
    for folds, message in (
        ({"d_model": 2}, "d_model: no axis has this name; the axes are i, k, j, tokens."),
        ({"i": 2, "tokens": 3}, "tokens: must be 2, got 3; layout.fold.i folds the same axis."),
    ):
        with pytest.raises(SceneError) as caught:
            folding(wide, names, folds)
        assert str(caught.value) == f"scene, layout.fold.{message}"
    tensors = {name: {"init": "rows", "shape": [3, 4]} for name in "AB"}
    with pytest.raises(SceneError) as caught:
        Scene("S = A + B", tensors, layout={"fold": {"k": 2}}).layout()
    assert str(caught.value) == "scene, layout.fold.k: S is no product, so it has no k."


def test_a_side_that_is_drawn_shorter_is_broken() -> None:
    plain, folded = (Placement((4, 12), np.zeros(3), DOWN, ACROSS / fold) for fold in (1, 6))
    whole, broken = (outline("x", place)[0].points for place in (plain, folded))
    assert len(whole) == 2 * 5, "four sides and the corner"
    assert len(broken) == 2 * (2 * 4 + 2 + 1), "two sides in two pieces with two strokes"


def test_a_thin_axis_is_longer_beside_large_matrices_and_all_that_share_it_with_it() -> None:
    scene = Scene("(q @ K) @ V", {"q": zeros(1, 16), "K": zeros(16, 200), "V": zeros(200, 64)})
    layout = scene.placed
    assert {path: place.steps for path, place in layout.items()} == {
        "": (5.0, 1.0),
        "left": (5.0, 1.0),
        "left.left": (5.0, 1.0),
        "left.right": (1.0, 1.0),
        "right": (1.0, 1.0),
    }


@pytest.mark.parametrize("layout", [{"gap": 3}, {"fold": {"i": 1}}])
def test_a_gap_in_cells_and_a_fold_that_is_said_keep_the_proportions(layout: dict[str, Any]) -> None:
    scene = Scene("q @ K", {"q": zeros(1, 16), "K": zeros(16, 200)}, layout=layout)
    assert {place.steps for place in scene.placed.values()} == {(1.0, 1.0)}


@pytest.mark.parametrize(
    ("rows", "columns", "step"), [(1, 40, 1.0), (1, 80, 2.0), (8, 400, 1.0), (8, 800, 2.0), (9, 9000, 1.0)]
)
def test_only_what_would_hardly_be_seen_becomes_thicker(rows: int, columns: int, step: float) -> None:
    scene = Scene("A", {"A": {"init": "eye", "shape": [rows, columns]}})
    assert scene.placed[""].steps == (step, 1.0)


def zeros(rows: int, columns: int) -> dict[str, Any]:
    return {"formula": "0", "shape": [rows, columns]}
