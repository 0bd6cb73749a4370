"""Small Helium, ERNIE 4.5, CWM, HunYuan and EXAONE 4."""

from typing import Any

from hypothesis import strategies as st
from transformers import CwmConfig, Ernie4_5Config, Exaone4Config, HeliumConfig, HunYuanDenseV1Config

from tests.values.kinds.cases import GROUPED, TINY, Cases

SLIDES = ["sliding_attention", "full_attention", "sliding_attention"]
ALPHA = {"type": "dynamic", "alpha": 50.0, "factor": 1.0}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
SCALINGS = st.sampled_from(
    [
        None,
        {},
        {"rope_type": "default", "rope_theta": 300.0},
        {"rope_type": "linear", "factor": 4.0},
        {"type": "dynamic", "factor": 4.0},
        ALPHA,
        {**ALPHA, "alpha": 0},
        {**LLAMA3, "original_max_position_embeddings": 16},
    ]
)
OF_ALL: dict[str, st.SearchStrategy[Any]] = {
    "rope_scaling": SCALINGS,
    "rope_parameters": SCALINGS,
    "rope_theta": st.sampled_from([300.0, 7, 500000.0]),
    "partial_rotary_factor": st.sampled_from([1.0, 0.5]),
    "original_max_position_embeddings": st.sampled_from([16, 40]),
    "max_position_embeddings": st.sampled_from([8, 64, 128]),
    "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
    "head_dim": st.sampled_from([2, 4, 6, 5, None]),
    "hidden_act": st.sampled_from(["silu", "gelu", "relu2", "tanh"]),
    "rms_norm_eps": st.sampled_from([1e-5, 0.1]),
    **dict.fromkeys(("attention_bias", "mlp_bias", "use_bias"), st.sampled_from([True, False, None])),
    "sliding_window": st.sampled_from([None, 4, 1, 0, 4096]),
    "sliding_window_pattern": st.sampled_from([1, 2, 6, 0, None, "LLLG"]),
    "layer_types": st.sampled_from([None, SLIDES[:2], SLIDES[1:], ["full_attention"] * 2, SLIDES]),
    "num_hidden_layers": st.sampled_from([2, 5]),
    "compression_ratio": st.sampled_from([1.0, 2.0]),
}
KINDS = ("helium", "ernie4_5", "cwm", "hunyuan_v1_dense", "exaone4")
VARIANTS: dict[str, Any] = {
    "helium": HeliumConfig(**GROUPED, head_dim=8, mlp_bias=True),
    "ernie4_5": Ernie4_5Config(**GROUPED, head_dim=12, use_bias=True),
    "cwm": CwmConfig(**GROUPED, head_dim=8, sliding_window=5),
    "hunyuan": HunYuanDenseV1Config(**GROUPED, head_dim=12, rope_parameters=dict(ALPHA)),
    "exaone4": Exaone4Config(**GROUPED, sliding_window=5, layer_types=SLIDES),
}
CASES = Cases(
    variants=VARIANTS,
    no_gguf=("helium", "cwm"),
    sizes={kind: {**TINY, "head_dim": 4} for kind in KINDS},
    random=dict.fromkeys(KINDS, OF_ALL),
    real={
        "exaone 4 32b": (
            "exaone4",
            {
                "architectures": ["Exaone4ForCausalLM"],
                "head_dim": 16,
                "layer_types": SLIDES[1:],
                "rms_norm_eps": 1e-05,
                "rope_scaling": {**LLAMA3, "factor": 16.0, "original_max_position_embeddings": 8192},
                "rope_theta": 1000000,
                "sliding_window": 4096,
                "sliding_window_pattern": "LLLG",
            },
        ),
        "hunyuan 7b": (
            "hunyuan_v1_dense",
            {
                "architectures": ["HunYuanDenseV1ForCausalLM"],
                "attention_bias": False,
                "attention_head_dim": 16,
                "cla_share_factor": 2,
                "dense_list": [4096, 0],
                "head_dim": 16,
                "norm_type": "rms",
                "num_experts": 1,
                "rope_scaling": {**ALPHA, "alpha": 1000.0, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0},
                "use_cla": False,
                "use_qk_norm": True,
            },
        ),
    },
)
