"""BERT, RoBERTa and their like: encoders, with a norm behind each sum and a head that guesses masked tokens."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, Weights, embedding, linear, masked_head, norm, unembedding

BERT: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "intermediate_size": needed("d_mlp"),
    "num_hidden_layers": needed("its layers"),
    "num_attention_heads": needed("its heads"),
    "max_position_embeddings": Key("most tokens of a prompt", default=512),
    "type_vocab_size": Key("vectors for the texts of a pair, of which one text has the first", default=2),
    "hidden_act": Key("what the MLP goes through, and of a BERT the head", default="gelu"),
    "layer_norm_eps": Key("added to the variance in norms", default=1e-12),
    "is_decoder": Key("no token looks at later ones", default=False),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "add_cross_attention": only(False, "attention to a second stack"),
    "position_embedding_type": only("absolute", "how positions are told; transformers 5 knows no other"),
    **dict.fromkeys(
        ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"), harmless("how it is trained")
    ),
    **dict.fromkeys(
        (
            *("pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head"),
            *("pooler_type", "directionality"),
        ),
        harmless("a head for another task"),
    ),
}
ROBERTA: Mapping[str, Key] = {
    **BERT,
    "pad_token_id": Key("the token of padding, behind whose number positions begin", default=1),
}


def _names(prefix: str, unembeds: str, biases: tuple[str, ...], head: Weights) -> Names:
    """Of an encoder whose layers are called as BERT's."""
    attention = "attention.self"
    return Names(
        prefix=prefix,
        layer="encoder.layer.",
        unembedding=unembeds,
        unembedding_biases=biases,
        model_weights={
            **embedding("embeddings.word_embeddings"),
            **embedding("embeddings.token_type_embeddings", "token_type_embed.W_token_type", "token_types"),
            **embedding("embeddings.position_embeddings", "pos_embed.W_pos", "position_rows"),
            **norm("embed.ln", "embeddings.LayerNorm", biased=True),
            **head,
            **unembedding(biased=True),
        },
        layer_weights={
            **linear("attn.{}_Q", f"{attention}.query", "d_model", "q_width", "qkv_bias"),
            **linear("attn.{}_K", f"{attention}.key", "d_model", "kv_width", "qkv_bias"),
            **linear("attn.{}_V", f"{attention}.value", "d_model", "kv_width", "qkv_bias"),
            **linear("attn.{}_O", "attention.output.dense", "q_width", "d_model", "o_bias"),
            **norm("ln1", "attention.output.LayerNorm", biased=True),
            **linear("mlp.{}_in", "intermediate.dense", "d_model", "d_mlp", "mlp_bias"),
            **linear("mlp.{}_out", "output.dense", "d_mlp", "d_model", "mlp_bias"),
            **norm("ln2", "output.LayerNorm", biased=True),
        },
    )


BERT_NAMES = _names(
    "bert.",
    "cls.predictions.decoder.weight",
    ("cls.predictions.decoder.bias", "cls.predictions.bias"),
    masked_head("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm"),
)
ROBERTA_NAMES = _names(
    "roberta.",
    "lm_head.decoder.weight",
    ("lm_head.decoder.bias", "lm_head.bias"),
    masked_head("lm_head.dense", "lm_head.layer_norm"),
)
ELECTRA: Mapping[str, Key] = {
    **BERT,
    "embedding_size": Key("numbers of a token's vector before it is taken to d_model", default=128),
    **dict.fromkeys(
        ("summary_type", "summary_use_proj", "summary_activation", "summary_last_dropout"),
        harmless("a head for another task"),
    ),
}
ELECTRA_NAMES = _names(
    "electra.",
    "generator_lm_head.weight",
    ("generator_lm_head.bias",),
    masked_head("generator_predictions.dense", "generator_predictions.LayerNorm"),
)
SIZES = SizeKeys(kv_heads="", d_head="", eps="layer_norm_eps")


def encoder(config: ModelConfig, *, causal: bool = False) -> ModelConfig:
    """What the layers and the head of a BERT are made of.

    Args:
        config: Its sizes.
        causal: No token looks at later ones.
    """
    return replace(
        config,
        causal=causal and config.causal,
        learned_positions=True,
        embed_norm=True,
        norm="layer",
        norm_inputs=False,
        norm_sums=True,
        final_norm=False,
        head_activation=config.activation,
        head_bias=True,
        unembed_bias=True,
        qkv_bias=True,
        o_bias=True,
        gated=False,
        mlp_bias=True,
    )


def _bert(keys: Keys, config: ModelConfig) -> ModelConfig:
    types = keys.whole("type_vocab_size")
    return replace(encoder(config, causal=keys.flag("is_decoder", null=False)), token_types=types)


def _electra(keys: Keys, config: ModelConfig) -> ModelConfig:
    width = keys.whole("embedding_size")
    if width != config.d_model:
        raise keys.problem(
            "embedding_size", f"is {width}, so that vectors of tokens are taken to d_model; {config.d_model} is needed."
        )
    return replace(_bert(keys, config), head_activation="gelu")


def _roberta(keys: Keys, config: ModelConfig) -> ModelConfig:
    padding = keys.whole("pad_token_id", least=0)
    positions = config.positions - padding - 1
    if positions < 1:
        raise keys.problem(
            "max_position_embeddings",
            f"is {config.positions}; positions begin behind pad_token_id, so that {padding + 2} or more are needed.",
        )
    return replace(
        _bert(keys, config),
        positions=positions,
        position_offset=padding + 1,
        padding=padding,
        head_activation="gelu",
    )


def _like_roberta(model_type: str, classes: str) -> Kind:
    return Kind(
        model_type,
        classes,
        Drawn(
            "RoBERTa",
            "RoBERTa, XLM-RoBERTa, CamemBERT",
            "encoders as BERT, whose positions begin behind that of padding",
            ("bert",),
        ),
        ROBERTA,
        ROBERTA_NAMES,
        SIZES,
        rope=no_rope,
        more=_roberta,
        masked=True,
    )


KINDS = (
    Kind(
        "bert",
        "Bert",
        Drawn(
            "BERT",
            "BERT, multilingual BERT, MiniLM, BGE, E5",
            "encoders: tokens look both ways, LayerNorm behind each sum",
            ("bert",),
        ),
        BERT,
        BERT_NAMES,
        SIZES,
        rope=no_rope,
        more=_bert,
        masked=True,
    ),
    _like_roberta("roberta", "Roberta"),
    _like_roberta("xlm-roberta", "XLMRoberta"),
    _like_roberta("camembert", "Camembert"),
    Kind(
        "electra",
        "Electra",
        Drawn("ELECTRA", "ELECTRA base and large", "encoders as BERT, without a head where they discriminate"),
        ELECTRA,
        ELECTRA_NAMES,
        SIZES,
        rope=no_rope,
        more=_electra,
        masked=True,
    ),
)
