"""A model's files held against its configuration: what is missing, misshapen, or no part of it."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from mmviz.values.families.reading import read_model_config
from mmviz.values.model.inventory import Extra, Inventory, Misshapen, Stored, take_inventory
from tests.values.memory_store import GPT2, LLAMA, MemoryStore, checkpoint_of, weights_of

OF_A_TASK = "a head for another task; it is no part of the model that is shown"
UNKNOWN = "no part of the model that its configuration describes"


def inventory(config: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> Inventory:
    store = MemoryStore(weights)
    found = take_inventory(read_model_config(config, "config.json"), checkpoint_of(config, store))
    assert store.asked == []
    return found


@pytest.mark.parametrize("config", [LLAMA, GPT2, {**LLAMA, "attention_bias": True, "mlp_bias": True}])
@pytest.mark.parametrize("prefix", [None, "", "_orig_mod."])
def test_a_whole_model_lacks_nothing_whatever_stands_before_its_names(
    config: Mapping[str, Any], prefix: str | None
) -> None:
    weights = weights_of(config)
    stored = {
        name if prefix is None else prefix + name.removeprefix("model.").removeprefix("transformer."): weight
        for name, weight in weights.items()
    }
    found = inventory(config, stored)
    assert (found.needed, found.missing, found.misshapen, found.extra) == (len(weights), (), (), ())
    size = sum(weight.nbytes for weight in weights.values())
    assert found.stored == (Stored("F32", len(weights), size),)
    assert found.size == size


def test_what_is_missing_misshapen_or_more_is_named() -> None:
    weights = weights_of(LLAMA)
    del weights["model.norm.weight"]
    weights["model.layers.0.mlp.up_proj.weight"] = torch.zeros(10, 11)
    weights["probe"] = torch.zeros(2, 3, dtype=torch.float16)
    found = inventory(LLAMA, weights)
    assert found.needed == len(weights)
    assert found.missing == ("model.norm.weight",)
    assert found.misshapen == (Misshapen("model.layers.0.mlp.up_proj.weight", (10, 11), (10, 12)),)
    assert found.extra == (Extra("probe", UNKNOWN, "F16", 12),)


@pytest.mark.parametrize(
    ("config", "name", "meaning"),
    [
        (GPT2, "transformer.h.0.attn.bias", "a causal mask of old files; the mask is computed"),
        (GPT2, "h.1.attn.masked_bias", "a causal mask of old files; the mask is computed"),
        (LLAMA, "score.weight", OF_A_TASK),
        (LLAMA, "classifier.dense.weight", OF_A_TASK),
        (LLAMA, "qa_outputs.bias", OF_A_TASK),
        (LLAMA, "v_head.summary.weight", OF_A_TASK),
        (GPT2, "multiple_choice_head.summary.bias", OF_A_TASK),
        (LLAMA, "model.layers.0.self_attn.rotary_emb.inv_freq", "rotary frequencies of old files; they are computed"),
        (LLAMA, "model.layers.2.mlp.up_proj.weight", UNKNOWN),  # of a layer that the configuration does not have
        (LLAMA, "model.layers.0.self_attn.q_proj.bias", UNKNOWN),
        (LLAMA, "scores.weight", UNKNOWN),
        (GPT2, "h.0.attn.bias_of_mine", UNKNOWN),
    ],
)
def test_what_else_lies_in_the_files_is_told_with_its_meaning(
    config: Mapping[str, Any], name: str, meaning: str
) -> None:
    found = inventory(config, {**weights_of(config), name: torch.zeros(4)})
    assert found.extra == (Extra(name, meaning, "F32", 16),)
    assert (found.missing, found.misshapen) == ((), ())


def test_an_unembedding_beside_a_tied_embedding_is_no_stranger() -> None:
    tied = {**LLAMA, "tie_word_embeddings": True}
    weights = weights_of(tied)
    assert "lm_head.weight" not in weights
    both = inventory(tied, {**weights, "lm_head.weight": torch.zeros(9, 12)})
    assert (both.needed, both.missing, both.extra) == (len(weights), (), ())
    alone = dict(weights)
    alone["lm_head.weight"] = alone.pop("model.embed_tokens.weight")
    found = inventory(tied, alone)
    assert (found.missing, found.extra) == ((), ())


def test_an_unembedding_of_a_model_that_ends_with_its_last_norm_is_a_stranger() -> None:
    bare = {**LLAMA, "architectures": ["LlamaModel"]}
    weights = {name: weight for name, weight in weights_of(LLAMA).items() if name != "lm_head.weight"}
    assert inventory(bare, weights).extra == ()
    found = inventory(bare, {**weights, "lm_head.weight": torch.zeros(1)})
    assert found.extra == (Extra("lm_head.weight", UNKNOWN, "F32", 4),)


def test_the_dtype_with_the_most_bytes_comes_first() -> None:
    weights = {"a": torch.zeros(9, dtype=torch.float16), "b": torch.zeros(5), "c": torch.zeros(1, dtype=torch.float64)}
    found = inventory(LLAMA, {**weights, "d": torch.zeros(1)})
    assert found.stored == (Stored("F32", 2, 24), Stored("F16", 1, 18), Stored("F64", 1, 8))
    assert found.size == 50
