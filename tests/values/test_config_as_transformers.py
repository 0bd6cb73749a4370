"""What a config.json says is computed as transformers computes it: members of each way in which keys can be written."""

from typing import Any

import pytest
import torch

from mmviz.errors import SourceError
from mmviz.values.arithmetic.primitives import KeyValueCache
from mmviz.values.families.registry import KINDS
from tests.values.tiny_transformers import TOKENS, by_transformers, furthest, ours_of, tiny

LINEAR = {"rope_type": "linear", "factor": 4.0}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
AT_16 = {"original_max_position_embeddings": 16}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "rope_theta": 300.0}
DYNAMIC = {"rope_type": "dynamic", "factor": 3.3}
LONGROPE = {"rope_type": "longrope", "short_factor": [1.1, 1.7], "long_factor": [2.3, 9.1]}
"""Of heads of 4 numbers."""
ROPES: dict[str, dict[str, Any]] = {
    "none": {},
    "a base of its own": {"rope_theta": 300.0},
    "a base inside the scaling": {"rope_scaling": {**LINEAR, "rope_theta": 300.0}},
    "a base inside and outside": {"rope_scaling": {**LINEAR, "rope_theta": 300.0}, "rope_theta": 7.0},
    "a base outside the scaling": {"rope_scaling": LINEAR, "rope_theta": 300.0},
    "old and new scaling": {
        "rope_scaling": {"type": "linear", "factor": 2.0},
        "rope_parameters": {**LINEAR, "rope_theta": 300.0},
    },
    "old and new scaling, the old one default": {
        "rope_scaling": {"type": "default"},
        "rope_parameters": {**LINEAR, "rope_theta": 300.0},
    },
    "an old scaling that is empty": {"rope_scaling": {}, "rope_parameters": {**LINEAR, "rope_theta": 300.0}},
    "rope_type before type": {"rope_scaling": {"rope_type": "default", "type": "linear", "factor": 2.0}},
    "an original context inside": {"rope_scaling": {**LLAMA3, **AT_16}},
    "an original context outside": {"rope_scaling": LLAMA3, **AT_16},
    "an original context inside and outside": {
        "rope_scaling": {**LLAMA3, "original_max_position_embeddings": 40},
        **AT_16,
    },
    "no original context": {"rope_scaling": LLAMA3},
    "an original context of no use": {"rope_scaling": LINEAR, **AT_16},
    "yarn": {"rope_scaling": YARN},
    "yarn without an original context": {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}},
    "yarn with a factor by the lengths": {"rope_scaling": {**YARN, "factor": None}},
    "yarn with a context outside": {"rope_scaling": {**YARN, "factor": None}, "original_max_position_embeddings": 8},
    "yarn of DeepSeek": {"rope_scaling": {**YARN, "mscale": 0.707, "mscale_all_dim": 0.5}},
    "yarn with one of two weights": {"rope_scaling": {**YARN, "mscale": 0.707, "mscale_all_dim": 0}},
    "yarn with bounds of its own": {"rope_scaling": {**YARN, "beta_fast": 2.0, "beta_slow": 0.5, "truncate": False}},
    "yarn with bounds in the wrong order": {"rope_scaling": {**YARN, "beta_fast": 0.5, "beta_slow": 40}},
    "yarn with bounds that are 0": {"rope_scaling": {**YARN, "beta_fast": 0, "beta_slow": None}},
    "yarn that shrinks": {"rope_scaling": {**YARN, "factor": 0.5}},
    "yarn with an attention factor": {"rope_scaling": {**YARN, "attention_factor": 2.5}},
    "dynamic, not yet": {"rope_scaling": DYNAMIC},
    "dynamic, longer than the context": {"rope_scaling": DYNAMIC, "max_position_embeddings": 10},
    "dynamic, just as long": {"rope_scaling": DYNAMIC, "max_position_embeddings": len(TOKENS)},
    "longrope, short": {"rope_scaling": {**LONGROPE, "original_max_position_embeddings": len(TOKENS)}},
    "longrope, long": {"rope_scaling": {**LONGROPE, "original_max_position_embeddings": len(TOKENS) - 1}},
    "longrope, a context outside": {"rope_scaling": LONGROPE, "original_max_position_embeddings": 16},
    "longrope, no context": {"rope_scaling": LONGROPE},
    "longrope with a factor": {"rope_scaling": {**LONGROPE, "factor": 8.0}, **AT_16},
    "longrope with an attention factor": {"rope_scaling": {**LONGROPE, "factor": 8, "attention_factor": 3}, **AT_16},
    "words of other scalings": {"rope_scaling": {**LINEAR, "attention_factor": 3.0, "beta_fast": 1.0}},
}
WINDOWS: dict[str, dict[str, Any]] = {
    "llama with a window that is not its": tiny("llama", sliding_window=4),
    "llama with words of a qwen": tiny("llama", sliding_window=4, use_sliding_window=True, max_window_layers=0),
    "llama with layer types": tiny("llama", layer_types=["full_attention"] * 2),
    "mistral without a window": tiny("mistral", sliding_window=None),
    "mistral with a window as long as the prompt": tiny("mistral", sliding_window=len(TOKENS)),
    "mistral with a window shorter than the prompt": tiny("mistral", sliding_window=4),
    "mistral with a window of one token": tiny("mistral", sliding_window=1),
    "mistral that looks a window to both sides": tiny("mistral", sliding_window=4, is_causal=False),
    "mistral of other layer types": tiny("mistral", sliding_window=None, layer_types=["sliding_attention"] * 2),
    "qwen2 with a window that is off": tiny("qwen2", sliding_window=4, max_window_layers=0),
    "qwen2 with the usual window": tiny("qwen2", use_sliding_window=True, max_window_layers=0),
    "qwen2 whose layers all look back": tiny("qwen2", use_sliding_window=True, sliding_window=4),
    "qwen2 with one layer that slides": tiny("qwen2", use_sliding_window=True, sliding_window=4, max_window_layers=1),
    "qwen2 with one that slides to both sides": tiny(
        "qwen2", use_sliding_window=True, sliding_window=4, max_window_layers=1, is_causal=False
    ),
    "qwen2 with layers that slide by their types": tiny(
        "qwen2", use_sliding_window=True, sliding_window=4, layer_types=["sliding_attention", "full_attention"]
    ),
    "qwen2 by layer types": tiny(
        "qwen2",
        use_sliding_window=True,
        sliding_window=4,
        max_window_layers=0,
        layer_types=["full_attention"] * 2,
    ),
}
OTHERS: dict[str, dict[str, Any]] = {
    "llama with a word for each setting": tiny(
        "llama", attention_bias=True, mlp_bias=True, head_dim=6, rms_norm_eps=0.1, hidden_act="gelu", pretraining_tp=2
    ),
    "qwen2 with wide heads": tiny("qwen2", head_dim=10, attention_bias=False),
    "mistral with wide heads": tiny("mistral", head_dim=10, use_sliding_window=False),
    "mpt clipped": tiny("mpt", attn_config={"clip_qkv": 1.5, "softmax_scale": 0.3, "alibi_bias_max": 16}),
    "falcon one after the other": tiny("falcon", multi_query=False, parallel_attn=False, bias=True, activation="relu"),
    "falcon 11b": tiny("falcon", new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1),
    "qwen3 with biases": tiny("qwen3", head_dim=6, attention_bias=True),
    "qwen3 that slides": tiny("qwen3", use_sliding_window=True, sliding_window=4, max_window_layers=1),
    "gemma of the first files": tiny("gemma", head_dim=6, hidden_act="gelu"),
    "gemma2 without caps": tiny("gemma2", attn_logit_softcapping=None, final_logit_softcapping=None, sliding_window=4),
    "gemma2 with a scalar of its own": tiny("gemma2", head_dim=8, query_pre_attn_scalar=168, sliding_window=1),
    "gemma3 with the old words": tiny(
        "gemma3_text",
        sliding_window=4,
        sliding_window_pattern=2,
        rope_theta=1e6,
        rope_local_base_freq=1e4,
        rope_scaling={"rope_type": "linear", "factor": 8.0},
        attn_logit_softcapping=2.0,
    ),
    "gemma3 with the new words": tiny(
        "gemma3_text",
        sliding_window=4,
        layer_types=["sliding_attention", "full_attention"],
        rope_parameters={
            "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 5e5},
            "sliding_attention": {"rope_type": "default", "rope_theta": 300.0},
        },
        final_logit_softcapping=5.0,
    ),
    "gemma3 with yarn and longrope": tiny(
        "gemma3_text",
        head_dim=4,
        sliding_window=4,
        layer_types=["sliding_attention", "full_attention"],
        original_max_position_embeddings=3,
        rope_parameters={
            "full_attention": {**YARN, "truncate": False, "beta_fast": 2.0, "beta_slow": 0.5},
            "sliding_attention": {**LONGROPE, "original_max_position_embeddings": 16},
        },
    ),
    "gemma3 with an old yarn": tiny("gemma3_text", sliding_window=4, sliding_window_pattern=2, rope_scaling=YARN),
    "gemma3 with dynamic": tiny(
        "gemma3_text",
        max_position_embeddings=10,
        rope_parameters={"full_attention": DYNAMIC, "sliding_attention": {**DYNAMIC, "factor": 2.0}},
    ),
    "gpt_neox as it is without a word": {
        "model_type": "gpt_neox",
        "hidden_size": 16,
        "intermediate_size": 12,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "vocab_size": 40,
    },
    "gpt_neox one part after the other": tiny(
        "gpt_neox", use_parallel_residual=False, attention_bias=False, hidden_act="gelu_new"
    ),
    "gpt_neox whose heads turn as a whole": tiny("gpt_neox", rotary_pct=1.0, rotary_emb_base=300, layer_norm_eps=0.1),
    "gpt_neox with the new words": tiny(
        "gpt_neox",
        rotary_emb_base=7,
        rotary_pct=0.25,
        rope_parameters={"rope_type": "default", "rope_theta": 300.0, "partial_rotary_factor": 0.5},
    ),
    "gpt_neox with words that it passes over": tiny("gpt_neox", rope_theta=7.0, partial_rotary_factor=1.0),
    "gpt_neox scaled by its old words": tiny(
        "gpt_neox", num_attention_heads=1, rotary_emb_base=300, rope_scaling={"type": "linear", "factor": 4.0}
    ),
    "gpt_neox scaled as llama 3": tiny("gpt_neox", num_attention_heads=1, rope_scaling=LLAMA3, **AT_16),
    "gptj as it is without a word": tiny("gptj"),
    "gptj that turns whole heads": tiny("gptj", rotary_dim=4, n_inner=9, activation_function="gelu"),
    "gptj that is tied, by its other names": tiny(
        "gptj", hidden_size=32, num_attention_heads=2, rotary_dim=6, tie_word_embeddings=True, layer_norm_epsilon=0.1
    ),
    "gptj with words of old files": tiny("gptj", scale_attn_weights=False, rotary=False),
    "phi as it is without a word": tiny("phi"),
    "phi that turns whole heads": tiny("phi", partial_rotary_factor=1.0, rope_theta=300.0, layer_norm_eps=0.1),
    "phi with the new words": tiny(
        "phi",
        partial_rotary_factor=1.0,
        hidden_act="gelu",
        rope_parameters={"rope_type": "default", "rope_theta": 300.0, "partial_rotary_factor": 0.5},
    ),
    "phi that is scaled and tied": tiny(
        "phi", num_attention_heads=2, rope_scaling=LINEAR, tie_word_embeddings=True, num_key_value_heads=1
    ),
    "gpt_neox that is tied": tiny("gpt_neox", tie_word_embeddings=True),
    "gpt2 by its other names": {
        "model_type": "gpt2",
        "vocab_size": 40,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 64,
    },
    "gpt2 by both names": tiny("gpt2", n_embd=8, hidden_size=16, n_positions=8, max_position_embeddings=64),
    "gpt2 with a word for each setting": tiny(
        "gpt2",
        n_inner=9,
        activation_function="relu",
        layer_norm_epsilon=0.1,
        scale_attn_weights=False,
        scale_attn_by_inverse_layer_idx=True,
        reorder_and_upcast_attn=True,
        tie_word_embeddings=False,
    ),
}


