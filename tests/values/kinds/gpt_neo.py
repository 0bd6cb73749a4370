"""The cases of GPT-Neo."""

from typing import Any

from hypothesis import strategies as st
from transformers import GPTNeoConfig

from tests.values.kinds.cases import Cases

SIZES: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 48,
    "num_layers": 3,
    "num_heads": 6,
    "max_position_embeddings": 32,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
IN_TURN = st.sampled_from(
    [
        [[["global", "local"], 1]],
        [[["local"], 2]],
        [[["global"], 1], [["local"], 1]],
        [[["global", "local"], 12]],
        [[["sparse"], 2]],
        [["global", 2]],
        [[["global"], -2]],
        [["local", "local"]],
        "global",
        None,
    ]
)
CASES = Cases(
    variants={
        "gpt_neo": GPTNeoConfig(**SIZES, attention_types=[[["local", "global"], 1], [["local"], 1]], window_size=8)
    },
    no_gguf=("gpt_neo",),
    sizes={
        "gpt_neo": {
            "hidden_size": 16,
            "num_layers": 2,
            "num_heads": 4,
            "vocab_size": 40,
            "max_position_embeddings": 64,
            "attention_types": [[["global", "local"], 1]],
            "window_size": 4,
        }
    },
    random={
        "gpt_neo": {
            "attention_types": IN_TURN,
            "attention_layers": st.sampled_from([["local", "global"], ["local"], ["local", "other"], None]),
            "window_size": st.sampled_from([1, 3, 0, -1, 256]),
            "num_layers": st.sampled_from([1, 2, 4]),
            "num_hidden_layers": st.sampled_from([2, 4]),
            "num_attention_heads": st.sampled_from([2, 4, 3]),
            "num_heads": st.sampled_from([1, 8, 3]),
            "intermediate_size": st.sampled_from([None, 9]),
            "activation_function": st.sampled_from(["gelu_new", "relu", "gelu", "tanh"]),
            "layer_norm_epsilon": st.sampled_from([1e-5, 0.1]),
            "max_position_embeddings": st.sampled_from([8, 32]),
            "head_dim": st.just(8),
            "sliding_window": st.sampled_from([None, 4]),
            "resid_dropout": st.just(0.1),
        }
    },
    real={
        "tinystories": (
            "gpt_neo",
            {
                "activation_function": "gelu_new",
                "architectures": ["GPTNeoForCausalLM"],
                "attention_dropout": 0,
                "attention_layers": ["global", "local"],
                "attention_types": [[["global", "local"], 1]],
                "bos_token_id": 50256,
                "embed_dropout": 0,
                "eos_token_id": 50256,
                "gradient_checkpointing": False,
                "initializer_range": 0.02,
                "intermediate_size": None,
                "layer_norm_epsilon": 1e-05,
                "max_position_embeddings": 2048,
                "resid_dropout": 0,
                "summary_activation": None,
                "summary_first_dropout": 0.1,
                "summary_proj_to_labels": True,
                "summary_type": "cls_index",
                "summary_use_proj": True,
                "torch_dtype": "float32",
                "transformers_version": "4.28.1",
                "use_cache": True,
                "window_size": 256,
            },
        ),
    },
)
