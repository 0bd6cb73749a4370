"""What is said below the picture: the captions that have begun, the token of a step, the blocks of a blockwise one."""

from typing import Any

import pytest

from mmviz import Scene
from mmviz.picture.marks.narration import Narration
from mmviz.picture.time.pacing import Moment
from mmviz.scene.keys.options import CaptionOptions
from tests.picture.test_blockwise import Head

SHAPES = {"A": [3, 4], "B": [4, 2], "C": [2, 5]}
WORDS = ("The", "sky", "is")
ROWS = {"": ("tokens", "size"), "left": ("tokens", "size")}
COLUMNS = {"": ("rows", "size"), "left": ("size", "tokens")}


def narration(axes: dict[str, tuple[str, str]], tokens: tuple[str, ...] = WORDS, **parts: Any) -> Narration:
    """X = A @ B in steps 0 to 3 (by columns 0 to 2), then out = X @ C in as many (by columns 5)."""
    tensors = {name: {"init": "gaussian", "shape": shape} for name, shape in SHAPES.items()}
    captions = parts.pop("captions", ())
    scene = Scene("out = (X = A @ B) @ C", tensors, **parts)
    return Narration(scene.root, scene.timeline(), axes, tokens, captions, ())


def said(found: Narration, *times: float) -> list[str]:
    return [found.at(Moment(t)) for t in times]


def test_the_caption_that_began_last_is_shown_from_the_first_step_of_its_matrix_on() -> None:
    captions = [CaptionOptions(start=start, text=f"{start} comes") for start in ("out", "X")]
    found = narration({"": ("", ""), "left": ("", "")}, captions=captions)
    assert said(found, 0, 2.9, 3, 4, 6) == ["X comes", "X comes", "out comes", "out comes", "out comes"]
    assert said(narration({"": ("", ""), "left": ("", "")}), 0, 3) == ["", ""]


def test_where_rows_are_tokens_each_step_says_its_token_and_the_end_says_none() -> None:
    first, second, third = (f"token {n} of 3: “{word}”" for n, word in enumerate(WORDS, 1))
    assert said(narration(ROWS), 0, 0.9, 1, 2, 3, 5.5, 6) == [first, first, second, third, first, third, ""]
    captions = [CaptionOptions(start="X", text="X comes")]
    assert said(narration(ROWS, captions=captions), 1) == [f"X comes   ·   {second}"]


def test_by_columns_a_step_says_its_token_where_columns_are_tokens() -> None:
    found = narration(COLUMNS, ("a", "b"), animation={"algorithm": "mvprod"})
    assert said(found, 0, 1, 2) == ["token 1 of 2: “a”", "token 2 of 2: “b”", ""]


@pytest.mark.parametrize(
    ("axes", "algorithm"), [(COLUMNS, "vmprod"), (ROWS, "mvprod"), (ROWS, "vvprod"), (ROWS, "dotprod")]
)
def test_a_step_that_is_no_token_says_none(axes: dict[str, tuple[str, str]], algorithm: str) -> None:
    found = narration(axes, animation={"algorithm": algorithm})
    assert set(said(found, *range(found.timeline.steps + 1))) == {""}


def test_of_rows_that_have_no_token_nothing_is_said() -> None:
    assert said(narration(ROWS, WORDS[:2]), 0, 1, 2) == ["token 1 of 2: “The”", "token 2 of 2: “sky”", ""]


def test_a_blockwise_step_says_its_queries_and_keys_and_what_it_does_with_them() -> None:
    scene = Head("sdpa(Q @ K.T)", queries=5, keys=5, cuts=(2, 2)).scene()
    axes = dict.fromkeys(scene.timeline().schedule.runs, ("", ""))
    found = Narration(scene.root, scene.timeline(), axes, (), (), ())
    maxima, weigh = "scores and their row maxima m", "exp(score - m) weighs the values, l adds it up"
    divided = "divided by l, the weights are those of the softmax"
    assert said(found, *range(found.timeline.steps + 1)) == [
        f"queries 1 to 3, keys 1 to 3: {maxima}",
        f"queries 1 to 3, keys 1 to 3: {weigh}",
        f"queries 1 to 3: {divided}",
        f"queries 4 to 5, keys 1 to 3: {maxima}",
        f"queries 4 to 5, keys 1 to 3: {weigh}",
        "queries 4 to 5, keys 4 to 5: larger row maxima rescale what is summed so far",
        f"queries 4 to 5, keys 4 to 5: {weigh}",
        f"queries 4 to 5: {divided}",
        "",
    ]
