"""frame(t) of the page is that of Python on small scenes that each show what random ones seldom meet."""

from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from tests.page.frames import check_finals, check_frame, check_numbers
from tests.page.random_scenes import Made
from tests.page.timed import Timed, opened

SQUARES = tuple((name, 4, 4) for name in "abcdef")
RUNNING: dict[str, Any] = {"sums": "running", "fuse": "chain"}
CHOSEN: dict[str, Made] = {
    "signs": Made("a @ b - (c @ d - e @ f)", SQUARES, RUNNING | {"algorithm": "vvprod"}),
    "all at once": Made("relu(a @ b - c @ d) - e @ f", SQUARES, RUNNING | {"algorithm": "whole"}),
    "by rows": Made("a @ b - c @ d + tril(e @ f)", SQUARES, RUNNING | {"algorithm": "vmprod", "fuse": "none"}),
    "masked sum": Made("softmax(tril(a) + b @ c - d @ e)", SQUARES[:5], RUNNING | {"algorithm": "axpy"}),
    "turned twin": Made("(p = relu(a @ b)) @ c + p.T @ d", SQUARES[:4], {"algorithm": "vvprod"}),
    "twin of a twin": Made("((p = a @ b) @ (q = p)) @ q.T", SQUARES[:2], {"algorithm": "axpy"}),
    "by tokens": Made("sdpa(a @ b.T) @ c", SQUARES[:3], {"algorithm": "vmprod", "fuse": "decode"}),
    "in blocks": Made("a @ b", (("a", 5, 7), ("b", 7, 6)), {"algorithm": "dotprod"}, {"i": 2, "j": 3, "k": 3}),
    "blocks of sums": Made("a @ b", (("a", 5, 7), ("b", 7, 6)), {"algorithm": "axpy"}, {"i": 2, "j": 3, "k": 3}),
    "hidden": Made("a @ b @ c", SQUARES[:3], {"algorithm": "vvprod", "hide_inputs": True}),
    "one number": Made("a @ b", (("a", 1, 1), ("b", 1, 1)), {"algorithm": "dotprod-columns"}),
}


def check_all(page: Timed) -> None:
    """At all steps, and between them."""
    check_finals(page)
    steps = page.composition.timeline.steps
    for step in range(0, steps, max(1, steps // 40)):
        check_frame(page, step)
        check_frame(page, step + 0.3)
    check_frame(page, steps)


@pytest.mark.parametrize("name", CHOSEN)
def test_a_chosen_scene_has_the_same_frames_in_the_page(name: str) -> None:
    check_all(opened(CHOSEN[name].scene().composition))


def test_what_cancels_out_but_for_rounding_is_0_in_the_page_too() -> None:
    pattern = {"init": "rows", "shape": [48, 48]}
    scene = Scene("A @ B", {"A": pattern, "B": pattern}, animation={"algorithm": "vvprod"})
    page = opened(scene.composition)
    page.frame(47)
    assert page.told["matrices"][-1]["noise"] is not None
    assert not page.values("").any()


def test_the_sheet_behind_a_matrix_has_its_running_sums() -> None:
    sources = {name: {"init": "gaussian", "shape": [4, 4], "seed": seed} for seed, name in enumerate("abc")}
    animation = {"algorithm": "vvprod"}
    style = {"before": {"p": "scores"}}
    composition = Scene("(p = softmax(scale(a @ b))) @ c", sources, animation=animation, style=style).composition
    page = opened(composition)
    for step in range(4):
        assert page.asked(f"testing.timeline.runningStep('left', {step + 0.5})") == step
        values = page.matrix(f"testing.timeline.summedUp('left', {step}, 1)")
        check_numbers(values, composition.behind.values("left", step + 0.5), f"step {step}")
    assert page.asked("testing.timeline.runningStep('left', 4)") is None
    finished = page.matrix("testing.timeline.matrices.stored(testing.document.matrices[2].behind.numbers, 4, 4)")
    np.testing.assert_array_equal(finished, composition.behind.values("left", 4))


def test_what_has_not_been_read_yet_is_told_and_nothing_of_it_flies() -> None:
    """The arrays of a page come one after the other, and it shows what is there."""
    page = opened(CHOSEN["turned twin"].scene().composition)
    script = """
    (() => {
      const later = testing.document.matrices.find((matrix) => matrix.path === "left.left.right").numbers.array;
      let read = false;
      const arrays = { get: ({ array }) => testing.arrays[array], there: ({ array }) => read || array !== later };
      const timeline = new mmvizPage.Timeline(testing.document, arrays);
      const told = () => {
        const { states, planes } = timeline.frame(1.5);
        const missing = [...states.values()].filter((state) => !state.there).map((state) => state.path);
        return [missing, planes.map((plane) => plane.key)];
      };
      const before = told();
      read = true;
      return [before, told()];
    })()
    """
    before, after = page.asked(script)
    assert before[0] == ["left.left.right", "left.left", "right.left"]  # b, p and its twin, which are summed up of it
    assert before[1] == []
    assert after == [[], [str(plane.key) for plane in page.composition.timeline.frame(1.5).planes]]
