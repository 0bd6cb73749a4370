"""GPT-BigCode, with one key and value for all queries, and with one for each."""

from hypothesis import strategies as st
from transformers import GPTBigCodeConfig

from tests.values.kinds.cases import GPT2, Cases

FLAG = st.booleans()
CASES = Cases(
    variants={
        "gpt_bigcode": GPTBigCodeConfig(**GPT2),
        "gpt_bigcode by head": GPTBigCodeConfig(**GPT2, multi_query=False, scale_attn_weights=False, n_inner=100),
    },
    no_gguf=("gpt_bigcode by head",),
    sizes={"gpt_bigcode": {"n_embd": 16, "n_layer": 2, "n_head": 4, "vocab_size": 40, "n_positions": 64}},
    random={
        "gpt_bigcode": {
            "multi_query": st.sampled_from([True, False, None]),
            "n_inner": st.sampled_from([None, 9]),
            "n_head": st.sampled_from([1, 2, 3, 8]),
            "num_key_value_heads": st.sampled_from([1, 2]),
            "activation_function": st.sampled_from(["gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "tanh"]),
            "layer_norm_epsilon": st.sampled_from([1e-5, 0.1]),
            "scale_attn_weights": FLAG,
            "attention_softmax_in_fp32": FLAG,
            "scale_attention_softmax_in_fp32": FLAG,
            "add_cross_attention": FLAG,
            "scale_attn_by_inverse_layer_idx": FLAG,
            "n_positions": st.sampled_from([8, 64]),
            "max_position_embeddings": st.sampled_from([8, 32]),
            "num_hidden_layers": st.sampled_from([1, 2]),
            "pre_allocate_kv_cache": FLAG,
        }
    },
    real={
        "starcoder": (
            "gpt_bigcode",
            {
                "activation_function": "gelu",
                "architectures": ["GPTBigCodeForCausalLM"],
                "attention_softmax_in_fp32": True,
                "attn_pdrop": 0.1,
                "inference_runner": 0,
                "layer_norm_epsilon": 1e-05,
                "max_batch_size": None,
                "max_sequence_length": None,
                "multi_query": True,
                "n_inner": 256,
                "n_positions": 8192,
                "pad_key_length": True,
                "pre_allocate_kv_cache": False,
                "resid_pdrop": 0.1,
                "scale_attention_softmax_in_fp32": True,
                "scale_attn_weights": True,
                "summary_activation": None,
                "summary_first_dropout": 0.1,
                "summary_proj_to_labels": True,
                "summary_type": "cls_index",
                "summary_use_proj": True,
                "validate_runner_input": True,
            },
        )
    },
)
