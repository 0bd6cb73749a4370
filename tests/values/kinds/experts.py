"""Cases of models with experts."""

from typing import Any

from hypothesis import strategies as st
from transformers import GptOssConfig, GraniteMoeConfig, MixtralConfig, OlmoeConfig, Qwen3MoeConfig

from mmviz.values.families.kinds.gpt_oss import YARN
from tests.values.kinds.cases import GROUPED, Cases

TINY: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 40,
    "max_position_embeddings": 64,
    "num_experts_per_tok": 2,
}
FLAG = st.booleans()
SMALL: dict[str, Any] = {**GROUPED, "intermediate_size": 20, "num_experts_per_tok": 2}
OF_LLAMAS: dict[str, st.SearchStrategy[Any]] = {
    "rope_theta": st.sampled_from([300.0, 7]),
    "rope_parameters": st.sampled_from([None, {}, {"rope_type": "linear", "factor": 4.0}]),
    "max_position_embeddings": st.sampled_from([8, 64]),
    "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
    "head_dim": st.sampled_from([2, 6, 10, 5, None]),
    "hidden_act": st.sampled_from(["silu", "gelu", "relu", "tanh"]),
    "rms_norm_eps": st.sampled_from([1e-5, 0.1]),
    "attention_bias": FLAG,
    "sliding_window": st.sampled_from([None, 4, 4096]),
    "use_sliding_window": FLAG,
    "layer_types": st.lists(st.sampled_from(["full_attention", "sliding_attention"]), min_size=1, max_size=2),
    "num_experts_per_tok": st.sampled_from([1, 2, 4, 9, 0, None]),
    "num_local_experts": st.sampled_from([2, 4, 0]),
    "num_experts": st.sampled_from([2, 4, 0]),
    "output_router_logits": FLAG,
    "router_aux_loss_coef": st.just(0.5),
    "intermediate_size": st.sampled_from([12, 5]),
}
OF_MIXTRAL: dict[str, st.SearchStrategy[Any]] = {**OF_LLAMAS, "router_jitter_noise": st.sampled_from([0.0, 0.1])}
OF_QWEN3_MOE: dict[str, st.SearchStrategy[Any]] = {
    **OF_LLAMAS,
    "decoder_sparse_step": st.sampled_from([0, 1, 2, 3]),
    "mlp_only_layers": st.sampled_from([None, [], [0], [1], [0, 1], [5], 1]),
    "moe_intermediate_size": st.sampled_from([6, 7]),
    "norm_topk_prob": st.sampled_from([True, False, None]),
}

OF_GPT_OSS: dict[str, st.SearchStrategy[Any]] = {
    **{key: each for key, each in OF_LLAMAS.items() if key not in ("use_sliding_window",)},
    "rope_parameters": st.sampled_from([None, {}, {"rope_type": "linear", "factor": 4.0}, {"rope_theta": 300.0}]),
    "rope_scaling": st.sampled_from(
        [None, {"rope_type": "yarn", "factor": 4.0, "truncate": False, "original_max_position_embeddings": 16}]
    ),
    "swiglu_limit": st.sampled_from([7.0, 0.5, 0, None]),
    "swiglu_alpha": st.sampled_from([1.702, 1, 0.5]),
    "initial_context_length": st.just(16),
    "experts_per_token": st.just(1),
}

OF_OLMOE: dict[str, st.SearchStrategy[Any]] = {
    **OF_LLAMAS,
    "clip_qkv": st.sampled_from([None, 0.5, 8.0, 3, 0.0, -1.0]),
    "norm_topk_prob": st.sampled_from([True, False, None]),
}
OF_GRANITE_MOE: dict[str, st.SearchStrategy[Any]] = {
    **OF_LLAMAS,
    **dict.fromkeys(("embedding_multiplier", "attention_multiplier"), st.sampled_from([1.0, 0.5, 12, 0])),
    **dict.fromkeys(("residual_multiplier", "logits_scaling"), st.sampled_from([1.0, 0.22, 8])),
}

