"""The names of activations and weights of one model, and their axes; no numbers, no torch."""

import difflib
import re
from collections.abc import Iterable, Mapping

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import UNEMBEDDING, UNEMBEDDING_BIAS, UNEMBEDS, Axes, Names
from mmviz.values.families.registry import names_of

LAST: Mapping[str, Axes] = {
    "ln_final.hook_normalized": ("tokens", "d_model"),
    "logits": ("tokens", "vocabulary"),
}
IN_LAYER = re.compile(r"blocks\.(0|[1-9][0-9]*)\.(.+)")

STRETCH = "rotary.stretch"
"""By how much rotary wavelengths are longer than theta says, a row of d_head; not stored, but said by config.json.

In a layer it is among the activations, as it may depend on the layer and on how many tokens there are."""


_PER_TOKEN: Axes = ("tokens", "d_model")
_QUERIES: Axes = ("tokens", "heads", "d_head")
_KEYS: Axes = ("tokens", "kv_heads", "d_head")
_SQUARE: Axes = ("heads", "tokens", "tokens")
_HIDDEN: Axes = ("tokens", "d_mlp")


def activation_names(config: ModelConfig) -> tuple[str, ...]:
    """Every activation name of a model, in the order in which they are computed."""
    of_model = [name for name in model_activations(config) if config.unembeds or name not in UNEMBEDS]
    first = [name for name in of_model if name not in LAST]
    last = [name for name in of_model if name in LAST]
    in_layers = (
        f"blocks.{layer}.{name}" for layer in range(config.layers) for name in layer_activations(config, layer)
    )
    return *first, *in_layers, *last


def model_activations(config: ModelConfig) -> dict[str, Axes]:
    """The axes of activations outside the layers, in the order in which they are computed."""
    found = {"hook_embed": _PER_TOKEN} | ({"hook_pos_embed": _PER_TOKEN} if config.learned_positions else {})
    return {**found, **LAST}


def layer_activations(config: ModelConfig, layer: int) -> dict[str, Axes]:
    """The axes of a layer's activations by their names after "blocks.{i}.", in the order in which they are computed."""
    found = {
        "hook_resid_pre": _PER_TOKEN,
        "ln1.hook_normalized": _PER_TOKEN,
        "attn.hook_q": _QUERIES,
        "attn.hook_k": _KEYS,
        "attn.hook_v": _KEYS,
        "attn.hook_rot_q": _QUERIES,
        "attn.hook_rot_k": _KEYS,
        "attn.hook_attn_scores": _SQUARE,
        "attn.hook_pattern": _SQUARE,
        "attn.hook_z": _QUERIES,
        "attn.hook_result": ("tokens", "heads", "d_model"),
        "hook_attn_out": _PER_TOKEN,
        "hook_resid_mid": _PER_TOKEN,
        "ln2.hook_normalized": _PER_TOKEN,
        "mlp.hook_pre": _HIDDEN,
        "mlp.hook_pre_linear": _HIDDEN,
        "mlp.hook_post": _HIDDEN,
        "hook_mlp_out": _PER_TOKEN,
        "hook_resid_post": _PER_TOKEN,
    }
    there = {
        "ln1.hook_normalized": config.norm_inputs,
        "attn.hook_rot_q": config.rope_of(layer) is not None,
        "attn.hook_rot_k": config.rope_of(layer) is not None,
        "hook_resid_mid": not config.parallel,  # there is no stream between attention and MLP that read the same
        "ln2.hook_normalized": config.norm_inputs,
        "mlp.hook_pre_linear": config.gated,
    }
    return {name: axes for name, axes in found.items() if there.get(name, True)}


def attention_input(config: ModelConfig) -> str:
    """The activation of a layer that its attention reads."""
    return "ln1.hook_normalized" if config.norm_inputs else "hook_resid_pre"


def mlp_input(config: ModelConfig) -> str:
    """The activation of a layer that its MLP reads."""
    if config.norm_inputs:
        return "ln2.hook_normalized"
    return "hook_resid_pre" if config.parallel else "hook_resid_mid"


def weight_names(config: ModelConfig) -> tuple[str, ...]:
    """Every TransformerLens weight name of a model."""
    names = names_of(config)
    of_model = (name for name in names.model_weights if config.unembeds or name not in UNEMBEDS)
    in_layers = (
        f"blocks.{layer}.{name}"
        for layer in range(config.layers)
        for name, weight in names.layer_weights.items()
        if _is_there(names, weight.parameter, config, layer)
    )
    return *of_model, *in_layers


def parameters(config: ModelConfig) -> dict[str, Axes]:
    """Every parameter that a model's files hold, by the name that Hugging Face gives it, with its axes as stored."""
    names = names_of(config)
    found = {f"{names.prefix}{name}": axes for name, axes in names.model_parameters.items()}
    for layer in range(config.layers):
        for name, axes in names.layer_parameters.items():
            if _is_there(names, name, config, layer):
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


def _is_there(names: Names, parameter: str, config: ModelConfig, layer: int) -> bool:
    """Whether a layer has a parameter: all have it, by a field that is true or false, or those that a field names."""
    field = names.optional.get(parameter)
    there = True if field is None else getattr(config, field)
    return layer in there if isinstance(there, frozenset) else bool(there)


def close_names(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: up to three close ones, or one as an example."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"close names: {', '.join(close)}"
    return f"{len(known)} names are known, such as {known[-1]}" if known else "no name is known"
