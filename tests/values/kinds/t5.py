"""Small models of T5, mT5 and UMT5, and what their config.json may say."""

from typing import Any

from hypothesis import strategies as st
from transformers import MT5Config, T5Config, UMT5Config

from tests.values.kinds.cases import Cases

T5: dict[str, Any] = {"vocab_size": 96, "d_model": 48, "d_kv": 8, "d_ff": 80, "num_layers": 3, "num_heads": 6}
TINY: dict[str, Any] = {"vocab_size": 40, "d_model": 16, "d_kv": 6, "d_ff": 12, "num_layers": 2, "num_heads": 4}
FEW: dict[str, Any] = {"relative_attention_num_buckets": 8, "relative_attention_max_distance": 7}
SHORT: dict[str, Any] = {"num_decoder_layers": 2, "decoder_start_token_id": 0}
RANDOM: dict[str, st.SearchStrategy[Any]] = {
    "feed_forward_proj": st.sampled_from(
        ["relu", "gelu", "gated-gelu", "gated-silu", "gated-relu", "gelu_new", "tanh", "gated-gelu-x", "a-gelu"]
    ),
    "relative_attention_num_buckets": st.sampled_from([4, 8, 9, 32, 2]),
    "relative_attention_max_distance": st.sampled_from([3, 12, 128]),
    "layer_norm_epsilon": st.sampled_from([1e-6, 0.1]),
    "d_kv": st.sampled_from([4, 5]),
    "num_layers": st.sampled_from([1, 2]),
    "num_heads": st.sampled_from([1, 3, 4]),
    "hidden_size": st.sampled_from([8, 16]),
    "num_decoder_layers": st.sampled_from([None, 1, 3]),
    "scale_decoder_outputs": st.sampled_from([None, True, False]),
    "is_decoder": st.booleans(),
    "n_positions": st.sampled_from([8, 512]),
    "dropout_rate": st.just(0.2),
    "tie_word_embeddings": st.booleans(),
}
CASES = Cases(
    both={
        "t5": T5Config(**T5, **FEW, **SHORT),
        "t5 1.1": T5Config(
            **T5, **SHORT, feed_forward_proj="gated-gelu", layer_norm_epsilon=0.1, tie_word_embeddings=False
        ),
        "mt5": MT5Config(**T5, **FEW, num_decoder_layers=4),
        "umt5": UMT5Config(**T5, **FEW),
    },
    sizes={"t5": TINY, "mt5": TINY, "umt5": TINY},
    random={"t5": RANDOM, "mt5": RANDOM, "umt5": RANDOM},
    real={
        "t5 small": (
            "t5",
            {
                "architectures": ["T5ForConditionalGeneration"],
                "decoder_start_token_id": 0,
                "dropout_rate": 0.1,
                "eos_token_id": 1,
                "initializer_factor": 1.0,
                "is_encoder_decoder": True,
                "layer_norm_epsilon": 1e-06,
                "n_positions": 512,
                "output_past": True,
                "pad_token_id": 0,
                "relative_attention_num_buckets": 32,
                "task_specific_params": {"translation_en_to_de": {"prefix": "translate English to German: "}},
            },
        ),
        "flan-t5 small": (
            "t5",
            {
                "classifier_dropout": 0.0,
                "dense_act_fn": "gelu_new",
                "feed_forward_proj": "gated-gelu",
                "is_gated_act": True,
                "relative_attention_max_distance": 128,
                "tie_word_embeddings": False,
                "use_cache": True,
            },
        ),
    },
)
