"""Every key of a config.json that Hugging Face transformers knows, by model_type: what it means; checks no values.

transformers 5 passes over keys that it does not know. Here one is passed over only where its name says nothing of what
a model computes, so that no checkpoint is drawn by half of its configuration.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Use = Literal["followed", "harmless", "only"]
"""followed: numbers are made by it; harmless: they are the same whatever it says; only: nothing but its default, or
null, is supported."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, as transformers reads it."""

    meaning: str
    use: Use = "followed"
    default: object = None  # where it is left out
    needed: bool = False  # transformers has a default, but no file leaves it out: who does has lost it


def _needed(meaning: str) -> Key:
    return Key(meaning, needed=True)


def _harmless(meaning: str) -> Key:
    return Key(meaning, "harmless")


def _only(default: object, meaning: str) -> Key:
    return Key(meaning, "only", default)


OF_A_RUN: Mapping[str, Key] = {
    **dict.fromkeys(("architectures", "model_type"), Key("which class it is of")),
    **dict.fromkeys(("transformers_version", "_name_or_path", "_commit_hash", "auto_map"), _harmless("its origin")),
    **dict.fromkeys(("dtype", "torch_dtype", "use_bfloat16"), _harmless("in which dtype a run computes")),
    **dict.fromkeys(
        ("output_attentions", "output_hidden_states", "output_scores", "return_dict", "use_return_dict", "use_cache"),
        _harmless("what a run gives back or keeps"),
    ),
    **dict.fromkeys(
        (
            *("attn_implementation", "_attn_implementation", "_attn_implementation_internal"),
            *("_attn_implementation_autoset", "_flash_attn_2_enabled", "use_flash_attention"),
            *("chunk_size_feed_forward", "cache_implementation"),
        ),
        _harmless("by which program the same numbers are computed"),
    ),
    **dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), _harmless("which tokens are special")),
    **dict.fromkeys(("initializer_range", "attention_dropout"), _harmless("how it is trained")),
    **dict.fromkeys(("id2label", "label2id", "problem_type"), _harmless("a head for another task")),
    **dict.fromkeys(("transformers.js_config", "generation_config"), _harmless("for other programs, or for sampling")),
    **dict.fromkeys(
        ("epsilon_cutoff", "sequence_bias", "guidance_scale", "renormalize_logits", "dola_layers"),
        _harmless("how texts are sampled"),
    ),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=False),
    "is_causal": Key("no token looks at later ones; transformers takes null for false", default=True),
    "is_encoder_decoder": _only(False, "it has two stacks"),
    "per_layer_config": _only({}, "what layers have otherwise than said"),
    "pruned_heads": _only({}, "heads that are left out"),
}
"""What config.json says of every family."""

