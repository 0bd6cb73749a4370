"""Where the sheet behind a matrix stands: at its back, never between it and what reads it, as far as there is room."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.marks.sheet_before import (
    DEEPEST,
    DISTANCE,
    NEAREST,
    Before,
    place,
    sheet_names,
)
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.scene.keys.options import LayoutOptions, StyleOptions
from mmviz.scene.language.tree import Node, walk
from tests.picture.plans import tree


def laid_out(text: str, side: int = 4, **said: float) -> tuple[Node, Layout]:
    root = tree(text)
    return root, lay_out(root, {node.path: (side, side) for node in walk(root)}, LayoutOptions.model_validate(said))


def away(root: Node, layout: Layout, path: str) -> NDArray[np.float64]:
    """(3,): from an element of the matrix to the same one of its sheet, in cells; alike for all of them."""
    sheet, front = place(path, root, layout), layout[path]
    steps = [sheet.element(i, j) - front.element(i, j) for i in (0, 3) for j in (0, 3)]
    np.testing.assert_allclose(steps, [steps[0]] * 4)
    assert abs(steps[0] @ front.normal) == pytest.approx(float(np.linalg.norm(steps[0])))
    return steps[0]


def test_behind_a_product_is_the_inside_of_its_cube() -> None:
    root, layout = laid_out("A @ B")
    inward = layout.cubes[""].center() - layout[""].center()
    assert away(root, layout, "") @ inward > 0


def test_behind_a_sum_is_its_first_term() -> None:
    root, layout = laid_out("A @ B + C")
    step = away(root, layout, "")
    assert step @ (layout["left"].center() - layout[""].center()) > 0
    assert np.linalg.norm(step) < np.linalg.norm(layout["left"].center() - layout[""].center())


@pytest.mark.parametrize(
    ("text", "path"), [("A @ B", "left"), ("A @ B", "right"), ("A + B", "left"), ("A + B", "right")]
)
def test_a_plain_matrix_has_its_back_to_its_consumer(text: str, path: str) -> None:
    root, layout = laid_out(text)
    consumer = layout.cubes[""].center() if "@" in text else layout[""].center()
    assert away(root, layout, path) @ (layout[path].center() - consumer) > 0


def test_a_plain_matrix_alone_has_its_sheet_where_it_is_not_read_from() -> None:
    root, layout = laid_out("A")
    np.testing.assert_allclose(away(root, layout, ""), -NEAREST * layout[""].normal)


@pytest.mark.parametrize(
    ("side", "distance"),
    [(4, NEAREST), (50, DISTANCE * 50)],
)
def test_it_is_as_far_as_a_share_of_the_side_and_at_least_some_cells(side: int, distance: float) -> None:
    root, layout = laid_out("A @ B", side)
    sheet = place("left", root, layout)
    assert np.linalg.norm(sheet.origin - layout["left"].origin) == pytest.approx(distance)


def test_within_a_flat_cube_it_takes_no_more_than_its_share_of_the_depth() -> None:
    root = tree("A @ B")
    shapes = {"": (40, 40), "left": (40, 1), "right": (1, 40)}
    layout = lay_out(root, shapes, LayoutOptions(gap=2))
    distance = np.linalg.norm(place("", root, layout).origin - layout[""].origin)
    assert distance == pytest.approx(DEEPEST * (0 + 2 * 2))


def test_between_the_terms_of_a_sum_it_takes_no_more_than_its_share_of_the_way() -> None:
    root, layout = laid_out("A + B", gap=0)
    for path in ("left", ""):
        way = np.linalg.norm(layout["left"].center() - layout[""].center())
        distance = np.linalg.norm(place(path, root, layout).origin - layout[path].origin)
        assert distance == pytest.approx(min(NEAREST, DEEPEST * way))


def test_sheets_are_named_by_the_path_of_the_matrix_however_the_scene_speaks_of_it() -> None:
    root = tree("(attn = softmax(Q @ K)) @ V")
    style = StyleOptions.model_validate({"before": {"attn": "scores", "right": "values", "nobody": "x"}})
    assert sheet_names(root, style) == {"left": "scores", "right": "values"}


def test_without_numbers_of_before_there_are_no_sheets() -> None:
    none = Before.of({"left": "scores"}, None)
    assert (none.names, none.values, none.masked) == ({}, {}, {})
    assert none.finish("left", np.array([[1.5]])).dtype == np.float32
