"""The cases of BLOOM."""

from hypothesis import strategies as st
from transformers import BloomConfig

from tests.values.kinds.cases import Cases

CASES = Cases(
    variants={
        "bloom": BloomConfig(
            vocab_size=96, hidden_size=48, n_layer=3, n_head=6, layer_norm_epsilon=0.1, seq_length=32, eos_token_id=1
        )
    },
    sizes={"bloom": {"vocab_size": 40, "hidden_size": 16, "n_layer": 2, "n_head": 4}},
    random={
        "bloom": {
            "n_head": st.sampled_from([1, 2, 8, 3]),
            "hidden_size": st.sampled_from([24, 12, 40]),
            "n_embed": st.sampled_from([24, None]),
            "num_attention_heads": st.sampled_from([2, 6, 3]),
            "num_hidden_layers": st.sampled_from([1, 2]),
            "layer_norm_epsilon": st.sampled_from([1e-5, 0.1]),
            "apply_residual_connection_post_layernorm": st.booleans(),
            "seq_length": st.sampled_from([8, 64]),
            "n_inner": st.sampled_from([None, None, 9]),
            "pretraining_tp": st.sampled_from([1, 2]),
            "slow_but_exact": st.booleans(),
            "offset_alibi": st.just(100),
            "hidden_dropout": st.just(0.1),
            "alibi": st.booleans(),
        }
    },
    real={
        "bloom 560m": (
            "bloom",
            {
                "apply_residual_connection_post_layernorm": False,
                "architectures": ["BloomForCausalLM"],
                "attention_dropout": 0.0,
                "attention_softmax_in_fp32": True,
                "bias_dropout_fusion": True,
                "hidden_dropout": 0.0,
                "initializer_range": 0.02,
                "layer_norm_epsilon": 1e-05,
                "masked_softmax_fusion": True,
                "n_embed": 64,
                "n_inner": None,
                "offset_alibi": 100,
                "pretraining_tp": 1,
                "seq_length": 2048,
                "skip_bias_add": True,
                "skip_bias_add_qkv": False,
                "unk_token_id": 0,
                "use_cache": True,
            },
        ),
    },
)
