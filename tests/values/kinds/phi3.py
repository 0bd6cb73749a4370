"""Small Phi 3 and 4: with a sliding window, and as Phi-4-mini, with a part of each head rotated by longrope."""

from hypothesis import strategies as st
from transformers import Phi3Config

from tests.values.kinds.cases import GROUPED, TINY, Cases

LONGROPE = {
    "rope_type": "longrope",
    "rope_theta": 5000.0,
    "partial_rotary_factor": 0.75,
    "short_factor": [1.0, 1.1, 1.7],
    "long_factor": [1.1, 2.3, 9.7],
}
PAD = {"pad_token_id": 0}
FACTORS = {"short_factor": [1.0, 1.5], "long_factor": [4.0, 9.0]}
SCALINGS = st.sampled_from(
    [
        None,
        {},
        {"rope_type": "default", "rope_theta": 300.0},
        {"rope_type": "default", "partial_rotary_factor": 0.5},
        {"type": "longrope", **FACTORS},
        {"type": "su", **FACTORS, "attention_factor": 1.5},
        {"type": "yarn", **FACTORS, "factor": 8.0, "original_max_position_embeddings": 16},
        {"rope_type": "longrope", "short_factor": [2.0], "long_factor": [5.0], "partial_rotary_factor": 0.5},
        {"rope_type": "longrope", **FACTORS, "short_factor": [1.0, 2.0, 3.0]},
        {"rope_type": "linear", "factor": 4.0},
        {"rope_type": None, **FACTORS},
    ]
)
CASES = Cases(
    variants={
        "phi3": Phi3Config(**GROUPED, **PAD, sliding_window=5),
        "phi4 mini": Phi3Config(
            **GROUPED, **PAD, original_max_position_embeddings=16, rope_parameters=LONGROPE, tie_word_embeddings=True
        ),
    },
    sizes={"phi3": {**TINY, **PAD}},
    random={
        "phi3": {
            "rope_scaling": SCALINGS,
            "rope_parameters": SCALINGS,
            "rope_theta": st.sampled_from([300.0, 7, 500000.0]),
            "original_max_position_embeddings": st.sampled_from([16, 40, None]),
            "partial_rotary_factor": st.sampled_from([1.0, 0.5, 0.3, 0.0, None]),
            "max_position_embeddings": st.sampled_from([8, 64, 128]),
            "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
            "head_dim": st.sampled_from([2, 4, 6, None]),
            "hidden_act": st.sampled_from(["silu", "gelu", "gelu_pytorch_tanh", "tanh"]),
            "rms_norm_eps": st.sampled_from([1e-5, 0.1]),
            "attention_bias": st.booleans(),
            "mlp_bias": st.booleans(),
            "lm_head_bias": st.booleans(),
            "sliding_window": st.sampled_from([None, 4, 1, 0, 4096]),
            "layer_types": st.sampled_from([None, ["sliding_attention"] * 2, ["full_attention"] * 2]),
            "num_hidden_layers": st.sampled_from([1, 2]),
            "resid_pdrop": st.just(0.1),
            "full_attn_mod": st.just(1),
        }
    },
    real={
        "phi 3 mini 128k": (
            "phi3",
            {
                "architectures": ["Phi3ForCausalLM"],
                "attention_bias": False,
                "attention_dropout": 0.0,
                "auto_map": {"AutoConfig": "configuration_phi3.Phi3Config"},
                "embd_pdrop": 0.0,
                "hidden_act": "silu",
                "max_position_embeddings": 131072,
                "original_max_position_embeddings": 4096,
                "resid_pdrop": 0.0,
                "rms_norm_eps": 1e-05,
                "rope_scaling": {"long_factor": [1.0] * 8, "short_factor": [1.0] * 8, "type": "su"},
                "rope_theta": 10000.0,
                "sliding_window": 262144,
                "tie_word_embeddings": False,
            },
        ),
        "phi 4 mini": (
            "phi3",
            {
                "embd_pdrop": 0.0,
                "full_attn_mod": 1,
                "interpolate_factor": 1,
                "lm_head_bias": False,
                "max_position_embeddings": 131072,
                "mlp_bias": False,
                "original_max_position_embeddings": 4096,
                "partial_rotary_factor": 0.75,
                "rope_scaling": {"long_factor": [1.0] * 6, "short_factor": [1.0] * 6, "type": "longrope"},
                "sliding_window": 262144,
                "tie_word_embeddings": True,
                "use_cache": True,
            },
        ),
    },
)
