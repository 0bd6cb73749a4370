"""Small encoders of T5, and what their config.json may say."""

from typing import Any

from hypothesis import strategies as st
from transformers import T5Config

from tests.values.kinds.cases import Cases

T5: dict[str, Any] = {"vocab_size": 96, "d_model": 48, "d_kv": 8, "d_ff": 80, "num_layers": 3, "num_heads": 6}
TINY: dict[str, Any] = {"vocab_size": 40, "d_model": 16, "d_kv": 6, "d_ff": 12, "num_layers": 2, "num_heads": 4}
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
    "num_decoder_layers": st.sampled_from([None, 1]),
    "is_decoder": st.booleans(),
    "n_positions": st.sampled_from([8, 512]),
    "dropout_rate": st.just(0.2),
    "tie_word_embeddings": st.booleans(),
}
CASES = Cases(
    variants={
        "t5": T5Config(**T5, relative_attention_num_buckets=8, relative_attention_max_distance=7),
        "t5 gated": T5Config(**T5, feed_forward_proj="gated-gelu", layer_norm_epsilon=0.1),
    },
    no_gguf=("t5", "t5 gated"),
    sizes={"t5": TINY, "mt5": TINY},
    random={"t5": RANDOM, "mt5": RANDOM},
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
