"""Granite: as Llama, with factors of the embedding, of scores, of what is added to the residual stream, of logits."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.llama import LLAMA, NAMES
from mmviz.values.families.sliding import none_slides

GRANITE: Mapping[str, Key] = {
    **LLAMA,
    "embedding_multiplier": Key("what the embedding is multiplied by", default=1.0),
    "attention_multiplier": Key("what query times key is multiplied by", default=1.0),
    "residual_multiplier": Key("what attention and MLP give is multiplied by, before it is added", default=1.0),
    "logits_scaling": Key("what logits are divided by", default=1.0),
}


def _granite(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias")
    return replace(
        config,
        qkv_bias=biased,
        o_bias=biased,
        mlp_bias=keys.flag("mlp_bias"),
        embed_factor=keys.positive("embedding_multiplier"),
        score_scale=keys.positive("attention_multiplier"),
        residual_factor=keys.positive("residual_multiplier"),
        logit_factor=1 / keys.positive("logits_scaling"),
    )


KINDS = (
    Kind(
        "granite",
        "Granite",
        Drawn("Granite", "Granite 3.0 to 3.3, 2B and 8B", "as Llama, with factors at the residual stream"),
        GRANITE,
        NAMES,
        sliding=none_slides,
        more=_granite,
    ),
)