@pytest.mark.parametrize("rope", ROPES)
@pytest.mark.parametrize("kind", ["llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2"])
def test_rotary_positions_are_those_of_transformers_however_they_are_written(kind: str, rope: str) -> None:
    off, where = furthest(tiny(kind, head_dim=4, **ROPES[rope]))
    assert off < 1e-5, where


@pytest.mark.parametrize("name", [*WINDOWS, *OTHERS])
def test_a_model_is_that_of_transformers_however_it_is_written(name: str) -> None:
    off, where = furthest({**WINDOWS, **OTHERS}[name])
    assert off < 1e-5, where


@pytest.mark.parametrize("kind", [kind for kind, one in KINDS.items() if one.keys["is_causal"].use != "only"])
def test_attention_without_a_causal_mask_is_that_of_transformers(kind: str) -> None:
    off, where = furthest(tiny(kind, is_causal=False))
    assert off < 1e-5, where
    with pytest.raises(SourceError, match=r"^config\.json, is_causal: is missing; true or false is needed\.$"):
        furthest(tiny(kind, is_causal=None))  # transformers takes it for false


def test_no_keys_are_kept_where_tokens_look_at_later_ones() -> None:
    model = ours_of(config := tiny("llama", is_causal=False), by_transformers(config))
    with pytest.raises(SourceError) as caught:
        model.activations(TOKENS, ["logits"], KeyValueCache())
    assert str(caught.value) == (
        "model: its tokens look at later ones, too, so that no keys and values can be kept; the "
        "whole prompt, without a cache, is needed."
    )


