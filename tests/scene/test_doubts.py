"""Titles and captions that may no longer be true are told, and left as they are."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mmviz import Scene
from mmviz.cli import program
from mmviz.scene.changes.doubts import doubts
from mmviz.scene.document import Document, from_mapping, load

SCENES = sorted((Path(__file__).parents[2] / "scenes").glob("*.yaml"))
SQUARES = {name: {"init": "rows", "shape": [3, 3]} for name in "AB"}


def head(**parts: Any) -> Document:
    content = {
        "expr": "out = x @ w",
        "model": {"path": "m", "tokens": [1]},
        "tensors": {
            "x": {"activation": "blocks.1.ln1.hook_normalized"},
            "w": {"weight": "blocks.1.attn.W_Q", "head": 2},
        },
    }
    return from_mapping(content | parts, "scene")


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_what_shipped_scenes_say_is_true(path: Path) -> None:
    assert doubts(load(path)) == ()


@pytest.mark.parametrize(
    "title",
    ["Layer 1, head 2", "head 2.5", "value head 7", "sub-head 9", "header 3", "two heads", "layer 1: head 2 of 9"],
)
def test_true_words_and_words_of_other_things_raise_no_doubt(title: str) -> None:
    assert doubts(head(title=title)) == ()


def test_words_of_another_layer_or_head_are_told_with_their_place() -> None:
    document = head(
        title="M: layer 3, Head 2",
        about={"learn": "What head 5 does.", "tries": ["Show head 9 as well."]},
        captions=[{"start": "x", "text": "of head 4"}],
        animation={"chapters": [{"caption": "layer 1"}, {"caption": "layer 0"}]},
    )
    assert doubts(document) == (
        "title: says layer 3, and nothing in the scene is taken from it",
        "about.learn: says head 5, and nothing in the scene is taken from it",
        "captions.0.text: says head 4, and nothing in the scene is taken from it",
        "animation.chapters.1.caption: says layer 0, and nothing in the scene is taken from it",
    )


def test_a_title_is_doubted_after_an_edit_until_it_or_the_expression_is_put_right() -> None:
    scene = Scene("out = A @ B", SQUARES, title="A product")
    assert scene.doubts() == ()
    edited = scene.edited("out = A + B")
    told = ("title: may no longer be true, it was written for out = A @ B",)
    assert edited.doubts() == told
    assert edited.document.title == "A product"
    assert edited.changed(layout={"gap": 1}).edited("out = A - B").doubts() == told
    assert edited.changed(title="A sum").doubts() == ()
    assert edited.edited("out = A @ B").doubts() == ()


def test_captions_are_doubted_that_name_a_matrix_which_is_gone() -> None:
    captions: list[Any] = [{"start": "out", "text": "Q meets K. A row at a time"}, {"start": "out", "text": "Quietly"}]
    chapters: list[Any] = [{"caption": "First Q"}, {"caption": "then the rest, Q.T"}]
    tensors = dict.fromkeys("AQK", SQUARES["A"])
    scene = Scene("out = A @ Q @ K", tensors, captions=captions, animation={"chapters": chapters})
    assert scene.doubts() == ()
    assert scene.edited("out = A @ K").doubts() == (
        "captions.0.text: names Q, and the expression has no such matrix any more",
        "animation.chapters.0.caption: names Q, and the expression has no such matrix any more",
        "animation.chapters.1.caption: names Q, and the expression has no such matrix any more",
    )
    assert scene.edited("out = Q @ K").doubts() == ()  # A is a word, too
    assert scene.edited("out = A @ K").edited("out = Q @ A @ K").doubts() == ()


def test_another_name_makes_no_title_untrue() -> None:
    scene = Scene("out = A @ B", SQUARES, title="A product")
    assert scene.edited("result = A @ B").doubts() == ()


def test_a_scene_without_a_title_has_none_that_is_untrue() -> None:
    scene = Scene("A @ B", SQUARES)
    assert scene.edited("A + B").doubts() == ()


def test_the_command_check_tells_them_and_is_content(tmp_path: Path) -> None:
    scene = Scene.load("attention_head").changed(title="Layer 0, head 5")
    scene.save(tmp_path / "head.yaml")
    place = str(tmp_path / "head.yaml")
    outcome = CliRunner().invoke(program.app, ["check", place], catch_exceptions=False)
    assert outcome.exit_code == 0
    assert outcome.stderr == (
        f"{place}: note: title: says layer 0, and nothing in the scene is taken from it\n"
        f"{place}: note: title: says head 5, and nothing in the scene is taken from it\n"
    )
