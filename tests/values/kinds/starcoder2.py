"""Small StarCoder 2: with and without biases, with a sliding window."""

from hypothesis import strategies as st
from transformers import Starcoder2Config

from tests.values.kinds.cases import GROUPED, Cases

CASES = Cases(
    variants={"starcoder2": Starcoder2Config(**GROUPED, sliding_window=5, norm_epsilon=0.1)},
    random={
        "starcoder2": {
            "rope_scaling": st.sampled_from(
                [None, {"type": "linear", "factor": 4.0}, {"type": "dynamic", "factor": 2.0}]
            ),
            "rope_parameters": st.sampled_from([None, {}, {"rope_type": "default", "rope_theta": 300.0}]),
            "rope_theta": st.sampled_from([300.0, 7, 500000.0]),
            "partial_rotary_factor": st.sampled_from([1.0, 0.5]),
            "max_position_embeddings": st.sampled_from([8, 64, 128]),
            "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
            "head_dim": st.sampled_from([2, 6, 5, None]),
            "hidden_act": st.sampled_from(["silu", "gelu", "gelu_pytorch_tanh", "tanh"]),
            "norm_epsilon": st.sampled_from([1e-5, 0.1]),
            "use_bias": st.sampled_from([True, False, None]),
            "attention_bias": st.booleans(),
            "norm_type": st.sampled_from(["layer_norm", "rms_norm"]),
            "mlp_type": st.sampled_from(["default", "gated"]),
            "sliding_window": st.sampled_from([None, 4, 1, 0, 4096]),
            "layer_types": st.sampled_from([None, ["sliding_attention"] * 2, ["full_attention"] * 2]),
            "residual_dropout": st.just(0.1),
        }
    },
    real={
        "starcoder2 3b": (
            "starcoder2",
            {
                "activation_function": "gelu",
                "architectures": ["Starcoder2ForCausalLM"],
                "attention_softmax_in_fp32": True,
                "layer_norm_epsilon": 1e-05,
                "scale_attention_softmax_in_fp32": True,
                "scale_attn_weights": True,
                "attention_dropout": 0.1,
                "embedding_dropout": 0.1,
                "hidden_act": "gelu_pytorch_tanh",
                "initializer_range": 0.018042,
                "max_position_embeddings": 16384,
                "mlp_type": "default",
                "norm_epsilon": 1e-05,
                "norm_type": "layer_norm",
                "residual_dropout": 0.1,
                "rope_theta": 999999.4420358813,
                "sliding_window": 4096,
                "use_bias": True,
                "use_cache": True,
            },
        )
    },
)
