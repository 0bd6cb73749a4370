"""Words that may no longer be true, told with their place: long expressions are shortened, words are no matrices."""

from typing import Any

import pytest

from mmviz.scene.changes.doubts import LONGEST, doubts
from mmviz.scene.document import Document, from_mapping

EYE = {"init": "eye", "shape": [4, 4]}


def document(expr: str, *names: str, **parts: Any) -> Document:
    return from_mapping({"version": 1, "expr": expr, "tensors": dict.fromkeys(names, EYE), **parts}, "s")


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, LONGEST + 9])
def test_an_expression_is_shown_up_to_a_length(length: int) -> None:
    titled = f"A @ {'x' * (length - 4)}"
    shown = titled if length <= LONGEST else f"{titled[:56]} ..."
    assert len(shown) <= LONGEST
    assert doubts(document("A", "A", title="t"), titled) == (
        f"title: may no longer be true, it was written for {shown}",
    )


def test_a_title_is_doubted_where_another_thing_is_computed_alone() -> None:
    made = document("out = A @ B", "A", "B", title="t")
    assert doubts(made) == doubts(made, "A @ B") == ()
    assert doubts(document("out = A @ B", "A", "B"), "B @ A") == ()


@pytest.mark.parametrize("word", ["A", "I", "a"])
def test_a_matrix_that_is_called_as_a_word_is_not_missed(word: str) -> None:
    captions = [{"start": "X", "text": f"{word} matrix"}]
    assert doubts(document("X", "X", captions=captions), f"X @ {word}") == ()
    captions = [{"start": "X", "text": "b matrix"}]
    assert doubts(document("X", "X", captions=captions), "X @ b") == (
        "captions.0.text: names b, and the expression has no such matrix any more",
    )


def test_a_caption_names_what_is_gone_as_a_word_of_its_own() -> None:
    chapters = [{"to": "X", "caption": "W and V.T are added"}, {"from": "X"}]
    texts = ["Wide, x.W and W2", "V"]
    captions = [{"start": "X", "text": text} for text in texts]
    made = document("X", "X", title="W", captions=captions, animation={"chapters": chapters})
    assert doubts(made, "X @ W + V") == (
        "title: may no longer be true, it was written for X @ W + V",
        "captions.1.text: names V, and the expression has no such matrix any more",
        "animation.chapters.0.caption: names V, W, and the expression has no such matrix any more",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("layer 1, head 2", []),
        ("layer 0, head 2", ["layer 0"]),
        ("Layer 0 and HEAD 3", ["layer 0", "head 3"]),
        ("kv head 9, value layer 7, sub-head 4", []),
        ("head 2.5, head 3,5, head 2x", []),
        ("head 3. Then", ["head 3"]),
    ],
)
def test_a_layer_or_head_that_nothing_is_taken_from_is_told(text: str, told: list[str]) -> None:
    weight = {"weight": "blocks.1.attn.W_Q", "head": 2}
    made = from_mapping(
        {"version": 1, "expr": "W", "title": text, "tensors": {"W": weight}, "model": {"path": "m"}}, "s"
    )
    assert doubts(made) == tuple(f"title: says {one}, and nothing in the scene is taken from it" for one in told)


@pytest.mark.parametrize(
    ("made_by", "told"),
    [
        ({"layer": 1, "head": 2}, []),
        ({"layer": 0, "head": 2}, ["layer 0"]),
        ({"layer": 0, "head": 5}, ["layer 0", "head 5"]),
        ({"layer": 1, "part": "layer"}, []),
    ],
)
def test_what_made_a_scene_is_doubted_too(made_by: dict[str, Any], told: list[str]) -> None:
    weight = {"weight": "blocks.1.attn.W_Q", "head": 2}
    content = {"version": 1, "expr": "W", "tensors": {"W": weight}, "model": {"path": "m"}, "made_by": made_by}
    assert doubts(from_mapping(content, "s")) == tuple(
        f"made_by: says {one}, and nothing in the scene is taken from it" for one in told
    )
    plain = {
        "version": 1,
        "expr": "W",
        "tensors": {"W": {**weight, "weight": "lm_head.weight"}},
        "model": {"path": "m"},
    }
    assert doubts(from_mapping({**plain, "made_by": made_by}, "s")) == tuple(
        f"made_by: says {one}, and nothing in the scene is taken from it" for one in told if "head" in one
    )
