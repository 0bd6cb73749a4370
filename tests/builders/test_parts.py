"""The matrices of a layer as expressions: written out, with shapes that fit, and with their checks."""

from dataclasses import replace
from typing import Any

import pytest

from mmviz.builders.expert_parts import all_experts, router, shared_expert
from mmviz.builders.forms import LOW, WeightForms
from mmviz.builders.parts import Parts
from mmviz.scene.language.expression import Expression, Name, write
from mmviz.scene.language.parsed import tree_of
from mmviz.scene.language.shapes import infer
from mmviz.scene.language.tree import find, tensors
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.reading import read_model_config
from mmviz.values.model.lookup import Lookup
from tests.values.memory_store import GPT2, LLAMA, MemoryStore, checkpoint_of, weights_of
from tests.values.tiny_transformers import tiny

TOKENS = 5
ROPE = {"rope_type": "default", "rope_theta": 500.0}


def config(base: Any = LLAMA, **changes: Any) -> ModelConfig:
    return read_model_config({**base, **changes}, "config.json")


def parts(base: Any = LLAMA, forms: WeightForms | None = None, layer: int = 1, **changes: Any) -> Parts:
    said = {"rope_parameters": ROPE, **changes} if base is LLAMA else changes
    return Parts(config(base, **said), layer, *([] if forms is None else [forms]))


def x_of(made: Parts) -> Name:
    return made.activation("x", "ln1.hook_normalized")


def shape_of(base: Any, source: dict[str, Any]) -> tuple[int, int]:
    """Rows and columns of a tensor, by the names of its axes."""
    read = config(base)
    sizes = {**read.sizes(), "tokens": TOKENS, "": 1}
    lookup = Lookup(read, checkpoint_of(base, MemoryStore(weights_of(base))))
    if "activation" in source:
        axes = lookup.activation_axes(source["activation"])
        if source.get("head") is not None:
            axes = tuple(axis for axis in axes if axis not in ("heads", "kv_heads"))
    else:
        axes = lookup.weight_axes(source["weight"], source.get("head"))
    rows, columns = (sizes[axis] for axis in axes)
    full = (rows, columns)
    rank = source.get("svd", {}).get("rank")
    return (
        full if rank is None else {"U": (rows, rank), "S": (rank, rank), "Vt": (rank, columns)}[source["svd"]["part"]]
    )


def check_fits(base: Any, made: Parts, expression: Expression) -> None:
    """Every matrix has a source, every source a matrix, and every check the shape of its activation."""
    root = tree_of(write(expression))
    assert set(tensors(root)) == set(made.tensors)
    shapes = infer(root, {name: shape_of(base, source) for name, source in made.tensors.items()})
    for name, source in made.checks.items():
        node = find(root, name) or find(root, f"{name}.T")
        assert node is not None, name
        found = shapes.of[node.path]
        assert shape_of(base, source) in (found, found[::-1]), name


# A head.


def test_a_head_without_a_causal_mask_has_none() -> None:
    made = parts(is_causal=False)
    assert "attn = softmax(scale(" in write(made.head(x_of(made), 4))


def test_a_head_of_a_llama_is_written_out() -> None:
    made = parts()
    head = made.head(x_of(made), 4)
    assert write(head) == (
        "(z = (attn = softmax(tril(scale((Q = rope(x @ wQ, 500)) @ (K = rope(x @ wK, 500)).T)))) @ (V = x @ wV)) @ wO"
    )
    at = "blocks.1.attn"
    assert made.tensors == {
        "x": {"activation": "blocks.1.ln1.hook_normalized"},
        **{f"w{kind}": {"weight": f"{at}.W_{kind}", "head": 4} for kind in "QKVO"},
    }
    hooks = {"Q": "hook_rot_q", "K": "hook_rot_k", "V": "hook_v", "attn": "hook_pattern", "z": "hook_z"}
    assert made.checks == {name: {"activation": f"{at}.{hook}", "head": 4} for name, hook in hooks.items()}
    assert made.before == {"attn": "scores"}
    check_fits(LLAMA, made, head)


def test_a_head_of_gpt2_has_biases_and_no_rotary_positions() -> None:
    made = parts(GPT2)
    head = made.head(x_of(made), 0)
    assert write(head) == (
        "(z = (attn = softmax(tril(scale((Q = bias(x @ wQ, bQ)) @ (K = bias(x @ wK, bK)).T)))) @ "
        "(V = bias(x @ wV, bV))) @ wO"
    )
    assert made.tensors["bK"] == {"weight": "blocks.1.attn.b_K", "head": 0}
    assert made.checks["Q"] == {"activation": "blocks.1.attn.hook_q", "head": 0}
    check_fits(GPT2, made, head)


