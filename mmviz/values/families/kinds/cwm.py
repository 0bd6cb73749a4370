"""CWM: as Llama, all layers but every fourth with a sliding window, and rotary scaling where the file says none."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import SCALING, Key, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, one_rope
from mmviz.values.families.kinds.llama import LLAMA, NAMES, WINDOW
from mmviz.values.families.sliding import EITHER, by_types

CWM: Mapping[str, Key] = {
    **LLAMA,
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=8),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=128),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "rope_theta": Key("base of the rotary wavelengths", default=1_000_000.0),
    "sliding_window": Key(WINDOW, default=8192),
    "attention_bias": only(False, "biases, which a CWM has none of"),
}
SCALED: Mapping[str, object] = {
    "rope_type": "llama3",
    "rope_theta": 1_000_000.0,
    "factor": 16.0,
    "high_freq_factor": 4.0,
    "low_freq_factor": 1.0,
    "original_max_position_embeddings": 8192,
}
"""Where nothing is said. Source: Hugging Face transformers 5.24, CwmConfig."""


def _rope(keys: Keys, d_head: int) -> Ropes:
    said = keys.config.get("rope_parameters") is not None or keys.part("rope_scaling", SCALING).config
    return one_rope(keys if said else keys.with_(rope_parameters=dict(SCALED)), d_head)


def _slides(keys: Keys, layers: int) -> frozenset[int]:
    types = keys.each("layer_types", layers, EITHER)
    return by_types(types) if types is not None else frozenset(layer for layer in range(layers) if layer % 4)


def _cwm(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(config, mlp_bias=keys.flag("mlp_bias", null=False))


KINDS = (
    Kind(
        "cwm",
        "Cwm",
        Drawn("CWM", "Code World Model 32B", "as Llama, and three of four layers slide"),
        CWM,
        NAMES,
        rope=_rope,
        sliding=_slides,
        more=_cwm,
    ),
)
