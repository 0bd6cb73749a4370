"""SmolLM 3: as Llama, but every fourth layer rotates nothing, so that it knows no positions."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.llama import BIASES, LLAMA, NAMES, WINDOW
from mmviz.values.families.sliding import EITHER, SLIDING, by_types

SMOLLM3: Mapping[str, Key] = {
    **LLAMA,
    "max_position_embeddings": Key("most tokens of a prompt", default=32768),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=4),
    "attention_bias": BIASES,
    "rope_theta": Key("base of the rotary wavelengths", default=2_000_000.0),
    "no_rope_layers": Key("which layers rotate: 1, or 0 where one does not"),
    "no_rope_layer_interval": Key("every how many layers one does not rotate, where no_rope_layers is null", default=4),
    "use_sliding_window": Key("whether sliding_window holds", default=False),
    "sliding_window": Key(WINDOW),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
}


def _unrotated(keys: Keys, layers: int) -> frozenset[int]:
    """The layers without positions.

    Source: Hugging Face transformers 5.24, SmolLM3Config.
    """
    said = keys.given("no_rope_layers")
    if said is None:
        turn = keys.whole("no_rope_layer_interval")
        return frozenset(range(turn - 1, layers, turn))
    if not isinstance(said, list) or len(said) < layers or not all(each in (0, 1) for each in said):
        raise keys.problem("no_rope_layers", f"is {said!r:.80}; 0 or 1 for each of {layers} layers is needed.")
    return frozenset(layer for layer in range(layers) if not said[layer])


def _slides(keys: Keys, layers: int) -> frozenset[int]:
    """Those of the layer_types; else, where there is a window, the layers without positions."""
    window = keys.flag("use_sliding_window") and keys.given("sliding_window") is not None
    types = keys.each("layer_types", layers, EITHER)
    if types is None:
        return _unrotated(keys, layers) if window else frozenset()
    if SLIDING in types and not window:
        raise keys.problem("layer_types", f"has {SLIDING}, but there is no window; use_sliding_window is needed.")
    return by_types(types)


def _smollm3(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias")
    return replace(
        config,
        qkv_bias=biased,
        o_bias=biased,
        mlp_bias=keys.flag("mlp_bias"),
        unrotated=_unrotated(keys, config.layers),
    )


KINDS = (
    Kind(
        "smollm3",
        "SmolLM3",
        Drawn("SmolLM3", "SmolLM 3, 3B", "as Llama, with every fourth layer without positions", ("smollm3",)),
        SMOLLM3,
        NAMES,
        sliding=_slides,
        more=_smollm3,
    ),
)
