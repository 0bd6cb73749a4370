"""Ministral 8B and Ministral 3: as Mistral, by layer types, or with queries that grow with their positions."""

import math
from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import SCALING, Key, harmless
from mmviz.values.families.kind import Drawn, Kind, Ropes
from mmviz.values.families.kinds.llama import MISTRAL, NAMES, WINDOW
from mmviz.values.families.rope import read_rope
from mmviz.values.families.sliding import EITHER, all_slide, by_types

MINISTRAL3: Mapping[str, Key] = {
    **MISTRAL,
    "max_position_embeddings": Key("most tokens of a prompt", default=262144),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=128),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "sliding_window": Key(WINDOW),
}
OF_QUERIES = "llama_4_scaling_beta"
"""By how much queries grow where their positions are beyond the original context, as often as that is passed."""
GROWING: Mapping[str, Key] = {
    **SCALING,
    OF_QUERIES: Key("by how much queries grow"),
    "max_position_embeddings": harmless("the context once more"),
}
YARN = {
    "rope_type": "yarn",
    "rope_theta": 1_000_000.0,
    "factor": 16.0,
    "original_max_position_embeddings": 16384,
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "mscale_all_dim": 1.0,
    "mscale": 1.0,
    OF_QUERIES: 0.1,
}
"""How positions are scaled where no key says it: transformers 5.24, Ministral3Config."""


def _slides(keys: Keys, layers: int) -> frozenset[int]:
    types = keys.each("layer_types", layers, EITHER)
    return by_types(types) if types else all_slide(keys, layers)


def _scaling(keys: Keys) -> Keys:
    """What is said of positions, in the place that transformers reads it."""
    said = keys.part("rope_scaling", GROWING)
    if said.config:
        return said
    said = keys.part("rope_parameters", GROWING)
    return said if keys.config.get("rope_parameters") is not None else Keys(YARN, said.where, GROWING)


def _rope(keys: Keys, d_head: int) -> Ropes:
    if d_head % 2:
        raise keys.problem("head_dim", f"is {d_head}; rotary positions need an even number.")
    own = (OF_QUERIES, "max_position_embeddings")
    said = {key: value for key, value in _scaling(keys).config.items() if key not in own}
    name = "rope_scaling" if keys.part("rope_scaling", GROWING).config else "rope_parameters"
    return read_rope(keys.with_(**{name: said}), d_head), None


def _ministral3(keys: Keys, config: ModelConfig) -> ModelConfig:
    scaling = _scaling(keys)
    rate = scaling.given(OF_QUERIES)
    if not isinstance(rate, int | float) or isinstance(rate, bool) or not 0 <= rate < math.inf:
        raise scaling.problem(OF_QUERIES, f"{'is missing' if rate is None else f'is {rate!r}'}; 0 or more is needed.")
    if config.rope is None or config.rope.kind not in ("yarn", "llama3", "longrope"):
        length = scaling.positive("original_max_position_embeddings")
    else:
        length = config.rope.length
    return replace(config, query_growth=float(rate), query_span=length)


KINDS = (
    Kind(
        "ministral",
        "Ministral",
        Drawn("Ministral", "Ministral 8B", "as Mistral, with layers that slide and layers that see all"),
        MISTRAL,
        NAMES,
        sliding=_slides,
    ),
    Kind(
        "ministral3",
        "Ministral3",
        Drawn(
            "Ministral 3",
            "Ministral 3, 3B to 14B, the text model",
            "as Mistral, with queries that grow with positions",
            ("mistral3",),
        ),
        MINISTRAL3,
        NAMES,
        rope=_rope,
        sliding=all_slide,
        more=_ministral3,
    ),
)
