"""When sums, differences and elementwise products appear: with their terms, and as a part of one sweep."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from mmviz.picture.time.algorithms import SUMMING
from mmviz.picture.time.planes import Matrix
from mmviz.picture.time.timeline import Frame, Timeline
from mmviz.scene.keys.options import Algorithm, AnimationOptions, Fuse
from mmviz.scene.language.tree import ElementwiseNode, walk
from tests.arrays import assert_equal
from tests.picture.test_timeline import Recipe, animate, laws, recipes

SHAPES = {"X": (4, 3), "W": (3, 5), "V": (5, 3), "G": (3, 5), "Y": (4, 5), "S": (4, 4), "Z": (4, 3), "B": (3, 2)}
SHAPES |= {"A": (2, 5)}


def film(text: str, algorithm: Algorithm = "vmprod", fuse: str = "chain", **own: Algorithm) -> Timeline:
    chance = np.random.default_rng(5)
    tensors = {name: chance.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}
    matrices = {path.replace("_", "."): order for path, order in own.items()}
    options = AnimationOptions.model_validate({"algorithm": algorithm, "fuse": fuse, "matrices": matrices})
    return animate(text, tensors, options)


def sums(timeline: Timeline) -> list[ElementwiseNode]:
    return [node for node in walk(timeline.root) if isinstance(node, ElementwiseNode)]


def final(timeline: Timeline, frame: Frame, path: str) -> NDArray[np.bool_]:
    """The cells that are there with their last value."""
    last: Matrix = timeline.frame(timeline.steps)[path].values
    run = timeline.schedule.runs.get(path)
    if run is not None and run.algorithm in SUMMING and any(plane.owner == path for plane in frame.planes):
        return np.zeros(last.shape, np.bool_)
    there: NDArray[np.bool_] = np.logical_and(frame[path].visible, frame[path].values == last)
    return there


@given(recipes())
@laws
def test_a_cell_of_a_sum_is_there_only_where_both_its_terms_are_final(recipe: Recipe) -> None:
    timeline = recipe.make()
    for step in range(timeline.steps + 1):
        frame = timeline.frame(step)
        for node in sums(timeline):
            there = frame[node.path].visible
            for term in (node.left, node.right):
                assert np.broadcast_to(final(timeline, frame, term.path), there.shape)[there].all()


@given(recipes(algorithms=("vmprod",), turned=False, selecting=False))
@laws
def test_where_all_goes_by_rows_a_row_of_a_sum_is_there_as_soon_as_those_of_its_terms(recipe: Recipe) -> None:
    timeline = recipe.make()
    for step in range(timeline.steps + 1):
        frame = timeline.frame(step)
        for node in sums(timeline):
            both = frame[node.left.path].visible & frame[node.right.path].visible
            assert_equal(frame[node.path].visible, both)


@given(recipes())
@laws
def test_a_sum_begins_with_its_first_cells_and_is_ready_with_its_last(recipe: Recipe) -> None:
    timeline = recipe.make()
    frames = [timeline.frame(step) for step in range(timeline.steps + 1)]
    for node in sums(timeline):
        first = next(step for step, frame in enumerate(frames) if frame[node.path].visible.any())
        assert timeline.schedule.begins[node.path] == first
        assert frames[timeline.schedule.ready[node.path]][node.path].visible.all()


@given(recipes())
@laws
def test_the_cells_that_a_sum_has_just_got_are_lit_in_its_terms(recipe: Recipe) -> None:
    timeline = recipe.make()
    before = {node.path: np.zeros(timeline.frame(0)[node.path].shape, bool) for node in sums(timeline)}
    for step in range(timeline.steps):
        frame = timeline.frame(step)
        for node in sums(timeline):
            there = frame[node.path].visible
            if step < timeline.schedule.ready[node.path]:
                new = there & ~before[node.path]
                for term in (node.left, node.right):
                    lit = frame[term.path].highlighted
                    assert lit.shape != new.shape or lit[new].all()
            before[node.path] = there


@pytest.mark.parametrize(
    ("text", "algorithm", "own", "steps"),
    [
        ("X + X @ W @ V", "vmprod", {}, 4),  # a residual block
        ("((X @ W) * (X @ G)) @ V", "vmprod", {}, 4),  # a gated MLP
        ("X + ((X @ W) * (X @ G)) @ V", "vmprod", {}, 4),
        ("relu(X @ W + Y) @ V", "vmprod", {}, 4),
        ("softmax(X @ W + Y) @ V", "vmprod", {}, 4),
        ("(X @ W + X @ G - Y) @ V", "vmprod", {}, 4),
        ("(X + X @ W @ V) @ W", "vmprod", {}, 4),
        ("(Y + X @ W - Y) @ V", "vmprod", {}, 4),
        ("softmax((X @ W + Y).T).T @ V", "vmprod", {}, 4 + 4),  # by columns: a row is final at the end
        ("(softmax((X @ W).T).T + Y) @ V", "vmprod", {}, 4 + 4),
        ("X @ (W + B @ A)", "vmprod", {}, 3 + 4),  # LoRA: the right argument is needed whole
        ("X @ (W + B @ A)", "mvprod", {}, 5),  # by columns it is not
        ("X @ (W * (B @ A))", "mvprod", {}, 5),
        ("(X @ W + Y) @ V", "vvprod", {"left.left": "mvprod"}, 5),
        ("(X @ W + Y) @ V", "vmprod", {"left.left": "mvprod"}, 5 + 4),
        ("(X @ W + X @ G) @ V", "vmprod", {"left.right": "mvprod"}, 5 + 4),
        ("X @ W + X @ G", "vmprod", {}, 4),  # side by side
    ],
)
def test_a_group_goes_through_a_sum(text: str, algorithm: Algorithm, own: dict[str, Algorithm], steps: int) -> None:
    assert film(text, algorithm, **own).steps == steps


@pytest.mark.parametrize("fuse", ["sync", "async", "chain", "decode"])
@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("softmax(X @ W + Y) @ V", 4),
        ("softmax((X @ W + Y).T).T @ V", 4 + 4),
        ("(softmax((X @ W).T).T + Y) @ V", 4 + 4),
        ("relu(X @ W + Y) @ V", 4),
    ],
)
def test_a_sum_under_a_function_of_columns_is_finished_first_where_all_goes_by_rows(
    text: str, steps: int, fuse: str
) -> None:
    timeline = film(text, fuse=fuse)
    assert timeline.steps == steps
    rows = timeline.frame(steps - 4)["left"].visible.all(axis=1).tolist()
    assert rows == [True, False, False, False] if steps == 4 else [True] * 4


@pytest.mark.parametrize("fuse", ["none", "chain"])
def test_a_sum_that_wears_a_function_of_columns_appears_at_once(fuse: str) -> None:
    timeline = film("softmax((X @ W + Y).T).T @ V", fuse=fuse)
    assert not timeline.frame(3)["left"].visible.any()
    assert timeline.frame(4)["left"].visible.all()


def test_a_residual_row_is_there_in_the_step_that_computes_it() -> None:
    timeline = film("X + X @ W @ V")
    frame = timeline.frame(1)
    assert_equal(frame[""].visible[:, 0], [True, True, False, False])
    assert_equal(frame["left"].highlighted[:, 0], [False, True, False, False])
    assert {plane.owner for plane in frame.planes} == {"right", "right.left"}
    assert_equal(timeline.frame(0.5)[""].visible[:, 0], [True, False, False, False])


def test_without_fusing_a_sum_still_appears_with_its_terms() -> None:
    timeline = film("X + X @ W @ V", fuse="none")
    assert timeline.steps == 8
    assert not timeline.frame(3)[""].visible.any()
    assert_equal(timeline.frame(4)[""].visible[:, 0], [True, False, False, False])


@pytest.mark.parametrize("algorithm", ["vvprod", "none"])
def test_a_sum_of_a_term_that_comes_all_at_once_waits_for_it(algorithm: Algorithm) -> None:
    timeline = film("Y + X @ W", right=algorithm)
    ready = timeline.schedule.ready[""]
    assert ready == (3 if algorithm == "vvprod" else 0)
    for step in range(timeline.steps + 1):
        assert timeline.frame(step)[""].visible.all() == (step >= ready)


def test_two_terms_that_go_in_different_orders_are_joined_at_the_end() -> None:
    timeline = film("X @ W + X @ G", right="mvprod")
    assert not timeline.frame(3)[""].visible.any()
    assert not timeline.frame(4)[""].visible.all()
    assert timeline.frame(5)[""].visible.all()


@pytest.mark.parametrize("fuse", get_args(Fuse))
def test_a_product_takes_rows_of_a_sum_only_after_a_term_that_comes_by_columns(fuse: str) -> None:
    timeline = film("(X @ W + X @ G) @ V", fuse=fuse, left_right="mvprod")
    start = timeline.schedule.runs[""].start
    assert start == 5
    for row in range(4):
        assert timeline.frame(start + row)["left"].visible[: row + 1].all()


@pytest.mark.parametrize("fuse", ["chain", "decode"])
def test_of_two_terms_that_come_by_rows_the_later_one_says_which_rows_of_the_sum_are_there(fuse: str) -> None:
    for text in ("X @ W + X @ (B @ A)", "X @ (B @ A) - X @ W"):
        frame = film(text, fuse=fuse).frame(3)
        assert_equal(frame[""].visible[:, 0], [True, False, False, False])


def test_a_sum_that_waits_for_a_finished_term_then_goes_on_with_the_other() -> None:
    """The right term needs a product first, so that it comes later than the left one."""
    timeline = film("X @ W + X @ (B @ A)", fuse="none")
    assert timeline.schedule.begins[""] == 4  # by mm's rule the end of B @ A takes a step in which only X @ W moves
    assert_equal(timeline.frame(4)[""].visible[:, 0], [True, False, False, False])
    assert timeline.frame(timeline.schedule.ready[""])[""].visible.all()
