"""BERT, RoBERTa, DistilBERT and their like, as small models and random configurations."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from transformers import BertConfig, DistilBertConfig, ElectraConfig, RobertaConfig

from tests.values.kinds.cases import SIZES, Cases

SMALL: dict[str, Any] = {**SIZES, "num_hidden_layers": 3}
ROBERTA: dict[str, Any] = {**SMALL, "max_position_embeddings": 34, "pad_token_id": 1}
DISTILBERT: dict[str, Any] = {
    "vocab_size": 96,
    "dim": 48,
    "hidden_dim": 80,
    "n_layers": 3,
    "n_heads": 6,
    "max_position_embeddings": 32,
}
TINY: Mapping[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 40,
    "max_position_embeddings": 64,
}
FLAG = st.booleans()
ACTIVATION = st.sampled_from(["gelu", "gelu_new", "relu", "silu", "quick_gelu", "tanh"])
RANDOM: dict[str, st.SearchStrategy[Any]] = {
    "is_decoder": st.sampled_from([True, False, None]),
    "add_cross_attention": FLAG,
    "type_vocab_size": st.sampled_from([1, 2, 3, 0]),
    "hidden_act": ACTIVATION,
    "layer_norm_eps": st.sampled_from([1e-12, 0.1]),
    "position_embedding_type": st.sampled_from(["absolute", "relative_key", None]),
    "max_position_embeddings": st.sampled_from([8, 32]),
    "num_attention_heads": st.sampled_from([1, 2, 4, 3]),
    "num_hidden_layers": st.sampled_from([1, 2]),
    "hidden_dropout_prob": st.just(0.2),
    "classifier_dropout": st.sampled_from([None, 0.2]),
    "architectures": st.sampled_from([None, ["BertForMaskedLM"], ["BertLMHeadModel"], ["RobertaForMaskedLM"]]),
    "pad_token_id": st.sampled_from([0, 1, 7, 30, None, -1]),
    "use_cache": FLAG,
    "head_dim": st.just(8),
}
OF_DISTILBERT: dict[str, st.SearchStrategy[Any]] = {
    "activation": ACTIVATION,
    "sinusoidal_pos_embds": FLAG,
    "dropout": st.just(0.3),
    "attention_dropout": st.just(0.3),
    "max_position_embeddings": st.sampled_from([8, 32]),
    "hidden_size": st.sampled_from([8, 16]),
    "num_attention_heads": st.sampled_from([2, 4, 3]),
    "n_heads": st.sampled_from([2, 4, 3]),
    "num_hidden_layers": st.sampled_from([1, 2]),
    "layer_norm_eps": st.sampled_from([1e-12, 0.1]),
    "hidden_dim": st.sampled_from([12, 20]),
}
OF_BERT_BASE: Mapping[str, Any] = {
    "architectures": ["BertForMaskedLM"],
    "attention_probs_dropout_prob": 0.1,
    "directionality": "bidi",
    "gradient_checkpointing": False,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
    "pooler_fc_size": 768,
    "pooler_num_attention_heads": 12,
    "pooler_num_fc_layers": 3,
    "pooler_size_per_head": 128,
    "pooler_type": "first_token_transform",
    "position_embedding_type": "absolute",
    "transformers_version": "4.6.0.dev0",
    "type_vocab_size": 2,
    "use_cache": True,
}

CASES = Cases(
    variants={
        "bert": BertConfig(**SMALL, layer_norm_eps=0.1),
        "bert as a decoder": BertConfig(**SMALL, is_decoder=True, type_vocab_size=1, hidden_act="relu"),
        "roberta": RobertaConfig(**ROBERTA),
        "electra": ElectraConfig(**SMALL, embedding_size=48),
        "distilbert": DistilBertConfig(**DISTILBERT),
    },
    no_gguf=("bert", "bert as a decoder", "roberta", "electra", "distilbert"),
    sizes={
        **dict.fromkeys(("bert", "roberta", "xlm-roberta", "camembert"), TINY),
        "electra": {**TINY, "embedding_size": 16},
        "distilbert": {
            "vocab_size": 40,
            "dim": 16,
            "hidden_dim": 12,
            "n_layers": 2,
            "n_heads": 4,
            "max_position_embeddings": 64,
        },
    },
    random={
        **dict.fromkeys(("bert", "roberta", "xlm-roberta", "camembert"), RANDOM),
        "distilbert": OF_DISTILBERT,
        "electra": {**RANDOM, "embedding_size": st.sampled_from([16, 16, 16, 8])},
    },
    real={
        "bert base, multilingual": ("bert", OF_BERT_BASE),
        "all-MiniLM-L6": ("bert", {"_name_or_path": "nreimers/MiniLM-L6-H384-uncased", "architectures": ["BertModel"]}),
        "roberta base": (
            "roberta",
            {
                "architectures": ["RobertaForMaskedLM"],
                "bos_token_id": 0,
                "eos_token_id": 2,
                "layer_norm_eps": 1e-05,
                "max_position_embeddings": 514,
                "pad_token_id": 1,
                "type_vocab_size": 1,
            },
        ),
        "xlm-roberta base": ("xlm-roberta", {"max_position_embeddings": 514, "output_past": True, "pad_token_id": 1}),
        "distilbert base": (
            "distilbert",
            {
                "activation": "gelu",
                "architectures": ["DistilBertForMaskedLM"],
                "dropout": 0.1,
                "model_type": "distilbert",
                "pad_token_id": 0,
                "qa_dropout": 0.1,
                "seq_classif_dropout": 0.2,
                "sinusoidal_pos_embds": False,
                "tie_weights_": True,
            },
        ),
    },
)
