"""Cases of models with experts."""

from typing import Any

from hypothesis import strategies as st
from transformers import MixtralConfig, Qwen3MoeConfig

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

CASES = Cases(
    variants={
        "mixtral": MixtralConfig(**SMALL, num_local_experts=4),
        "qwen3_moe": Qwen3MoeConfig(
            **SMALL, head_dim=8, num_experts=9, moe_intermediate_size=12, mlp_only_layers=[1], norm_topk_prob=True
        ),
    },
    no_gguf=("mixtral", "qwen3_moe"),
    sizes={
        "mixtral": {**TINY, "num_local_experts": 4},
        "qwen3_moe": {**TINY, "num_experts": 4, "moe_intermediate_size": 6},
    },
    random={"mixtral": OF_MIXTRAL, "qwen3_moe": OF_QWEN3_MOE},
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