OF_ROPE: Mapping[str, Key] = {
    "rope_theta": Key("base of the rotary wavelengths", default=10000.0),
    "rope_scaling": Key("as rope_parameters, which it takes the place of as a whole", default={}),
    "rope_parameters": Key("how rotary positions are scaled, and their base", default={}),
    "partial_rotary_factor": _only(1.0, "which part of a head is rotated"),
    "original_max_position_embeddings": Key("the original context, before what is said in rope_scaling"),
}
SCALING: Mapping[str, Key] = {
    "rope_type": Key("kind of the scaling", default="default"),
    "type": Key("the same in old files"),
    "rope_theta": OF_ROPE["rope_theta"],
    "partial_rotary_factor": OF_ROPE["partial_rotary_factor"],
    "factor": Key("by how much wavelengths grow; yarn, longrope: null: by as much as the context has"),
    "low_freq_factor": Key("llama3: wavelengths longer than the context divided by it grow by all of factor"),
    "high_freq_factor": Key("llama3: wavelengths shorter than the context divided by it stay"),
    "original_max_position_embeddings": Key("the original context; max_position_embeddings where left out"),
    "factors": Key("of a GGUF file: by how much the wavelength of each pair grows"),
    "short_factor": Key("longrope: by how much the wavelength of each pair grows"),
    "long_factor": Key("longrope: the same where there are more tokens than in the original context"),
    "attention_factor": Key("yarn, longrope: what queries and keys are multiplied by, else made of the factor"),
    "beta_fast": Key("yarn: pairs that turn more often over the original context stay", default=32.0),
    "beta_slow": Key("yarn: pairs that turn less often grow by all of factor", default=1.0),
    "mscale": Key("yarn: weighs the logarithm in the attention factor, if both are given"),
    "mscale_all_dim": Key("yarn: the same of what it is divided by"),
    "truncate": Key("yarn: the bounds are whole pairs", default=True),
    "attn_factor": _harmless("of files of other programs; transformers passes over it"),
    "mrope_section": _harmless("positions of images; a text has the same in all of them"),
    "finetuned": _harmless("its origin"),
}
"""What rope_scaling and rope_parameters say."""
PARTIAL_SCALING: Mapping[str, Key] = {**SCALING, "partial_rotary_factor": Key("which part of a head is rotated")}
"""The same where only a part of a head may be rotated."""

