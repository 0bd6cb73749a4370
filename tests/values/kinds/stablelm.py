"""Small StableLM: one after the other, and side by side by one norm."""

from hypothesis import strategies as st
from transformers import StableLmConfig

from tests.values.kinds.cases import GROUPED, SIZES, TINY, Cases

SCALINGS = st.sampled_from(
    [
        None,
        {},
        {"rope_type": "default", "rope_theta": 300.0, "partial_rotary_factor": 1.0},
        {"rope_type": "linear", "factor": 4.0, "partial_rotary_factor": 0.5},
        {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "partial_rotary_factor": 0.5},
        {"rope_type": "default", "partial_rotary_factor": 0.7},
    ]
)
CASES = Cases(
    variants={
        "stablelm": StableLmConfig(**GROUPED, use_qkv_bias=True, layer_norm_eps=0.1),
        "stablelm side by side": StableLmConfig(**SIZES, num_key_value_heads=6, use_parallel_residual=True),
        "stablelm normed": StableLmConfig(**GROUPED, use_parallel_residual=True, qk_layernorm=True, layer_norm_eps=0.1),
    },
    no_gguf=("stablelm normed",),
    sizes={"stablelm": {**TINY, "hidden_size": 32}},
    random={
        "stablelm": {
            "rope_scaling": SCALINGS,
            "rope_parameters": SCALINGS,
            "rope_theta": st.sampled_from([300.0, 7, 500000.0]),
            "partial_rotary_factor": st.sampled_from([1.0, 0.5, 0.25, 0.0, None]),
            "max_position_embeddings": st.sampled_from([8, 64, 128]),
            "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
            "head_dim": st.sampled_from([8, 4, None]),
            "hidden_act": st.sampled_from(["silu", "gelu", "tanh"]),
            "layer_norm_eps": st.sampled_from([1e-5, 0.1, None]),
            "use_qkv_bias": st.sampled_from([True, False, None]),
            "use_parallel_residual": st.booleans(),
            "qk_layernorm": st.booleans(),
            "attention_bias": st.booleans(),
            "mlp_bias": st.booleans(),
            "hidden_dropout": st.just(0.1),
        }
    },
    real={
        "stablelm 2 1.6b": (
            "stablelm",
            {
                "architectures": ["StableLmForCausalLM"],
                "hidden_act": "silu",
                "layer_norm_eps": 1e-05,
                "max_position_embeddings": 4096,
                "partial_rotary_factor": 0.25,
                "rope_theta": 10000,
                "tie_word_embeddings": False,
                "use_cache": True,
                "use_qkv_bias": True,
            },
        )
    },
)
