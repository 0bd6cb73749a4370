"""MPT: scores with ALiBi in the place of positions, norms and linear maps without biases."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.alibi import Alibi
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, embedding, joined, linear, norm, unembedding

MPT: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "d_model": needed("d_model"),
    "n_layers": needed("its layers"),
    "n_heads": needed("its heads"),
    "d_mlp": only(None, "d_mlp, which is 4 d_model"),
    "expansion_ratio": only(4, "d_mlp over d_model"),
    "max_seq_len": Key("most tokens of a prompt", default=2048),
    "layer_norm_epsilon": Key("added to the variance in norms", default=1e-5),
    "attn_config": Key("what its attention is", default={}),
    "activation_function": only("gelu", "what the MLP goes through"),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "is_causal": only(True, "no token looks at later ones; transformers can run no other"),
    "no_bias": only(True, "norms and linear maps have no biases"),
    "logit_scale": only(None, "what logits are multiplied by; transformers passes over it"),
    "norm_type": only("low_precision_layernorm", "which norms it has"),
    "learned_pos_emb": harmless("transformers has no learned positions for it, whatever this says"),
    "embedding_fraction": harmless("how it is trained"),
    **dict.fromkeys(
        ("emb_pdrop", "resid_pdrop", "init_config", "init_device", "verbose"), harmless("how it is trained")
    ),
    "tokenizer_name": harmless("its tokenizer"),
}
ATTENTION: Mapping[str, Key] = {
    **OF_A_RUN,
    "alibi": only(True, "scores have a bias for each distance; transformers has no other positions for it"),
    "alibi_bias_max": harmless("the smallest slope; transformers takes 2 to the power of -8 whatever this says"),
    "softmax_scale": Key("scores are multiplied by it; null: 1 / sqrt(d_head)"),
    "clip_qkv": Key("the largest query, key or value; null: none"),
    "attn_type": only("multihead_attention", "every query head has keys of its own"),
    "qk_ln": only(False, "norms of queries and keys"),
    "prefix_lm": only(False, "the tokens of a prefix look both ways"),
    "attn_uses_sequence_id": only(False, "tokens look at those of the same text alone"),
    **dict.fromkeys(("attn_impl", "attn_pdrop"), harmless("by which program, and how it is trained")),
}
"""What attn_config says. See findings/mpt-alibi-max.sh."""

NAMES = Names(
    prefix="transformer.",
    layer="blocks.",
    model_weights={**embedding("wte"), **norm("ln_final", "norm_f"), **unembedding()},
    layer_weights={
        **norm("ln1", "norm_1"),
        **joined("attn.Wqkv"),
        **linear("attn.{}_O", "attn.out_proj", "q_width", "d_model"),
        **norm("ln2", "norm_2"),
        **linear("mlp.{}_in", "ffn.up_proj", "d_model", "d_mlp"),
        **linear("mlp.{}_out", "ffn.down_proj", "d_mlp", "d_model"),
    },
)


def _mpt(keys: Keys, config: ModelConfig) -> ModelConfig:
    attention = keys.part("attn_config", ATTENTION)
    attention.check("an attn_config")
    return replace(
        config,
        norm="layer",
        norm_biased=False,
        alibi=Alibi(from_last=True),
        score_scale=attention.positive("softmax_scale", missing=0.0),
        clip_qkv=attention.cap("clip_qkv"),
        gated=False,
    )


KINDS = (
    Kind(
        "mpt",
        "Mpt",
        Drawn("MPT", "MPT 7B and 30B", "ALiBi in the place of positions, LayerNorm, no biases", ("mpt",)),
        MPT,
        NAMES,
        SizeKeys(
            d_model="d_model",
            layers="n_layers",
            heads="n_heads",
            kv_heads="",
            d_head="",
            d_mlp="d_mlp",
            mlp_growth=4,
            positions="max_seq_len",
            eps="layer_norm_epsilon",
            activation="activation_function",
        ),
        rope=no_rope,
        more=_mpt,
        other_names={"num_attention_heads": "n_heads", "hidden_size": "d_model", "num_hidden_layers": "n_layers"},
    ),
)
