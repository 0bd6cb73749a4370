"""A token is computed at the step at which its row, or its column, appears; and that step is at the token."""

import pytest

from mmviz import Scene
from mmviz.picture.composition import Composition
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE
from mmviz.picture.time.token_steps import newest, step_of, token_at

SHAPES = {"X": (6, 3), "A": (3, 4), "B": (3, 4), "C": (3, 5)}
EXPR = "(attn = softmax(tril((Q = X @ A) @ (K = X @ B).T))) @ (V = X @ C)"
AXES = {"": ("tokens", ""), "left": ("tokens", "tokens"), "right": ("tokens", "")}


def composed(algorithm: str, **animation: object) -> Composition:
    tensors = {name: {"init": "gaussian", "shape": list(shape)} for name, shape in SHAPES.items()}
    return Scene(EXPR, tensors, animation={"algorithm": algorithm, **animation}).composition


def axes_of(composition: Composition) -> dict[str, tuple[str, str]]:
    return {path: AXES.get(path, ("", "")) for path in composition.axes}


@pytest.mark.parametrize("fuse", ["none", "chain"])
@pytest.mark.parametrize(("algorithm", "axis"), [("vmprod", 0), ("mvprod", 1), ("dotprod", 0), ("dotprod-columns", 1)])
def test_a_token_appears_at_its_step_and_not_before(algorithm: str, axis: int, fuse: str) -> None:
    composition = composed(algorithm, fuse=fuse)
    timeline = composition.timeline
    for token in range(6):
        step = step_of(timeline, axes_of(composition), "left", token)
        cells = [timeline.frame(t)["left"].visible.take(token, axis) for t in (step, max(step - 1, 0))]
        assert cells[0].any()
        assert step == 0 or not cells[1].any()


@pytest.mark.parametrize("algorithm", ["vvprod", "axpy"])
def test_where_sums_grow_a_token_is_there_when_its_matrix_is(algorithm: str) -> None:
    composition = composed(algorithm)
    ready = composition.timeline.schedule.ready["left"]
    assert {step_of(composition.timeline, axes_of(composition), "left", token) for token in range(6)} == {ready}


def test_rows_of_a_matrix_that_goes_by_columns_are_there_when_all_of_it_is() -> None:
    composition = composed("mvprod")
    ready = composition.timeline.schedule.ready["right"]
    assert {step_of(composition.timeline, axes_of(composition), "right", token) for token in (0, 5)} == {ready}


@pytest.mark.parametrize("algorithm", ["vmprod", "mvprod", "dotprod"])
def test_at_the_step_of_a_token_the_animation_is_at_that_token(algorithm: str) -> None:
    composition = composed(algorithm)
    axes = axes_of(composition)
    for token in range(6):
        step = step_of(composition.timeline, axes, "left", token)
        assert token_at(composition.timeline, axes, 6, step, "left") == token
    assert token_at(composition.timeline, axes, 6, composition.timeline.steps, "left") is None


def test_while_another_matrix_is_computed_its_token_is_told() -> None:
    composition = composed("vmprod")
    timeline, axes = composition.timeline, axes_of(composition)
    run = timeline.schedule.runs["right"]  # V
    for token in range(6):
        assert token_at(timeline, axes, 6, run.start + token + 0.5, "left") in (token, None)
    assert token_at(timeline, dict.fromkeys(axes, ("", "")), 6, run.start, "left") is None


def test_what_is_whole_or_not_begun_has_no_newest_line() -> None:
    assert newest(EVERYWHERE) is None
    assert newest(NOWHERE) is None


def test_every_token_of_the_shipped_head_has_a_step_of_its_own() -> None:
    composition = Scene.load("attention_head").composition
    path = next(path for path, axes in composition.axes.items() if axes == ("tokens", "tokens"))
    steps = [step_of(composition.timeline, composition.axes, path, token) for token in range(64)]
    assert steps == [steps[0] + token for token in range(64)]