def test_heads_of_a_group_share_their_keys_and_values_which_the_first_computes() -> None:
    made = parts()
    heads = [made.head(x_of(made), head, numbered=True) for head in (2, 3, 5)]
    first, third, fifth = map(write, heads)
    assert "(K0 = rope(x @ wK0, 500)).T" in first
    assert "@ (V0 = x @ wV0)) @ wO2" in first
    assert "(K1 = rope(x @ wK1, 500)).T" in third
    assert "@ K1.T" in fifth
    assert "@ V1) @ wO5" in fifth
    assert made.tensors["wK1"] == {"weight": "blocks.1.attn.W_K", "head": 3}
    assert "wK5" not in made.tensors
    check_fits(LLAMA, made, heads[0] + (heads[1] + heads[2]))


@pytest.mark.parametrize(
    ("changes", "scores"),
    [
        ({}, "tril(scale("),
        ({"scale_attn_weights": False}, "tril((Q"),
        ({"scale_attn_by_inverse_layer_idx": True}, "tril(scale((Q"),
    ],
)
def test_scores_have_the_factor_of_their_model_and_layer(changes: dict[str, Any], scores: str) -> None:
    made = parts(GPT2, **changes)
    text = write(made.pattern(x_of(made), 0))
    assert scores in text
    factor = made.config.score_factor(1)
    assert (f", {factor!r})" in text) == (factor not in (1, made.config.d_head**-0.5))


def test_stretched_rotary_positions_take_a_vector() -> None:
    rope = {"rope_type": "linear", "rope_theta": 500.0, "factor": 4.0}
    made = parts(rope_parameters=rope)
    assert "rope(x @ wQ, stretch, 500)" in write(made.pattern(x_of(made), 0))
    assert made.tensors["stretch"] == {"activation": "blocks.1.rotary.stretch"}


