"""Where a weight's bytes lie: cut out of a model of transformers by its own rules, and the same place as ours."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.place import Place
from tests.values.memory_store import GPT2, GPT_NEOX, LLAMA, MemoryStore, checkpoint_of, weights_of

D_MODEL, HEADS, KV, D_HEAD = 12, 6, 2, 4


def lookup_of(config: Mapping[str, Any], weights: Mapping[str, torch.Tensor] | None = None) -> Lookup:
    store = MemoryStore(weights_of(config) if weights is None else weights)
    return Lookup(read_model_config(config, "config.json"), checkpoint_of(config, store))


def cut(lookup: Lookup, name: str, head: int | None, weights: Mapping[str, torch.Tensor]) -> torch.Tensor:
    place = lookup.place(name, head)
    part = place.of(weights[place.parameter])
    assert place.shape(tuple(weights[place.parameter].shape)) == tuple(part.shape)
    return part.T if place.transposed else part


def refusal(ask: Any, *arguments: Any) -> str:
    with pytest.raises(SourceError) as caught:
        ask(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("head", range(HEADS))
def test_a_head_of_a_llama_is_where_its_forward_pass_takes_it(head: int) -> None:
    """x @ W.T, viewed as (tokens, heads, head_dim); keys and values are repeated for the heads of a group."""
    weights = weights_of(LLAMA)
    lookup, layer, x = lookup_of(LLAMA), "model.layers.1.self_attn.", torch.eye(D_MODEL)
    for kind, count in (("q", HEADS), ("k", KV), ("v", KV)):
        projected = torch.nn.functional.linear(x, weights[f"{layer}{kind}_proj.weight"]).view(D_MODEL, count, D_HEAD)
        theirs = projected.repeat_interleave(HEADS // count, dim=1)[:, head]
        assert torch.equal(cut(lookup, f"blocks.1.attn.W_{kind.upper()}", head, weights), theirs)
    out = torch.nn.functional.linear(torch.eye(HEADS * D_HEAD), weights[f"{layer}o_proj.weight"])
    theirs = out.view(HEADS, D_HEAD, D_MODEL)[head]
    assert torch.equal(cut(lookup, "blocks.1.attn.W_O", head, weights), theirs)


@pytest.mark.parametrize("head", range(6))
def test_a_head_of_gpt2_is_where_its_forward_pass_takes_it(head: int) -> None:
    weights, lookup, x = weights_of(GPT2), lookup_of(GPT2), torch.eye(D_MODEL)
    joined = x @ weights["transformer.h.0.attn.c_attn.weight"]
    offsets = weights["transformer.h.0.attn.c_attn.bias"].chunk(3)
    for part, offset, kind in zip(joined.chunk(3, dim=1), offsets, "QKV", strict=True):
        assert torch.equal(cut(lookup, f"blocks.0.attn.W_{kind}", head, weights), part.view(D_MODEL, 6, 2)[:, head])
        assert torch.equal(cut(lookup, f"blocks.0.attn.b_{kind}", head, weights), offset.view(6, 2)[head])
    theirs = weights["transformer.h.0.attn.c_proj.weight"].view(6, 2, D_MODEL)[head]
    assert torch.equal(cut(lookup, "blocks.0.attn.W_O", head, weights), theirs)


@pytest.mark.parametrize("head", [*range(HEADS), None])
def test_a_head_of_a_gpt_neox_is_where_its_forward_pass_takes_it(head: int | None) -> None:
    """x @ W.T, viewed as (tokens, heads, 3 * head_size), of which each head's three parts are its q, k and v."""
    weights, lookup, x, size = weights_of(GPT_NEOX), lookup_of(GPT_NEOX), torch.eye(D_MODEL), D_MODEL // HEADS
    layer = "gpt_neox.layers.1.attention."
    fused = torch.nn.functional.linear(x, weights[f"{layer}query_key_value.weight"]).view(D_MODEL, HEADS, 3 * size)
    offsets = weights[f"{layer}query_key_value.bias"].view(HEADS, 3 * size)
    for part, offset, kind in zip(fused.chunk(3, dim=-1), offsets.chunk(3, dim=-1), "QKV", strict=True):
        theirs = part.flatten(1) if head is None else part[:, head]
        assert torch.equal(cut(lookup, f"blocks.1.attn.W_{kind}", head, weights), theirs)
        of_head = offset.flatten() if head is None else offset[head]
        assert torch.equal(cut(lookup, f"blocks.1.attn.b_{kind}", head, weights), of_head)
        assert lookup.weight_axes(f"blocks.1.attn.W_{kind}", head)[0] == "d_model"
    out = torch.nn.functional.linear(torch.eye(HEADS * size), weights[f"{layer}dense.weight"])
    theirs = out if head is None else out.view(HEADS, size, D_MODEL)[head]
    assert torch.equal(cut(lookup, "blocks.1.attn.W_O", head, weights), theirs)


def test_all_heads_together_are_the_whole_of_their_part() -> None:
    weights, lookup = weights_of(GPT2), lookup_of(GPT2)
    joined = weights["transformer.h.0.attn.c_attn.weight"]
    for number, kind in enumerate("QKV"):
        found = cut(lookup, f"blocks.0.attn.W_{kind}", None, weights)
        assert torch.equal(found, joined[:, number * D_MODEL : (number + 1) * D_MODEL])


def test_what_has_no_heads_is_a_whole_parameter() -> None:
    lookup = lookup_of(LLAMA)
    assert lookup.place("embed.W_E", None) == Place("model.embed_tokens.weight")
    assert lookup.place("unembed.W_U", None) == Place("lm_head.weight", transposed=True)
    assert lookup.place("blocks.0.mlp.W_in", None) == Place("model.layers.0.mlp.up_proj.weight", transposed=True)
    assert lookup.place("blocks.0.ln1.w", None) == Place("model.layers.0.input_layernorm.weight")
    assert lookup.place("blocks.0.attn.W_K", 5).rows == slice(4, 8)


