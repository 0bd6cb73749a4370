"""ModernBERT: an encoder with rotary positions and a gated MLP, most of whose layers look a window to each side."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import ACTIVATIONS, Drawn, Kind, Ropes, SizeKeys
from mmviz.values.families.layouts import (
    Names,
    Weight,
    embedding,
    gate_and_up,
    joined,
    linear,
    masked_head,
    norm,
    unembedding,
)
from mmviz.values.families.rope import read_ropes
from mmviz.values.families.sliding import EITHER, by_types

MODERNBERT: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "intermediate_size": needed("d_mlp"),
    "num_hidden_layers": needed("its layers"),
    "num_attention_heads": needed("its heads"),
    "max_position_embeddings": Key("most tokens of a prompt", default=8192),
    "hidden_activation": Key("what the gates of the MLP go through", default="gelu"),
    "norm_eps": Key("added to the variance in norms", default=1e-5),
    "norm_bias": Key("norms have biases", default=False),
    "attention_bias": Key("queries, keys, values and attention outputs have biases", default=False),
    "mlp_bias": Key("the matrices of the MLP have biases", default=False),
    "classifier_activation": Key("what the head goes through", default="gelu"),
    "classifier_bias": Key("the linear map of the head has a bias", default=False),
    "decoder_bias": Key("logits have a bias", default=True),
    "local_attention": Key("how many tokens the layers that slide look at, half of them to each side", default=128),
    "layer_types": Key("which layers slide"),
    "global_attn_every_n_layers": Key("the same in old files: of so many layers the first does not", default=3),
    "rope_scaling": Key("how rotary positions of all layers are scaled", default={}),
    "rope_parameters": Key("how those of each type of layers are scaled, and their base", default={}),
    "global_rope_theta": Key("base of the rotary wavelengths", default=160000.0),
    "local_rope_theta": Key("the same of layers that slide", default=10000.0),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "is_causal": Key("of decoders; transformers passes over it", "harmless", True),
    "sliding_window": only(None, "local_attention by another name"),
    "original_max_position_embeddings": only(None, "the original context"),
    **dict.fromkeys(
        ("layer_norm_eps", "position_embedding_type"), harmless("of other model_types; transformers passes over it")
    ),
    **dict.fromkeys(
        (
            *("embedding_dropout", "mlp_dropout", "classifier_dropout", "initializer_cutoff_factor"),
            *("deterministic_flash_attn", "sparse_prediction", "sparse_pred_ignore_index"),
        ),
        harmless("how it is trained, or by which program the same numbers are computed"),
    ),
    **dict.fromkeys(("cls_token_id", "sep_token_id"), harmless("which tokens are special")),
    "classifier_pooling": harmless("a head for another task"),
}


def _norm(name: str, module: str, *, when: str = "", biased: str = "norm_biased") -> dict[str, Weight]:
    """A norm, whose bias is there by a field of ModelConfig."""
    bias = Weight(f"{module}.bias", ("d_model",), when=biased)
    return {**norm(name, module, when=when), f"{name}.b": bias}


NAMES = Names(
    prefix="model.",
    layer="layers.",
    unembedding="decoder.weight",
    unembedding_biases=("decoder.bias",),
    model_weights={
        **embedding("embeddings.tok_embeddings"),
        **_norm("embed.ln", "embeddings.norm"),
        **_norm("ln_final", "final_norm"),
        **masked_head("head.dense", "head.norm", norm_biased="norm_biased"),
        **unembedding(biased=True),
    },
    layer_weights={
        **_norm("ln1", "attn_norm", when="normed", biased="normed_with_bias"),
        **joined("attn.Wqkv", "qkv_bias"),
        **linear("attn.{}_O", "attn.Wo", "q_width", "d_model", "o_bias"),
        **_norm("ln2", "mlp_norm"),
        **gate_and_up("mlp.Wi", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.Wo", "d_mlp", "d_model", "mlp_bias"),
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    if d_head % 2:
        raise keys.problem("hidden_size", f"makes heads of {d_head} numbers; rotary positions need an even number.")
    return read_ropes(keys, d_head, ("global_rope_theta", "local_rope_theta"), scaling_of_both=True)


def _slides(keys: Keys, layers: int) -> frozenset[int]:
    types = keys.each("layer_types", layers, EITHER)
    if types is not None:
        return by_types(types)
    turn = keys.whole("global_attn_every_n_layers")
    return frozenset(layer for layer in range(layers) if layer % turn)


def _modernbert(keys: Keys, config: ModelConfig) -> ModelConfig:
    if config.sliding and config.window < 2:
        raise keys.problem("local_attention", f"is {config.window}; half of it to each side is looked at: 2 or more.")
    biased = keys.flag("attention_bias", null=False)
    return replace(
        config,
        causal=False,
        window=config.window // 2,
        unnormed=frozenset({0}),  # the embedding is normalized already
        embed_norm=True,
        norm="layer",
        norm_biased=keys.flag("norm_bias", null=False),
        head_activation=keys.one_of("classifier_activation", ACTIVATIONS),
        head_bias=keys.flag("classifier_bias", null=False),
        unembed_bias=keys.flag("decoder_bias", null=False),
        qkv_bias=biased,
        o_bias=biased,
        mlp_bias=keys.flag("mlp_bias", null=False),
    )


KINDS = (
    Kind(
        "modernbert",
        "ModernBert",
        Drawn(
            "ModernBERT",
            "ModernBERT base and large",
            "encoders with rotary positions, most layers with a window",
            ("modern-bert",),
        ),
        MODERNBERT,
        NAMES,
        SizeKeys(kv_heads="", d_head="", eps="norm_eps", activation="hidden_activation", window="local_attention"),
        rope=_rope,
        sliding=_slides,
        more=_modernbert,
        masked=True,
    ),
)