_WINDOW = "how many tokens attention looks back to"
_LLAMAS: Mapping[str, Key] = {
    **OF_A_RUN,
    **OF_ROPE,
    "vocab_size": _needed("how many tokens it knows"),
    "hidden_size": _needed("d_model"),
    "intermediate_size": _needed("d_mlp"),
    "num_hidden_layers": _needed("its layers"),
    "num_attention_heads": _needed("its query heads"),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads"),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads"),
    "hidden_act": Key("what the MLP's gate goes through", default="silu"),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-6),
    "layer_types": Key("which layers look back a window only"),
    "pretraining_tp": _harmless("into how many parts products were cut in training"),
    "rope_interleaved": _only(False, "which numbers of a head are rotated together"),
    **dict.fromkeys(("use_sliding_window", "sliding_window", "max_window_layers"), _harmless("of another model_type")),
}
LLAMA: Mapping[str, Key] = {
    **_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=2048),
    "attention_bias": Key("queries, keys, values and attention outputs have biases", default=False),
    "mlp_bias": Key("the MLP has biases", default=False),
}
MISTRAL: Mapping[str, Key] = {
    **_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=8),
    "sliding_window": Key(_WINDOW, default=4096),
    **dict.fromkeys(("attention_bias", "mlp_bias"), _only(False, "biases, which a Mistral has none of")),
}
QWEN2: Mapping[str, Key] = {
    **_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=32768),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=32),
    "use_sliding_window": Key("whether sliding_window holds", default=False),
    "sliding_window": Key(_WINDOW, default=4096),
    "max_window_layers": Key("how many layers, the first, look back to all tokens in any case", default=28),
    **dict.fromkeys(("attention_bias", "qkv_bias"), _harmless("its queries, keys and values have biases in any case")),
    "mlp_bias": _only(False, "biases, which a Qwen 2 has none of"),
    "use_mrope": _harmless("positions of images; a text has the same in all of them"),
}
_BIASES = Key("queries, keys, values and attention outputs have biases", default=False)
QWEN3: Mapping[str, Key] = {
    **{key: each for key, each in QWEN2.items() if key not in ("qkv_bias", "use_mrope")},
    "head_dim": Key("d_head", default=128),
    "attention_bias": _BIASES,
    "mlp_bias": _only(False, "biases, which a Qwen 3 has none of"),
}
_GEMMAS: Mapping[str, Key] = {
    **_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=8192),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=4),
    "head_dim": Key("d_head", default=256),
    "attention_bias": _BIASES,
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "use_bidirectional_attention": Key("attention that looks both ways, which is refused"),
    "mlp_bias": _only(False, "biases, which a Gemma has none of"),
}
GEMMA: Mapping[str, Key] = {
    **_GEMMAS,
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=16),
    "hidden_act": Key("what the MLP's gate goes through", default="gelu_pytorch_tanh"),
    "hidden_activation": _harmless("the same in old files, which transformers 5 does not read"),
    "layer_types": _harmless("of another model_type"),
}
GEMMA2: Mapping[str, Key] = {
    **{key: each for key, each in _GEMMAS.items() if key != "hidden_act"},
    "hidden_act": _harmless("of another model_type"),
    "hidden_activation": Key("what the MLP's gate goes through", default="gelu_pytorch_tanh"),
    "query_pre_attn_scalar": Key("scores are divided by its root", default=256),
    "attn_logit_softcapping": Key("the largest score, by a tanh; null: none", default=50.0),
    "final_logit_softcapping": Key("the largest logit, by a tanh; null: none", default=30.0),
    "sliding_window": Key(_WINDOW, default=4096),
    "cache_implementation": _harmless("by which program the same numbers are computed"),
}
GEMMA3: Mapping[str, Key] = {
    **GEMMA2,
    "vocab_size": Key("how many tokens it knows", default=262208),
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "attn_logit_softcapping": _harmless("of Gemma 2; transformers passes over it"),
    "final_logit_softcapping": Key("the largest logit, by a tanh; null: none"),
    "rope_theta": Key("base of the rotary wavelengths of layers that see all", default=1_000_000.0),
    "rope_local_base_freq": Key("the same of layers that look back a window only", default=10_000.0),
    "sliding_window_pattern": Key("every how many layers one sees all", default=6),
    "_sliding_window_pattern": _harmless("the same as transformers writes it down, beside layer_types"),
}
GPT2: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": _needed("how many tokens it knows"),
    "n_embd": _needed("d_model"),
    "n_layer": _needed("its layers"),
    "n_head": _needed("its heads"),
    "n_positions": Key("most tokens of a prompt", default=1024),
    "n_ctx": Key("the same in old files, where n_positions is left out"),
    "n_inner": Key("d_mlp; null: 4 d_model"),
    "activation_function": Key("what the MLP goes through", default="gelu_new"),
    "layer_norm_epsilon": Key("added to the variance in norms", default=1e-5),
    "scale_attn_weights": Key("scores are divided by sqrt(d_head)", default=True),
    "scale_attn_by_inverse_layer_idx": Key("scores are divided by layer + 1, too", default=False),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "add_cross_attention": _only(False, "attention to a second stack"),
    "reorder_and_upcast_attn": _harmless("in which order and dtype the same scores are computed"),
    **dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), _harmless("how it is trained")),
    **dict.fromkeys(
        ("summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels", "summary_first_dropout"),
        _harmless("a head for another task"),
    ),
}
GPT_NEOX: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": _needed("how many tokens it knows"),
    "hidden_size": _needed("d_model"),
    "intermediate_size": _needed("d_mlp"),
    "num_hidden_layers": _needed("its layers"),
    "num_attention_heads": _needed("its heads"),
    "max_position_embeddings": Key("most tokens of a prompt", default=2048),
    "hidden_act": Key("what the MLP goes through", default="gelu"),
    "layer_norm_eps": Key("added to the variance in norms", default=1e-5),
    "use_parallel_residual": Key("the MLP reads what the attention reads, not what it adds to", default=True),
    "attention_bias": Key("queries, keys, values and attention outputs have biases", default=True),
    "rotary_pct": Key("which part of a head is rotated", default=0.25),
    "rotary_emb_base": Key("base of the rotary wavelengths", default=10000.0),
    "rope_scaling": OF_ROPE["rope_scaling"],
    "rope_parameters": OF_ROPE["rope_parameters"],
    "original_max_position_embeddings": OF_ROPE["original_max_position_embeddings"],
    **dict.fromkeys(
        ("rope_theta", "partial_rotary_factor"), _harmless("of other model_types; transformers passes over it")
    ),
    "head_dim": _only(None, "d_head; transformers reads it for the rotary wavelengths alone"),
    "is_decoder": _harmless("of models with two stacks"),
    **dict.fromkeys(("hidden_dropout", "classifier_dropout"), _harmless("how it is trained")),
}
PHI: Mapping[str, Key] = {
    **{
        key: each
        for key, each in GPT_NEOX.items()
        if key not in ("use_parallel_residual", "attention_bias", "rotary_pct", "rotary_emb_base", "is_decoder")
    },
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads"),
    "hidden_act": Key("what the MLP goes through", default="gelu_new"),
    "rope_theta": OF_ROPE["rope_theta"],
    "partial_rotary_factor": Key("which part of a head is rotated", default=0.5),
    "head_dim": _only(None, "d_head; transformers reads it in some places, and not in others"),
    "qk_layernorm": _only(False, "norms of queries and keys with biases"),
    **dict.fromkeys(("resid_pdrop", "embd_pdrop"), _harmless("how it is trained")),
}
GPTJ: Mapping[str, Key] = {
    **{
        key: each
        for key, each in GPT2.items()
        if key not in ("n_ctx", "scale_attn_by_inverse_layer_idx", "add_cross_attention", "reorder_and_upcast_attn")
    },
    "n_positions": Key("most tokens of a prompt", default=2048),
    "rotary_dim": Key("how many numbers of a head are rotated", default=64),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=False),
    **dict.fromkeys(("rotary", "scale_attn_weights"), _harmless("of old files; transformers passes over it")),
}
TABLES: Mapping[str, Mapping[str, Key]] = {
    "gpt2": GPT2,
    "llama": LLAMA,
    "mistral": MISTRAL,
    "qwen2": QWEN2,
    "qwen3": QWEN3,
    "gemma": GEMMA,
    "gemma2": GEMMA2,
    "gemma3_text": GEMMA3,
    "gpt_neox": GPT_NEOX,
    "phi": PHI,
    "gptj": GPTJ,
}
"""By model_type."""

