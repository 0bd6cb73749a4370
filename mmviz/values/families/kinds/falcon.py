"""Falcon: attention and MLP side by side, by one norm or two, and few keys and values for many queries."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, OF_ROPE, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys
from mmviz.values.families.layouts import Names, embedding, joined, linear, norm, unembedding

FALCON: Mapping[str, Key] = {
    **OF_A_RUN,
    **OF_ROPE,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "num_hidden_layers": needed("its layers"),
    "num_attention_heads": needed("its query heads"),
    "num_kv_heads": Key("its key-value heads, where new_decoder_architecture is true; null: as many as query heads"),
    "new_decoder_architecture": Key("layers as those of Falcon 40B", default=False),
    "multi_query": Key("all query heads share one key-value head, in the older architecture", default=True),
    "parallel_attn": Key("the MLP reads what the attention reads, not what it adds to", default=True),
    "num_ln_in_parallel_attn": Key("norms of a layer of the newer architecture; null: 2"),
    "bias": Key("all linear maps have biases", default=False),
    "ffn_hidden_size": Key("d_mlp; null: 4 d_model"),
    "activation": Key("what the MLP goes through", default="gelu"),
    "layer_norm_epsilon": Key("added to the variance in norms", default=1e-5),
    "max_position_embeddings": Key("most tokens of a prompt", default=2048),
    "alibi": Key("scores with a bias for each distance, which are refused", default=False),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "apply_residual_connection_post_layernorm": only(False, "attention and MLP add to what they read"),
    "head_dim": only(None, "d_head"),
    "ff_factor": harmless("ffn_hidden_size over hidden_size"),
    "hidden_dropout": harmless("how it is trained"),
}


def _names(first: str, second: str) -> Names:
    """With the norms of a layer under these names."""
    return Names(
        prefix="transformer.",
        layer="h.",
        model_weights={**embedding("word_embeddings"), **norm("ln_final", "ln_f", biased=True), **unembedding()},
        layer_weights={
            **norm("ln1", first, biased=True),
            **norm("ln2", second, biased=True),
            **joined("self_attention.query_key_value", "qkv_bias", by_head=True),
            **linear("attn.{}_O", "self_attention.dense", "q_width", "d_model", "o_bias"),
            **linear("mlp.{}_in", "mlp.dense_h_to_4h", "d_model", "d_mlp", "mlp_bias"),
            **linear("mlp.{}_out", "mlp.dense_4h_to_h", "d_mlp", "d_model", "mlp_bias"),
        },
    )


ONE_NORM = _names("input_layernorm", "input_layernorm")
TWO_NORMS, IN_TURN = "two norms", "in turn"
OTHERS: Mapping[str, Names] = {
    TWO_NORMS: _names("ln_attn", "ln_mlp"),
    IN_TURN: _names("input_layernorm", "post_attention_layernorm"),
}


def _falcon(keys: Keys, config: ModelConfig) -> ModelConfig:
    """See findings/falcon-alibi-twice.sh for those that are refused."""
    if keys.flag("alibi"):
        raise keys.problem(
            "alibi",
            "True is not supported: transformers 5 adds its bias to the scores twice (eager attention) or once (sdpa); "
            "False is needed.",
        )
    newer, biased = keys.flag("new_decoder_architecture", null=False), keys.flag("bias", null=False)
    return replace(
        config,
        kv_heads=_kv_heads(keys, config.heads, newer=newer),
        layout=_layout(keys, newer=newer),
        norm="layer",
        parallel=keys.flag("parallel_attn", null=False),
        shared_norm=_layout(keys, newer=newer) == "",
        qkv_bias=biased,
        o_bias=biased,
        gated=False,
        mlp_bias=biased,
    )


def _kv_heads(keys: Keys, heads: int, *, newer: bool) -> int:
    if keys.flag("multi_query", null=False) and not newer:
        return 1
    said = keys.whole("num_kv_heads", missing=heads)
    if heads % said or (said != heads and not newer):
        many = "a divisor of it" if newer else "as many"
        raise keys.problem("num_kv_heads", f"is {said}, and num_attention_heads is {heads}; {many} is needed.")
    return said


def _layout(keys: Keys, *, newer: bool) -> str:
    """Which norms a layer has.

    Source: Hugging Face transformers 5.24, FalconDecoderLayer, which cannot run the others.
    """
    norms = keys.given("num_ln_in_parallel_attn")
    if not keys.flag("parallel_attn", null=False):
        if newer:
            raise keys.problem("parallel_attn", "is false; with new_decoder_architecture true is needed.")
        return IN_TURN
    if norms == 1 or (norms is None and not newer):
        return ""
    if newer and norms in (2, None):
        return TWO_NORMS
    which = "1 or 2" if newer else "1, or new_decoder_architecture,"
    raise keys.problem("num_ln_in_parallel_attn", f"is {norms!r}; {which} is needed.")


KINDS = (
    Kind(
        "falcon",
        "Falcon",
        Drawn(
            "Falcon",
            "Falcon 7B, 11B, 40B and 180B",
            "as GPT-NeoX, with one norm for both or two, and few keys for many queries",
            ("falcon",),
        ),
        FALCON,
        ONE_NORM,
        SizeKeys(
            kv_heads="",
            d_head="",
            d_mlp="ffn_hidden_size",
            mlp_growth=4,
            eps="layer_norm_epsilon",
            activation="activation",
        ),
        more=_falcon,
        old_names={"n_embed": "hidden_size"},
        other_layouts=OTHERS,
    ),
)
