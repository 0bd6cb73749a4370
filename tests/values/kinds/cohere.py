"""Small Cohere 1 and 2: with norms of queries and keys, and with layers that slide and others without positions."""

from typing import Any

from hypothesis import strategies as st
from transformers import Cohere2Config, CohereConfig

from tests.values.kinds.cases import GROUPED, Cases

SLIDES = ["sliding_attention", "full_attention", "sliding_attention"]
SCALINGS = st.sampled_from(
    [
        None,
        {},
        {"rope_type": "default", "rope_theta": 300.0},
        {"rope_type": "linear", "factor": 4.0},
        {"type": "dynamic", "factor": 4.0},
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
        {"rope_type": "default", "partial_rotary_factor": 0.5},
    ]
)
OF_BOTH: dict[str, st.SearchStrategy[Any]] = {
    "rope_scaling": SCALINGS,
    "rope_parameters": SCALINGS,
    "rope_theta": st.sampled_from([300.0, 7, 500000.0]),
    "partial_rotary_factor": st.sampled_from([1.0, 0.5]),
    "max_position_embeddings": st.sampled_from([8, 64, 128]),
    "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
    "head_dim": st.sampled_from([2, 6, 5, None]),
    "hidden_act": st.sampled_from(["silu", "gelu", "tanh"]),
    "layer_norm_eps": st.sampled_from([1e-5, 0.1, None]),
    "attention_bias": st.booleans(),
    "mlp_bias": st.booleans(),
    "use_qk_norm": st.sampled_from([True, True, False, None]),
    "logit_scale": st.sampled_from([0.5, 1.0, 0.0, None]),
    "sliding_window": st.sampled_from([None, 4, 1, 4096]),
    "sliding_window_pattern": st.sampled_from([1, 2, 6, 0, None]),
    "layer_types": st.lists(st.sampled_from(["full_attention", "sliding_attention"]), min_size=2, max_size=2),
    "num_hidden_layers": st.sampled_from([2, 5]),
}
CASES = Cases(
    variants={
        "cohere": CohereConfig(**GROUPED, layer_norm_eps=0.1, use_qk_norm=True, attention_bias=True),
        "cohere2": Cohere2Config(**GROUPED, sliding_window=5, layer_types=SLIDES),
    },
    random={
        "cohere": OF_BOTH,
        "cohere2": {
            **OF_BOTH,
            "rotary_pct": st.sampled_from([1.0, 0.5]),
            "position_embedding_type": st.sampled_from(["rope_gptj", "alibi"]),
            "order_of_interleaved_layers": st.just("local_attn_first"),
            "use_parallel_block": st.just(True),
            "layer_switch": st.just(4),
        },
    },
    real={
        "command r plus": (
            "cohere",
            {
                "architectures": ["CohereForCausalLM"],
                "attention_bias": False,
                "attention_dropout": 0.0,
                "hidden_act": "silu",
                "layer_norm_eps": 1e-05,
                "logit_scale": 0.8333333333333334,
                "max_position_embeddings": 131072,
                "model_max_length": 131072,
                "pretraining_tp": 1,
                "rope_theta": 75000000.0,
                "use_cache": True,
                "use_qk_norm": True,
            },
        ),
        "command r7b": (
            "cohere2",
            {
                "_sliding_window_pattern": 4,
                "architectures": ["Cohere2ForCausalLM"],
                "attention_bias": False,
                "cache_implementation": "hybrid",
                "head_dim": 16,
                "layer_norm_eps": 1e-05,
                "layer_switch": 4,
                "logit_scale": 0.25,
                "order_of_interleaved_layers": "local_attn_first",
                "position_embedding_type": "rope_gptj",
                "rope_scaling": None,
                "rope_theta": 50000,
                "rotary_pct": 1.0,
                "sliding_window": 4096,
                "sliding_window_pattern": 4,
                "use_embedding_sharing": True,
                "use_gated_activation": True,
                "use_parallel_block": True,
                "use_parallel_embedding": True,
            },
        ),
    },
)
