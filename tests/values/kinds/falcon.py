"""The cases of Falcon."""

from typing import Any

from hypothesis import strategies as st
from transformers import FalconConfig

from tests.values.kinds.cases import SIZES, TINY, Cases

OWN_SIZES: dict[str, Any] = {
    **{key: value for key, value in SIZES.items() if key != "intermediate_size"},
    "bos_token_id": 0,
    "eos_token_id": 0,
}
CASES = Cases(
    variants={
        "falcon": FalconConfig(**OWN_SIZES, bias=True),
        "falcon 40b": FalconConfig(
            **OWN_SIZES,
            new_decoder_architecture=True,
            num_kv_heads=2,
            ffn_hidden_size=100,
            tie_word_embeddings=False,
        ),
    },
    sizes={
        "falcon": {key: value for key, value in TINY.items() if key not in ("intermediate_size", "num_key_value_heads")}
    },
    random_llamas={
        "falcon": {
            "num_kv_heads": st.sampled_from([1, 2, 4, 3, None]),
            "new_decoder_architecture": st.sampled_from([True, True, False, None]),
            "multi_query": st.booleans(),
            "parallel_attn": st.sampled_from([True, False, False, None]),
            "num_ln_in_parallel_attn": st.sampled_from([None, 0, 1, 2, 3]),
            "bias": st.booleans(),
            "alibi": st.sampled_from([True, False, None]),
            "ffn_hidden_size": st.sampled_from([None, 9]),
            "activation": st.sampled_from(["gelu", "relu", "gelu_new", "tanh"]),
            "layer_norm_epsilon": st.sampled_from([1e-5, 0.1, None]),
            "n_embed": st.sampled_from([8, None]),
            "num_attention_heads": st.sampled_from([1, 2, 4, 3]),
            "apply_residual_connection_post_layernorm": st.booleans(),
        }
    },
    real={
        "falcon 7b": (
            "falcon",
            {
                "alibi": False,
                "apply_residual_connection_post_layernorm": False,
                "architectures": ["FalconForCausalLM"],
                "attention_dropout": 0.0,
                "bias": False,
                "bos_token_id": 11,
                "eos_token_id": 11,
                "hidden_dropout": 0.0,
                "layer_norm_epsilon": 1e-05,
                "multi_query": True,
                "new_decoder_architecture": False,
                "parallel_attn": True,
                "torch_dtype": "bfloat16",
            },
        ),
        "falcon 11b": (
            "falcon",
            {
                "activation": "gelu",
                "ff_factor": 4,
                "ffn_hidden_size": 256,
                "max_position_embeddings": 8192,
                "new_decoder_architecture": True,
                "num_kv_heads": 1,
                "num_ln_in_parallel_attn": 1,
                "rope_scaling": None,
                "rope_theta": 500042.0,
                "tie_word_embeddings": False,
            },
        ),
    },
)
