"""mm's rules of starting: against its bumps played one after the other, and by hand where a sum or a wait is in it."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.time.mm_starts import Shared, by_bumps
from mmviz.picture.time.starts import Starts, Sweeps, partners
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.tree import ProductNode, products
from tests.examples import examples
from tests.picture.plans import sweeps

ALGORITHMS: tuple[Algorithm, ...] = ("dotprod", "axpy", "vmprod", "mvprod", "vvprod", "whole", "none")
shared = st.sampled_from(get_args(Shared))


@st.composite
def trees_of_products(draw: st.DrawFn) -> Sweeps:
    def grow(depth: int) -> str:
        if depth == 0 or draw(st.integers(0, 3)) == 0:
            return "A"
        return f"({grow(depth - 1)} @ {grow(depth - 1)})"

    text = f"{grow(3)} @ {grow(2)}"
    algorithm = st.sampled_from(ALGORITHMS)
    own = {node.path: draw(algorithm) for node in products(sweeps(text).root)}
    return sweeps(text, "vmprod", own)


def play(known: Sweeps, fuse: Shared) -> tuple[dict[str, int], list[bool]]:
    """The bump in which each product takes its first step, and whether any takes one, bump by bump."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}  # latest bump with a step of it
    done: dict[str, int] = {}  # steps taken

    def seen(path: str, bump: int) -> bool:
        """The end of a product takes a bump of its own; a product that takes no steps is there with its arguments."""
        node = next(n for n in nodes if n.path == path)
        if path in known.steps:
            return done.get(path) == known.steps[path] and bump >= last[path] + 2
        return all(seen(side.path, bump) for side in (node.left, node.right) if isinstance(side, ProductNode))

    def gives(path: str, partner: Algorithm | None, step: int, bump: int) -> bool:
        """An argument comes just as it is taken: what the step needs is there, and under sync not since long."""
        if fuse == "none" or partner is None or path not in known.steps or known.algorithms[path] != partner:
            return False
        there = done.get(path, 0) > step
        return there and (step > 0 or fuse == "async" or (done[path] == 1 and last[path] == bump))

    nodes = list(products(known.root))
    busy: list[bool] = []
    while any(done.get(path) != count for path, count in known.steps.items()):
        bump, before = len(busy), dict(done)
        for node in nodes:
            path = node.path
            if path not in known.steps or done.get(path) == known.steps[path]:
                continue
            sides = zip((node.left, node.right), partners(known.algorithms[path]), strict=True)
            if path in first or all(
                not isinstance(side, ProductNode) or seen(side.path, bump) or gives(side.path, partner, 0, bump)
                for side, partner in sides
            ):
                first.setdefault(path, bump)
                done[path], last[path] = done.get(path, 0) + 1, bump
        busy.append(done != before)
    return first, busy


@given(trees_of_products(), shared)
@examples(150)
def test_starts_are_those_of_mm_bumps_without_the_idle_ones(known: Sweeps, fuse: Shared) -> None:
    first, busy = play(known, fuse)
    found = by_bumps(known, fuse)
    assert found.first == {path: sum(busy[:bump]) for path, bump in first.items()}
    steps = [bump for bump, moved in enumerate(busy) if moved]
    for step, bump in enumerate(steps):
        left_out = max((count for start, count in found.idle if start <= step), default=0)
        assert step + left_out == bump


def starts(text: str, fuse: Shared, **more: object) -> Starts:
    return by_bumps(sweeps(text, **more), fuse)  # type: ignore[arg-type]


def test_the_end_of_an_argument_takes_an_idle_bump_of_its_own() -> None:
    found = starts("A @ B @ C", "none")
    assert (found.first, found.idle) == ({"left": 0, "": 3}, ((0, 0), (3, 1)))


@pytest.mark.parametrize(
    ("fuse", "root"),
    [("none", 3), ("sync", 3), ("async", 0)],
)
def test_a_sum_hands_rows_on_as_its_terms_bring_them_unless_one_has_got_ahead(fuse: Shared, root: int) -> None:
    """The left term begins with its own argument at 0, the right one only when that is finished."""
    text = "(A @ B + (C @ D) @ E) @ F"
    own: dict[str, Algorithm] = {"left.right": "vmprod", "left.right.left": "dotprod"}
    found = starts(text, fuse, own=own)
    waited = found.first["left.right"]
    assert waited == 9
    assert found.first[""] == waited + root


@pytest.mark.parametrize(("fuse", "root"), [("none", 3), ("sync", 3), ("async", 2)])
def test_under_sync_an_argument_that_has_got_ahead_is_finished_first(fuse: Shared, root: int) -> None:
    """The right argument is there after bump 1, when the left one has taken two of its three rows."""
    assert starts("(A @ B) @ (C @ D)", fuse, own={"right": "whole"}).first[""] == root


@pytest.mark.parametrize(("fuse", "root"), [("none", 3), ("sync", 0), ("async", 0)])
def test_a_sum_of_terms_that_come_together_is_taken_row_by_row(fuse: Shared, root: int) -> None:
    assert starts("(A @ B + C @ D) @ E", fuse).first == {"left.left": 0, "left.right": 0, "": root}


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("(A @ B + C @ D) @ E", {"left.right": "mvprod"}),
        ("softmax(A @ B + C @ D).T @ E", {}),
        ("softmax(A @ B).T @ C", {}),
    ],
)
def test_what_does_not_come_row_by_row_is_finished_first(text: str, own: dict[str, Algorithm]) -> None:
    first = starts(text, "async", own=own).first
    assert first[""] == 3


def test_a_plain_term_does_not_hold_a_sum_up_and_one_used_again_counts_from_its_end() -> None:
    assert starts("(A + B @ C) @ D", "sync").first[""] == 0
    assert starts("(x = A @ B) @ C + x @ D", "sync").first == {"left.left": 0, "left": 0, "right": 3}


def test_a_product_waits_for_what_it_is_said_to_wait_for() -> None:
    assert starts("A @ B + C @ D", "sync").first == {"left": 0, "right": 0}
    assert starts("A @ B + C @ D", "sync", waits={"right": ("left",)}).first == {"left": 0, "right": 3}


def test_nothing_shares_its_steps_through_a_sum_that_shows_what_it_has() -> None:
    assert starts("(A @ B + C @ D) @ E", "sync", running={"left"}).first[""] == 3
