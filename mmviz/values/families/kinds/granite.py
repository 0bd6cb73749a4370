"""Granite and HyperCLOVA X: as Llama, with factors of the embedding, scores, what layers add, and logits."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.llama import LLAMA, NAMES
from mmviz.values.families.layouts import norm
from mmviz.values.families.sliding import none_slides

GRANITE: Mapping[str, Key] = {
    **LLAMA,
    "embedding_multiplier": Key("what the embedding is multiplied by", default=1.0),
    "attention_multiplier": Key("what query times key is multiplied by", default=1.0),
    "residual_multiplier": Key("what attention and MLP give is multiplied by, before it is added", default=1.0),
    "logits_scaling": Key("what logits are divided by", default=1.0),
}
HYPERCLOVAX: Mapping[str, Key] = {
    **GRANITE,
    "attention_multiplier": Key("what query times key is multiplied by; null: 1 / sqrt(d_head)"),
    "logits_scaling": Key("what logits are multiplied by", default=1.0),
    "use_post_norm": Key("what attention and MLP give is normalized", default=True),
}
HYPERCLOVAX_NAMES = replace(
    NAMES,
    layer_weights={
        **NAMES.layer_weights,
        **norm("ln1_post", "post_norm1", when="norm_outputs"),
        **norm("ln2_post", "post_norm2", when="norm_outputs"),
    },
)


def _granite(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(of_granite(keys, config), mlp_bias=keys.flag("mlp_bias"))


def of_granite(keys: Keys, config: ModelConfig) -> ModelConfig:
    """With the biases of its attention, and its factors."""
    biased = keys.flag("attention_bias")
    return replace(
        config,
        qkv_bias=biased,
        o_bias=biased,
        embed_factor=keys.positive("embedding_multiplier"),
        score_scale=keys.positive("attention_multiplier"),
        residual_factor=keys.positive("residual_multiplier"),
        logit_factor=1 / keys.positive("logits_scaling"),
    )


def _hyperclovax(keys: Keys, config: ModelConfig) -> ModelConfig:
    scaled = keys.given("attention_multiplier") is not None
    return replace(
        _granite(keys if scaled else keys.with_(attention_multiplier=config.d_head**-0.5), config),
        logit_factor=keys.positive("logits_scaling"),
        norm_outputs=keys.flag("use_post_norm", null=False),
    )


KINDS = (
    Kind(
        "granite",
        "Granite",
        Drawn(
            "Granite", "Granite 3.0 to 3.3, 2B and 8B", "as Llama, with factors at the residual stream", ("granite",)
        ),
        GRANITE,
        NAMES,
        sliding=none_slides,
        more=_granite,
    ),
    Kind(
        "hyperclovax",
        "HyperCLOVAX",
        Drawn("HyperCLOVA X", "HyperCLOVA X SEED Think 14B", "as Granite, with four norms a layer"),
        HYPERCLOVAX,
        HYPERCLOVAX_NAMES,
        sliding=none_slides,
        more=_hyperclovax,
    ),
)
