"""Sums that show what they have: terms one by one, by cells where these come in an order, and on their way there."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.picture.time.planes import Matrix
from mmviz.picture.time.schedule import Schedule, schedule
from mmviz.picture.time.totals import Totals
from mmviz.scene.keys.options import AnimationOptions, LayoutOptions
from mmviz.scene.language.tree import walk
from tests.picture.plans import tree

N = 3


def doubled(_: str, sums: NDArray[np.float64]) -> Matrix:
    """Any function that a sum may wear."""
    return (2 * sums).astype(np.float32)


class Sum:
    """The running sums of an expression over matrices of 3 x 3, each of which is full of its own number."""

    def __init__(self, text: str, numbers: dict[str, float], algorithm: str = "vmprod", **own: str) -> None:
        root = tree(text)
        self.layout: Layout = lay_out(root, {node.path: (N, N) for node in walk(root)}, LayoutOptions())
        said = {"algorithm": algorithm, "sums": "running", "easing": "linear"}
        matrices = {path.replace("_", "."): name for path, name in own.items()}
        options = AnimationOptions.model_validate({**said, "matrices": matrices})
        self.plan: Schedule = schedule(root, self.layout.cubes, options)
        self.values = {node.path: np.full((N, N), numbers.get(node.path, 0.0), np.float32) for node in walk(root)}
        self.totals = Totals(root, self.plan, self.layout, self.values, doubled, "linear")

    def value(self, path: str, step: int, **there: Sweep) -> list[list[float]]:
        cells = {where.replace("_", "."): sweep for where, sweep in there.items()}
        return self.totals.value(path, step, cells).tolist()  # type: ignore[no-any-return]


FIRST_ROW = Sweep(1, 0, 0, 0)


def times(number: float) -> list[list[float]]:
    return [[number] * N] * N


def test_a_sum_is_unfinished_until_its_last_term_is_there() -> None:
    own = Sum("A @ B + C @ D", {})
    assert [own.totals.unfinished("", t) for t in (0, 2, 2.9, 5, 5.9)] == [True] * 5
    assert not own.totals.unfinished("", 6)
    assert not own.totals.unfinished("left", 0), "a product is no sum"


def test_terms_count_one_after_the_other_and_are_finished_as_the_sum_is() -> None:
    own = Sum("A @ B - C @ D", {"left": 5, "right": 2})
    assert own.value("", 3, right=NOWHERE) == times(2 * 5)
    assert own.value("", 6) == times(2 * (5 - 2))


def test_a_term_counts_with_those_of_its_cells_that_are_final() -> None:
    own = Sum("A @ B + C @ D", {"left": 5, "right": 2})
    assert own.value("", 1, left=FIRST_ROW) == [[10.0] * N, [0.0] * N, [0.0] * N]
    assert own.value("", 4, right=FIRST_ROW) == [[14.0] * N, [10.0] * N, [10.0] * N]


def test_a_term_that_comes_all_at_once_counts_when_its_step_is_over() -> None:
    own = Sum("A @ B + C @ D", {"left": 5, "right": 2}, "whole")
    assert own.value("", 0, left=EVERYWHERE) == times(0)
    assert own.value("", 1, right=EVERYWHERE) == times(10)
    assert own.totals.shown("", 0, {"left": EVERYWHERE}) == NOWHERE
    assert own.totals.shown("", 1, {"right": EVERYWHERE}) == EVERYWHERE


def test_a_sum_has_the_cells_of_its_first_term_and_of_that_ones_first_where_it_is_a_sum() -> None:
    own = Sum("A @ B + C @ D + E @ F", {})
    assert own.totals.shown("", 1, {"left.left": FIRST_ROW}) == FIRST_ROW
    assert own.totals.shown("left", 1, {"left.left": FIRST_ROW}) == FIRST_ROW
    assert own.totals.shown("", 3, {"left.right": NOWHERE}) == EVERYWHERE


def test_a_sum_within_a_sum_counts_with_what_it_has() -> None:
    own = Sum("A @ B + C @ D - E @ F", {"left.left": 1, "left.right": 2, "left": 3, "right": 10})
    assert own.value("", 3, left_right=FIRST_ROW) == [[6.0] * N, [2.0] * N, [2.0] * N]
    assert own.value("", 6, right=FIRST_ROW) == [[2 * (3.0 - 10.0)] * N, [6.0] * N, [6.0] * N]


def test_a_sum_under_a_function_is_a_term_like_any_other() -> None:
    own = Sum("relu(A @ B + C @ D) + E @ F", {"left": 7, "right": 1})
    assert own.value("", 3, left=NOWHERE) == times(0)
    assert own.value("", 6, right=NOWHERE) == times(14)


@pytest.mark.parametrize(
    ("text", "flights"),
    [
        ("A @ B + C @ D", {"left": ("", 1), "right": ("", 1)}),
        ("A @ B - C @ D", {"left": ("", 1), "right": ("", -1)}),
        ("A @ B - (C @ D - E @ F)", {"left": ("", 1), "right.left": ("", -1), "right.right": ("", 1)}),
        (
            "relu(A @ B + C @ D) + E @ F",
            {"left.left": ("left", 1), "left.right": ("left", 1), "left": ("", 1), "right": ("", 1)},
        ),
        ("A + C @ D", {"right": ("", 1)}),  # what is there from the start flies nowhere
    ],
)
def test_what_is_finished_all_at_once_flies_to_the_outermost_sum_it_is_simply_added_to(
    text: str, flights: dict[str, tuple[str, int]]
) -> None:
    numbers = {path: 1.0 + len(path) for path in flights}
    own = Sum(text, numbers, "whole")
    for path, (target, sign) in flights.items():
        flying = own.totals.planes(own.plan.ready[path] - 0.5)
        (plane,) = (plane for plane in flying if plane.owner == target and (plane.values == sign * numbers[path]).all())
        assert plane.kind == "term"
        half = (own.layout[path].element(0, 0) + own.layout[target].element(0, 0)) / 2
        np.testing.assert_allclose(plane.element(0, 0), half)
    flown = {plane.key for t in np.arange(0, own.plan.steps, 0.5) for plane in own.totals.planes(float(t))}
    assert len(flown) == len(flights), "each has a key of its own"


def test_a_term_flies_during_its_last_step_alone() -> None:
    own = Sum("A @ B + C @ D", {}, "whole")
    assert [len(own.totals.planes(t)) for t in (0.0, 0.99, 1.0, 1.99)] == [1, 1, 1, 1]
    assert [own.totals.planes(t)[0].number for t in (0.0, 0.99, 1.0, 1.99)] == [0, 0, 1, 1]
    assert own.totals.planes(2.0) == []


def test_terms_that_come_cell_by_cell_do_not_fly() -> None:
    own = Sum("A @ B + C @ D", {})
    assert all(own.totals.planes(t) == [] for t in (0.0, 2.5, 5.5))


def test_a_subtracted_term_flies_as_the_same_array_in_every_frame() -> None:
    own = Sum("A @ B - C @ D", {"right": 3}, "whole")
    one, other = (own.totals.planes(t)[0].values for t in (1.0, 1.5))
    assert one is other
    assert (one == -3).all()
