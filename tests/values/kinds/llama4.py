"""Small Llama 4: chunks, layers without positions, experts whose inputs are scaled."""

from typing import Any

from hypothesis import strategies as st
from transformers import Llama4TextConfig

from tests.values.kinds.cases import TINY, Cases
from tests.values.kinds.experts import FLAG, OF_LLAMAS, SMALL

SIZES: dict[str, Any] = {"intermediate_size_mlp": 20, "num_local_experts": 4, "pad_token_id": 0}
CASES = Cases(
    variants={
        "llama4": Llama4TextConfig(
            **{**SMALL, "intermediate_size": 12, "num_experts_per_tok": 1},
            **SIZES,
            head_dim=8,
            moe_layers=[1, 2],
            no_rope_layers=[1, 0, 1],
            attention_chunk_size=5,
            floor_scale=3,
            attn_scale=0.4,
        ),
    },
    no_gguf=("llama4",),
    sizes={"llama4_text": {**TINY, **SIZES, "intermediate_size": 6, "head_dim": 4, "num_experts_per_tok": 2}},
    random={
        "llama4_text": {
            **{key: each for key, each in OF_LLAMAS.items() if key not in ("num_experts", "layer_types")},
            "rope_scaling": st.sampled_from(
                [
                    None,
                    {
                        "rope_type": "llama3",
                        "factor": 16.0,
                        "low_freq_factor": 1.0,
                        "high_freq_factor": 1.0,
                        "original_max_position_embeddings": 16,
                    },
                ]
            ),
            "layer_types": st.sampled_from(
                [None, ["chunked_attention"] * 2, ["full_attention", "chunked_attention"], ["sliding_attention"] * 2]
            ),
            "moe_layers": st.sampled_from([None, [], [0], [1], [0, 1], [5], 1]),
            "interleave_moe_layer_step": st.sampled_from([1, 2, 3, 0]),
            "use_qk_norm": FLAG,
            "no_rope_layers": st.sampled_from([None, [], [0, 1], [1, 1], [0, 0], [1], [1, 0, 1]]),
            "no_rope_layer_interval": st.sampled_from([1, 2, 4]),
            "attention_chunk_size": st.sampled_from([None, 1, 4, 7, 8192]),
            "attn_temperature_tuning": FLAG,
            "floor_scale": st.sampled_from([4, 8192]),
            "attn_scale": st.sampled_from([0.1, 0.7, 0.0]),
            "intermediate_size_mlp": st.sampled_from([5, 12]),
        }
    },
    real={
        "llama 4 scout, text": (
            "llama4_text",
            {
                "attention_bias": False,
                "attention_chunk_size": 8192,
                "attn_scale": 0.1,
                "attn_temperature_tuning": True,
                "floor_scale": 8192,
                "for_llm_compressor": False,
                "hidden_act": "silu",
                "interleave_moe_layer_step": 1,
                "moe_layers": [0, 1, 2],
                "no_rope_layers": [1, 1, 1, 0],
                "num_experts_per_tok": 1,
                "num_local_experts": 16,
                "rms_norm_eps": 1e-05,
                "rope_scaling": {
                    "factor": 16.0,
                    "high_freq_factor": 1.0,
                    "low_freq_factor": 1.0,
                    "original_max_position_embeddings": 8192,
                    "rope_type": "llama3",
                },
                "rope_theta": 500000.0,
                "router_jitter_noise": 0.0,
                "use_qk_norm": True,
            },
        ),
    },
)