CASES = Cases(
    variants={
        "mixtral": MixtralConfig(**SMALL, num_local_experts=4),
        "qwen3_moe": Qwen3MoeConfig(
            **SMALL, head_dim=8, num_experts=9, moe_intermediate_size=12, mlp_only_layers=[1], norm_topk_prob=True
        ),
        "olmoe": OlmoeConfig(**SMALL, num_experts=4),
        "olmoe clipped": OlmoeConfig(**SMALL, num_experts=4, clip_qkv=0.5),
        "granitemoe": GraniteMoeConfig(
            **SMALL,
            num_local_experts=4,
            embedding_multiplier=3.0,
            attention_multiplier=0.2,
            residual_multiplier=0.5,
            logits_scaling=4.0,
        ),
        "gpt_oss": GptOssConfig(
            **{**SMALL, "intermediate_size": 12},
            head_dim=8,
            num_local_experts=4,
            sliding_window=5,
            swiglu_limit=1.5,
            rope_parameters={**YARN, "original_max_position_embeddings": 16, "rope_theta": 5000.0},
        ),
    },
    no_gguf=("qwen3_moe", "olmoe clipped"),  # llama.cpp has no names for layers without experts, and no such key
    sizes={
        "olmoe": {**TINY, "num_experts": 4},
        "granitemoe": {**TINY, "num_local_experts": 4},
        "gpt_oss": {**TINY, "num_local_experts": 4, "head_dim": 4},
        "mixtral": {**TINY, "num_local_experts": 4},
        "qwen3_moe": {**TINY, "num_experts": 4, "moe_intermediate_size": 6},
    },
    random={
        "mixtral": OF_MIXTRAL,
        "qwen3_moe": OF_QWEN3_MOE,
        "gpt_oss": OF_GPT_OSS,
        "olmoe": OF_OLMOE,
        "granitemoe": OF_GRANITE_MOE,
    },
    real={
        "mixtral 8x7b": (
            "mixtral",
            {
                "architectures": ["MixtralForCausalLM"],
                "attention_dropout": 0.0,
                "hidden_act": "silu",
                "num_experts_per_tok": 2,
                "num_local_experts": 8,
                "output_router_logits": False,
                "rms_norm_eps": 1e-05,
                "rope_theta": 1000000.0,
                "router_aux_loss_coef": 0.02,
                "sliding_window": None,
                "tie_word_embeddings": False,
            },
        ),
        "gpt-oss 20b": (
            "gpt_oss",
            {
                "architectures": ["GptOssForCausalLM"],
                "attention_bias": True,
                "attention_dropout": 0.0,
                "experts_per_token": 4,
                "head_dim": 64,
                "hidden_act": "silu",
                "initial_context_length": 4096,
                "layer_types": ["sliding_attention", "full_attention"],
                "max_position_embeddings": 131072,
                "num_experts_per_tok": 4,
                "num_local_experts": 32,
                "output_router_logits": False,
                "rms_norm_eps": 1e-05,
                "rope_scaling": {
                    "beta_fast": 32.0,
                    "beta_slow": 1.0,
                    "factor": 32.0,
                    "original_max_position_embeddings": 4096,
                    "rope_type": "yarn",
                    "truncate": False,
                },
                "rope_theta": 150000,
                "router_aux_loss_coef": 0.9,
                "sliding_window": 128,
                "swiglu_limit": 7.0,
                "tie_word_embeddings": False,
                "use_cache": True,
            },
        ),
        "qwen 3 30b-a3b": (
            "qwen3_moe",
            {
                "architectures": ["Qwen3MoeForCausalLM"],
                "attention_bias": False,
                "attention_dropout": 0.0,
                "decoder_sparse_step": 1,
                "head_dim": 128,
                "hidden_act": "silu",
                "max_window_layers": 48,
                "mlp_only_layers": [],
                "moe_intermediate_size": 768,
                "norm_topk_prob": True,
                "num_experts": 128,
                "num_experts_per_tok": 8,
                "output_router_logits": False,
                "rope_scaling": None,
                "rope_theta": 1000000.0,
                "router_aux_loss_coef": 0.001,
                "sliding_window": None,
                "use_sliding_window": False,
            },
        ),
    },
)
