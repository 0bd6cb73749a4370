"""Timeline against mm: what is shown, lit and in flight after each of its steps, driven through Scene.from_mm."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.time.algorithms import SUMMING
from mmviz.picture.time.planes import Plane
from mmviz.picture.time.timeline import Frame, Timeline
from mmviz.pipeline import Scene
from tests.arrays import assert_equal

MEASURED = Path(__file__).parents[1] / "mm"
CASES = {case["name"]: case for case in json.loads((MEASURED / "animation.json").read_text(encoding="utf-8"))["cases"]}
TREES = {case["name"]: case for case in json.loads((MEASURED / "timelines.json").read_text(encoding="utf-8"))["cases"]}

CORRECTIONS = {
    "idle": "mm spends a bump on the end of an argument in which nothing moves; it is left out (Schedule.bump).",
    "zero": "mm draws a 0 black, as if it was hidden; here visibility is a flag of its own, and z says nothing of it "
    "(nor do the counts, in which mm's zeros are always shown).",
    "stale": "mm leaves the plane of a short block where it was when its part is done; here it disappears.",
    "sum": "mm hides a result whose k is cut until its consumer lights it; here the sum of the partial results appears "
    "as they do, and stays.",
    "parts": "mm gives partial results the pointwise epilog of the whole; here they are plain sums (no case has both).",
    "dead": "where trailing blocks are empty, mm does not put the last partial result where the whole result stands.",
    "rows": "mm applies softmax and layernorm again and again to columns that axpy has finished, and to old numbers; "
    "here they are applied to the running sums.",
    "layernorm": "mm's layernorm is over the whole matrix; ours is by rows.",
}
"""What we do otherwise than mm, on purpose: sections 8, 9 and 12 of its measured conventions."""


def others(case: dict[str, Any]) -> bool:
    """True where the numbers that are shown are not mm's."""
    summing, epilog = case["params"]["anim"]["alg"] in ("axpy", "vvprod"), case["params"].get("epilog", "none")
    return epilog == "layernorm" or (summing and epilog.startswith("softmax") and "axpy" in case["name"])


def timeline(params: dict[str, Any]) -> Timeline:
    return Scene.from_mm(params).timeline()


def cut_along_k(animation: Timeline) -> set[str]:
    """The products that show partial results."""
    runs = animation.schedule.runs
    return {p for p, run in runs.items() if run.algorithm not in SUMMING and animation.cubes[p].counts[1] > 1}


def marks(text: str) -> NDArray[np.str_]:
    return np.array([list(row) for row in text.split("|")])


def assert_masks(frame: Frame, masks: dict[str, str], otherwise: set[str]) -> None:
    assert set(frame) == set(masks)
    for path, text in masks.items():
        mask = marks(text)
        known = mask != "z"
        if path not in otherwise:
            np.testing.assert_array_equal(frame[path].visible[known], (mask != ".")[known], err_msg=path)
        np.testing.assert_array_equal(frame[path].highlighted[known], (mask == "#")[known], err_msg=path)


def assert_sum_shown(frame: Frame, path: str, animation: Timeline, step: int) -> None:
    """The sum of partial results is there where they are, and stays."""
    run = animation.schedule.runs[path]
    partial = next((plane for plane in frame.planes if plane.owner == path and plane.kind == "partial"), None)
    if partial is None:
        assert frame[path].visible.all() == (step >= run.end)
        assert frame[path].visible.any() == (step >= run.end)
    else:
        assert_equal(frame[path].visible, partial.visible)


