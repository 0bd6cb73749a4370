"""Llama, and the models that share its layers: Mistral, Qwen 2 and Qwen 3, InternLM 3, IQuest-Coder."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, OF_ROPE, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.layouts import Names, embedding, linear, norm, unembedding
from mmviz.values.families.sliding import all_slide, beyond_the_first, none_slides

WINDOW = "how many tokens attention looks back to"
BIASES = Key("queries, keys, values and attention outputs have biases", default=False)
OF_LLAMAS: Mapping[str, Key] = {
    **OF_A_RUN,
    **OF_ROPE,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "intermediate_size": needed("d_mlp"),
    "num_hidden_layers": needed("its layers"),
    "num_attention_heads": needed("its query heads"),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads"),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads"),
    "hidden_act": Key("what the MLP's gate goes through", default="silu"),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-6),
    "layer_types": Key("which layers look back a window only"),
    "pretraining_tp": harmless("into how many parts products were cut in training"),
    "rope_interleaved": only(False, "which numbers of a head are rotated together"),
    **dict.fromkeys(("use_sliding_window", "sliding_window", "max_window_layers"), harmless("of another model_type")),
}
LLAMA: Mapping[str, Key] = {
    **OF_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=2048),
    "attention_bias": BIASES,
    "mlp_bias": Key("the MLP has biases", default=False),
}
MISTRAL: Mapping[str, Key] = {
    **OF_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=8),
    "sliding_window": Key(WINDOW, default=4096),
    **dict.fromkeys(("attention_bias", "mlp_bias"), only(False, "biases, which a Mistral has none of")),
}
QWEN2: Mapping[str, Key] = {
    **OF_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=32768),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=32),
    "use_sliding_window": Key("whether sliding_window holds", default=False),
    "sliding_window": Key(WINDOW, default=4096),
    "max_window_layers": Key("how many layers, the first, look back to all tokens in any case", default=28),
    **dict.fromkeys(("attention_bias", "qkv_bias"), harmless("its queries, keys and values have biases in any case")),
    "mlp_bias": only(False, "biases, which a Qwen 2 has none of"),
    "use_mrope": harmless("positions of images; a text has the same in all of them"),
    "dual_chunk_attention_config": harmless("how other programs read beyond so many tokens; transformers does not"),
}
QWEN3: Mapping[str, Key] = {
    **{key: each for key, each in QWEN2.items() if key not in ("qkv_bias", "use_mrope")},
    "head_dim": Key("d_head", default=128),
    "attention_bias": BIASES,
    "mlp_bias": only(False, "biases, which a Qwen 3 has none of"),
}

INTERNLM3: Mapping[str, Key] = {
    **LLAMA,
    "max_position_embeddings": Key("most tokens of a prompt", default=32768),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=2),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=128),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
}
IQUEST_CODER: Mapping[str, Key] = {
    **LLAMA,
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=8),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=128),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "clip_qkv": only(None, "the largest query, key or value"),
    "use_sliding_window": only(False, "whether a window holds"),
}

NAMES = Names(
    prefix="model.",
    layer="layers.",
    model_weights={**embedding("embed_tokens"), **norm("ln_final", "norm"), **unembedding()},
    layer_weights={
        **norm("ln1", "input_layernorm"),
        **linear("attn.{}_Q", "self_attn.q_proj", "d_model", "q_width", "qkv_bias"),
        **linear("attn.{}_K", "self_attn.k_proj", "d_model", "kv_width", "qkv_bias"),
        **linear("attn.{}_V", "self_attn.v_proj", "d_model", "kv_width", "qkv_bias"),
        **linear("attn.{}_O", "self_attn.o_proj", "q_width", "d_model", "o_bias"),
        **norm("attn.q_norm", "self_attn.q_norm", "d_head", when="qk_norm"),
        **norm("attn.k_norm", "self_attn.k_norm", "d_head", when="qk_norm"),
        **norm("ln2", "post_attention_layernorm"),
        **linear("mlp.{}_gate", "mlp.gate_proj", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_in", "mlp.up_proj", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.down_proj", "d_mlp", "d_model", "mlp_bias"),
    },
)


def _llama(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias")
    return replace(config, qkv_bias=biased, o_bias=biased, mlp_bias=keys.flag("mlp_bias"))


def _qwen2(_: Keys, config: ModelConfig) -> ModelConfig:
    return replace(config, qkv_bias=True)


def _qwen3(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias")
    return replace(config, qkv_bias=biased, o_bias=biased, qk_norm="head")


KINDS = (
    Kind(
        "llama",
        "Llama",
        Drawn(
            "Llama",
            "Llama 1 to 3, SmolLM 1 and 2, TinyLlama, Vicuna, Yi, DeepSeek LLM",
            "rotary positions, RMSNorm, gated MLP, shared keys and values",
            ("llama",),
        ),
        LLAMA,
        NAMES,
        sliding=none_slides,
        more=_llama,
    ),
    Kind(
        "mistral",
        "Mistral",
        Drawn("Mistral", "Mistral 7B, Nemo, Zephyr", "as Llama, with a sliding window", ("llama",)),
        MISTRAL,
        NAMES,
        sliding=all_slide,
    ),
    Kind(
        "qwen2",
        "Qwen2",
        Drawn("Qwen2", "Qwen 1.5, 2 and 2.5, QwQ", "as Llama, with biases, some with sliding layers", ("qwen2",)),
        QWEN2,
        NAMES,
        sliding=beyond_the_first,
        more=_qwen2,
    ),
    Kind(
        "qwen3",
        "Qwen3",
        Drawn("Qwen3", "Qwen 3, 0.6B to 32B", "as Llama, with norms of queries and keys", ("qwen3",)),
        QWEN3,
        NAMES,
        sliding=beyond_the_first,
        more=_qwen3,
    ),
    Kind(
        "internlm3",
        "InternLM3",
        Drawn("InternLM3", "InternLM 3 8B; InternLM 2 from GGUF", "as Llama", ("llama", "internlm2")),
        INTERNLM3,
        NAMES,
        sliding=none_slides,
        more=_llama,
        other_names={"qkv_bias": "attention_bias", "bias": "mlp_bias"},
    ),
    Kind(
        "iquestcoder",
        "IQuestCoder",
        Drawn("IQuest-Coder", "IQuest-Coder 7B to 40B", "as Llama"),
        IQUEST_CODER,
        NAMES,
        sliding=none_slides,
        more=_llama,
    ),
)
