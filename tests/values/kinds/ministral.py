"""Ministral 8B with layers of both kinds, and Ministral 3, whose queries grow within the prompts of the tests."""

from hypothesis import strategies as st
from transformers import Ministral3Config, MinistralConfig

from tests.values.kinds.cases import GROUPED, TINY, Cases

YARN = {
    "rope_type": "yarn",
    "rope_theta": 5000.0,
    "factor": 4.0,
    "original_max_position_embeddings": 4,
    "mscale": 1.0,
    "mscale_all_dim": 0.5,
    "llama_4_scaling_beta": 0.5,
}
SCALINGS = st.sampled_from(
    [
        None,
        {},
        YARN,
        {**YARN, "type": "yarn", "max_position_embeddings": 64, "llama_4_scaling_beta": 0},
        {key: value for key, value in YARN.items() if key != "original_max_position_embeddings"},
        {key: value for key, value in YARN.items() if key != "llama_4_scaling_beta"},
        {"rope_theta": 300.0, "llama_4_scaling_beta": 0.5},
        {"rope_theta": 300.0, "llama_4_scaling_beta": 0.5, "original_max_position_embeddings": 3},
        {"rope_type": "linear", "factor": 2.0, "llama_4_scaling_beta": 1, "original_max_position_embeddings": 5},
        {**YARN, "llama_4_scaling_beta": None},
        {**YARN, "llama_4_scaling_beta": -1.0},
    ]
)
CASES = Cases(
    variants={
        "ministral": MinistralConfig(
            **GROUPED,
            head_dim=8,
            sliding_window=5,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        ),
        "ministral3": Ministral3Config(**GROUPED, head_dim=16, rope_parameters=YARN, pad_token_id=0),
    },
    no_gguf=("ministral",),
    sizes={"ministral": {**TINY, "head_dim": 4}, "ministral3": TINY},
    random_llamas={
        "ministral": {"head_dim": st.sampled_from([2, 6, 5]), "num_key_value_heads": st.sampled_from([1, 2, 3])},
        "ministral3": {
            "rope_scaling": SCALINGS,
            "rope_parameters": SCALINGS,
            "original_max_position_embeddings": st.sampled_from([3, 16]),
        },
    },
    real={
        "ministral 8b": (
            "ministral",
            {
                "architectures": ["MinistralForCausalLM"],
                "head_dim": 16,
                "layer_types": ["full_attention", "sliding_attention"],
                "max_position_embeddings": 32768,
                "rope_theta": 100000000.0,
                "sliding_window": 32768,
            },
        ),
        "ministral 3 8b, the text model": (
            "ministral3",
            {
                "architectures": ["Ministral3ForCausalLM"],
                "head_dim": 128,
                "max_position_embeddings": 262144,
                "rope_parameters": {
                    "beta_fast": 32.0,
                    "beta_slow": 1.0,
                    "factor": 16.0,
                    "llama_4_scaling_beta": 0.1,
                    "mscale": 1.0,
                    "mscale_all_dim": 1.0,
                    "original_max_position_embeddings": 16384,
                    "rope_theta": 1000000.0,
                    "rope_type": "yarn",
                    "type": "yarn",
                },
                "sliding_window": None,
            },
        ),
    },
)
