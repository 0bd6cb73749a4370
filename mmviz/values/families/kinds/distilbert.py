"""DistilBERT: an encoder as BERT, with names and keys of its own, and no vectors for the texts of a pair."""

from collections.abc import Mapping

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, no_rope
from mmviz.values.families.kinds.bert import encoder
from mmviz.values.families.layouts import Names, embedding, linear, masked_head, norm, unembedding

DISTILBERT: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "dim": needed("d_model"),
    "hidden_dim": needed("d_mlp"),
    "n_layers": needed("its layers"),
    "n_heads": needed("its heads"),
    "max_position_embeddings": Key("most tokens of a prompt", default=512),
    "activation": Key("what the MLP and the head go through", default="gelu"),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "sinusoidal_pos_embds": harmless("what the vectors of positions began with; files hold them in any case"),
    "is_causal": Key("of decoders; transformers passes over it", "harmless", True),
    **dict.fromkeys(("dropout", "qa_dropout", "seq_classif_dropout"), harmless("how it is trained")),
}
EPS = 1e-12
"""Added to the variance in norms, whatever config.json says: transformers 5.24, TransformerBlock."""

NAMES = Names(
    prefix="distilbert.",
    layer="transformer.layer.",
    unembedding="vocab_projector.weight",
    unembedding_biases=("vocab_projector.bias",),
    model_weights={
        **embedding("embeddings.word_embeddings"),
        **embedding("embeddings.position_embeddings", "pos_embed.W_pos", "position_rows"),
        **norm("embed.ln", "embeddings.LayerNorm", biased=True),
        **masked_head("vocab_transform", "vocab_layer_norm"),
        **unembedding(biased=True),
    },
    layer_weights={
        **linear("attn.{}_Q", "attention.q_lin", "d_model", "q_width", "qkv_bias"),
        **linear("attn.{}_K", "attention.k_lin", "d_model", "kv_width", "qkv_bias"),
        **linear("attn.{}_V", "attention.v_lin", "d_model", "kv_width", "qkv_bias"),
        **linear("attn.{}_O", "attention.out_lin", "q_width", "d_model", "o_bias"),
        **norm("ln1", "sa_layer_norm", biased=True),
        **linear("mlp.{}_in", "ffn.lin1", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "ffn.lin2", "d_mlp", "d_model", "mlp_bias"),
        **norm("ln2", "output_layer_norm", biased=True),
    },
)


def _distilbert(_: Keys, config: ModelConfig) -> ModelConfig:
    return encoder(config)


KINDS = (
    Kind(
        "distilbert",
        "DistilBert",
        Drawn("DistilBERT", "DistilBERT", "encoders as BERT, without vectors for the texts of a pair", ("bert",)),
        DISTILBERT,
        NAMES,
        SizeKeys(
            d_model="dim",
            layers="n_layers",
            heads="n_heads",
            kv_heads="",
            d_head="",
            d_mlp="hidden_dim",
            eps=EPS,
            activation="activation",
        ),
        rope=no_rope,
        more=_distilbert,
        other_names={"hidden_size": "dim", "num_attention_heads": "n_heads", "num_hidden_layers": "n_layers"},
        masked=True,
    ),
)
