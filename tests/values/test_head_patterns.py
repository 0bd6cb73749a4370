"""The patterns of all heads of a model: those of its hooks, in one forward pass that goes no further than asked."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from mmviz import Scene
from mmviz.errors import SourceError
from mmviz.values.model.model import Model
from mmviz.values.tensors.head_patterns import HeadPatterns
from tests.values.variants import load_reference, save_variant

IDS = (3, 1, 4, 1, 5, 9, 2, 6)


def patterns_of(folder: Path) -> HeadPatterns:
    model = {"path": str(folder), "tokens": list(IDS), "device": "cpu"}
    source = {"activation": "blocks.0.attn.hook_pattern", "head": 0}
    return Scene("x", {"x": source}, model=model).head_patterns


@pytest.mark.parametrize("variant", ["llama grouped, wide heads", "gpt2", "mistral"])
def test_they_are_those_of_transformers(tmp_path: Path, variant: str) -> None:
    found = patterns_of(save_variant(tmp_path, variant))
    layers = list(found.each())
    reference = load_reference(tmp_path)(torch.tensor([IDS]), output_attentions=True).attentions
    assert len(layers) == found.layers == len(reference)
    for mine, theirs in zip(layers, reference, strict=True):
        assert mine.shape == (found.heads, len(IDS), len(IDS))
        np.testing.assert_allclose(mine, theirs[0].detach(), atol=2e-5)


def test_no_layer_is_computed_before_it_is_asked_for_and_none_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    steps = Model.steps

    def noting(self: Model, ids: Sequence[int], names: Collection[str]) -> Iterator[tuple[str, torch.Tensor]]:
        for name, value in steps(self, ids, names):
            if name.endswith("hook_resid_pre"):
                begun.append(name)
            yield name, value

    monkeypatch.setattr(Model, "steps", noting)
    each = patterns_of(save_variant(tmp_path, "llama")).each()
    assert begun == []
    next(each)
    assert begun == ["blocks.0.hook_resid_pre"]
    assert len(list(each)) == 2
    assert begun == [f"blocks.{layer}.hook_resid_pre" for layer in range(3)]


def test_the_threads_that_compute_are_as_before_while_it_rests(tmp_path: Path) -> None:
    each = patterns_of(save_variant(tmp_path, "llama")).each()
    before = torch.get_num_threads(), torch.is_inference_mode_enabled()
    next(each)
    assert (torch.get_num_threads(), torch.is_inference_mode_enabled()) == before


def test_a_scene_without_a_prompt_has_none() -> None:
    with pytest.raises(SourceError) as raised:
        _ = Scene("x", {"x": [[1, 2]]}).head_patterns
    assert str(raised.value) == "the scene has no prompt; a model and a prompt that its heads read are needed."
