"""OLMo 1 to 3: clipped queries, keys and values; norms afterwards; sliding layers whose positions are not scaled."""

from hypothesis import strategies as st
from transformers import Olmo2Config, Olmo3Config, OlmoConfig

from tests.values.kinds.cases import GROUPED, SIZES, Cases

YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
SCALINGS = st.sampled_from([None, {}, YARN, {"rope_theta": 300.0}, {"rope_type": "linear", "factor": 2.0}])
BOTH = st.fixed_dictionaries({}, optional={"full_attention": SCALINGS, "sliding_attention": SCALINGS})
OLMO = {
    "architectures": ["OlmoForCausalLM"],
    "attention_bias": False,
    "clip_qkv": 8.0,
    "hidden_act": "silu",
    "max_position_embeddings": 4096,
    "pretraining_tp": 1,
    "rope_scaling": None,
    "rope_theta": 10000.0,
}
CASES = Cases(
    variants={
        "olmo": OlmoConfig(**GROUPED, clip_qkv=0.5, attention_bias=True),
        "olmo2": Olmo2Config(**SIZES),
        "olmo3": Olmo3Config(
            **GROUPED,
            sliding_window=5,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            rope_parameters={
                "full_attention": YARN,
                "sliding_attention": {"rope_type": "default", "rope_theta": 300.0},
            },
        ),
    },
    no_gguf=("olmo", "olmo2", "olmo3"),
    random_llamas={
        "olmo": {"clip_qkv": st.sampled_from([None, 0.5, 8.0, 3, 0.0, -1.0])},
        "olmo2": {"clip_qkv": st.sampled_from([None, 0.5])},
        "olmo3": {
            "sliding_window": st.sampled_from([1, 4, 4096, None]),
            "rope_parameters": SCALINGS | BOTH,
            "rope_local_base_freq": st.just(10.0),
            "layer_types": st.sampled_from([None, ["full_attention"] * 2, ["sliding_attention", "full_attention"]]),
        },
    },
    real={
        "olmo 7b": ("olmo", OLMO),
        "olmo 2 7b": (
            "olmo2",
            {
                "architectures": ["Olmo2ForCausalLM"],
                "attention_bias": False,
                "max_position_embeddings": 4096,
                "rms_norm_eps": 1e-06,
                "rope_scaling": None,
                "rope_theta": 500000,
                "tie_word_embeddings": False,
            },
        ),
        "olmo 3 7b": (
            "olmo3",
            {
                "architectures": ["Olmo3ForCausalLM"],
                "attention_bias": False,
                "layer_types": ["sliding_attention", "full_attention"],
                "max_position_embeddings": 65536,
                "rms_norm_eps": 1e-06,
                "rope_scaling": {
                    "attention_factor": 1.2079441541679836,
                    "beta_fast": 32.0,
                    "beta_slow": 1.0,
                    "factor": 8.0,
                    "original_max_position_embeddings": 8192,
                    "rope_type": "yarn",
                },
                "rope_theta": 500000,
                "sliding_window": 4096,
            },
        ),
    },
)