def test_each_token_decoded_with_a_cache_is_that_of_the_whole_prompt_behind_a_window() -> None:
    config = tiny("qwen2", use_sliding_window=True, sliding_window=4, max_window_layers=1)
    model = ours_of(config, by_transformers(config))
    whole = model.activations(TOKENS, ["logits", "blocks.1.attn.hook_pattern"])
    cache = KeyValueCache()
    model.activations(TOKENS[:9], ["logits"], cache)
    for number in range(9, len(TOKENS)):
        step = model.activations(TOKENS[number : number + 1], list(whole), cache)
        torch.testing.assert_close(step["logits"][0], whole["logits"][number], rtol=1e-4, atol=1e-5)
        pattern = whole["blocks.1.attn.hook_pattern"][:, number, : number + 1]
        torch.testing.assert_close(step["blocks.1.attn.hook_pattern"][:, 0], pattern, rtol=1e-4, atol=1e-6)
        assert not pattern[:, : number - 3].any()
        assert (pattern[:, number - 3 :] > 0).all()


@pytest.mark.parametrize("scaling", [DYNAMIC, LONGROPE, YARN])
def test_keys_that_were_rotated_before_the_context_grew_stay_as_they_are(scaling: dict[str, Any]) -> None:
    context = {"max_position_embeddings": 12} if scaling is DYNAMIC else {"original_max_position_embeddings": 12}
    theirs = by_transformers(config := tiny("llama", head_dim=4, rope_scaling=scaling, **context))
    model, cache, kept = ours_of(config, theirs), KeyValueCache(), None
    for first, last in ((0, 9), *((number, number + 1) for number in range(9, len(TOKENS)))):
        with torch.no_grad():
            run = theirs(torch.tensor([TOKENS[first:last]]), past_key_values=kept, use_cache=True)
        kept = run.past_key_values
        found = model.activations(TOKENS[first:last], ["logits"], cache)["logits"]
        torch.testing.assert_close(found, run.logits[0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "config",
    [
        tiny("llama", is_encoder_decoder=True),
        tiny("mistral", attention_bias=True),
        tiny("qwen2", mlp_bias=True),
        tiny("gpt2", add_cross_attention=True),
        tiny("llama", head_dim=6, partial_rotary_factor=0.5),
        tiny("gpt_neox", head_dim=6),
    ],
)
def test_what_transformers_takes_otherwise_than_we_could_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match=r"is not supported; .* is needed\.$"):
        furthest(config)
