"""Small decoders that differ little from others: Apertus, IQuest-Coder, Jais 2, BioGPT, GPT, CodeGen, Solar Open."""

from typing import Any

from hypothesis import strategies as st
from transformers import (
    ApertusConfig,
    BioGptConfig,
    CodeGenConfig,
    IQuestCoderConfig,
    Jais2Config,
    OpenAIGPTConfig,
    SolarOpenConfig,
)

from tests.values.kinds.cases import GPT2, GROUPED, SIZES, TINY, Cases
from tests.values.kinds.experts import FLAG
from tests.values.kinds.shared_experts import D_EXPERT, OF_DEEPSEEK

EPS = st.sampled_from([1e-5, 0.1])
ACTIVATION = st.sampled_from(["silu", "gelu", "gelu_new", "relu", "relu2", "tanh"])
OF_BIOGPT: dict[str, st.SearchStrategy[Any]] = {
    "scale_embedding": FLAG,
    "hidden_act": ACTIVATION,
    "layer_norm_eps": EPS,
    "max_position_embeddings": st.sampled_from([8, 64]),
    "intermediate_size": st.sampled_from([5, 12]),
    "num_attention_heads": st.sampled_from([1, 2, 3, 4]),
    "layerdrop": st.just(0.1),
}
OF_GPT: dict[str, st.SearchStrategy[Any]] = {
    "afn": ACTIVATION,
    "layer_norm_epsilon": EPS,
    "n_positions": st.sampled_from([8, 64]),
    "n_inner": st.sampled_from([None, 9]),
    "n_ctx": st.sampled_from([8, 64]),
    "scale_attn_weights": FLAG,
    "hidden_size": st.sampled_from([8, 16]),
    "num_attention_heads": st.sampled_from([2, 4, 3]),
    "summary_type": st.just("last"),
}
CASES = Cases(
    variants={
        "iquestcoder": IQuestCoderConfig(**GROUPED, head_dim=8),
        "jais2": Jais2Config(**GROUPED, head_dim=8, eos_token_id=0),
        "biogpt": BioGptConfig(**SIZES),
        "openai-gpt": OpenAIGPTConfig(**{key: each for key, each in GPT2.items() if "token" not in key}),
        "apertus": ApertusConfig(**GROUPED, head_dim=8, pad_token_id=0),
        "codegen": CodeGenConfig(**{**GPT2, "n_head": 8, "n_embd": 64}, rotary_dim=4),
        "solar_open": SolarOpenConfig(
            **{key: each for key, each in D_EXPERT.items() if key != "intermediate_size"},
            head_dim=8,
            n_routed_experts=4,
            n_shared_experts=2,
        ),
    },
    no_gguf=("iquestcoder", "biogpt", "openai-gpt", "solar_open", "codegen", "apertus"),
    sizes={
        "iquestcoder": {**TINY, "head_dim": 4},
        "jais2": {**TINY, "eos_token_id": 0},
        "biogpt": {key: each for key, each in TINY.items() if key != "num_key_value_heads"},
        "apertus": {**TINY, "head_dim": 4},
        "codegen": {**GPT2, "n_head": 4, "n_embd": 32, "n_layer": 2, "rotary_dim": 4},
        "openai-gpt": {"n_embd": 16, "n_layer": 2, "n_head": 4, "n_positions": 64, "vocab_size": 40},
        "solar_open": {
            **TINY,
            "n_routed_experts": 4,
            "moe_intermediate_size": 6,
            "head_dim": 4,
            "num_experts_per_tok": 2,
        },
    },
    random={
        "biogpt": OF_BIOGPT,
        "openai-gpt": OF_GPT,
        "codegen": {
            **{key: each for key, each in OF_GPT.items() if key not in ("afn", "hidden_size")},
            "activation_function": ACTIVATION,
            "num_attention_heads": st.sampled_from([4, 2, 8, 3]),
            "rotary_dim": st.sampled_from([2, 4, 1, 6, 64, 0, None]),
        },
        "solar_open": {**OF_DEEPSEEK, "partial_rotary_factor": st.sampled_from([0.5, 1.0, 0.0, None])},
    },
    random_llamas={
        "iquestcoder": {"clip_qkv": st.sampled_from([None, 0.5])},
        "apertus": {"hidden_act": st.sampled_from(["xielu", "silu"])},
        "jais2": {"hidden_act": ACTIVATION, "layer_norm_eps": EPS},
    },
    real={
        "biogpt": (
            "biogpt",
            {
                "activation_dropout": 0.0,
                "architectures": ["BioGptForCausalLM"],
                "attention_probs_dropout_prob": 0.1,
                "hidden_act": "gelu",
                "hidden_dropout_prob": 0.1,
                "layer_norm_eps": 1e-12,
                "layerdrop": 0.0,
                "scale_embedding": True,
            },
        ),
        "openai gpt": (
            "openai-gpt",
            {
                "afn": "gelu",
                "architectures": ["OpenAIGPTLMHeadModel"],
                "attn_pdrop": 0.1,
                "embd_pdrop": 0.1,
                "n_ctx": 512,
                "n_positions": 512,
                "n_special": 0,
                "predict_special_tokens": True,
                "resid_pdrop": 0.1,
                "summary_activation": None,
                "summary_first_dropout": 0.1,
                "summary_proj_to_labels": True,
                "summary_type": "cls_index",
                "summary_use_proj": True,
                "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
            },
        ),
    },
)
