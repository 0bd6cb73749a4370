"""Timeline: the laws that hold for any tree, algorithm and fusing; mm's own steps are in test_timeline_oracle."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.errors import MmvizError, SceneError
from mmviz.picture.space.cube import Cube
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import lay_out
from mmviz.picture.time.planes import Matrix, Plane
from mmviz.picture.time.timeline import Frame, Timeline
from mmviz.scene.keys.options import Algorithm, AnimationOptions, Counts, Easing, Fuse, LayoutOptions
from mmviz.scene.keys.partition import check_partition, partition
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import infer
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    arguments,
    walk,
)
from tests.arrays import assert_equal
from tests.examples import examples


def quotient(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of finite numbers; nothing is divided by 0, so that what is made of it stays finite."""
    found: NDArray[np.float64] = a / np.where(b == 0, 1.0, b)
    return found


COMBINED: dict[str, Any] = {"/": quotient, "+": np.add, "-": np.subtract, "*": np.multiply}


def made_of(node: Node, sides: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """What a node makes of its arguments, by numpy."""
    found: NDArray[np.float64]
    match node:
        case JoinNode(axis=axis):
            found = np.concatenate(sides, axis=axis)
        case ElementwiseNode(sign=sign):
            found = COMBINED[sign](*sides)
        case CutNode(rows=rows, columns=columns):
            ((a, b), (c, d)) = (span.within(size) for span, size in zip((rows, columns), sides[0].shape, strict=True))
            found = sides[0][a:b, c:d]
        case ReducedNode(function=function, axis=axis):
            found = np.asarray(getattr(np, function)(sides[0], axis=axis, keepdims=True), float)
        case _:
            found = np.matmul(*sides)
    return found


ALGORITHMS: tuple[Algorithm, ...] = ("dotprod", "dotprod-columns", "vmprod", "mvprod", "vvprod", "axpy")
FUSES: tuple[Fuse, ...] = ("none", "chain", "sync", "async")


def animate(
    text: str, tensors: dict[str, Matrix], options: AnimationOptions, cuts: tuple[tuple[str, Counts], ...] = ()
) -> Timeline:
    """The timeline of an expression without functions; `cuts` are counts of blocks by a product's path."""
    root = build(parse(text))
    inferred = infer(root, {name: (matrix.shape[0], matrix.shape[1]) for name, matrix in tensors.items()})
    shapes, axes = inferred.of, inferred.axes
    values: dict[str, Matrix] = {}
    for node in walk(root):
        if isinstance(node, LeafNode):
            shown = tensors[node.tensor] if node.target is None else values[node.target]
            values[node.path] = shown.T if node.transposed else shown
        else:
            sides = [values[side.path].astype(np.float64) for side in arguments(node)]
            values[node.path] = made_of(node, sides).astype(np.float32)
    layout = lay_out(root, shapes, LayoutOptions(), partition(root, shapes, axes, dict(cuts)))
    return Timeline(root, values, layout, options, lambda _, sums: sums.astype(np.float32), lambda _, sums: sums)


@dataclass(frozen=True)
class Recipe:
    """A timeline as its parts, so that it can be made anew, and that a failing one is easy to read."""

    text: str
    sizes: tuple[tuple[str, int, int], ...]
    options: AnimationOptions
    cuts: tuple[tuple[str, Counts], ...] = ()

    def make(self) -> Timeline:
        chance = np.random.default_rng(5)
        tensors = {name: chance.normal(size=(h, w)).astype(np.float32) for name, h, w in self.sizes}
        return animate(self.text, tensors, self.options, self.cuts)


@st.composite
def recipes(  # noqa: C901, PLR0915  (a function for each kind of node)
    draw: st.DrawFn, algorithms: tuple[Algorithm, ...] = ALGORITHMS, *, turned: bool = True, selecting: bool = True
) -> Recipe:
    """Trees with parts that are used again, and, where they may be `turned`, with transposes.

    Where they may be `selecting`, also with joins, slices, reductions and terms of one column.
    """
    sizes: list[tuple[str, int, int]] = []
    known: list[tuple[str, int, int]] = []  # what was assigned so far, and its shape
    side = st.integers(1, 4)

    def grow(rows: int, columns: int, depth: int) -> str:
        again = [name for name, *shape in known if shape == [rows, columns]]
        again += [f"{name}.T" for name, *shape in known if turned and shape == [columns, rows]]
        if draw(st.booleans()) and again:
            return draw(st.sampled_from(again))
        kinds = "x" if depth == 0 else "@@@+-*csrx" if depth < 3 else "@@+*cs"
        kind = draw(st.sampled_from([kind for kind in kinds if selecting or kind not in "csr"]))
        if kind == "x":
            sizes.append((f"m{len(sizes)}", rows, columns))
            return sizes[-1][0]
        flipped = turned and draw(st.integers(0, 4)) == 0
        text = combined(kind, *((columns, rows) if flipped else (rows, columns)), depth)
        return f"{text}.T" if flipped else text

    def joined(rows: int, columns: int, depth: int) -> str:
        word = draw(st.sampled_from(["concat"] * (columns > 1) + ["stack"] * (rows > 1)))
        first = draw(st.integers(1, (columns if word == "concat" else rows) - 1))
        rest = (columns if word == "concat" else rows) - first
        sizes = [(rows, size) if word == "concat" else (size, columns) for size in (first, rest)]
        return f"{word}({', '.join(grow(*size, depth - 1) for size in sizes)})"

    def sliced(rows: int, columns: int, depth: int) -> str:
        a, b = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        rest = draw(st.integers(0, 2)) if a else 1  # a slice of everything is none
        spans = f"{a}:{a + rows}, {b}:" if draw(st.booleans()) else f"{a}:{a + rows}"
        b *= "," in spans
        return f"({grow(a + rows + rest, b + columns, depth - 1)})[{spans}]"

    def reduced(rows: int, columns: int, depth: int) -> str:
        function = draw(st.sampled_from(["sum", "mean", "max", "min", "argmax"]))
        if 1 in (rows, columns):
            sides = (rows, draw(side)) if columns == 1 else (draw(side), columns)
            return f"{function}({grow(*sides, depth - 1)}, {int(columns == 1)})"
        return f"{grow(rows, columns, depth - 1)} / {function}({grow(rows, draw(side), depth - 1)}, 1)"

    def combined(kind: str, rows: int, columns: int, depth: int) -> str:
        inner = (draw(side),) * 2 if kind == "@" else (columns, rows)
        if kind == "c" and rows + columns > 2:
            text = joined(rows, columns, depth)
        elif kind in "sr":
            text = (sliced if kind == "s" else reduced)(rows, columns, depth)
        else:
            kind = "+" if kind == "c" else kind
            left = grow(rows, inner[0], depth - 1)
            one = (
                selecting and kind != "@" and draw(st.integers(0, 4)) == 0
            )  # one column goes with all of the other term
            text = f"{left} {kind} {grow(inner[1], 1 if one else columns, depth - 1)}"
        if depth == 3 or draw(st.booleans()):
            return f"({text})"
        known.append((f"n{len(known)}", rows, columns))
        return f"({known[-1][0]} = {text})"

    text = grow(draw(side), draw(side), depth=3)
    products = [node.path for node in walk(build(parse(text))) if isinstance(node, ProductNode)]
    assume(products)
    own = st.dictionaries(st.sampled_from(products), st.sampled_from(algorithms), max_size=2)
    algorithm, fuse = draw(st.sampled_from(algorithms)), draw(st.sampled_from(FUSES))
    options = AnimationOptions(algorithm=algorithm, fuse=fuse, matrices=draw(own))
    count = st.none() | st.just(draw(st.integers(2, 4)))  # one for all, as many axes may be the same
    cuts = [(path, draw(st.builds(Counts, k=count))) for path in products if path]
    root = st.builds(Counts, i=count, j=count, k=count if "" in products else st.none())
    all_cuts = (("", draw(root)), *cuts)
    return Recipe(text, tuple(sizes), options, all_cuts if can_be_cut(text, all_cuts) else ())


def can_be_cut(text: str, cuts: tuple[tuple[str, Counts], ...]) -> bool:
    """Whether no axis is cut along which parts are joined."""
    try:
        check_partition(build(parse(text)), dict(cuts), "scene")
    except SceneError:
        return False
    return True


def assert_same(a: Frame, b: Frame) -> None:
    assert set(a) == set(b)
    for path in a:
        for mine, other in (
            (a[path].visible, b[path].visible),
            (a[path].highlighted, b[path].highlighted),
            (a[path].values, b[path].values),
        ):
            assert_equal(mine, other)
    assert [plane.owner for plane in a.planes] == [plane.owner for plane in b.planes]
    for plane, other_plane in zip(a.planes, b.planes, strict=True):
        assert_equal(plane.values, other_plane.values)
        assert_equal(plane.placement.corners(), other_plane.placement.corners())


def in_flight(frame: Frame) -> list[Plane]:
    """The products in flight, without partial results."""
    return [plane for plane in frame.planes if plane.kind == "plane"]


def indices_at(cube: Cube, places: NDArray[np.float64]) -> tuple[NDArray[np.int64], ...]:
    """The nearest i, k and j of each of some places in a cube, (..., 3)."""
    spots = cube.element(*np.indices(cube.shape)).reshape(-1, 3)
    distances = np.linalg.norm(places[..., None, :] - spots, axis=-1)  # (..., i * k * j)
    return np.unravel_index(distances.argmin(axis=-1), cube.shape)


laws = examples(20)


@given(recipes())
@laws
def test_every_product_flies_in_exactly_one_whole_step(recipe: Recipe) -> None:
    timeline = recipe.make()
    seen = {path: np.zeros(cube.shape, int) for path, cube in timeline.cubes.items()}
    for step in range(timeline.steps):
        for plane in in_flight(timeline.frame(step)):
            cube = timeline.cubes[plane.owner]
            left, right = timeline.inputs(plane.owner)
            places = plane.placement.element(*np.indices(plane.shape))
            i, k, j = indices_at(cube, places)
            np.testing.assert_allclose(cube.element(i, k, j), places, atol=1e-9)
            assert_equal(plane.values, left[i, k] * right[k, j])
            np.add.at(seen[plane.owner], (i, k, j), 1)
    for path, count in seen.items():
        np.testing.assert_array_equal(count, 1, err_msg=path)


@given(recipes())
@laws
def test_what_is_shown_at_the_end_of_a_run_is_the_result(recipe: Recipe) -> None:
    timeline = recipe.make()
    final = timeline.frame(timeline.steps)
    for path, run in timeline.schedule.runs.items():
        last = timeline.frame(run.end - 1)[path]
        assert last.visible.all()
        np.testing.assert_allclose(last.values, final[path].values, rtol=1e-5, atol=1e-6)


@given(recipes())
@laws
def test_a_frame_does_not_depend_on_which_were_asked_before(recipe: Recipe) -> None:
    timeline = recipe.make()
    times = [step / 2 for step in range(2 * timeline.steps + 1)][:16]
    forward = [timeline.frame(t) for t in times]
    for frame in forward:
        assert all(state.values.shape == state.shape for state in frame.values())
    orders = [list(range(len(times)))[::-1], list(np.random.default_rng(1).permutation(len(times)))]
    for order in orders:
        again = recipe.make()
        for index in order:
            assert_same(again.frame(times[index]), forward[index])


@given(recipes())
@laws
def test_at_the_end_all_is_there_and_nothing_flies(recipe: Recipe) -> None:
    timeline = recipe.make()
    end = timeline.frame(timeline.steps)
    assert end.planes == ()
    for state in end.values():
        assert state.visible.all()
        assert not state.highlighted.any()


@given(recipes())
@laws
def test_no_step_is_idle_and_none_is_left_out(recipe: Recipe) -> None:
    timeline = recipe.make()
    assert all(timeline.frame(step).planes for step in range(timeline.steps))
    runs = timeline.schedule.runs
    assert set(runs) == set(timeline.products)
    assert timeline.steps == max(run.end for run in runs.values())


@given(recipes())
@laws
def test_a_step_takes_only_what_is_there(recipe: Recipe) -> None:
    """The cells that a step takes are lit, and those are visible: finished before, or in this very step when fused."""
    timeline = recipe.make()
    for step in range(timeline.steps):
        frame = timeline.frame(step)
        for state in frame.values():
            assert state.visible[state.highlighted].all()
        for plane in in_flight(frame):
            assert_inputs_there(timeline, frame, plane.owner, plane.placement.element(*np.indices(plane.shape)))


def assert_inputs_there(timeline: Timeline, frame: Frame, path: str, places: NDArray[np.float64]) -> None:
    """All elements that the products at these places are made of are visible."""
    cube, node = timeline.cubes[path], timeline.products[path]
    i, k, j = indices_at(cube, places)
    assert frame[node.left.path].visible[i, k].all()
    assert frame[node.right.path].visible[k, j].all()


@given(recipes())
@laws
def test_nothing_that_was_there_vanishes(recipe: Recipe) -> None:
    timeline = recipe.make()
    frames = [timeline.frame(step) for step in range(timeline.steps + 1)]
    for before, after in pairwise(frames):
        assert all(after[path].visible[before[path].visible].all() for path in before)


@given(recipes())
@laws
def test_planes_glide_except_where_they_go_to_a_new_row_or_column(recipe: Recipe) -> None:
    """Within their block, and from one step to the next in small steps."""
    timeline = recipe.make()
    for path, run in timeline.schedule.runs.items():
        block = timeline.cubes[path].block
        longest = {"dotprod": block[2], "dotprod-columns": block[0], "axpy": block[1]}.get(run.algorithm, run.steps)
        times = np.linspace(run.start, run.end, 8 * run.steps + 1)[:-1]
        places: list[dict[ItemKey, NDArray[np.float64]]] = [
            {p.key: p.element(0, 0) for p in in_flight(timeline.frame(t)) if p.owner == path} for t in times
        ]
        for t, (before, after) in zip(times[1:], pairwise(places), strict=True):
            jumps = (t - run.start) % longest == 0
            for key in before.keys() & after.keys():
                assert float(np.linalg.norm(after[key] - before[key])) <= 0.2 or jumps


@given(recipes())
@laws
def test_between_two_steps_only_the_planes_move(recipe: Recipe) -> None:
    timeline = recipe.make()
    for step in range(min(timeline.steps, 8)):
        whole, between = timeline.frame(step), timeline.frame(step + 0.75)
        for path in whole:
            assert_equal(whole[path].visible, between[path].visible)
            assert_equal(whole[path].highlighted, between[path].highlighted)
            assert_equal(whole[path].values, between[path].values)
        for a, b in zip(whole.planes, between.planes, strict=True):
            assert (a.owner, a.shape) == (b.owner, b.shape)
            assert_equal(a.values, b.values)


def matrices(*shapes: tuple[int, int]) -> dict[str, Matrix]:
    chance = np.random.default_rng(5)
    return {name: chance.normal(size=shape).astype(np.float32) for name, shape in zip("ABCD", shapes, strict=False)}


def test_a_fused_chain_shares_one_sweep() -> None:
    tensors = matrices((3, 4), (4, 2), (2, 5))
    together = animate("A @ B @ C", tensors, AnimationOptions(fuse="chain"))
    apart = animate("A @ B @ C", tensors, AnimationOptions())
    assert (together.steps, apart.steps) == (3, 6)
    assert [plane.owner for plane in together.frame(1).planes] == ["left", ""]
    assert_equal(together.frame(1)["left"].visible[:, 0], [True, True, False])


@pytest.mark.parametrize(
    ("text", "algorithm", "argument", "steps"),
    [
        ("softmax(A @ B) @ C", "vmprod", "vmprod", 3),  # a row is final once its scores are there
        ("softmax((B.T @ A.T).T) @ C", "vmprod", "vmprod", 3),
        ("softmax(B.T @ A.T).T @ C", "vmprod", "vmprod", 6),  # a row is final once all columns are there
        ("softmax(A @ B) @ C", "vvprod", "mvprod", 4),  # so is a column once all rows are there
        ("softmax(B.T @ A.T).T @ C", "vvprod", "mvprod", 2),
        ("tril(A @ B) @ C", "vvprod", "mvprod", 2),
        ("relu(A @ B) @ C", "vvprod", "mvprod", 2),
    ],
)
@pytest.mark.parametrize("fuse", ["chain", "sync", "async"])
def test_a_function_of_whole_rows_is_fused_by_rows_only(
    text: str, algorithm: Algorithm, argument: Algorithm, steps: int, fuse: Fuse
) -> None:
    options = AnimationOptions(algorithm=algorithm, matrices={"left": argument}, fuse=fuse)
    assert animate(text, matrices((3, 4), (4, 2), (2, 5)), options).steps == steps


def test_products_that_do_not_need_each_other_run_side_by_side() -> None:
    timeline = animate("(A @ B) @ (C @ D)", matrices((3, 4), (4, 2), (2, 5), (5, 6)), AnimationOptions())
    assert [plane.owner for plane in timeline.frame(0).planes] == ["left", "right"]
    assert timeline.steps == 3 + 3


def test_a_product_that_is_not_animated_appears_with_its_arguments() -> None:
    options = AnimationOptions(matrices={"left": "none", "left.left": "vmprod"})
    timeline = animate("A @ B @ C @ D", matrices((3, 4), (4, 2), (2, 5), (5, 6)), options)
    assert not timeline.frame(2)["left"].visible.any()
    assert timeline.frame(3)["left"].visible.all()
    assert timeline.steps == 3 + 3


def test_where_nothing_is_animated_all_is_there_at_once() -> None:
    for hide in (False, True):
        timeline = animate("A @ B", matrices((3, 4), (4, 2)), AnimationOptions(algorithm="none", hide_inputs=hide))
        assert timeline.steps == 1
        assert all(state.visible.all() for t in (0, 0.5, 1) for state in timeline.frame(t).values())


@pytest.mark.parametrize(("easing", "share"), [("linear", 0.25), ("smooth", 0.15625), ("none", 0.0)])
def test_a_quarter_of_a_step_is_the_share_of_the_way_that_the_easing_says(easing: Easing, share: float) -> None:
    """3 x^2 - 2 x^3 is the soft one."""
    timeline = animate("A @ B", matrices((3, 4), (4, 2)), AnimationOptions(easing=easing))
    here, between, there = (timeline.frame(t).planes[0].element(0, 0) for t in (0, 0.25, 1))
    np.testing.assert_allclose(between - here, share * (there - here), atol=1e-12)


def test_running_sums_grow_by_an_outer_product_a_step() -> None:
    tensors = matrices((3, 4), (4, 2))
    timeline = animate("A @ B", tensors, AnimationOptions(algorithm="vvprod"))
    a, b = (matrix.astype(np.float64) for matrix in tensors.values())
    for step in range(4):
        expected = sum(np.outer(a[:, k], b[k]) for k in range(step + 1))
        np.testing.assert_allclose(timeline.frame(step)[""].values, expected, rtol=1e-6, atol=1e-6)


def test_infinities_and_nan_are_shown_without_a_warning() -> None:
    a = np.array([[np.inf, -np.inf], [np.nan, 3e38]], np.float32)
    b = np.array([[0.0, 1.0], [10.0, 1e-40]], np.float32)
    for algorithm in ALGORITHMS:
        with np.errstate(all="ignore"):
            timeline = animate("A @ B", {"A": a, "B": b}, AnimationOptions(algorithm=algorithm))
        with np.errstate(all="raise"):
            frames = [timeline.frame(t) for t in range(timeline.steps + 1)]
            shown = [state.values for frame in frames for state in frame.values()]
        assert any(np.isnan(values).any() for values in shown)


def test_running_sums_of_infinities_of_both_signs_far_from_each_other_are_no_number() -> None:
    a, b = np.ones((1, 40), np.float32), np.ones((40, 1), np.float32)
    a[0, [0, 20]] = np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        timeline = animate("A @ B", {"A": a, "B": b}, AnimationOptions(algorithm="vvprod"))
    shown = [float(timeline.frame(step)[""].values[0, 0]) for step in range(40)]
    assert shown[:20] == [np.inf] * 20
    assert np.isnan(shown[20:]).all()


@pytest.mark.parametrize("t", [-1, -0.001, 3.001, 1e9, float("nan"), float("inf")])
def test_a_time_outside_of_the_animation_is_refused(t: float) -> None:
    timeline = animate("A @ B", matrices((3, 4), (4, 2)), AnimationOptions())
    with pytest.raises(MmvizError) as caught:
        timeline.frame(t)
    assert str(caught.value) == f"frame({t}): the animation runs from step 0 to step 3."
