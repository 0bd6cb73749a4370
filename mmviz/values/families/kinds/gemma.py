"""Gemma 1, 2 and 3: norms by 1 + w, and from the second on four of them a layer, caps, and sliding layers."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import ACTIVATIONS, Drawn, Kind, Ropes, SizeKeys
from mmviz.values.families.kinds.llama import BIASES, NAMES, OF_LLAMAS, WINDOW
from mmviz.values.families.layouts import norm, plus_one
from mmviz.values.families.rope import read_ropes
from mmviz.values.families.sliding import all_but_every

_GEMMAS: Mapping[str, Key] = {
    **OF_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=8192),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=4),
    "head_dim": Key("d_head", default=256),
    "attention_bias": BIASES,
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "use_bidirectional_attention": Key("attention that looks both ways, which is refused"),
    "mlp_bias": only(False, "biases, which a Gemma has none of"),
}
GEMMA: Mapping[str, Key] = {
    **_GEMMAS,
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=16),
    "hidden_act": Key("what the MLP's gate goes through", default="gelu_pytorch_tanh"),
    "hidden_activation": harmless("the same in old files, which transformers 5 does not read"),
    "layer_types": harmless("of another model_type"),
}
GEMMA2: Mapping[str, Key] = {
    **{key: each for key, each in _GEMMAS.items() if key != "hidden_act"},
    "hidden_act": harmless("of another model_type"),
    "hidden_activation": Key("what the MLP's gate goes through", default="gelu_pytorch_tanh"),
    "query_pre_attn_scalar": Key("scores are divided by its root", default=256),
    "attn_logit_softcapping": Key("the largest score, by a tanh; null: none", default=50.0),
    "final_logit_softcapping": Key("the largest logit, by a tanh; null: none", default=30.0),
    "sliding_window": Key(WINDOW, default=4096),
    "sliding_window_size": harmless("the same in the first files, beside sliding_window"),
    "cache_implementation": harmless("by which program the same numbers are computed"),
}
GEMMA3: Mapping[str, Key] = {
    **GEMMA2,
    "vocab_size": Key("how many tokens it knows", default=262208),
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "attn_logit_softcapping": harmless("of Gemma 2; transformers passes over it"),
    "final_logit_softcapping": Key("the largest logit, by a tanh; null: none"),
    "rope_theta": Key("base of the rotary wavelengths of layers that see all", default=1_000_000.0),
    "rope_local_base_freq": Key("the same of layers that look back a window only", default=10_000.0),
    "sliding_window_pattern": Key("every how many layers one sees all", default=6),
    "_sliding_window_pattern": harmless("the same as transformers writes it down, beside layer_types"),
}

GEMMA_NAMES = replace(NAMES, model_weights=plus_one(NAMES.model_weights), layer_weights=plus_one(NAMES.layer_weights))
SANDWICHED = replace(
    GEMMA_NAMES,
    layer_weights=plus_one(
        {
            **NAMES.layer_weights,
            **norm("ln1_post", "post_attention_layernorm"),
            **norm("ln2", "pre_feedforward_layernorm"),
            **norm("ln2_post", "post_feedforward_layernorm"),
        }
    ),
)
VAULT = replace(
    GEMMA_NAMES,
    layer_weights=plus_one({**NAMES.layer_weights, **norm("ln2", "pre_feedforward_layernorm")}),
)


def _gemma(keys: Keys, config: ModelConfig) -> ModelConfig:
    if keys.given("use_bidirectional_attention"):
        raise keys.problem("use_bidirectional_attention", "True is not supported; False is needed.")
    biased = keys.flag("attention_bias")
    factor = float(np.float32(config.d_model**0.5))  # as transformers rounds it
    return replace(config, qkv_bias=biased, o_bias=biased, embed_factor=factor)


def _gemma2(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(
        _gemma(keys, config),
        norm_outputs=True,
        score_scale=float(keys.whole("query_pre_attn_scalar")) ** -0.5,
        score_cap=keys.cap("attn_logit_softcapping"),
        logit_cap=keys.cap("final_logit_softcapping"),
    )


def _vault(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_gemma2(keys, config), norm_outputs=False)


def _gemma3(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_gemma2(keys, config), qk_norm="head")


def _two_ropes(keys: Keys, d_head: int) -> Ropes:
    if d_head % 2:
        raise keys.problem("head_dim", f"is {d_head}; rotary positions need an even number.")
    return read_ropes(keys, d_head)


def _slides_as_gemma3(keys: Keys, layers: int) -> frozenset[int]:
    return all_but_every(keys.whole("sliding_window_pattern"), keys, layers)


KINDS = (
    Kind(
        "gemma",
        "Gemma",
        Drawn("Gemma", "Gemma 1, CodeGemma", "as Llama, with norms by 1 + w", ("gemma",)),
        GEMMA,
        GEMMA_NAMES,
        more=_gemma,
        # the first configurations say gelu and mean its tanh approximation: transformers 5.24, GemmaConfig
        activations={**ACTIVATIONS, "gelu": "gelu_tanh"},
    ),
    Kind(
        "gemma2",
        "Gemma2",
        Drawn(
            "Gemma 2", "Gemma 2", "four norms a layer, capped scores and logits, every second layer slides", ("gemma2",)
        ),
        GEMMA2,
        SANDWICHED,
        SizeKeys(activation="hidden_activation"),
        sliding=partial(all_but_every, 2),
        more=_gemma2,
    ),
    Kind(
        "vaultgemma",
        "VaultGemma",
        Drawn("VaultGemma", "VaultGemma 1B", "as Gemma 2, with two norms a layer"),
        GEMMA2,
        VAULT,
        SizeKeys(activation="hidden_activation"),
        sliding=partial(all_but_every, 2),
        more=_vault,
    ),
    Kind(
        "gemma3_text",
        "Gemma3",
        Drawn(
            "Gemma 3 (text)",
            "Gemma 3, 270M and 1B",
            "four norms a layer, norms of queries and keys, two rotary bases",
            ("gemma3",),
        ),
        GEMMA3,
        SANDWICHED,
        SizeKeys(activation="hidden_activation"),
        rope=_two_ropes,
        sliding=_slides_as_gemma3,
        more=_gemma3,
    ),
)
