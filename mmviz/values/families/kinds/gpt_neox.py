"""GPT-NeoX: attention and MLP side by side, LayerNorm, a part of each head rotated, each head's weights together."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, OF_ROPE, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, SizeKeys
from mmviz.values.families.layouts import Names, embedding, joined, linear, norm, unembedding
from mmviz.values.families.rope import read_rope

GPT_NEOX: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "intermediate_size": needed("d_mlp"),
    "num_hidden_layers": needed("its layers"),
    "num_attention_heads": needed("its heads"),
    "max_position_embeddings": Key("most tokens of a prompt", default=2048),
    "hidden_act": Key("what the MLP goes through", default="gelu"),
    "layer_norm_eps": Key("added to the variance in norms", default=1e-5),
    "use_parallel_residual": Key("the MLP reads what the attention reads, not what it adds to", default=True),
    "attention_bias": Key("queries, keys, values and attention outputs have biases", default=True),
    "rotary_pct": Key("which part of a head is rotated", default=0.25),
    "rotary_emb_base": Key("base of the rotary wavelengths", default=10000.0),
    "rope_scaling": OF_ROPE["rope_scaling"],
    "rope_parameters": OF_ROPE["rope_parameters"],
    "original_max_position_embeddings": OF_ROPE["original_max_position_embeddings"],
    **dict.fromkeys(
        ("rope_theta", "partial_rotary_factor"), harmless("of other model_types; transformers passes over it")
    ),
    "head_dim": only(None, "d_head; transformers reads it for the rotary wavelengths alone"),
    "is_decoder": harmless("of models with two stacks"),
    **dict.fromkeys(("hidden_dropout", "classifier_dropout"), harmless("how it is trained")),
}

NAMES = Names(
    prefix="gpt_neox.",
    layer="layers.",
    unembedding="embed_out.weight",
    model_weights={**embedding("embed_in"), **norm("ln_final", "final_layer_norm", biased=True), **unembedding()},
    layer_weights={
        **norm("ln1", "input_layernorm", biased=True),
        **joined("attention.query_key_value", "qkv_bias", by_head=True),
        **linear("attn.{}_O", "attention.dense", "q_width", "d_model", "o_bias"),
        **norm("ln2", "post_attention_layernorm", biased=True),
        **linear("mlp.{}_in", "mlp.dense_h_to_4h", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.dense_4h_to_h", "d_mlp", "d_model", "mlp_bias"),
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    return read_rope(keys, d_head, "rotary_emb_base", "rotary_pct"), None


def _gpt_neox(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias", null=False)
    return replace(
        config,
        norm="layer",
        parallel=keys.flag("use_parallel_residual", null=False),
        qkv_bias=biased,
        o_bias=biased,
        gated=False,
        mlp_bias=True,
    )


KINDS = (
    Kind(
        "gpt_neox",
        "GPTNeoX",
        Drawn(
            "GPT-NeoX",
            "Pythia, GPT-NeoX 20B, Dolly 2, RedPajama",
            "attention and MLP side by side, LayerNorm, a part of each head rotated",
            ("gptneox",),
        ),
        GPT_NEOX,
        NAMES,
        SizeKeys(kv_heads="", d_head="", eps="layer_norm_eps"),
        rope=_rope,
        more=_gpt_neox,
    ),
)
