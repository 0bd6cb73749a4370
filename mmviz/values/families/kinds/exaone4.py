"""EXAONE 4: norms of what attention and MLP give, and of queries and keys; full layers without positions."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, only
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.llama import NAMES, OF_LLAMAS, WINDOW
from mmviz.values.families.layouts import norm
from mmviz.values.families.sliding import EITHER, all_but_every, by_types

EXAONE4: Mapping[str, Key] = {
    **OF_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=2048),
    "num_key_value_heads": Key("its key-value heads", default=32),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "sliding_window": Key(WINDOW, default=4096),
    "sliding_window_pattern": Key("every how many layers one sees all, where layer_types is null", default=4),
    **dict.fromkeys(("attention_bias", "mlp_bias"), only(False, "biases, which an EXAONE 4 has none of")),
}
EXAONE4_NAMES = replace(
    NAMES,
    layer_weights={
        **{name: each for name, each in NAMES.layer_weights.items() if name not in ("ln1.w", "ln2.w")},
        **norm("ln1_post", "post_attention_layernorm"),
        **norm("ln2_post", "post_feedforward_layernorm"),
    },
)


def _slides(keys: Keys, layers: int) -> frozenset[int]:
    types = keys.each("layer_types", layers, EITHER)
    if types is not None:
        return by_types(types)
    return all_but_every(keys.whole("sliding_window_pattern"), keys, layers) if _has_window(keys) else frozenset()


def _has_window(keys: Keys) -> bool:
    return keys.given("sliding_window") is not None


def _exaone4(keys: Keys, config: ModelConfig) -> ModelConfig:
    """Where there is a window, only the layers that it holds for rotate.

    Source: Hugging Face transformers 5.24, Exaone4Attention.
    """
    full = frozenset(range(config.layers)) - config.sliding
    return replace(
        config,
        norm_inputs=False,
        norm_outputs=True,
        qk_norm="head",
        unrotated=full if _has_window(keys) else frozenset(),
    )


KINDS = (
    Kind(
        "exaone4",
        "Exaone4",
        Drawn(
            "EXAONE 4",
            "EXAONE 4.0, 1.2B and 32B",
            "as OLMo 2, each head normed, sliding layers, full ones without positions",
            ("exaone4",),
        ),
        EXAONE4,
        EXAONE4_NAMES,
        sliding=_slides,
        more=_exaone4,
    ),
)