def assert_plane(plane: Plane, measured: dict[str, Any], *, at_its_place: bool) -> None:
    rows, columns = plane.shape
    assert [rows, columns] == measured["shape"]
    corners = [plane.element(i, j) for i in (0, rows - 1) for j in (0, columns - 1)]
    if at_its_place:
        np.testing.assert_allclose(corners, measured["corners"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(plane.values.reshape(-1), measured["values"], rtol=0, atol=1e-5)
    shown = marks(measured["mask"]) if "mask" in measured else np.full(plane.shape, "o")
    known = shown != "z"
    assert_equal(plane.visible[known], (shown != ".")[known])


def assert_planes(frame: Frame, now: list[dict[str, Any]], before: list[dict[str, Any]], *, dead: bool) -> None:
    assert {plane.owner for plane in frame.planes} == {plane["owner"] for plane in now}
    for owner in {plane["owner"] for plane in now}:
        ours = [plane for plane in frame.planes if plane.owner == owner]
        theirs = [plane for plane in now if plane["owner"] == owner]
        past = [plane for plane in before if plane["owner"] == owner]
        partials = sum(plane.kind == "partial" for plane in ours)
        moving = theirs[partials:]
        if past:
            moving = [plane for plane, old in zip(moving, past[partials:], strict=True) if plane != old]  # stale
        assert len(ours) == partials + len(moving)
        for number, (plane, measured) in enumerate(zip(ours, [*theirs[:partials], *moving], strict=True)):
            assert_plane(plane, measured, at_its_place=not (dead and number == partials - 1))


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_that_of_mm_without_its_idle_ones_and_its_mistakes(name: str) -> None:
    case = CASES[name]
    animation = timeline(case["params"])
    cut, frames = cut_along_k(animation), {frame["bump"]: frame for frame in case["frames"]}
    for step in range(animation.steps):
        bump = animation.schedule.bump(step)
        if bump not in frames:  # not all of a cycle was measured
            assert case["cycle"] is None
            break
        measured, before = frames[bump], frames.get(bump - 1, {"planes": []})
        frame = animation.frame(step)
        assert_masks(frame, measured["masks"], cut)
        for path in cut:
            assert_sum_shown(frame, path, animation, step)
        assert_planes(frame, measured["planes"], before["planes"], dead="dead" in name)
        if not others(case):
            for path, values in measured.get("values", {}).items():
                np.testing.assert_allclose(frame[path].values.reshape(-1), values, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["cycle"] is not None])
def test_what_is_left_out_of_a_cycle_of_mm_are_bumps_in_which_nothing_flies(name: str) -> None:
    case = CASES[name]
    animation = timeline(case["params"])
    kept = {animation.schedule.bump(step) for step in range(animation.steps)}
    assert len(kept) == animation.steps
    assert kept == {frame["bump"] for frame in case["frames"] if frame["planes"]}


def tree_params(case: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a nested case: its own, or those of the chain or tree that its name says."""
    if "params" in case:
        params: dict[str, Any] = case["params"]
        return params
    name, algorithms = case["name"], case["algs"]

    def node(tree: Any, path: str) -> dict[str, Any]:
        if isinstance(tree[0], int):
            return {"h": tree[0], "w": tree[1], "init": "expr", "expr": "i + j / 8 + 0.3"}  # nothing is 0
        left, right = (node(tree[n], f"{path}.{side}".strip(".")) for n, side in enumerate(("left", "right")))
        return {"matmul": True, "left": left, "right": right, "anim": {"alg": algorithms.get(path, "none")}}

    params = node(shape_of(name), "")
    params["anim"]["fuse"] = next(mode for mode in ("none", "async", "sync") if f"fuse {mode}" in name)
    return params


def shape_of(name: str) -> Any:
    a, b, c = [3, 4], [4, 2], [2, 3]
    if name.startswith("A@(B@C)"):
        return a, (b, c)
    if name.startswith("(A@B)@(C@D)"):
        return (a, b), (c, [3, 4])
    if name.startswith("(A@B)@((C@D)@E)"):
        return ([3, 2], [2, 5]), (([5, 2], [2, 3]), [3, 4])
    chain: Any = ((a, b), c)
    if name.startswith("left chain"):
        chain = chain, [3, 4]
    return (chain, [4, 2]) if name.startswith("left chain 5") else chain


@pytest.mark.parametrize("name", TREES)
def test_products_in_a_tree_start_and_show_their_results_as_in_mm(name: str) -> None:
    case = TREES[name]
    animation = timeline(tree_params(case))
    bump = animation.schedule.bump
    assert {path: bump(run.start) for path, run in animation.schedule.runs.items()} == case["starts"]
    assert bump(animation.steps - 1) + 1 == case["cycle"]
    for step in range(animation.steps):
        frame = animation.frame(step)
        states = {path: frame[path] for path in case["shown"][0]}
        counts = {path: int((state.visible | (state.values == 0)).sum()) for path, state in states.items()}
        assert counts == case["shown"][bump(step)]


def test_every_correction_has_a_reason() -> None:
    assert all(reason.endswith(".") for reason in CORRECTIONS.values())
