"""sums: running, and the algorithm whole: term after term, what a sum has so far, and terms on their way to it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.space.cube import Cube
from mmviz.picture.time.algorithms import SUMMING
from mmviz.picture.time.planes import Plane
from mmviz.picture.time.timeline import Timeline
from mmviz.scene.keys.options import Algorithm, Fuse
from mmviz.scene.language.tree import ElementwiseNode, LeafNode, Node, ProductNode, arguments, find, walk
from tests.arrays import assert_equal
from tests.picture.test_timeline import ALGORITHMS, Recipe, assert_same, in_flight, indices_at, laws, recipes

Numbers = NDArray[np.float64]
MIXED: tuple[Algorithm, ...] = (*ALGORITHMS, "whole", "whole")


@st.composite
def running(draw: st.DrawFn, algorithms: tuple[Algorithm, ...] = MIXED, sums: str = "running") -> Recipe:
    recipe = draw(recipes(algorithms=algorithms))
    fuse = draw(st.sampled_from(get_args(Fuse)))
    return replace(recipe, options=recipe.options.model_copy(update={"sums": sums, "fuse": fuse}))


def adding(timeline: Timeline) -> list[ElementwiseNode]:
    return [node for node in walk(timeline.root) if isinstance(node, ElementwiseNode) and node.sign != "*"]


def products_of(node: Node) -> Iterator[ProductNode]:
    return (below for below in walk(node) if isinstance(below, ProductNode))


def finished(timeline: Timeline) -> dict[str, int]:
    """By path the step from which a matrix is complete, by the ends of the runs of all that it is made of."""
    found: dict[str, int] = {}
    for node in walk(timeline.root):
        if isinstance(node, LeafNode):
            found[node.path] = 0 if node.target is None else found[node.target]
        elif node.path in timeline.schedule.runs:
            found[node.path] = timeline.schedule.runs[node.path].end
        else:
            found[node.path] = max(found[argument.path] for argument in arguments(node))
    return found


def used_before(timeline: Timeline, node: ElementwiseNode) -> set[str]:
    """Products of the right term that a product of the left one, or an earlier term, needs: these cannot wait."""
    order = [below.path for below in walk(timeline.root)]
    left = order.index(node.left.path)
    return {below.path for below in products_of(node.right) if order.index(below.path) < left}


@given(running())
@laws
def test_products_of_a_term_start_when_the_term_before_it_is_finished(recipe: Recipe) -> None:
    timeline = recipe.make()
    ready, runs = finished(timeline), timeline.schedule.runs
    for node in adding(timeline):
        for product in products_of(node.right):
            if product.path in used_before(timeline, node):
                continue
            assert runs[product.path].start >= ready[node.left.path], (product.path, node.path)


def at_once(timeline: Timeline, node: Node, t: int, ready: dict[str, int]) -> bool:
    """True where a matrix that is still to come does so all at once, or changes until it is finished."""
    if t >= ready[node.path]:
        return False
    if isinstance(node, ProductNode):
        return timeline.schedule.runs[node.path].algorithm in {*SUMMING, "whole"}
    if isinstance(node, LeafNode):
        target = next(below for below in walk(timeline.root) if below.path == node.target)
        return at_once(timeline, target, t, ready)
    return any(at_once(timeline, term, t, ready) for term in arguments(node))


def so_far(timeline: Timeline, node: Node, t: int, ready: dict[str, int]) -> Numbers:
    """(rows, columns): what a term adds to its sum at a step, from the terms that it is made of in its turn."""
    end: Numbers = timeline.frame(timeline.steps)[node.path].values.astype(float)
    if t >= ready[node.path]:
        return end
    if isinstance(node, ElementwiseNode) and node.sign != "*":
        left = so_far(timeline, node.left, t, ready)
        if t < ready[node.left.path]:
            return left
        right = so_far(timeline, node.right, t, ready)
        return left + right if node.sign == "+" else left - right
    if at_once(timeline, node, t, ready):
        return np.zeros_like(end)
    visible = timeline.frame(t)[node.path].visible
    again = isinstance(node, LeafNode) and any(node.target == total.path for total in adding(timeline))
    return np.zeros_like(end) if again else np.where(visible, end, 0.0)


@given(running())
@laws
def test_a_sum_shows_its_finished_terms_and_the_final_cells_of_the_one_that_comes(recipe: Recipe) -> None:
    timeline = recipe.make()
    ready = finished(timeline)
    for t in range(timeline.steps + 1):
        frame = timeline.frame(t)
        for node in adding(timeline):
            shown = frame[node.path]
            expected = so_far(timeline, node, t, ready)
            there = shown.visible
            np.testing.assert_allclose(shown.values[there], expected[there], rtol=1e-5, atol=1e-5)
            if t < ready[node.path]:
                np.testing.assert_allclose(expected[~there], 0.0)


@given(running())
@laws
def test_nothing_starts_before_what_it_needs(recipe: Recipe) -> None:
    timeline = recipe.make()
    ready, end = finished(timeline), timeline.frame(timeline.steps)
    assert set(timeline.schedule.runs) == set(timeline.products)
    for step in range(timeline.steps):
        frame = timeline.frame(step)
        assert timeline.schedule.running(step)
        for plane in frame.planes:
            if plane.kind != "plane":
                continue
            node = timeline.products[plane.owner]
            places = plane.element(*np.indices(plane.shape))
            i, k, j = indices_at(timeline.cubes[plane.owner], places)
            for side, rows, columns in ((node.left, i, k), (node.right, k, j)):
                state = frame[side.path]
                assert state.visible[rows, columns].all()
                assert_equal(state.values[rows, columns], end[side.path].values[rows, columns])
                assert step >= ready[side.path] or side not in adding(timeline)
    for path, run in timeline.schedule.runs.items():
        for side in (timeline.products[path].left, timeline.products[path].right):
            if run.algorithm == "whole" and ready[side.path] > run.start:
                assert ready[side.path] == run.end
                assert {timeline.schedule.runs[p.path].algorithm for p in products_of(side)} >= {"whole"}


@given(running())
@laws
def test_all_products_fly_or_are_computed_whole_and_all_ends_as_it_does_together(recipe: Recipe) -> None:
    timeline = recipe.make()
    together = replace(recipe, options=recipe.options.model_copy(update={"sums": "together"})).make()
    assert_same(timeline.frame(timeline.steps), together.frame(together.steps))
    flown = {path: np.zeros(cube.shape, int) for path, cube in timeline.cubes.items()}
    for step in range(timeline.steps):
        for plane in in_flight(timeline.frame(step)):
            np.add.at(flown[plane.owner], indices_at(*cube_and_places(timeline, plane)), 1)
    for path, run in timeline.schedule.runs.items():
        assert (flown[path] == (run.algorithm != "whole")).all()
        assert run.algorithm != "whole" or run.steps == 1


def cube_and_places(timeline: Timeline, plane: Plane) -> tuple[Cube, Numbers]:
    return timeline.cubes[plane.owner], plane.element(*np.indices(plane.shape))


@given(running())
@laws
def test_a_frame_with_running_sums_does_not_depend_on_which_were_asked_before(recipe: Recipe) -> None:
    timeline, again = recipe.make(), recipe.make()
    times = [step / 2 for step in range(2 * timeline.steps + 1)][-12:]
    forward = [timeline.frame(t) for t in times]
    for t, frame in reversed(list(zip(times, forward, strict=True))):
        assert_same(again.frame(t), frame)


SHAPES = {"A": (4, 3), "B": (3, 5), "C": (4, 2), "D": (2, 5), "R": (4, 5), "P": (5, 2)}


def film(expr: str, **animation: Any) -> Scene:
    names = sorted(set(re.findall(r"\w+", expr)) & set(SHAPES))
    tensors = {name: {"init": "gaussian", "shape": SHAPES[name], "seed": n} for n, name in enumerate(names)}
    return Scene(expr, tensors, animation={"algorithm": "whole", "sums": "running", **animation})


def double(made: Scene, name: str) -> Numbers:
    node = find(made.root, name)
    assert node is not None
    return made.values()[node.path].astype(float)


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("s = (a = A @ B) + (c = C @ D)", [("a", 1), ("c", 1)]),
        ("s = (a = A @ B) - (c = C @ D)", [("a", 1), ("c", -1)]),
        ("s = R - ((a = A @ B) - (c = C @ D))", [("a", -1), ("c", 1)]),
        ("s = R + (a = A @ B) + (c = C @ D)", [("a", 1), ("c", 1)]),
        ("s = R - (a = A @ B) - (c = C @ D) + R", [("a", -1), ("c", -1)]),
        ("s = (a = A @ B) + (e = (c = C @ D) * R)", [("a", 1), ("e", 1)]),
        ("s = (a = A @ B) + (e = relu(R - (c = C @ D)))", [("a", 1), ("e", 1)]),
    ],
)
def test_terms_fly_from_their_sheets_to_the_outermost_sum_with_their_signs(
    expr: str, parts: list[tuple[str, int]]
) -> None:
    made = film(expr)
    timeline, layout = made.timeline(), made.layout()
    assert timeline.steps == len(parts)
    for step, (name, sign) in enumerate(parts):
        node = find(made.root, name)
        assert node is not None
        for share, target in ((0.0, layout[node.path]), (0.99999, layout[""])):
            planes = [p for p in timeline.frame(step + share).planes if p.kind == "term" and p.owner == ""]
            (plane,) = planes
            assert_equal(plane.values, sign * made.values()[node.path])
            np.testing.assert_allclose(plane.placement.corners(), target.corners(), atol=1e-2)
    assert timeline.frame(timeline.steps).planes == ()


def test_under_a_function_terms_fly_to_the_sum_that_wears_it_and_that_flies_on() -> None:
    made = film("s = (a = A @ B) + (e = relu(R - (c = C @ D)))")
    timeline, layout = made.timeline(), made.layout()
    for share, place in ((0.0, "right.right"), (0.99999, "right")):
        planes = {plane.owner: plane for plane in timeline.frame(1 + share).planes}
        assert set(planes) == {"", "right"}
        assert_equal(planes["right"].values, -made.values()["right.right"])
        np.testing.assert_allclose(planes["right"].placement.corners(), layout[place].corners(), atol=1e-2)
        assert_equal(planes[""].values, made.values()["right"])


def test_a_sum_under_a_function_counts_in_another_one_when_it_is_finished() -> None:
    made = film("s = R + (e = relu((a = A @ B) - (c = C @ D)))")
    r, e = double(made, "R"), double(made, "e")
    for step, expected in enumerate((r, r, r + e)):
        frame = made.timeline().frame(step)
        assert frame[""].visible.all()
        np.testing.assert_allclose(frame[""].values, expected, rtol=1e-5, atol=1e-6)


def test_a_first_term_under_a_function_is_shown_in_the_sum_when_it_is_finished() -> None:
    timeline = film("s = relu((a = A @ B) - (c = C @ D)) + R").timeline()
    assert [timeline.frame(step)[""].visible.mean() for step in range(3)] == [0, 0, 1]
    assert [timeline.frame(step)["left"].visible.mean() for step in range(3)] == [0, 1, 1]


def test_terms_that_fly_in_one_step_are_told_from_each_other() -> None:
    timeline = film("s = (a = A @ B) + relu(a) - tanh(a)").timeline()
    keys = [plane.key for plane in timeline.frame(0).planes]
    assert len(keys) == len(set(keys)) == 3


def test_a_sum_shows_its_functions_of_what_it_has_so_far() -> None:
    made = film("s = relu((a = A @ B) - (c = C @ D) + (e = A @ B) - R)")
    timeline = made.timeline()
    a, c, r = (double(made, name) for name in "acR")
    assert timeline.steps == 3
    assert not timeline.frame(0)[""].visible.any()
    for step, total in ((1, a), (2, a - c), (3, a - c + a - r)):
        np.testing.assert_allclose(timeline.frame(step)[""].values, np.maximum(total, 0), rtol=1e-5, atol=1e-6)


def test_a_first_term_that_is_a_plain_matrix_is_shown_in_the_sum_from_the_start() -> None:
    made = film("s = R + (a = A @ B) - (c = C @ D)", algorithm="vmprod")
    timeline = made.timeline()
    assert timeline.steps == 8
    a, c, r = (double(made, name) for name in "acR")
    for step in range(8):
        rows = np.arange(4)[:, None]
        expected = r + np.where(rows <= step, a, 0) - np.where(rows <= step - 4, c, 0)
        assert {plane.kind for plane in timeline.frame(step).planes} == {"plane"}  # what comes by rows does not fly
        assert timeline.frame(step)[""].visible.all()
        np.testing.assert_allclose(timeline.frame(step)[""].values, expected, rtol=1e-5, atol=1e-6)


def test_a_single_product_in_a_sum_is_added_row_by_row_as_well() -> None:
    made = film("s = R - (a = A @ B)", algorithm="vmprod")
    a, r = double(made, "a"), double(made, "R")
    for step in range(4):
        expected = r - np.where(np.arange(4)[:, None] <= step, a, 0)
        frame = made.timeline().frame(step)
        assert frame[""].visible.all()
        np.testing.assert_allclose(frame[""].values, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("fuse", get_args(Fuse))
def test_no_product_takes_the_rows_of_a_running_sum_before_it_is_finished(fuse: str) -> None:
    for text in ("(R + A @ B) @ P", "relu(A @ B - R) @ P", "(A @ B + R) * R @ P"):
        timeline = film(text, algorithm="vmprod", fuse=fuse).timeline()
        assert timeline.steps == 4 + 4, text
    assert not timeline.frame(3)["left"].visible.any()
    assert timeline.frame(4)["left"].visible.all()


@pytest.mark.parametrize("fuse", get_args(Fuse))
def test_what_is_computed_whole_takes_one_step_with_all_that_it_is_made_of_where_products_fuse(fuse: str) -> None:
    timeline = film("s = relu(A @ B) @ P @ D + C @ D", fuse=fuse).timeline()
    assert timeline.steps == (4 if fuse in ("none", "decode") else 2)
    right = film("C @ (D @ relu(P @ D))", fuse=fuse).timeline()
    assert right.steps == (3 if fuse in ("none", "decode") else 1)


def test_what_is_computed_whole_is_not_there_before_its_step() -> None:
    timeline = film("A @ B @ P @ D", fuse="none").timeline()
    for step in range(3):
        there = {path: timeline.frame(step)[path].visible for path in timeline.products}
        assert [there[path].mean() for path in ("left.left", "left", "")] == [1, step > 0, step > 1]


def test_what_a_later_term_uses_again_is_computed_with_the_first_term() -> None:
    timeline = film("s = (K = A @ B) @ P @ D + K @ P @ D + R", fuse="chain").timeline()
    runs = {timeline.products[path].name: run for path, run in timeline.schedule.runs.items()}
    assert runs["K"].start == 0
    assert timeline.steps == 2


@pytest.mark.parametrize("fuse", get_args(Fuse))
def test_a_later_term_that_is_needed_before_its_sum_does_not_wait_for_the_first_one(fuse: str) -> None:
    """A transposed product takes its arguments the other way round, so that K is used again before the sum."""
    for text, start in (("((c = C @ D) + (K = A @ B)) @ K.T", 1), ("(((c = C @ D) + (K = A @ B)) @ K.T).T", 0)):
        timeline = film(text, fuse=fuse).timeline()
        (path,) = (path for path, node in timeline.products.items() if node.name in ("K", "K.T"))
        assert timeline.schedule.runs[path].start == start


@pytest.fixture(scope="module")
def heads() -> Scene:
    return Scene.load("heads_one_by_one")


def test_nine_heads_take_nine_steps_and_add_up_head_by_head(heads: Scene) -> None:
    timeline = heads.timeline()
    assert timeline.steps == 9
    total = np.zeros_like(double(heads, "r0"))
    for head in range(9):
        frame = timeline.frame(head)
        np.testing.assert_allclose(frame[""].values, total, rtol=1e-5, atol=1e-5)
        assert frame[""].visible.all() == (head > 0)
        (term,) = (plane for plane in frame.planes if plane.kind == "term")
        assert_equal(term.values, double(heads, f"r{head}").astype(np.float32))
        names = {timeline.products[path].name for path in timeline.schedule.running(head)}
        assert names == {f"{letter}{head}" for letter in ("r", "z", "attn")}
        total += double(heads, f"z{head}") @ double(heads, f"wO{head}")
    np.testing.assert_allclose(heads.values()[""], total, rtol=1e-4, atol=1e-5)
    assert timeline.frame(9)[""].values is heads.values()[""]
