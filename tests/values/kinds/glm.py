"""Small GLM and GLM-4: half of each head rotated, neighbours together."""

from typing import Any

from hypothesis import strategies as st
from transformers import Glm4Config, GlmConfig

from tests.values.kinds.cases import GROUPED, TINY, Cases

OF_HEADS = {"head_dim": 12, "pad_token_id": 0, "eos_token_id": 0}
SCALINGS = st.sampled_from(
    [
        None,
        {},
        {"rope_type": "default", "rope_theta": 300.0, "partial_rotary_factor": 1.0},
        {"rope_type": "linear", "factor": 4.0},
        {"type": "dynamic", "factor": 4.0, "partial_rotary_factor": 1.0},
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
        {"rope_type": "default", "partial_rotary_factor": 0.7},
        {"rope_type": "longrope", "short_factor": [1.5], "long_factor": [4.0]},
    ]
)
OF_BOTH: dict[str, st.SearchStrategy[Any]] = {
    "rope_scaling": SCALINGS,
    "rope_parameters": SCALINGS,
    "rope_theta": st.sampled_from([300.0, 7, 500000.0]),
    "partial_rotary_factor": st.sampled_from([1.0, 0.5, 0.25, 0.0, None]),
    "max_position_embeddings": st.sampled_from([8, 64, 128]),
    "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
    "head_dim": st.sampled_from([2, 6, 8, 5, None]),
    "hidden_act": st.sampled_from(["silu", "gelu", "tanh"]),
    "rms_norm_eps": st.sampled_from([1e-5, 0.1, None]),
    "attention_bias": st.sampled_from([True, False, None]),
    "mlp_bias": st.booleans(),
    "sliding_window": st.sampled_from([None, 4]),
    "layer_types": st.sampled_from([None, ["full_attention"] * 2, ["sliding_attention"] * 2]),
}
TINY_GLM = {**TINY, "head_dim": 4}
CASES = Cases(
    variants={
        "glm": GlmConfig(**GROUPED, **OF_HEADS, rms_norm_eps=0.1),
        "glm4": Glm4Config(**GROUPED, **OF_HEADS, attention_bias=False),
    },
    sizes={"glm": TINY_GLM, "glm4": TINY_GLM},
    random={"glm": OF_BOTH, "glm4": OF_BOTH},
    real={
        "glm 4 9b 0414": (
            "glm4",
            {
                "architectures": ["Glm4ForCausalLM"],
                "attention_bias": False,
                "attention_dropout": 0.0,
                "eos_token_id": [151329, 151336, 151338],
                "head_dim": 128,
                "hidden_act": "silu",
                "max_position_embeddings": 32768,
                "pad_token_id": 151329,
                "partial_rotary_factor": 0.5,
                "rms_norm_eps": 1e-05,
                "rope_theta": 10000.0,
                "tie_word_embeddings": False,
                "use_cache": True,
            },
        ),
    },
)
