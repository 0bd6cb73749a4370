"""GPT-2 and GPT: learned positions, LayerNorm, queries, keys and values of one module that is stored as (in, out)."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, Weight, embedding, joined, norm, unembedding

GPT2: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "n_embd": needed("d_model"),
    "n_layer": needed("its layers"),
    "n_head": needed("its heads"),
    "n_positions": Key("most tokens of a prompt", default=1024),
    "n_ctx": Key("the same in old files, where n_positions is left out"),
    "n_inner": Key("d_mlp; null: 4 d_model"),
    **dict.fromkeys(("hidden_act", "intermediate_size"), harmless("of BERT, in small models made for tests")),
    "activation_function": Key("what the MLP goes through", default="gelu_new"),
    "layer_norm_epsilon": Key("added to the variance in norms", default=1e-5),
    "scale_attn_weights": Key("scores are divided by sqrt(d_head)", default=True),
    "scale_attn_by_inverse_layer_idx": Key("scores are divided by layer + 1, too", default=False),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "add_cross_attention": only(False, "attention to a second stack"),
    "reorder_and_upcast_attn": harmless("in which order and dtype the same scores are computed"),
    **dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), harmless("how it is trained")),
    **dict.fromkeys(
        ("summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels", "summary_first_dropout"),
        harmless("a head for another task"),
    ),
}
SIZES = SizeKeys(
    d_model="n_embd",
    layers="n_layer",
    heads="n_head",
    kv_heads="",
    d_head="",
    d_mlp="n_inner",
    mlp_growth=4,
    positions="n_positions",
    eps="layer_norm_epsilon",
    activation="activation_function",
)
OLD_NAMES: Mapping[str, str] = {
    "hidden_size": "n_embd",
    "max_position_embeddings": "n_positions",
    "num_attention_heads": "n_head",
    "num_hidden_layers": "n_layer",
}


def _conv1d(name: str, module: str, ins: str, outs: str) -> dict[str, Weight]:
    """A matrix and its bias as `linear`, but stored as (in, out)."""
    return {
        name.format("W"): Weight(f"{module}.weight", (ins, outs), cut="q_width" if ins == "q_width" else ""),
        name.format("b"): Weight(f"{module}.bias", (outs,)),
    }


NAMES = Names(
    prefix="transformer.",
    layer="h.",
    model_weights={
        **embedding("wte"),
        **embedding("wpe", "pos_embed.W_pos", "positions"),
        **norm("ln_final", "ln_f", biased=True),
        **unembedding(),
    },
    layer_weights={
        **norm("ln1", "ln_1", biased=True),
        **joined("attn.c_attn", "qkv_bias", turned=False),
        **_conv1d("attn.{}_O", "attn.c_proj", "q_width", "d_model"),
        **norm("ln2", "ln_2", biased=True),
        **_conv1d("mlp.{}_in", "mlp.c_fc", "d_model", "d_mlp"),
        **_conv1d("mlp.{}_out", "mlp.c_proj", "d_mlp", "d_model"),
    },
)


GPT: Mapping[str, Key] = {
    **{key: each for key, each in GPT2.items() if key != "activation_function"},
    "n_inner": only(None, "d_mlp, which is 4 d_model"),
    "is_causal": only(True, "no token looks at later ones"),
    "n_positions": Key("most tokens of a prompt", default=512),
    "n_ctx": harmless("the same in old files"),
    "afn": Key("what the MLP goes through", default="gelu"),
    **dict.fromkeys(("scale_attn_weights",), only(True, "scores are divided by sqrt(d_head)")),
    **dict.fromkeys(("scale_attn_by_inverse_layer_idx",), only(False, "scores are divided by layer + 1, too")),
    **dict.fromkeys(("n_special", "predict_special_tokens"), harmless("which tokens are special")),
}
GPT_NAMES = replace(
    NAMES,
    model_weights={
        **embedding("tokens_embed"),
        **embedding("positions_embed", "pos_embed.W_pos", "positions"),
        **unembedding(),
    },
)
GPT_ACTIVATIONS: Mapping[str, str] = {"relu": "relu", "silu": "silu", "swish": "silu", "gelu": "gelu_tanh"}
"""Of a GPT, whose gelu is the approximation. Source: Hugging Face transformers 5.24, ACT_FNS of OpenAIGPT."""


def _gpt(_: Keys, config: ModelConfig) -> ModelConfig:
    return replace(
        config,
        learned_positions=True,
        final_norm=False,
        norm="layer",
        norm_inputs=False,
        norm_sums=True,
        qkv_bias=True,
        o_bias=True,
        gated=False,
        mlp_bias=True,
    )


def _gpt2(keys: Keys, config: ModelConfig) -> ModelConfig:
    old = keys.config.get("n_positions") is None and keys.config.get("n_ctx") is not None
    return replace(
        config,
        positions=keys.whole("n_ctx" if old else "n_positions"),
        learned_positions=True,
        norm="layer",
        qkv_bias=True,
        o_bias=True,
        score_scale=0.0 if keys.flag("scale_attn_weights") else 1.0,
        scaled_by_layer=keys.flag("scale_attn_by_inverse_layer_idx"),
        gated=False,
        mlp_bias=True,
    )


KINDS = (
    Kind(
        "gpt2",
        "GPT2",
        Drawn("GPT-2", "GPT-2, DistilGPT-2, CodeParrot", "learned positions, LayerNorm", ("gpt2",)),
        GPT2,
        NAMES,
        SIZES,
        rope=no_rope,
        more=_gpt2,
        other_names=OLD_NAMES,
    ),
    Kind(
        "openai-gpt",
        "OpenAIGPT",
        Drawn("GPT", "the first GPT", "as GPT-2, with norms behind sums, and none before the logits"),
        GPT,
        GPT_NAMES,
        replace(SIZES, activation="afn"),
        rope=no_rope,
        more=_gpt,
        activations=GPT_ACTIVATIONS,
        other_names=OLD_NAMES,
    ),
)
