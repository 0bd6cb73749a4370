"""Helium and ERNIE 4.5: as Llama, with neighbouring numbers of a head rotated together."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, one_rope
from mmviz.values.families.kinds.llama import LLAMA, NAMES

_IN_PAIRS: Mapping[str, Key] = {key: each for key, each in LLAMA.items() if key != "rope_interleaved"}
HELIUM: Mapping[str, Key] = {
    **_IN_PAIRS,
    "max_position_embeddings": Key("most tokens of a prompt", default=4096),
    "num_key_value_heads": Key("its key-value heads", default=20),
    "head_dim": Key("d_head", default=128),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-8),
    "rope_theta": Key("base of the rotary wavelengths", default=100_000.0),
    "attention_bias": Key("queries, keys and values have biases", default=False),
}
ERNIE: Mapping[str, Key] = {
    **_IN_PAIRS,
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=2),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=128),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "rope_theta": Key("base of the rotary wavelengths", default=500_000.0),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "use_bias": Key("queries, keys, values, attention outputs and the MLP have biases", default=False),
    "compression_ratio": only(1.0, "how far positions are from one another, in its own code"),
    **dict.fromkeys(("attention_bias", "mlp_bias"), only(False, "biases, of which use_bias tells")),
}


def neighbours_rotated(keys: Keys, d_head: int) -> Ropes:
    """Numbers 2p and 2p + 1 turn together."""
    rope, _ = one_rope(keys, d_head)
    return rope and replace(rope, neighbours=True), None


def _helium(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased, mlp_bias = (keys.flag(key, null=False) for key in ("attention_bias", "mlp_bias"))
    return replace(config, qkv_bias=biased, mlp_bias=mlp_bias)


def _ernie(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("use_bias")
    return replace(config, qkv_bias=biased, o_bias=biased, mlp_bias=biased)


KINDS = (
    Kind(
        "helium",
        "Helium",
        Drawn("Helium", "Helium 1 2B", "as Llama, with neighbouring numbers rotated together"),
        HELIUM,
        NAMES,
        rope=neighbours_rotated,
        more=_helium,
    ),
    Kind(
        "ernie4_5",
        "Ernie4_5",
        Drawn("ERNIE 4.5", "ERNIE 4.5 0.3B", "as Llama, with neighbouring numbers rotated together", ("ernie4_5",)),
        ERNIE,
        NAMES,
        rope=neighbours_rotated,
        more=_ernie,
    ),
)
