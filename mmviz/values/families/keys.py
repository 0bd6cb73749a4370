"""The keys of a config.json that many families share, and what a key of none may mean; checks no values.

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


def needed(meaning: str) -> Key:
    """A key without which a file is broken."""
    return Key(meaning, needed=True)


def harmless(meaning: str) -> Key:
    """A key that no number depends on."""
    return Key(meaning, "harmless")


def only(default: object, meaning: str) -> Key:
    """A key of which nothing but its default, or null, is supported."""
    return Key(meaning, "only", default)


OF_A_RUN: Mapping[str, Key] = {
    **dict.fromkeys(("architectures", "model_type"), Key("which class it is of")),
    **dict.fromkeys(("transformers_version", "_name_or_path", "_commit_hash", "auto_map"), harmless("its origin")),
    **dict.fromkeys(("dtype", "torch_dtype", "use_bfloat16"), harmless("in which dtype a run computes")),
    **dict.fromkeys(
        ("output_attentions", "output_hidden_states", "output_scores", "return_dict", "use_return_dict", "use_cache"),
        harmless("what a run gives back or keeps"),
    ),
    **dict.fromkeys(
        (
            *("attn_implementation", "_attn_implementation", "_attn_implementation_internal"),
            *("_attn_implementation_autoset", "_flash_attn_2_enabled", "use_flash_attention"),
            *("chunk_size_feed_forward", "cache_implementation"),
        ),
        harmless("by which program the same numbers are computed"),
    ),
    **dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), harmless("which tokens are special")),
    **dict.fromkeys(("initializer_range", "attention_dropout"), harmless("how it is trained")),
    **dict.fromkeys(("id2label", "label2id", "problem_type"), harmless("a head for another task")),
    **dict.fromkeys(("transformers.js_config", "generation_config"), harmless("for other programs, or for sampling")),
    **dict.fromkeys(
        ("epsilon_cutoff", "sequence_bias", "guidance_scale", "renormalize_logits", "dola_layers"),
        harmless("how texts are sampled"),
    ),
    **dict.fromkeys(
        ("quantization_config", "compression_config"),
        harmless("how weights are stored, which values/quantized reads or refuses"),
    ),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=False),
    "is_causal": Key("no token looks at later ones; transformers takes null for false", default=True),
    "is_encoder_decoder": only(False, "it has two stacks"),
    "per_layer_config": only({}, "what layers have otherwise than said"),
    "pruned_heads": only({}, "heads that are left out"),
}
"""What config.json says of every family."""

OF_ROPE: Mapping[str, Key] = {
    "rope_theta": Key("base of the rotary wavelengths", default=10000.0),
    "rope_scaling": Key("as rope_parameters, which it takes the place of as a whole", default={}),
    "rope_parameters": Key("how rotary positions are scaled, and their base", default={}),
    "partial_rotary_factor": only(1.0, "which part of a head is rotated"),
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
    "attn_factor": harmless("of files of other programs; transformers passes over it"),
    "mrope_section": harmless("positions of images; a text has the same in all of them"),
    "finetuned": harmless("its origin"),
}
"""What rope_scaling and rope_parameters say."""
PARTIAL_SCALING: Mapping[str, Key] = {**SCALING, "partial_rotary_factor": Key("which part of a head is rotated")}
"""The same where only a part of a head may be rotated."""

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
