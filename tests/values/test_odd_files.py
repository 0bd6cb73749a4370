"""Weights as they lie around: wrapped, tied, half of them left out, under odd names; against transformers."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import compare
from tests.values.variants import save_variant

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)
TIED = {"gpt2": "transformer.wte.weight", "llama one key for all, tied": "model.embed_tokens.weight"}
"""The embeddings of variants whose unembedding is tied to them."""
QUERIES_KEYS_VALUES = "transformer.h.2.attn.c_attn.weight"


def model_of(place: Path) -> Model:
    return Model(Checkpoint.open(place), "cpu")


def edited(folder: Path, change: Callable[[dict[str, Tensor]], object]) -> Path:
    """A folder whose weights were changed by hand."""
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def says(folder: Path, **change: object) -> Path:
    """A folder whose config.json says something else; None: does not say it."""
    path = folder / "config.json"
    config = {**json.loads(path.read_text()), **change}
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("variant", TIED)
@pytest.mark.parametrize("prefix", ["", "_orig_mod.", "module."])
def test_a_tied_embedding_may_be_stored_as_the_unembedding_alone(variant: str, prefix: str, tmp_path: Path) -> None:
    def as_save_model_does(weights: dict[str, Tensor]) -> None:  # of tensors that share memory it keeps one
        weights["lm_head.weight"] = weights.pop(TIED[variant])
        for name in list(weights):
            weights[prefix + name] = weights.pop(name)

    model = model_of(edited(save_variant(tmp_path, variant), as_save_model_does))
    assert not compare(model, TOKENS).exceeding
    assert model.weight_shape("embed.W_E") == (96, 48)
    assert torch.equal(model.weight("embed.W_E"), model.weight("unembed.W_U").mT)


@pytest.mark.parametrize("variant", TIED)
def test_an_unembedding_of_its_own_counts_even_where_the_config_says_that_it_is_tied(
    variant: str, tmp_path: Path
) -> None:
    edited(save_variant(tmp_path, variant), lambda weights: weights.update({"lm_head.weight": torch.randn(96, 48)}))
    assert not compare(model_of(tmp_path), TOKENS).exceeding


@pytest.mark.parametrize("variant", ["gpt2", "llama biased"])
@pytest.mark.parametrize("wrapper", ["_orig_mod.", "module.", "module._orig_mod.", "model."])
def test_what_wrappers_put_before_names_means_nothing(variant: str, wrapper: str, tmp_path: Path) -> None:
    def wrap(weights: dict[str, Tensor]) -> None:
        for name in list(weights):
            weights[wrapper + name] = weights.pop(name)

    assert not compare(model_of(edited(save_variant(tmp_path, variant), wrap)), TOKENS).exceeding


@pytest.mark.parametrize(("variant", "architecture"), [("gpt2 untied, unscaled", "GPT2Model"), ("qwen2", "Qwen2Model")])
def test_a_base_model_has_all_activations_but_logits(variant: str, architecture: str, tmp_path: Path) -> None:
    says(save_variant(tmp_path, variant), architectures=[architecture])
    model = model_of(edited(tmp_path, lambda weights: weights.pop("lm_head.weight")))
    found = compare(model, TOKENS)
    assert (found.rows[-1].hook, found.exceeding) == ("ln_final.hook_normalized", ())
    asks: tuple[Callable[[], Tensor], ...] = (
        lambda: model.activation(TOKENS, "logits"),
        lambda: model.weight("unembed.W_U"),
    )
    for ask in asks:
        with pytest.raises(SourceError, match=r": the model ends with its last norm and has no unembedding\.$"):
            ask()


@pytest.mark.parametrize("change", [{"n_positions": None, "n_ctx": 32}, {"model_type": None}])
def test_transformers_is_told_what_old_configs_say_in_other_words(change: dict[str, Any], tmp_path: Path) -> None:
    assert not compare(model_of(says(save_variant(tmp_path, "gpt2"), **change)), TOKENS).exceeding


def test_the_only_file_of_weights_in_a_folder_may_have_any_name(tmp_path: Path) -> None:
    (save_variant(tmp_path, "gpt2") / "model.safetensors").rename(tmp_path / "step-50.safetensors")
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    assert not compare(model_of(tmp_path), TOKENS).exceeding


def test_scores_that_are_nan_are_masked_on_both_sides(tmp_path: Path) -> None:
    edited(save_variant(tmp_path, "gpt2"), lambda weights: weights[QUERIES_KEYS_VALUES][3, 5].fill_(math.nan))
    found = compare(model_of(tmp_path), TOKENS)
    count = len(TOKENS) * (len(TOKENS) + 1) // 2
    assert {row.hook: row.nans for row in found.rows}["attn.hook_attn_scores"] >= count
    assert not found.exceeding
