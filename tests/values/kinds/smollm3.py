"""SmolLM 3, some of whose layers have no positions, and Seed-OSS."""

from hypothesis import strategies as st
from transformers import SeedOssConfig, SmolLM3Config

from tests.values.kinds.cases import GROUPED, TINY, Cases

CASES = Cases(
    variants={
        "smollm3": SmolLM3Config(
            **GROUPED,
            no_rope_layer_interval=2,
            use_sliding_window=True,
            sliding_window=5,
            attention_bias=True,
            pad_token_id=0,
        ),
        "seed_oss": SeedOssConfig(**GROUPED, head_dim=16, attention_out_bias=True, mlp_bias=True),
    },
    no_gguf=("smollm3", "seed_oss"),
    sizes={"smollm3": {**TINY, "no_rope_layer_interval": 2}},
    random_llamas={
        "smollm3": {
            "no_rope_layers": st.sampled_from([None, [1, 0], [0, 1, 1], [1], [True, False], [0, 0], [1, 1], [2, 0]]),
            "no_rope_layer_interval": st.sampled_from([1, 2, 4, 0, None]),
            "sliding_window": st.sampled_from([None, 4, 4096]),
        },
        "seed_oss": {"attention_out_bias": st.booleans(), "residual_dropout": st.just(0.1)},
    },
    real={
        "smollm 3": (
            "smollm3",
            {
                "architectures": ["SmolLM3ForCausalLM"],
                "attention_bias": False,
                "attention_dropout": 0.0,
                "bos_token_id": 128000,
                "eos_token_id": 128012,
                "hidden_act": "silu",
                "initializer_range": 0.02,
                "layer_types": ["full_attention", "full_attention"],
                "max_position_embeddings": 65536,
                "max_window_layers": 28,
                "mlp_bias": False,
                "no_rope_layer_interval": 4,
                "no_rope_layers": [1, 0],
                "pad_token_id": 128004,
                "pretraining_tp": 2,
                "rms_norm_eps": 1e-06,
                "rope_scaling": None,
                "rope_theta": 5000000.0,
                "sliding_window": None,
                "transformers_version": "4.54.0.dev0",
                "use_cache": False,
                "use_sliding_window": False,
            },
        ),
        "seed oss": (
            "seed_oss",
            {
                "architectures": ["SeedOssForCausalLM"],
                "attention_bias": True,
                "attention_dropout": 0.1,
                "attention_out_bias": False,
                "head_dim": 128,
                "mlp_bias": False,
                "residual_dropout": 0.1,
                "rope_scaling": {"rope_type": "default"},
                "rope_theta": 10000000.0,
                "pretraining_tp": 1,
                "use_cache": True,
            },
        ),
    },
)
