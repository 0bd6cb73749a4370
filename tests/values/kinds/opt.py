"""The cases of OPT."""

from typing import Any

from hypothesis import strategies as st
from transformers import OPTConfig

from tests.values.kinds.cases import Cases

SIZES: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 48,
    "ffn_dim": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "max_position_embeddings": 32,
}
CASES = Cases(
    variants={
        "opt": OPTConfig(**SIZES),
        "opt 350m": OPTConfig(**SIZES, do_layer_norm_before=False, word_embed_proj_dim=24),
    },
    no_gguf=("opt", "opt 350m"),
    sizes={
        "opt": {
            "vocab_size": 40,
            "hidden_size": 16,
            "ffn_dim": 12,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "max_position_embeddings": 64,
        }
    },
    random={
        "opt": {
            "do_layer_norm_before": st.booleans(),
            "_remove_final_layer_norm": st.booleans(),
            "word_embed_proj_dim": st.sampled_from([None, 16, 8, 24]),
            "enable_bias": st.booleans(),
            "layer_norm_elementwise_affine": st.booleans(),
            "activation_function": st.sampled_from(["relu", "gelu", "gelu_new", "tanh"]),
            "num_attention_heads": st.sampled_from([1, 2, 8, 3]),
            "max_position_embeddings": st.sampled_from([8, 32]),
            "dropout": st.just(0.1),
            "layerdrop": st.just(0.1),
            "layer_norm_eps": st.just(0.1),
        }
    },
    real={
        "opt 125m": (
            "opt",
            {
                "activation_dropout": 0.0,
                "activation_function": "relu",
                "architectures": ["OPTForCausalLM"],
                "attention_dropout": 0.0,
                "do_layer_norm_before": True,
                "dropout": 0.1,
                "init_std": 0.02,
                "layerdrop": 0.0,
                "max_position_embeddings": 2048,
                "prefix": "</s>",
                "_remove_final_layer_norm": False,
            },
        ),
        "galactica": (
            "opt",
            {
                "activation_function": "gelu",
                "enable_bias": True,
                "layer_norm_elementwise_affine": True,
                "learned_embeddings": True,
                "scale_embeddings": False,
            },
        ),
        "opt 350m": ("opt", {"do_layer_norm_before": False, "word_embed_proj_dim": 32, "torch_dtype": "float16"}),
    },
)
