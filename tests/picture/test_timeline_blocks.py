"""Partitions, fusing and hidden inputs in the animation: laws over random trees; mm's steps are in the oracle test."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from mmviz.errors import SceneError
from mmviz.picture.cell.picking import describe, pick
from mmviz.picture.time import running_sums
from mmviz.picture.time.algorithms import SUMMING, WAYS
from mmviz.pipeline import Scene
from mmviz.scene.keys.options import AnimationOptions, Counts
from mmviz.scene.language.tree import LeafNode, walk
from tests.arrays import assert_equal
from tests.picture.test_timeline import (
    ALGORITHMS,
    FUSES,
    Recipe,
    animate,
    assert_same,
    in_flight,
    laws,
    matrices,
    recipes,
)


def with_options(recipe: Recipe, **changes: object) -> Recipe:
    return Recipe(recipe.text, recipe.sizes, recipe.options.model_copy(update=changes), recipe.cuts)


@given(recipes())
@laws
def test_however_products_are_fused_all_ends_in_the_same_picture(recipe: Recipe) -> None:
    ends = []
    for fuse in FUSES:
        timeline = with_options(recipe, fuse=fuse).make()
        ends.append(timeline.frame(timeline.steps))
    for a, b in pairwise(ends):
        assert_same(a, b)


@pytest.mark.slow
@given(recipes())
@laws
def test_several_threads_see_the_same_frames_as_one(recipe: Recipe) -> None:
    timeline, shared = recipe.make(), recipe.make()
    times = [float(t) for t in np.random.default_rng(1).permutation(np.linspace(0, timeline.steps, 8))] * 2
    alone = [timeline.frame(t) for t in times]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(shared.frame, times))
        list(pool.map(lambda frame: [state.values for state in frame.values()], together))
    for a, b in zip(alone, together, strict=True):
        assert_same(a, b)


@given(recipes())
@laws
def test_fusing_never_takes_longer_and_a_freer_rule_never_waits_longer(recipe: Recipe) -> None:
    starts = {}
    for fuse in ("none", "sync", "async"):
        schedule = with_options(recipe, fuse=fuse).make().schedule
        starts[fuse] = {path: schedule.bump(run.start) for path, run in schedule.runs.items()}
    for path in starts["none"]:
        assert starts["async"][path] <= starts["sync"][path] <= starts["none"][path]


@given(recipes())
@laws
def test_steps_are_the_bumps_of_mm_in_order_and_a_product_never_waits_once_it_moves(recipe: Recipe) -> None:
    timeline = recipe.make()
    bumps = [timeline.schedule.bump(step) for step in range(timeline.steps)]
    assert bumps[0] == 0
    assert all(before < after for before, after in pairwise(bumps))
    for run in timeline.schedule.runs.values():
        assert bumps[run.end - 1] - bumps[run.start] == run.steps - 1


@given(recipes())
@laws
def test_partial_results_are_there_with_their_sum_and_add_up_to_it(recipe: Recipe) -> None:
    timeline = recipe.make()
    for step in range(timeline.steps):
        frame = timeline.frame(step)
        for path, run in timeline.schedule.runs.items():
            partials = [plane for plane in frame.planes if plane.owner == path and plane.kind == "partial"]
            running = run.start <= step < run.end
            expected = running and run.algorithm not in SUMMING and timeline.cubes[path].counts[1] > 1
            assert len(partials) == (timeline.cubes[path].counts[1] if expected else 0)
            if partials:
                total = sum(plane.values.astype(float) for plane in partials)
                np.testing.assert_allclose(total, frame[path].values, rtol=1e-4, atol=1e-4)
                for plane in partials:
                    assert_equal(plane.visible, frame[path].visible)


@given(recipes())
@laws
def test_no_plane_leaves_its_cube_not_even_that_of_a_short_block_after_its_last_step(recipe: Recipe) -> None:
    timeline = recipe.make()
    for step in range(timeline.steps):
        for plane in in_flight(timeline.frame(step + 0.75)):
            cube = timeline.cubes[plane.owner]
            spots = cube.element(*np.indices(cube.shape)).reshape(-1, 3)
            places = plane.element(*np.indices(plane.shape)).reshape(-1, 3)
            assert (places >= spots.min(axis=0) - 1e-9).all()
            assert (places <= spots.max(axis=0) + 1e-9).all()


@given(recipes())
@laws
def test_no_two_planes_are_drawn_in_one_place(recipe: Recipe) -> None:
    timeline = recipe.make()
    for step in range(min(timeline.steps, 6)):
        drawn = [plane.drawn.corners().round(6).tobytes() for plane in timeline.frame(step).planes]
        keys = [plane.key for plane in timeline.frame(step).planes]
        assert len(set(drawn)) == len(drawn)
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_running_sums_are_those_of_numpy_in_every_block(algorithm: str) -> None:
    a, b = (m.astype(np.float64) for m in matrices((5, 43), (43, 7)).values())
    options = AnimationOptions.model_validate({"algorithm": algorithm})
    timeline = animate("A @ B", matrices((5, 43), (43, 7)), options, (("", Counts(i=2, k=2, j=3)),))
    way = WAYS[timeline.schedule.runs[""].algorithm]
    sizes = (3, 22, 3)
    for step in range(timeline.steps):
        if algorithm not in SUMMING:
            np.testing.assert_allclose(timeline.frame(step)[""].values, a @ b, rtol=1e-5, atol=1e-5)
            continue
        at = dict(zip(way.turns, np.unravel_index(step, [sizes[axis] for axis in way.turns]), strict=True))
        expected = np.zeros((5, 7))
        for j in range(7):
            column = j % 3 - at.get(2, j % 3)
            for k in range(43):
                if column < 0 or (column == 0 and k % 22 <= at[1]):
                    expected[:, j] += a[:, k] * b[k, j]
        np.testing.assert_allclose(timeline.frame(step)[""].values, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(8, 4096, 8), (512, 64, 8), (8, 64, 512)])
def test_the_sums_that_are_kept_take_no_more_memory_than_they_may(
    shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    i, k, j = shape
    monkeypatch.setattr(running_sums, "MOST_BYTES", 8 * i * j)  # a single one
    left, right = matrices((i, k), (k, j)).values()
    sums = running_sums.RunningSums(left, right, "vvprod", shape)
    expected = left[:, : k - 1].astype(float) @ right[: k - 1].astype(float)
    tracemalloc.start()
    np.testing.assert_allclose(sums.sums(k - 2), expected, rtol=1e-9, atol=1e-9)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept <= 2 * 8 * i * j + 10_000  # that of no products, too


@given(recipes())
@laws
def test_with_hidden_inputs_the_result_and_what_flies_is_all_that_is_seen(recipe: Recipe) -> None:
    shown, hidden = recipe.make(), with_options(recipe, hide_inputs=True).make()
    for step in range(shown.steps + 1):
        usual, frame = shown.frame(step), hidden.frame(step)
        assert_equal(frame[""].visible, usual[""].visible)
        assert_equal(frame[""].values, usual[""].values)
        assert [plane.key for plane in frame.planes] == [plane.key for plane in usual.planes]
        for path in set(frame) - {""}:
            assert not frame[path].visible.any()
            assert not frame[path].highlighted.any()


def test_an_algorithm_is_inherited_from_the_consumer() -> None:
    tensors = matrices((3, 4), (4, 2), (2, 5), (5, 6))
    options = AnimationOptions(matrices={"left": "axpy", "left.left": "inherit"})
    runs = animate("A @ B @ C @ D", tensors, options).schedule.runs
    assert {path: run.algorithm for path, run in runs.items()} == {"": "vmprod", "left": "axpy", "left.left": "axpy"}
    for fuse in FUSES:
        runs = animate("A @ B @ C @ D", tensors, AnimationOptions(algorithm="vvprod", fuse=fuse)).schedule.runs
        assert {run.algorithm for run in runs.values()} == {"vvprod"}


def test_an_algorithm_by_path_goes_before_one_by_name() -> None:
    options = AnimationOptions(matrices={"x": "axpy", "left": "mvprod"})
    runs = animate("(x = A @ B) @ C", matrices((3, 4), (4, 2), (2, 5)), options).schedule.runs
    assert runs["left"].algorithm == "mvprod"


def test_partial_results_are_summed_up_in_double_precision() -> None:
    a = np.ones((1, 128), np.float32)
    a[0, [0, 63]] = 1e8, -1e8
    tensors = {"A": a, "B": np.ones((128, 1), np.float32)}
    timeline = animate("A @ B", tensors, AnimationOptions(), (("", Counts(k=2)),))
    partials = [plane.values for plane in timeline.frame(0).planes if plane.kind == "partial"]
    assert_equal(partials, [[[62.0]], [[64.0]]])
    assert_equal(timeline.partial_results()[""], partials)


def test_sync_waits_for_an_argument_that_has_got_ahead_and_async_does_not() -> None:
    """The left argument comes column by column at once; the right one row by row, after an argument of its own."""
    chance = np.random.default_rng(5)
    sizes = {"A": (3, 2), "B": (2, 5), "C": (5, 2), "D": (2, 3), "E": (3, 4)}
    tensors = {name: chance.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    own = {"left": "mvprod", "right": "vmprod", "right.left": "mvprod"}
    starts = {}
    for fuse in ("none", "sync", "async"):
        options = AnimationOptions.model_validate({"algorithm": "vvprod", "matrices": own, "fuse": fuse})
        timeline = animate("(A @ B) @ (C @ D @ E)", tensors, options)
        starts[fuse] = timeline.schedule.runs[""].start, timeline.steps
    assert starts["none"] == (9, 14)
    assert starts["async"] == (4, 9)
    assert starts["async"][0] < starts["sync"][0] <= starts["none"][0]


@pytest.mark.parametrize(("fuse", "start"), [("none", 8), ("sync", 8), ("async", 4), ("chain", 3), ("decode", 3)])
def test_under_sync_a_product_waits_for_a_sum_one_of_whose_terms_has_got_ahead(fuse: str, start: int) -> None:
    """A @ B begins at once, A @ (B @ E) after B @ E; mm's rule gives the end of that a step in which A @ B moves."""
    chance = np.random.default_rng(5)
    sizes = {"A": (4, 3), "B": (3, 5), "E": (5, 5), "F": (5, 2)}
    tensors = {name: chance.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    options = AnimationOptions.model_validate({"fuse": fuse})
    assert animate("(A @ B + A @ (B @ E)) @ F", tensors, options).schedule.runs[""].start == start


def test_a_product_in_more_blocks_than_can_move_is_refused() -> None:
    tensors = {"A": np.ones((20, 20), np.float32), "B": np.ones((20, 20), np.float32)}
    cuts = (("", Counts(i=20, k=20, j=20)),)
    with pytest.raises(SceneError, match=r"the root is cut into 8,000 blocks.*at most 4,096 .*algorithm to none"):
        animate("A @ B", tensors, AnimationOptions(), cuts)
    assert animate("A @ B", tensors, AnimationOptions(algorithm="none"), cuts).steps == 1
    tensors = {name: np.ones((16, 16), np.float32) for name in tensors}
    assert animate("A @ B", tensors, AnimationOptions(), (("", Counts(i=16, k=16, j=16)),)).steps == 1


@pytest.mark.slow
def test_a_partial_result_can_be_pointed_at() -> None:
    tensors = {name: {"init": "gaussian", "shape": [6, 6], "seed": seed} for seed, name in enumerate("AB")}
    scene = Scene("x = A @ B", tensors, partition={"k": 3}, layout={"gap": 8}, camera={"direction": [-0.2, 0.1, 1]})
    composition, timeline = scene.composition, scene.timeline()
    frame, camera = timeline.frame(5), composition.camera(1.0)
    found = [pick(composition, frame, camera, x / 90, y / 90, 1.0) for x in range(90) for y in range(90)]
    picked = next(one for one in found if one is not None and one.part is not None)
    assert picked.part is not None
    first, last = picked.part
    left, right = (scene.values()[side].astype(float) for side in ("left", "right"))
    expected = left[picked.i, first : last + 1] @ right[first : last + 1, picked.j]
    np.testing.assert_allclose(picked.value, expected, rtol=1e-5)
    assert describe(picked, composition).endswith(
        f"(products k = {first} to {last} in the sum for x[{picked.i}, {picked.j}])"
    )


@pytest.mark.parametrize("result", ["front", "back"])
def test_planes_of_blocks_are_drawn_one_by_one_and_none_of_them_where_the_result_stands(result: str) -> None:
    tensors = {name: {"init": "gaussian", "shape": [6, 6], "seed": seed} for seed, name in enumerate("AB")}
    scene = Scene("A @ B", tensors, partition={"i": 2, "k": 3}, layout={"result": result})
    composition = scene.composition
    drawn = composition.at(1.0, composition.camera(1.0))
    keys = [sheet.key for sheet in drawn.sheets if sheet.key.kind != "matrix"]
    assert len(keys) == len(set(keys)) == 2 * 3 + 3
    assert len({sheet.placement.corners().round(6).tobytes() for sheet in drawn.sheets}) == len(drawn.sheets)
    leaves = [node for node in walk(scene.root) if isinstance(node, LeafNode)]
    assert len(drawn.sheets) == len(keys) + len(leaves) + 1


def test_spin_turns_the_eye_around_the_vertical_axis_evenly_and_as_mm_does() -> None:
    """mm turns x and z of the eye by spin / 20 radians a second, from x toward z."""
    leaves = {side: {"h": 4, "w": 4} for side in ("left", "right")}
    scene = Scene.from_mm(
        {**leaves, "anim": {"alg": "vmprod", "speed": 2, "spin": 3}, "cam": {"x": 30, "y": 20, "z": 0}}
    )
    composition = scene.composition
    for t in (0.0, 1.5, 4.0):
        angle = 3 / 20 * t / 2
        expected = [30 * np.cos(angle), 20, 30 * np.sin(angle)]
        np.testing.assert_allclose(composition.camera_at(t, 1.0).position, expected, atol=1e-9)
