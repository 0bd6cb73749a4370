"""BLOOM: scores with ALiBi in the place of positions, a norm of the embedding, each head's weights together."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.alibi import Alibi
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, embedding, joined, linear, norm, unembedding

BLOOM: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "n_layer": needed("its layers"),
    "n_head": needed("its heads"),
    "n_inner": only(None, "d_mlp, which is 4 d_model"),
    "layer_norm_epsilon": Key("added to the variance in norms", default=1e-5),
    "apply_residual_connection_post_layernorm": only(False, "attention and MLP add to what they read"),
    "n_positions": harmless("of GPT-2, in small models made for tests"),
    "seq_length": Key("most tokens of a prompt; transformers sets no end", default=2048),
    "activation_function": only("gelu_new", "what the MLP goes through"),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "offset_alibi": harmless("of old files: how far positions were counted ahead"),
    **dict.fromkeys(("pretraining_tp", "slow_but_exact"), harmless("into how many parts products were cut")),
    **dict.fromkeys(
        (
            *("attention_softmax_in_fp32", "bias_dropout_fusion", "masked_softmax_fusion", "skip_bias_add"),
            *("skip_bias_add_qkv", "unk_token_id"),
        ),
        harmless("how it was trained"),
    ),
    "hidden_dropout": harmless("how it is trained"),
}

NAMES = Names(
    prefix="transformer.",
    layer="h.",
    model_weights={
        **embedding("word_embeddings"),
        **norm("embed.ln", "word_embeddings_layernorm", biased=True),
        **norm("ln_final", "ln_f", biased=True),
        **unembedding(),
    },
    layer_weights={
        **norm("ln1", "input_layernorm", biased=True),
        **joined("self_attention.query_key_value", "qkv_bias", by_head=True),
        **linear("attn.{}_O", "self_attention.dense", "q_width", "d_model", "o_bias"),
        **norm("ln2", "post_attention_layernorm", biased=True),
        **linear("mlp.{}_in", "mlp.dense_h_to_4h", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.dense_4h_to_h", "d_mlp", "d_model", "mlp_bias"),
    },
)


def _bloom(_: Keys, config: ModelConfig) -> ModelConfig:
    return replace(
        config,
        embed_norm=True,
        norm="layer",
        alibi=Alibi(),
        qkv_bias=True,
        o_bias=True,
        gated=False,
        mlp_bias=True,
    )


KINDS = (
    Kind(
        "bloom",
        "Bloom",
        Drawn(
            "BLOOM", "BLOOM, BLOOMZ", "ALiBi in the place of positions, LayerNorm, also of the embedding", ("bloom",)
        ),
        BLOOM,
        NAMES,
        SizeKeys(
            layers="n_layer",
            heads="n_head",
            kv_heads="",
            d_head="",
            d_mlp="n_inner",
            mlp_growth=4,
            positions="seq_length",
            eps="layer_norm_epsilon",
            activation="activation_function",
        ),
        rope=no_rope,
        more=_bloom,
        other_names={"num_attention_heads": "n_head", "num_hidden_layers": "n_layer"},
        old_names={"n_embed": "hidden_size"},
    ),
)
