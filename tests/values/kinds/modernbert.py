"""Small ModernBERTs, and what their config.json may say."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from transformers import ModernBertConfig

from tests.values.kinds.cases import SIZES, TINY, Cases

PAD: dict[str, Any] = {"pad_token_id": 0}
FLAG = st.booleans()
ACTIVATION = st.sampled_from(["gelu", "gelu_new", "relu", "silu", "quick_gelu"])
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
LINEAR = {"rope_type": "linear", "factor": 4.0}
SCALING = st.sampled_from([None, {}, LINEAR, YARN, {"rope_type": "dynamic", "factor": 2.0}, {"rope_theta": 300.0}]).map(
    lambda scaling: None if scaling is None else dict(scaling)
)  # each its own, as transformers writes into them
TYPES = st.lists(st.sampled_from(["full_attention", "sliding_attention"]), min_size=2, max_size=2)
OF_BASE: Mapping[str, Any] = {
    "architectures": ["ModernBertForMaskedLM"],
    "attention_bias": False,
    "bos_token_id": 50281,
    "classifier_activation": "gelu",
    "classifier_bias": False,
    "classifier_dropout": 0.0,
    "classifier_pooling": "mean",
    "cls_token_id": 50281,
    "decoder_bias": True,
    "deterministic_flash_attn": False,
    "embedding_dropout": 0.0,
    "global_attn_every_n_layers": 3,
    "global_rope_theta": 160000.0,
    "gradient_checkpointing": False,
    "hidden_activation": "gelu",
    "initializer_cutoff_factor": 2.0,
    "layer_norm_eps": 1e-05,
    "local_attention": 128,
    "local_rope_theta": 10000.0,
    "mlp_bias": False,
    "norm_bias": False,
    "norm_eps": 1e-05,
    "position_embedding_type": "absolute",
    "sparse_pred_ignore_index": -100,
    "sparse_prediction": False,
}
CASES = Cases(
    variants={
        "modernbert": ModernBertConfig(**SIZES, **PAD, local_attention=4, norm_eps=0.1),
        "modernbert biased": ModernBertConfig(
            **SIZES,
            **PAD,
            local_attention=6,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            norm_bias=True,
            attention_bias=True,
            mlp_bias=True,
            classifier_bias=True,
            decoder_bias=False,
            classifier_activation="relu",
            tie_word_embeddings=False,
        ),
    },
    no_gguf=("modernbert", "modernbert biased"),
    sizes={"modernbert": {**{key: each for key, each in TINY.items() if key != "num_key_value_heads"}, **PAD}},
    random={
        "modernbert": {
            **dict.fromkeys(("norm_bias", "attention_bias", "mlp_bias", "decoder_bias", "classifier_bias"), FLAG),
            **dict.fromkeys(("hidden_activation", "classifier_activation"), ACTIVATION),
            "local_attention": st.sampled_from([1, 2, 4, 7, 128]),
            "layer_types": TYPES,
            "global_attn_every_n_layers": st.sampled_from([1, 2, 3, None]),
            "norm_eps": st.sampled_from([1e-5, 0.1]),
            "layer_norm_eps": st.just(0.1),
            "rope_scaling": SCALING,
            "rope_parameters": st.fixed_dictionaries(
                {}, optional={"full_attention": SCALING, "sliding_attention": SCALING}
            ),
            "global_rope_theta": st.sampled_from([300.0, 160000]),
            "local_rope_theta": st.sampled_from([20.0, 10000]),
            "sliding_window": st.sampled_from([None, 3]),
            "max_position_embeddings": st.sampled_from([8, 64]),
            "num_attention_heads": st.sampled_from([1, 2, 4, 3, 8, 16]),
            "num_hidden_layers": st.sampled_from([1, 2]),
            "embedding_dropout": st.just(0.1),
            "sparse_prediction": FLAG,
        }
    },
    real={"modernbert base": ("modernbert", OF_BASE)},
)
