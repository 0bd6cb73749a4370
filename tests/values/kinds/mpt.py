"""The cases of MPT."""

from hypothesis import strategies as st
from transformers import MptConfig

from tests.values.kinds.cases import Cases

SAID = st.fixed_dictionaries(
    {},
    optional={
        "alibi": st.sampled_from([True, True, True, False]),
        "alibi_bias_max": st.sampled_from([8, 8, 8, 16]),
        "softmax_scale": st.sampled_from([None, 0.25, 1.0, 0]),
        "clip_qkv": st.sampled_from([None, 0.5, 2.0]),
        "attn_type": st.sampled_from([*["multihead_attention"] * 4, "multiquery_attention"]),
        "qk_ln": st.sampled_from([False, False, False, True]),
        "prefix_lm": st.sampled_from([False, False, False, True]),
        "attn_impl": st.just("torch"),
        "attn_pdrop": st.just(0),
        "rope": st.sampled_from([False, False, True]),
    },
)
CASES = Cases(
    variants={
        "mpt": MptConfig(
            vocab_size=96,
            d_model=48,
            n_layers=3,
            n_heads=6,
            max_seq_len=32,
            layer_norm_epsilon=0.1,
        )
    },
    sizes={"mpt": {"vocab_size": 40, "d_model": 16, "n_layers": 2, "n_heads": 4, "max_seq_len": 64}},
    random={
        "mpt": {
            "attn_config": st.one_of(st.none(), SAID),
            "n_heads": st.sampled_from([1, 2, 8, 3]),
            "d_model": st.sampled_from([24, 12, 40]),
            "hidden_size": st.just(24),
            "num_attention_heads": st.sampled_from([2, 6, 3]),
            "num_hidden_layers": st.sampled_from([1, 2]),
            "expansion_ratio": st.sampled_from([4, 2]),
            "max_seq_len": st.sampled_from([8, 32, 24]),
            "learned_pos_emb": st.booleans(),
            "logit_scale": st.sampled_from([None, 0.5, "inv_sqrt_d_model"]),
            "no_bias": st.sampled_from([True, True, False]),
            "norm_type": st.sampled_from(["low_precision_layernorm", "rmsnorm"]),
            "layer_norm_epsilon": st.sampled_from([1e-5, 0.1]),
        }
    },
    real={
        "mpt 7b": (
            "mpt",
            {
                "architectures": ["MPTForCausalLM"],
                "attn_config": {
                    "alibi": True,
                    "alibi_bias_max": 8,
                    "attn_impl": "torch",
                    "attn_pdrop": 0,
                    "attn_type": "multihead_attention",
                    "attn_uses_sequence_id": False,
                    "clip_qkv": None,
                    "prefix_lm": False,
                    "qk_ln": False,
                    "softmax_scale": None,
                },
                "auto_map": {"AutoConfig": "configuration_mpt.MPTConfig"},
                "emb_pdrop": 0,
                "embedding_fraction": 1.0,
                "expansion_ratio": 4,
                "init_config": {"emb_init_std": None, "name": "kaiming_normal_", "verbose": 0},
                "init_device": "cpu",
                "learned_pos_emb": True,
                "logit_scale": None,
                "no_bias": True,
                "norm_type": "low_precision_layernorm",
                "resid_pdrop": 0,
                "tokenizer_name": "EleutherAI/gpt-neox-20b",
                "use_cache": False,
                "verbose": 0,
            },
        ),
    },
)
