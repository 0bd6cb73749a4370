"""The option --set as a command uses it: a scene with other keys, and what is told of one that cannot be so."""

from pathlib import Path
from typing import Any

import pytest

from mmviz.cli.settings import with_settings
from mmviz.errors import SceneError
from mmviz.pipeline import Scene

EYE: dict[str, Any] = {"init": "eye", "shape": [2, 2]}


def scene(**parts: Any) -> Scene:
    return Scene("A @ B", {"A": EYE, "B": EYE}, **parts)


@pytest.mark.parametrize("settings", [None, []])
def test_without_settings_the_scene_is_the_same(settings: list[str] | None) -> None:
    made = scene()
    assert with_settings(made, settings) is made


def test_keys_that_are_set_are_as_if_the_scene_had_said_them() -> None:
    before = scene(title="t", layout={"gap": 3, "scheme": "blocks"})
    after = with_settings(before, ["layout.gap=8", "style.legend=false", "tensors.A.shape=[4, 2]"])
    said = Scene(
        "A @ B",
        {"A": {**EYE, "shape": [4, 2]}, "B": EYE},
        title="t",
        layout={"gap": 8, "scheme": "blocks"},
        style={"legend": False},
    )
    assert after.document == said.document
    assert before.document == scene(title="t", layout={"gap": 3, "scheme": "blocks"}).document


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("layout.gap=-1", "{where} with --set, layout.gap: must be 0 or more, got -1."),
        (
            "gap",
            "--set gap: a key and its value are needed, such as layout.gap=8; a name with dots stands in quotes, such "
            "as tensors.'a.b'.seed=3.",
        ),
        (
            "expr=A @",
            "{where} with --set, expr: expression, column 4: expected a matrix name, a function or '(', found the "
            "end.\n  A @\n     ^",
        ),
        (
            "colour=",  # nothing at all, of a key that is none
            "{where} with --set: unknown key 'colour'; known keys: about, animation, camera, captions, checks, export, "
            "expr, layout, made_by, model, partition, rank, roots, style, tensors, title, version, view.",
        ),
        (
            "expr=null",
            "{where} with --set, expr: must be text, in quotes where it looks like something else, got nothing.",
        ),
        ("expr.x=1", '--set expr.x=1: expr is "A @ B", which has no keys.'),
    ],
)
def test_a_message_names_the_file_and_the_option(tmp_path: Path, setting: str, message: str) -> None:
    path = tmp_path / "plain.yaml"
    scene().save(path)
    with pytest.raises(SceneError) as caught:
        with_settings(Scene.load(path), [setting])
    assert str(caught.value) == message.format(where=path)
