"""Every kind of model that is drawn, by its model_type; reads no file."""

from collections.abc import Mapping
from types import ModuleType

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.kind import Kind
from mmviz.values.families.kinds import (
    apertus,
    bart,
    bert,
    bloom,
    cohere,
    cwm,
    distilbert,
    ernie_moe,
    exaone4,
    experts,
    falcon,
    gemma,
    glm,
    glm4_moe,
    gpt2,
    gpt_bigcode,
    gpt_neo,
    gpt_neox,
    gpt_oss,
    gptj,
    granite,
    granite_moe,
    helium,
    hunyuan,
    llama,
    llama4,
    minimax,
    ministral,
    modernbert,
    mpt,
    nemotron,
    olmo,
    olmoe,
    opt,
    persimmon,
    phi,
    phi3,
    qwen2_moe,
    seed_oss,
    smollm3,
    stablelm,
    starcoder2,
    t5,
)
from mmviz.values.families.layouts import Names

MODULES: tuple[ModuleType, ...] = (
    gpt2,
    llama,
    experts,
    qwen2_moe,
    gpt_oss,
    olmoe,
    granite_moe,
    glm4_moe,
    minimax,
    ernie_moe,
    llama4,
    gemma,
    gpt_neox,
    gptj,
    phi,
    gpt_neo,
    smollm3,
    seed_oss,
    phi3,
    granite,
    falcon,
    cohere,
    bert,
    distilbert,
    glm,
    starcoder2,
    stablelm,
    olmo,
    nemotron,
    persimmon,
    mpt,
    modernbert,
    bloom,
    helium,
    cwm,
    hunyuan,
    exaone4,
    apertus,
    ministral,
    gpt_bigcode,
    opt,
    t5,
    bart,
)
"""In the order in which their families are listed."""
KINDS: Mapping[str, Kind] = {kind.model_type: kind for module in MODULES for kind in module.KINDS}


def kind_of(config: ModelConfig) -> Kind:
    """What is known of the models of a configuration's kind: of its stack, where they have two."""
    kind = KINDS[config.kind]
    return kind.decoder if config.stack == "decoder" and kind.decoder is not None else kind


def names_of(config: ModelConfig) -> Names:
    """What the parts of a model are called: as its family calls them, or those of its kind within the family."""
    kind = kind_of(config)
    return kind.other_layouts[config.layout] if config.layout else kind.names
