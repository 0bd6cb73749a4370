"""Kinds of layers: what one of each costs is, of all layers together, what the whole model costs; they have names."""

from dataclasses import replace

import pytest

from mmviz.values.families import costs
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layer_kinds import layer_kinds, told_kinds
from mmviz.values.families.reading import read_model_config
from tests.values.variants import SCALED, VARIANTS


def config(variant: str) -> ModelConfig:
    return read_model_config({**VARIANTS, **SCALED}[variant].to_dict(), "config.json")


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_layers_together_cost_what_the_model_costs(variant: str) -> None:
    model = config(variant)
    kinds = layer_kinds(model)
    assert sorted(layer for kind in kinds for layer in kind.layers) == list(range(model.layers))
    for tokens, before in ((1, 0), (1, 20), (30, 0)):
        whole = costs.forward_operations(model, tokens, before)
        found = sum(len(kind.layers) * kind.operations(tokens, before) for kind in kinds)
        assert found == whole.layers + whole.attention
    kept = sum(len(kind.layers) * kind.cache_bytes(30) for kind in kinds)
    assert kept == costs.cache_bytes(model, 30)
    found = sum(len(kind.layers) * kind.parameters for kind in kinds)
    in_layers = [costs.layer_parameters(model, layer) for layer in range(model.layers)]
    assert found == sum(sum(parts.values()) for parts in in_layers)


def test_kinds_are_named_by_how_far_and_whether_by_positions_their_tokens_look() -> None:
    told = {variant: [(kind.name, kind.layers) for kind in layer_kinds(config(variant))] for variant in VARIANTS}
    assert told["llama"] == [("full attention", (0, 1, 2))]
    assert told["gemma3"] == [("window of 5 tokens", (0, 2)), ("full attention", (1,))]
    assert told["mistral"] == [("window of 5 tokens", (0, 1, 2))]
    both_ways = [kind.name for kind in layer_kinds(replace(config("gemma3"), causal=False))]
    assert both_ways == ["window of 5 tokens to each side", "attention both ways"]
    some_rotated = layer_kinds(replace(config("llama"), unrotated=frozenset({1})))
    assert [(kind.name, kind.layers) for kind in some_rotated] == [
        ("full attention", (0, 2)),
        ("full attention, no positions", (1,)),
    ]


def test_layers_with_experts_are_a_kind_of_their_own_that_computes_with_those_that_are_chosen() -> None:
    sparse, dense = layer_kinds(config("qwen3_moe"))
    assert [(kind.name, kind.layers) for kind in (sparse, dense)] == [
        ("full attention, 2 of 9 experts", (0, 2)),
        ("full attention", (1,)),
    ]
    wide, mlp = sparse.alone.d_model, 3 * sparse.alone.d_model * sparse.alone.d_mlp
    one, router = 3 * wide * 12, wide * 9  # gate, in and out of an expert that is 12 wide; a score for each
    assert sparse.parameters - dense.parameters == 9 * one + router - mlp
    assert sparse.operations(1) - dense.operations(1) == 2 * (2 * one + router - mlp)


def test_a_window_needs_less_of_a_cache_and_less_work_for_a_token_more() -> None:
    window, full = told_kinds(config("gemma3"), 40)
    assert window.parameters == full.parameters
    heads = 2 * 2 * 8 * 2  # bytes a token: keys and values of 2 heads of 8 numbers, in 16 bits
    assert (window.cache, full.cache) == (4 * heads, 40 * heads)
    assert full.operations - window.operations == 4 * 6 * 8 * (40 - 5)  # scores and values of 6 heads of 8 numbers
    both = told_kinds(replace(config("llama"), causal=False), 10)[0]
    (kind,) = layer_kinds(replace(config("llama"), causal=False))
    assert both.operations == kind.operations(10) // 10
