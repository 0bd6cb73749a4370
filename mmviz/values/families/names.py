"""The names of activations and weights of one model, and their axes; no numbers, no torch."""

import difflib
import re
from collections.abc import Iterable

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import (
    FAMILIES,
    LAST,
    SEQUENTIAL,
    UNEMBEDDING,
    UNEMBEDDING_BIAS,
    UNEMBEDS,
    Axes,
    Names,
)

IN_LAYER = re.compile(r"blocks\.(0|[1-9][0-9]*)\.(.+)")

STRETCH = "rotary.stretch"
"""By how much rotary wavelengths are longer than theta says, a row of d_head; not stored, but said by config.json.

In a layer it is among the activations, as it may depend on the layer and on how many tokens there are."""


def activation_names(config: ModelConfig) -> tuple[str, ...]:
    """Every activation name of a model, in the order in which they are computed."""
    names = FAMILIES[config.family]
    first = [name for name in names.model_activations if name not in LAST]
    last = (name for name in LAST if config.unembeds or name not in UNEMBEDS)
    return *first, *_in_every_layer(config, layer_activations(config)), *last


def layer_activations(config: ModelConfig) -> dict[str, Axes]:
    """The axes of a layer's activations by their names after "blocks.{i}.", in the order in which they are computed."""
    there = FAMILIES[config.family].layer_activations
    return {name: axes for name, axes in there.items() if not (config.parallel and name in SEQUENTIAL)}


def weight_names(config: ModelConfig) -> tuple[str, ...]:
    """Every TransformerLens weight name of a model."""
    names = FAMILIES[config.family]
    there = [name for name, weight in names.layer_weights.items() if _is_there(names, weight.parameter, config)]
    of_model = (name for name in names.model_weights if config.unembeds or name not in UNEMBEDS)
    return *of_model, *_in_every_layer(config, there)


def parameters(config: ModelConfig) -> dict[str, Axes]:
    """Every parameter that a model's files hold, by the name that Hugging Face gives it, with its axes as stored."""
    names = FAMILIES[config.family]
    found = {f"{names.prefix}{name}": axes for name, axes in names.model_parameters.items()}
    for layer in range(config.layers):
        for name, axes in names.layer_parameters.items():
            if _is_there(names, name, config):
                found[in_layer(names, layer, name)] = axes
    if config.unembeds and not config.tied:
        found[names.unembedding] = ("vocabulary", "d_model")
    if config.unembeds and config.unembed_bias:
        found[UNEMBEDDING_BIAS] = ("vocabulary",)
    return found


def in_layer(names: Names, layer: int, parameter: str) -> str:
    """The full name of a layer's parameter."""
    return f"{names.prefix}{names.layer}{layer}.{parameter}"


def in_which_layer(name: str) -> tuple[int | None, str]:
    """The layer of a TransformerLens name, None where it has none, and what it is called in every layer."""
    match = IN_LAYER.fullmatch(name)
    return (int(match[1]), match[2]) if match else (None, name)


def stored_axes(names: Names, parameter: str) -> Axes:
    """The axes of a parameter, written with or without the family's prefix; none if it is not one of them."""
    if parameter in (UNEMBEDDING, names.unembedding):
        return ("vocabulary", "d_model")
    if parameter == UNEMBEDDING_BIAS:
        return ("vocabulary",)
    short = parameter.removeprefix(names.prefix)
    match = re.fullmatch(rf"{re.escape(names.layer)}(0|[1-9][0-9]*)\.(.+)", short)
    return names.layer_parameters.get(match[2], ()) if match else names.model_parameters.get(short, ())


def _is_there(names: Names, parameter: str, config: ModelConfig) -> bool:
    flag = names.optional.get(parameter)
    return flag is None or bool(getattr(config, flag))


def _in_every_layer(config: ModelConfig, names: Iterable[str]) -> Iterable[str]:
    return (f"blocks.{layer}.{name}" for layer in range(config.layers) for name in names)


def close_names(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: up to three close ones, or one as an example."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"close names: {', '.join(close)}"
    return f"{len(known)} names are known, such as {known[-1]}" if known else "no name is known"