_OLD_NAMES: Mapping[str, str] = {
    "hidden_size": "n_embd",
    "max_position_embeddings": "n_positions",
    "num_attention_heads": "n_head",
    "num_hidden_layers": "n_layer",
}
OTHER_NAMES: Mapping[str, Mapping[str, str]] = {"gpt2": _OLD_NAMES, "gptj": _OLD_NAMES}
"""By model_type: keys that transformers takes for others, and that win over those."""

OF_TRAINING = re.compile(r"drop|_probs?$|initializer|(^|_)init(_|$)|loss|flash")
OF_ARITHMETIC = re.compile(
    r"att(e)?n|rope|rotar|theta|norm|scal|multipl|softcap|logit_cap|sink|window|causal|bidirection|alibi|clip|clamp"
    r"|residual|expert|router|bias|query|ntk|mrope|position|interleav|glu|activation|cross|layer|embed|embd|pos_emb|conv|ssm"
    r"|mamba|sparse|dense|expansion|intermediate|chunk_size|new_decoder"
    r"|(^|_)(act|gate|gating|head|heads|kv|qk|qkv|mlp|ffn|mup|mask|moe|mtp|lora|dim|eps|epsilon)(_|$)"
)
"""What is in the names of keys by which models of other families differ in what they compute."""


def suspicious(key: str, value: Any) -> bool:
    """Whether a key that is in no table may change what a model computes: by its name, and if it says anything."""
    neutral = value is None or value is False or value in ("", [], {})
    neutral = neutral or (value in (0, 1) and bool(re.search("multipl|scal|factor", key)) and value is not True)
    of_model = OF_ARITHMETIC.search(key) is not None or (key.endswith("_config") and isinstance(value, Mapping))
    return of_model and not neutral and OF_TRAINING.search(key) is None