def test_an_attention_factor_multiplies_what_is_rotated() -> None:
    made = parts(rope_parameters={"rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "attention_factor": 1.5})
    assert "scale(rope(x @ wQ, stretch, 500), 1.5)" in write(made.pattern(x_of(made), 0))


def test_an_attention_factor_multiplies_only_what_is_rotated() -> None:
    rope = {"type": "longrope", "short_factor": [1.0], "long_factor": [2.0], "attention_factor": 1.5}
    said = {**LLAMA, "hidden_size": 24, "model_type": "phi3", "partial_rotary_factor": 0.5, "rope_scaling": rope}
    made = Parts(config(said), 1)
    assert "rope(x @ wQ, stretch, 10000, 2, 1.5)" in write(made.pattern(x_of(made), 0))


def test_queries_and_keys_are_normalized_by_weights_of_their_own_heads() -> None:
    said = {**LLAMA, "hidden_size": 24, "model_type": "cohere", "use_qk_norm": True}
    made = Parts(config(said), 1)
    heads = [made.head(x_of(made), head, numbered=True) for head in (2, 4)]
    assert "Q4 = rope_pairs(layernorm(x @ wQ4, q_norm_w4, 1e-05), 500000)" in write(heads[1])
    assert made.tensors["q_norm_w4"] == {"weight": "blocks.1.attn.q_norm.w", "head": 4}
    assert made.tensors["k_norm_w1"] == {"weight": "blocks.1.attn.k_norm.w", "head": 4}
    check_fits(said, made, heads[0] + heads[1])


# Norms and MLP.


def test_norms_are_those_of_the_family() -> None:
    for base, norm in ((LLAMA, "rmsnorm(r, ln2_w, 1e-06)"), (GPT2, "layernorm(r, ln2_w, ln2_b, 1e-05)")):
        made = parts(base)
        expression = made.norm(made.activation("r", "hook_resid_mid"), 2)
        assert write(expression) == f"ln2 = {norm}"
        assert made.checks == {"ln2": {"activation": "blocks.1.ln2.hook_normalized"}}
        check_fits(base, made, expression)


def test_an_mlp_is_gated_in_a_llama_and_plain_in_gpt2() -> None:
    llama, gpt2, biased = parts(), parts(GPT2), parts(mlp_bias=True)
    expressions = [made.mlp(made.activation("x", "ln2.hook_normalized")) for made in (llama, gpt2, biased)]
    assert [write(one) for one in expressions] == [
        "(hidden = (gate = silu(x @ W_gate)) * (up = x @ W_in)) @ W_out",
        "bias((hidden = gelu_tanh(bias(x @ W_in, b_in))) @ W_out, b_out)",
        "bias((hidden = (gate = silu(bias(x @ W_gate, b_gate))) * (up = bias(x @ W_in, b_in))) @ W_out, b_out)",
    ]
    assert llama.checks == {
        "up": {"activation": "blocks.1.mlp.hook_pre_linear"},
        "hidden": {"activation": "blocks.1.mlp.hook_post"},
    }
    assert (llama.before, gpt2.before) == ({"gate": "pre"}, {"hidden": "pre"})
    for base, made, expression in ((LLAMA, llama, expressions[0]), (GPT2, gpt2, expressions[1])):
        check_fits(base, made, expression)


def test_the_bias_of_the_output_belongs_to_no_head() -> None:
    assert parts().output_bias() is None
    made = parts(attention_bias=True)
    assert made.output_bias() == Name("bO")
    assert made.tensors == {"bO": {"weight": "blocks.1.attn.b_O"}}


# What is said twice.


def test_what_has_a_name_is_computed_once() -> None:
    made = parts()
    named = (Name("a") @ Name("b")).named("c")
    assert made.once(named) == named
    assert made.once(named) == Name("c")
    unnamed = Name("a") @ Name("b")
    assert made.once(unnamed) is made.once(unnamed) is unnamed


# The forms of weights.


def test_a_weight_by_singular_values_is_their_sum() -> None:
    made = parts(forms=WeightForms(svd={"V": 3}))
    head = made.mixed(x_of(made), 2)
    assert "(V = x @ (wV = wV_U @ (wV_SVt = wV_S @ wV_Vt)))" in write(head)
    weight = {"weight": "blocks.1.attn.W_V", "head": 2}
    assert {name: made.tensors[f"wV_{name}"] for name in ("U", "S", "Vt")} == {
        name: {**weight, "svd": {"part": name, "rank": 3}} for name in ("U", "S", "Vt")
    }
    check_fits(LLAMA, made, head)


@pytest.mark.parametrize(("factor", "update"), [(1, "(wQ_B @ wQ_A).T"), (0.5, "scale((wQ_B @ wQ_A).T, 0.5)")])
def test_a_weight_with_an_adapter_is_base_and_update(factor: float, update: str) -> None:
    made = parts(forms=WeightForms(scales={"attn.W_Q": factor}))
    text = write(made.pattern(x_of(made), 2))
    assert f"(wQ = wQ_base + (wQ_update = {update}))" in text
    assert made.tensors["wQ_B"] == {"weight": "blocks.1.attn.W_Q", "head": 2, "lora": "B"}
    assert "wK" in made.tensors


def test_weights_that_are_cut_down_beside_the_full_ones_have_names_of_their_own_and_no_checks() -> None:
    made = parts(forms=WeightForms(ranks={"Q": 2}, difference="pattern"))
    x = x_of(made)
    difference = made.pattern(x, 2, low=True) - made.pattern(x, 2)
    assert write(difference) == (
        f"(attn{LOW} = softmax(tril(scale((Q{LOW} = rope(x @ wQ{LOW}, 500)) @ (K = rope(x @ wK, 500)).T)))) - "
        "(attn = softmax(tril(scale((Q = rope(x @ wQ, 500)) @ K.T))))"
    )
    assert set(made.checks) == {"Q", "K", "attn"}
    check_fits(LLAMA, made, difference)


def test_a_weight_that_is_cut_down_loses_its_adapters_form() -> None:
    forms = WeightForms(ranks={"Q": 2}, scales={"attn.W_Q": 0.5})
    made = parts(forms=forms)
    assert "wQ_B" not in write(made.pattern(x_of(made), 2))
    beside = parts(forms=replace(forms, difference="out"))
    assert "wQ_B" in write(beside.pattern(x_of(beside), 2))


def test_experts_are_chosen_by_their_shares_and_a_number_of_each_and_weighed_by_what_they_are() -> None:
    made = Parts(read_model_config(tiny("dots1", routed_scaling_factor=2.5, norm_topk_prob=True), "config.json"), 1)
    x = made.activation("x", "ln2.hook_normalized")
    assert write(router(made, x)) == "weights = scale(share(topk(sigmoid(x @ W_router), b_choice, 2)), 2.5)"
    assert made.before == {"weights": "chosen shares"}
    assert write(shared_expert(made, x)).startswith("given_shared = (hidden_shared = (gate_shared = silu(x @ W_gate_")
    assert len(all_experts(made, x)) == 4 + 1


def test_an_expert_of_a_llama_4_reads_what_its_weight_multiplies() -> None:
    made = Parts(read_model_config(tiny("llama4_text"), "config.json"), 0)
    first = write(all_experts(made, made.activation("x", "ln2.hook_normalized"))[0])
    assert first.startswith(
        "out0 = (hidden0 = (gate0 = silu((into0 = (share0 = (weights = topk(sigmoid(x @ W_router), 2))"
    )
