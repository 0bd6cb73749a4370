"""Small models of BART and its like, and what their config.json may say."""

from typing import Any

from hypothesis import strategies as st
from transformers import (
    BartConfig,
    BlenderbotConfig,
    M2M100Config,
    MarianConfig,
    MBartConfig,
    PegasusConfig,
    PLBartConfig,
)

from tests.values.kinds.cases import Cases

SIZES: dict[str, Any] = {
    "vocab_size": 96,
    "d_model": 48,
    "encoder_layers": 3,
    "encoder_attention_heads": 6,
    "encoder_ffn_dim": 80,
    "decoder_layers": 2,
    "decoder_attention_heads": 4,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 32,
}
TINY: dict[str, Any] = {
    "vocab_size": 40,
    "d_model": 16,
    "encoder_layers": 2,
    "encoder_attention_heads": 4,
    "encoder_ffn_dim": 12,
    "decoder_layers": 2,
    "decoder_attention_heads": 2,
    "decoder_ffn_dim": 20,
    "max_position_embeddings": 64,
    "pad_token_id": 1,
}
RANDOM: dict[str, st.SearchStrategy[Any]] = {
    "activation_function": st.sampled_from(["gelu", "relu", "silu", "swish", "gelu_new", "tanh"]),
    "scale_embedding": st.booleans(),
    "encoder_layers": st.sampled_from([1, 2]),
    "decoder_layers": st.sampled_from([1, 3]),
    "num_hidden_layers": st.sampled_from([1, 2]),
    "decoder_attention_heads": st.sampled_from([1, 4, 3]),
    "num_attention_heads": st.sampled_from([1, 8]),
    "hidden_size": st.sampled_from([8, 24]),
    "encoder_ffn_dim": st.sampled_from([5, 16]),
    "max_position_embeddings": st.sampled_from([24, 128]),
    "normalize_before": st.booleans(),
    "is_decoder": st.booleans(),
    "add_cross_attention": st.booleans(),
    "decoder_start_token_id": st.sampled_from([0, 2, None]),
    "dropout": st.just(0.2),
    "layer_norm_eps": st.just(0.1),
    "pad_token_id": st.sampled_from([0, 1, 3]),
}
MARIAN: dict[str, st.SearchStrategy[Any]] = {
    **RANDOM,
    "decoder_vocab_size": st.sampled_from([None, 40, 64]),
    "share_encoder_decoder_embeddings": st.booleans(),
}
CASES = Cases(
    both={
        "bart": BartConfig(**SIZES, scale_embedding=True),
        "plbart": PLBartConfig(**SIZES, decoder_start_token_id=2),
        "mbart": MBartConfig(**SIZES, activation_function="relu"),
        "blenderbot": BlenderbotConfig(**SIZES),
        "marian": MarianConfig(
            **SIZES, pad_token_id=95, decoder_start_token_id=95, scale_embedding=True, activation_function="swish"
        ),
        "pegasus": PegasusConfig(**SIZES, scale_embedding=True),
        "m2m_100": M2M100Config(**SIZES, decoder_start_token_id=2),
    },
    sizes=dict.fromkeys(("bart", "plbart", "mbart", "blenderbot", "marian", "pegasus", "m2m_100"), TINY),
    random={**dict.fromkeys(("bart", "plbart", "mbart", "blenderbot", "pegasus", "m2m_100"), RANDOM), "marian": MARIAN},
    real={
        "bart large cnn": (
            "bart",
            {
                "_num_labels": 3,
                "activation_dropout": 0.0,
                "activation_function": "gelu",
                "add_final_layer_norm": False,
                "architectures": ["BartForConditionalGeneration"],
                "classif_dropout": 0.0,
                "early_stopping": True,
                "force_bos_token_to_be_generated": True,
                "forced_bos_token_id": 0,
                "gradient_checkpointing": False,
                "length_penalty": 2.0,
                "no_repeat_ngram_size": 3,
                "normalize_before": False,
                "num_beams": 4,
                "output_past": True,
                "prefix": " ",
                "task_specific_params": {"summarization": {"length_penalty": 1.0}},
            },
        ),
        "opus-mt en de": (
            "marian",
            {
                "_num_labels": 3,
                "activation_function": "swish",
                "add_bias_logits": False,
                "add_final_layer_norm": False,
                "architectures": ["MarianMTModel"],
                "bad_words_ids": [[39]],
                "decoder_vocab_size": 40,
                "normalize_before": False,
                "normalize_embedding": False,
                "scale_embedding": True,
                "share_encoder_decoder_embeddings": True,
                "static_position_embeddings": True,
            },
        ),
        "nllb 600m": (
            "m2m_100",
            {"max_length": 200, "tokenizer_class": "NllbTokenizer", "activation_function": "relu"},
        ),
    },
)
