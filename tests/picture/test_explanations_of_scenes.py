"""Explained elements of the scenes that come with mmviz: products, stages, terms and references, held against numpy."""

from math import sqrt

import numpy as np
import pytest

from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.picture.cell.explanation import Again, Cell, Explanation, Products, Source, Terms, explain
from mmviz.picture.composition import Composition
from mmviz.scene.language.tree import ElementwiseNode, LeafNode, Node, ProductNode, walk
from tests.picture.test_explanation import CLOSE, number


@pytest.fixture(scope="module", params=scene_names())
def composition(request: pytest.FixtureRequest) -> Composition:
    return Scene.load(request.param).composition


def some_cells(composition: Composition, count: int = 4) -> list[tuple[Node, int, int]]:
    """Some cells of every matrix, by chance, masked ones included; always the same ones."""
    chance = np.random.default_rng(7)
    cells = []
    for node in walk(composition.root):
        rows, columns = composition.values[node.path].shape
        cells += [(node, int(chance.integers(rows)), int(chance.integers(columns))) for _ in range(count)]
    return cells


def scale_of(composition: Composition, explanation: Explanation) -> float:
    """The largest number that went into an element: what rounding errors are measured by."""
    numbers = [explanation.value, explanation.origin.total, *(stage.before for stage in explanation.stages)]
    if isinstance(explanation.origin, Products):
        numbers.append(float(np.abs(explanation.origin.product).sum()))
    row = composition.values[explanation.cell.path][explanation.cell.i]
    return max(float(np.abs(row).max()), *map(abs, numbers), 1e-30)


@pytest.mark.slow
def test_the_products_of_every_shipped_scene_are_all_there_ranked_and_add_up(composition: Composition) -> None:
    for node, i, j in some_cells(composition):
        if not isinstance(node, ProductNode):
            continue
        found = explain(composition, node.path, i, j).origin
        assert isinstance(found, Products)
        left = composition.values[node.left.path][i].astype(np.float64)
        right = composition.values[node.right.path][:, j].astype(np.float64)
        assert sorted(found.k) == list(range(len(left)))
        np.testing.assert_array_equal(found.left, left[found.k])
        np.testing.assert_array_equal(found.right, right[found.k])
        np.testing.assert_array_equal(found.product, left[found.k] * right[found.k])
        assert (np.diff(np.abs(found.product)) <= 0).all()
        size = np.abs(left * right).sum()
        assert found.total == pytest.approx(left @ right, abs=1e-12 * size)
        np.testing.assert_allclose(found.running, np.cumsum(left[found.k] * right[found.k]), atol=1e-12 * size)
        assert found.share.sum() == pytest.approx(1.0 if size else 0.0)
        assert (found.left[found.masked] * found.right[found.masked] == 0).all()


def test_the_stages_of_every_shipped_scene_lead_from_the_sum_to_what_is_shown(composition: Composition) -> None:
    for node, i, j in some_cells(composition):
        found = explain(composition, node.path, i, j)
        close = CLOSE * scale_of(composition, found)
        assert len(found.stages) == len(node.worn)
        numbers = [found.origin.total, *(stage.after for stage in found.stages)]
        assert [stage.before for stage in found.stages] == pytest.approx(numbers[:-1], abs=close)
        assert numbers[-1] == pytest.approx(float(composition.values[node.path][i, j]), abs=close)
        assert found.value == composition.values[node.path][i, j]


def test_sums_and_elementwise_products_of_every_shipped_scene_name_their_two_terms(composition: Composition) -> None:
    for node, i, j in some_cells(composition):
        if not isinstance(node, ElementwiseNode):
            continue
        found = explain(composition, node.path, i, j).origin
        assert isinstance(found, Terms)
        left, right = (float(composition.values[side.path][i, j]) for side in (node.left, node.right))
        assert (found.left.value, found.right.value) == (left, right)
        assert found.left.cell == Cell(node.left.path, i, j)
        assert found.right.cell == Cell(node.right.path, i, j)
        assert found.total == {"+": left + right, "-": left - right, "*": left * right}[node.sign]


def test_references_of_every_shipped_scene_lead_to_the_matrix_that_they_show(composition: Composition) -> None:
    nodes = {node.path: node for node in walk(composition.root)}
    for node, i, j in some_cells(composition):
        if not isinstance(node, LeafNode):
            continue
        found = explain(composition, node.path, i, j).origin
        if node.target is None:
            assert isinstance(found, Source)
            assert (found.i, found.j) == ((j, i) if node.transposed else (i, j))
            continue
        assert isinstance(found, Again)
        assert found.target.cell == (Cell(node.target, j, i) if node.transposed else Cell(node.target, i, j))
        if node.depth == len(nodes[node.target].worn):
            assert found.before == ""
            assert found.total == pytest.approx(found.target.value, abs=1e-30)


def test_softmaxes_of_every_shipped_scene_tell_maximum_and_sum_of_the_row(composition: Composition) -> None:
    for node, i, j in some_cells(composition, 12):
        if not isinstance(node, ProductNode) or [w.function for w in node.worn[-3:]] != ["scale", "tril", "softmax"]:
            continue
        left = composition.values[node.left.path].astype(np.float64)
        scores = left @ composition.values[node.right.path] / sqrt(left.shape[1])
        final = explain(composition, node.path, i, j).stages[-1]
        assert final.masked == (j > i)
        if j > i:
            assert final.after == 0
            continue
        seen = scores[i, : i + 1]
        assert number(final, "maximum") == pytest.approx(seen.max())
        assert number(final, "sum") == pytest.approx(np.exp(seen - seen.max()).sum())
        assert number(final, "exp") == pytest.approx(np.exp(scores[i, j] - seen.max()))
        assert number(final, "exp") / number(final, "sum") == pytest.approx(final.after)


def test_the_terms_of_every_rotary_embedding_add_up(composition: Composition) -> None:
    for node, i, j in some_cells(composition):
        for stage in explain(composition, node.path, i, j).stages:
            if stage.function == "rope":
                *_, first, second = (quantity.value for quantity in stage.quantities)
                size = abs(number(stage, "partner")) + abs(stage.before)
                assert first + second == pytest.approx(stage.after, abs=CLOSE * size)
                assert number(stage, "cos") ** 2 + number(stage, "sin") ** 2 == pytest.approx(1)
