"""Phi 1 and 2: as GPT-NeoX, with one norm that attention and MLP both read by, and logits with a bias."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_ROPE, Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, part_rope
from mmviz.values.families.kinds.gpt_neox import GPT_NEOX
from mmviz.values.families.layouts import Names, embedding, linear, norm, unembedding

PHI: Mapping[str, Key] = {
    **{
        key: each
        for key, each in GPT_NEOX.items()
        if key not in ("use_parallel_residual", "attention_bias", "rotary_pct", "rotary_emb_base", "is_decoder")
    },
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads"),
    "hidden_act": Key("what the MLP goes through", default="gelu_new"),
    "rope_theta": OF_ROPE["rope_theta"],
    "partial_rotary_factor": Key("which part of a head is rotated", default=0.5),
    "head_dim": only(None, "d_head; transformers reads it in some places, and not in others"),
    "qk_layernorm": Key("queries and keys of each head are normalized", default=False),
    **dict.fromkeys(("resid_pdrop", "embd_pdrop"), harmless("how it is trained")),
}

NAMES = Names(
    prefix="model.",
    layer="layers.",
    model_weights={
        **embedding("embed_tokens"),
        **norm("ln_final", "final_layernorm", biased=True),
        **unembedding(biased=True),
    },
    layer_weights={
        **norm("ln1", "input_layernorm", biased=True),
        **norm("ln2", "input_layernorm", biased=True),  # both read by the same norm
        **linear("attn.{}_Q", "self_attn.q_proj", "d_model", "q_width", "qkv_bias"),
        **linear("attn.{}_K", "self_attn.k_proj", "d_model", "kv_width", "qkv_bias"),
        **linear("attn.{}_V", "self_attn.v_proj", "d_model", "kv_width", "qkv_bias"),
        **linear("attn.{}_O", "self_attn.dense", "q_width", "d_model", "o_bias"),
        **norm("attn.q_norm", "self_attn.q_layernorm", "d_head", biased=True, when="qk_norm"),
        **norm("attn.k_norm", "self_attn.k_layernorm", "d_head", biased=True, when="qk_norm"),
        **linear("mlp.{}_in", "mlp.fc1", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.fc2", "d_mlp", "d_model", "mlp_bias"),
    },
)


def _phi(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(
        config,
        norm="layer",
        parallel=True,
        shared_norm=True,
        qkv_bias=True,
        o_bias=True,
        qk_norm="head" if keys.flag("qk_layernorm", null=False) else "",
        qk_norm_biased=True,
        gated=False,
        mlp_bias=True,
        unembed_bias=True,
    )


KINDS = (
    Kind(
        "phi",
        "Phi",
        Drawn("Phi", "Phi 1, 1.5 and 2", "as GPT-NeoX, with one norm for both, and logits with a bias", ("phi2",)),
        PHI,
        NAMES,
        SizeKeys(d_head="", eps="layer_norm_eps"),
        rope=part_rope,
        more=_phi,
    ),
)
