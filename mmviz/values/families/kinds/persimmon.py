"""Persimmon: as GPT-NeoX one after the other, with norms of queries and keys, and an MLP that squares."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, part_rope
from mmviz.values.families.kinds.nemotron import NEMOTRON
from mmviz.values.families.layouts import Names, embedding, joined, linear, norm, unembedding

PERSIMMON: Mapping[str, Key] = {
    **{key: each for key, each in NEMOTRON.items() if key != "norm_eps"},
    "max_position_embeddings": Key("most tokens of a prompt", default=16384),
    "layer_norm_eps": Key("added to the variance in norms", default=1e-5),
    "qk_layernorm": Key("queries and keys of each head are normalized", default=True),
    "num_key_value_heads": harmless("each query head has a key-value head of its own in any case"),
    "head_dim": only(None, "d_head; transformers reads it for the rotary wavelengths alone"),
    **dict.fromkeys(("attention_bias", "mlp_bias"), harmless("it has biases in any case")),
    "hidden_dropout": harmless("how it is trained"),
}
NAMES = Names(
    prefix="model.",
    layer="layers.",
    model_weights={**embedding("embed_tokens"), **norm("ln_final", "final_layernorm", biased=True), **unembedding()},
    layer_weights={
        **norm("ln1", "input_layernorm", biased=True),
        **joined("self_attn.query_key_value", "qkv_bias", by_head=True),
        **norm("attn.q_norm", "self_attn.q_layernorm", "d_head", biased=True, when="qk_norm"),
        **norm("attn.k_norm", "self_attn.k_layernorm", "d_head", biased=True, when="qk_norm"),
        **linear("attn.{}_O", "self_attn.dense", "q_width", "d_model", "o_bias"),
        **norm("ln2", "post_attention_layernorm", biased=True),
        **linear("mlp.{}_in", "mlp.dense_h_to_4h", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.dense_4h_to_h", "d_mlp", "d_model", "mlp_bias"),
    },
)


def _persimmon(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(
        config,
        norm="layer",
        qkv_bias=True,
        o_bias=True,
        qk_norm="head" if keys.flag("qk_layernorm", null=False) else "",
        qk_norm_biased=True,
        gated=False,
        mlp_bias=True,
    )


KINDS = (
    Kind(
        "persimmon",
        "Persimmon",
        Drawn("Persimmon", "Persimmon 8B", "LayerNorm, norms of queries and keys, an MLP that squares"),
        PERSIMMON,
        NAMES,
        SizeKeys(kv_heads="", d_head="", eps="layer_norm_eps"),
        rope=part_rope,
        more=_persimmon,
    ),
)
