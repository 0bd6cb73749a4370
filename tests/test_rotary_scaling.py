"""A head whose rotary positions are scaled is drawn as transformers computes it, for any prompt its scene is given."""

from pathlib import Path

import pytest

from mmviz import Scene
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from tests.values.variants import SCALED, save_variant

SHORT, LONG = (3, 1, 4, 1, 5, 9), (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0, 7, 7, 2, 1)
"""The first within the original context of all models, the second beyond that of those which go by it."""


def of_prompt(scene: Scene, tokens: tuple[int, ...]) -> Scene:
    """A scene with another prompt, and nothing else changed."""
    assert scene.document.model is not None
    return scene.changed(model={**scene.document.model.model_dump(exclude_unset=True), "tokens": tokens})


@pytest.mark.parametrize("variant", SCALED)
def test_a_head_with_scaled_rotary_positions_is_that_of_transformers(variant: str, tmp_path: Path) -> None:
    folder = save_variant(tmp_path / "model", variant)
    for layer in (0, 1):
        made = head_scene(Reading(str(folder), tokens=SHORT, device="cpu"), layer, 1)
        assert "stretch" in made.document.tensors
        assert made.certificate.holds
        made.save(tmp_path / "head.yaml")
        saved = Scene.load(tmp_path / "head.yaml")
        assert of_prompt(saved, LONG).certificate.holds
        (tmp_path / "head.yaml").unlink()