@pytest.mark.parametrize(
    ("name", "head", "axes"),
    [
        ("blocks.0.attn.W_Q", 1, ("d_model", "d_head")),
        ("blocks.0.attn.W_Q", None, ("d_model", "q_width")),
        ("blocks.0.attn.W_K", None, ("d_model", "kv_width")),
        ("blocks.0.attn.W_O", 1, ("d_head", "d_model")),
        ("blocks.0.attn.W_O", None, ("q_width", "d_model")),
        ("blocks.0.mlp.W_out", None, ("d_mlp", "d_model")),
        ("blocks.0.ln1.w", None, ("", "d_model")),
        ("embed.W_E", None, ("vocabulary", "d_model")),
        ("unembed.W_U", None, ("d_model", "vocabulary")),
        ("rotary.stretch", None, ("", "d_head")),
    ],
)
def test_the_axes_of_a_weight_have_the_lengths_of_the_matrix(
    name: str, head: int | None, axes: tuple[str, str]
) -> None:
    lookup, weights = lookup_of(LLAMA), weights_of(LLAMA)
    assert lookup.weight_axes(name, head) == axes
    if name != "rotary.stretch":
        sizes = read_model_config(LLAMA, "").sizes()
        part = cut(lookup, name, head, weights)
        shape = part.shape if part.ndim == 2 else (1, *part.shape)
        assert tuple(shape) == tuple(sizes.get(axis, 1) for axis in axes)


@pytest.mark.parametrize(
    ("name", "head", "found"),
    [
        ("blocks.0.attn.hook_q", 5, (1, 5)),
        ("blocks.0.attn.hook_k", 2, (1, 0)),
        ("blocks.0.attn.hook_k", 3, (1, 1)),
        ("blocks.0.attn.hook_pattern", 4, (0, 4)),
        ("blocks.0.attn.hook_pattern", None, (None, 0)),
        ("logits", None, (None, 0)),
    ],
)
def test_a_query_head_finds_the_key_value_head_that_it_reads(
    name: str, head: int | None, found: tuple[int | None, int]
) -> None:
    assert lookup_of(LLAMA).head_axis(name, head) == found


def test_the_embedding_and_the_unembedding_of_every_way_to_store_them() -> None:
    one, tied = torch.zeros(9, 12), {**LLAMA, "tie_word_embeddings": True}
    usual, other = "model.embed_tokens.weight", "lm_head.weight"
    for config, names, expected in (
        (tied, [usual], (usual, usual)),
        (tied, [other], (other, other)),
        (tied, [usual, other], (usual, other)),
        (tied, [], (usual, usual)),
        (LLAMA, [usual, other], (usual, other)),
        (LLAMA, [other], (usual, other)),
        (LLAMA, [usual], (usual, other)),
    ):
        lookup = lookup_of(config, dict.fromkeys(names, one))
        assert (lookup.embedding, lookup.unembedding) == expected
        assert lookup.of_model("lm_head.weight") == lookup.unembedding
        assert lookup.of_model("embed_tokens.weight") == lookup.embedding
        assert lookup.of_model("norm.weight") == "model.norm.weight"


def test_the_unembedding_of_a_gpt_neox_is_found_by_both_of_its_names() -> None:
    one, usual, old, new = torch.zeros(9, 12), "gpt_neox.embed_in.weight", "embed_out.weight", "lm_head.weight"
    tied = {**GPT_NEOX, "tie_word_embeddings": True}
    for config, names, expected in (
        (GPT_NEOX, [usual, old], (usual, old)),
        (GPT_NEOX, [usual, new], (usual, new)),
        (GPT_NEOX, [usual], (usual, old)),
        (tied, [usual], (usual, usual)),
        (tied, [old], (old, old)),
    ):
        lookup = lookup_of(config, dict.fromkeys(names, one))
        assert (lookup.embedding, lookup.unembedding) == expected
        if expected[1] in names:
            assert lookup.place("unembed.W_U", None) == Place(expected[1], transposed=True)


def test_one_layer_and_one_head_are_told_in_the_singular() -> None:
    small = {**LLAMA, "num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1}
    lookup = lookup_of(small)
    assert refusal(lookup.place, "blocks.1.attn.W_Q", None) == (
        "model, blocks.1.attn.W_Q: the model has 1 layer, 0; got layer 1."
    )
    assert refusal(lookup.place, "blocks.0.attn.W_Q", 1) == (
        "model, blocks.0.attn.W_Q: the model has 1 head, 0; got head 1."
    )


def test_the_longest_prompt_is_read_and_one_token_more_is_refused() -> None:
    lookup = lookup_of(LLAMA)
    lookup.check_tokens([0, 8], before=5)
    assert refusal(lookup.check_tokens, [0, 8], 6) == "model: the prompt has 8 tokens; the model reads at most 7."
    assert refusal(lookup.check_tokens, [8, 9, -1]) == ("model: token 9 is not in the vocabulary; ids go from 0 to 8.")
    assert refusal(lookup.check_tokens, []) == "model: the prompt has no tokens; at least one is needed."


def test_every_parameter_is_checked() -> None:
    weights = weights_of(LLAMA)
    lookup_of(LLAMA, weights).check_parameters()
    for name, weight in weights.items():
        wrong = lookup_of(LLAMA, {**weights, name: weight[:-1]})
        shapes = ["x".join(map(str, shape)) for shape in (weight[:-1].shape, weight.shape)]
        assert refusal(wrong.check_parameters) == f"model, {name}: is {shapes[0]}; config.json needs {shapes[1]}."
