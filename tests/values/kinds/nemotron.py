"""Small Nemotron, Arcee and Persimmon: plain MLPs that square."""

from typing import Any

from hypothesis import strategies as st
from transformers import ArceeConfig, NemotronConfig, PersimmonConfig

from tests.values.kinds.cases import GROUPED, SIZES, TINY, Cases
from tests.values.kinds.stablelm import SCALINGS

OF_ALL: dict[str, st.SearchStrategy[Any]] = {
    "rope_scaling": SCALINGS,
    "rope_parameters": SCALINGS,
    "rope_theta": st.sampled_from([300.0, 7, 500000.0]),
    "partial_rotary_factor": st.sampled_from([1.0, 0.5, 0.25, 0.0, None]),
    "max_position_embeddings": st.sampled_from([8, 64, 128]),
    "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
    "head_dim": st.sampled_from([8, 4, 6, None]),
    "hidden_act": st.sampled_from(["silu", "gelu", "relu2", "relu", "tanh"]),
    "attention_bias": st.booleans(),
    "mlp_bias": st.booleans(),
    "hidden_dropout": st.just(0.1),
    "qk_layernorm": st.sampled_from([True, False, None]),
    **dict.fromkeys(("rms_norm_eps", "layer_norm_eps", "norm_eps"), st.sampled_from([1e-5, 0.1])),
}
CASES = Cases(
    variants={
        "nemotron": NemotronConfig(**GROUPED, attention_bias=True, norm_eps=0.1),
        "arcee": ArceeConfig(**GROUPED, mlp_bias=True),
        "persimmon": PersimmonConfig(**SIZES, layer_norm_eps=0.1),
    },
    no_gguf=("persimmon",),
    sizes={
        **{kind: {**TINY, "hidden_size": 32} for kind in ("nemotron", "arcee")},
        "persimmon": {key: value for key, value in TINY.items() if key != "num_key_value_heads"},
    },
    random=dict.fromkeys(("nemotron", "arcee", "persimmon"), OF_ALL),
    real={
        "minitron 4b": (
            "nemotron",
            {
                "architectures": ["NemotronForCausalLM"],
                "attention_bias": False,
                "head_dim": 128,
                "hidden_act": "relu2",
                "mlp_bias": False,
                "norm_eps": 1e-05,
                "partial_rotary_factor": 0.5,
                "rope_percent": 0.5,
                "rope_theta": 10000,
                "use_cache": True,
            },
        ),
        "persimmon 8b": (
            "persimmon",
            {"hidden_act": "relu2", "num_key_value_heads": 4, "partial_rotary_factor": 0.5, "qk_layernorm": True},
        ),
    },
)
