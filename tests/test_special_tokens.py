"""Special tokens around a prompt: there by default as in transformers, left out if asked, said by scene and window."""

import sys
from pathlib import Path

import pytest
import yaml
from transformers import AutoTokenizer

from mmviz import cli
from mmviz.builders.by_name import first_head
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SceneError
from mmviz.pipeline import Scene
from mmviz.scene.changes.refill import refilled
from tests.beginning import START, with_beginning
from tests.values.variants import silently

TEXT = "the cat sat"


@pytest.fixture
def beginning(tmp_path: Path) -> Path:
    return with_beginning(tmp_path / "m")


@pytest.mark.parametrize(("switch", "expected"), [((), True), (("--no-special-tokens",), False)])
@pytest.mark.parametrize("command", [("head", "--layer", "0", "--head", "0"), ("layer", "--layer", "0")])
def test_commands_read_a_prompt_as_transformers_does(
    beginning: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    switch: tuple[str, ...],
    expected: bool,
) -> None:
    name, *options = command
    arguments = [name, str(beginning), *options, "--prompt", TEXT, "-o", str(tmp_path / "s.yaml"), *switch]
    monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    scene = Scene.load(tmp_path / "s.yaml")
    reference = silently(AutoTokenizer.from_pretrained, str(beginning))
    assert list(scene.sources.token_ids) == reference(TEXT, add_special_tokens=expected)["input_ids"]
    assert (scene.sources.token_ids[0] == 1) is expected
    assert scene.special_tokens == ((START,) if expected else ())
    written = yaml.safe_load((tmp_path / "s.yaml").read_text(encoding="utf-8"))["model"]
    assert written.get("special_tokens", False) is expected


def test_a_scene_without_the_key_has_none(beginning: Path) -> None:
    model = {"path": str(beginning), "prompt": TEXT, "device": "cpu"}
    scene = Scene("X", {"X": {"activation": "hook_embed"}}, model=model)
    assert 1 not in scene.sources.token_ids
    assert scene.changed(model={**model, "special_tokens": True}).sources.token_ids == (1, *scene.sources.token_ids)


def test_a_model_that_is_opened_by_its_name_reads_them(beginning: Path) -> None:
    assert first_head(str(beginning)).sources.token_ids[0] == 1


def test_another_prompt_keeps_them_as_they_are_and_takes_the_place_of_ids_with_them(beginning: Path) -> None:
    for special in (True, False):
        scene = head_scene(Reading(str(beginning), TEXT, special_tokens=special), 0, 0)
        assert refilled(scene.document, prompt="other")["model"].get("special_tokens", False) is special
    scene = head_scene(Reading(str(beginning), tokens=(5, 6)), 0, 0)
    assert refilled(scene.document, prompt="other")["model"]["special_tokens"] is True


def test_token_ids_have_nothing_put_around_them(beginning: Path) -> None:
    model = {"path": str(beginning), "tokens": [5, 6], "special_tokens": True}
    with pytest.raises(SceneError) as raised:
        Scene("X", {"X": {"activation": "hook_embed"}}, model=model)
    assert str(raised.value) == "scene, model: has special_tokens but no prompt, around which they would be put."
