"""Granite, with factors that are far from 1."""

from hypothesis import strategies as st
from transformers import GraniteConfig, HyperCLOVAXConfig, InternLM3Config, VaultGemmaConfig

from tests.values.kinds.cases import GROUPED, TINY, Cases

FACTOR = st.sampled_from([1.0, 3, 0.25, 0, -1.0, None])
CASES = Cases(
    variants={
        "hyperclovax": HyperCLOVAXConfig(
            **GROUPED, residual_multiplier=0.3, logits_scaling=5.0, attention_multiplier=0.2
        ),
        "vaultgemma": VaultGemmaConfig(**GROUPED, head_dim=8, sliding_window=5),
        "internlm3": InternLM3Config(**GROUPED, head_dim=8),
        "granite": GraniteConfig(
            **GROUPED,
            embedding_multiplier=7.0,
            attention_multiplier=0.2,
            residual_multiplier=0.3,
            logits_scaling=5.0,
            attention_bias=True,
        ),
    },
    no_gguf=("granite", "hyperclovax", "vaultgemma", "internlm3"),
    sizes=dict.fromkeys(("hyperclovax", "internlm3"), TINY) | {"vaultgemma": {**TINY, "head_dim": 4}},
    random_llamas={
        "granite": {
            "embedding_multiplier": FACTOR,
            "attention_multiplier": FACTOR,
            "residual_multiplier": FACTOR,
            "logits_scaling": FACTOR,
        },
        "hyperclovax": {
            "embedding_multiplier": FACTOR,
            "attention_multiplier": FACTOR,
            "residual_multiplier": FACTOR,
            "logits_scaling": FACTOR,
            "use_post_norm": st.sampled_from([True, False, None]),
        },
        "internlm3": {"qkv_bias": st.booleans(), "bias": st.booleans()},
    },
    real={
        "granite 3.1 8b": (
            "granite",
            {
                "architectures": ["GraniteForCausalLM"],
                "attention_bias": False,
                "attention_dropout": 0.1,
                "attention_multiplier": 0.0078125,
                "embedding_multiplier": 12.0,
                "logits_scaling": 16.0,
                "max_position_embeddings": 131072,
                "mlp_bias": False,
                "residual_multiplier": 0.22,
                "rms_norm_eps": 1e-05,
                "rope_scaling": None,
                "rope_theta": 10000000.0,
                "tie_word_embeddings": True,
                "torch_dtype": "bfloat16",
            },
        )
    },
)
