"""The names of activations and weights of one model, and their axes; no numbers, no torch."""

import difflib
import re
from collections.abc import Iterable, Mapping

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import OF_HEAD, UNEMBEDDING, UNEMBEDDING_BIAS, Axes, Names, Weight
from mmviz.values.families.registry import names_of

FIRST = ("hook_embed", "hook_token_type_embed", "hook_pos_embed", "hook_projected_embed", "hook_full_embed")
"""The activations before the layers."""
OF_EXPERT = re.compile(r"(mlp\.experts\.)(0|[1-9][0-9]*)(\..+)")
IN_LAYER = re.compile(r"(?:blocks|encoder|decoder)\.(0|[1-9][0-9]*)\.(.+)")
OF_ENCODER = "encoder."
"""Before the names that an encoder's activations outside its layers have for its decoder."""

STRETCH = "rotary.stretch"
"""By how much rotary wavelengths are longer than theta says, a row of d_head; not stored, but said by config.json.

In a layer it is among the activations, as it may depend on the layer and on how many tokens there are."""
ALIBI = "attn.hook_alibi"
"""What ALiBi adds to the scores of each head, the same for every query."""
RELATIVE = "attn.rel_pos_hook"
"""What is added to scores for how far apart two tokens are."""
SAID = (STRETCH, ALIBI)
"""Activations that config.json says, so that no layer has to be computed for them."""


_PER_TOKEN: Axes = ("tokens", "d_model")
_QUERIES: Axes = ("tokens", "heads", "d_head")
_KEYS: Axes = ("tokens", "kv_heads", "d_head")
_SQUARE: Axes = ("heads", "tokens", "tokens")
_ACROSS: Axes = ("heads", "tokens", "source_tokens")
_KEYS_ACROSS: Axes = ("source_tokens", "kv_heads", "d_head")
_HIDDEN: Axes = ("tokens", "d_mlp")
_SHARED: Axes = ("tokens", "d_shared")
_CHOICE: Axes = ("tokens", "experts")
EXPERT_ACTIVATIONS: Mapping[str, Axes] = {
    "hook_pre": ("tokens", "d_expert"),
    "hook_pre_linear": ("tokens", "d_expert"),
    "hook_post": ("tokens", "d_expert"),
    "hook_out": _PER_TOKEN,
    "hook_result": _PER_TOKEN,
}
"""Of one expert, after "mlp.experts.{e}.", in the order in which they are computed: of every token, as if all had
chosen it, but for the last, which is what it adds; where weights multiply what is read, all are of what they leave."""


def activation_names(config: ModelConfig) -> tuple[str, ...]:
    """Every activation name of a model, in the order in which they are computed."""
    of_model = [name for name in model_activations(config) if config.unembeds or not name.startswith(OF_HEAD)]
    first = [name for name in of_model if name in FIRST]
    last = [name for name in of_model if name not in FIRST]
    in_layers = (
        f"{config.blocks}.{layer}.{name}" for layer in range(config.layers) for name in layer_activations(config, layer)
    )
    return *first, *in_layers, *last


def names_of_source(config: ModelConfig) -> tuple[str, ...]:
    """Every activation name of the stack that a decoder's layers look at, too, as the decoder's model calls it."""
    return () if config.source is None else tuple(map(seen_from_decoder, activation_names(config.source)))


def seen_from_decoder(name: str) -> str:
    """What a decoder's model calls an activation of its encoder: as it is, or with its stack where both have one."""
    return name if name.startswith(("encoder.", "encoder_")) else f"{OF_ENCODER}{name}"


def seen_from_encoder(name: str) -> str | None:
    """What an encoder calls an activation by the name that its decoder's model has for it; None: it is none of it."""
    if name.startswith("encoder_") or (IN_LAYER.fullmatch(name) and name.startswith(OF_ENCODER)):
        return name
    return name.removeprefix(OF_ENCODER) if name.startswith(OF_ENCODER) else None


def output_of(config: ModelConfig) -> str:
    """The activation that a stack ends with, but for logits."""
    if config.final_norm:
        return f"{config.last_norm}.hook_normalized"
    return f"{config.blocks}.{config.layers - 1}.hook_{'normalized_' if config.norm_sums else ''}resid_post"


def model_activations(config: ModelConfig) -> dict[str, Axes]:
    """The axes of activations outside the layers, in the order in which they are computed."""
    there = {
        "hook_projected_embed": config.d_embed,
        "hook_token_type_embed": config.token_types,
        "hook_pos_embed": config.learned_positions or config.sinusoids,
        "hook_full_embed": config.embed_norm,
        f"{config.last_norm}.hook_normalized": config.final_norm,
        "hook_projected_resid": config.d_embed,
        "mlm_head.ln.hook_normalized": config.head_activation,
    }
    last = f"{config.last_norm}.hook_normalized"
    names = (*FIRST, last, "hook_projected_resid", "mlm_head.ln.hook_normalized")
    found = {name: _PER_TOKEN for name in names if there.get(name, True)} | {"logits": ("tokens", "vocabulary")}
    narrow = dict.fromkeys(("hook_embed", "hook_projected_resid"), ("tokens", "d_embed"))
    return found | (narrow if config.d_embed else {})


def layer_activations(config: ModelConfig, layer: int) -> dict[str, Axes]:
    """The axes of a layer's activations by their names after "blocks.{i}.", in the order in which they are computed."""
    norm = {"ln1.hook_normalized": _PER_TOKEN}
    found = {
        "hook_resid_pre": _PER_TOKEN,
        **({} if config.norm_sums else norm),
        "attn.hook_q": _QUERIES,
        "attn.hook_k": _KEYS,
        "attn.hook_v": _KEYS,
        "attn.q_norm.hook_scale": ("tokens", ""),
        "attn.k_norm.hook_scale": ("tokens", ""),
        "attn.hook_rot_q": _QUERIES,
        "attn.hook_rot_k": _KEYS,
        ALIBI: _SQUARE,
        RELATIVE: _SQUARE,
        "attn.hook_attn_scores": _SQUARE,
        "attn.hook_pattern": _SQUARE,
        "attn.hook_sink": ("heads", "tokens", ""),
        "attn.hook_z": _QUERIES,
        "attn.hook_result": ("tokens", "heads", "d_model"),
        "hook_attn_out": _PER_TOKEN,
        "hook_resid_mid": _PER_TOKEN,
        **(norm if config.norm_sums else {}),
        **(_across(config) if config.crosses else {}),
        f"{config.mlp_norm}.hook_normalized": _PER_TOKEN,
        "mlp.hook_router_scores": _CHOICE,
        "mlp.hook_expert_weights": _CHOICE,
        "mlp.hook_expert_indices": ("tokens", "chosen"),
        "mlp.shared.hook_pre": _SHARED,
        "mlp.shared.hook_pre_linear": _SHARED,
        "mlp.shared.hook_post": _SHARED,
        "mlp.shared.hook_out": _PER_TOKEN,
        "mlp.shared.hook_gate": ("tokens", ""),
        "mlp.hook_pre": _HIDDEN,
        "mlp.hook_pre_linear": _HIDDEN,
        "mlp.hook_post": _HIDDEN,
        "hook_mlp_out": _PER_TOKEN,
        "hook_resid_post": _PER_TOKEN,
        "hook_normalized_resid_post": _PER_TOKEN,
    }
    there = _there(config, layer, found)
    return {name: axes for name, axes in found.items() if there.get(name, True)}


def _across(config: ModelConfig) -> dict[str, Axes]:
    """Of a layer's attention to what another stack gives."""
    norm = {"ln2.hook_normalized": _PER_TOKEN}
    return {
        **(norm if config.norm_inputs else {}),
        "cross_attn.hook_q": _QUERIES,
        "cross_attn.hook_k": _KEYS_ACROSS,
        "cross_attn.hook_v": _KEYS_ACROSS,
        "cross_attn.hook_attn_scores": _ACROSS,
        "cross_attn.hook_pattern": _ACROSS,
        "cross_attn.hook_z": _QUERIES,
        "cross_attn.hook_result": ("tokens", "heads", "d_model"),
        "hook_cross_attn_out": _PER_TOKEN,
        "hook_resid_mid_cross": _PER_TOKEN,
        **(norm if config.norm_sums else {}),
    }


def _there(config: ModelConfig, layer: int, of_layers: Mapping[str, Axes]) -> dict[str, bool]:
    """Which activations a layer has, of those that not every layer has."""
    return {
        "ln1.hook_normalized": config.is_normed(layer) or config.norm_sums,
        "attn.q_norm.hook_scale": config.qk_norm == "whole",
        "attn.k_norm.hook_scale": config.qk_norm == "whole",
        "attn.hook_rot_q": config.rope_of(layer) is not None,
        "attn.hook_rot_k": config.rope_of(layer) is not None,
        ALIBI: config.alibi is not None,
        "attn.hook_sink": config.sinks,
        RELATIVE: config.distances > 0,
        "hook_resid_mid": not config.parallel,  # there is no stream between attention and MLP that read the same
        f"{config.mlp_norm}.hook_normalized": config.norm_inputs,
        **dict.fromkeys(("mlp.hook_pre", "mlp.hook_post"), layer in config.dense),
        "mlp.hook_pre_linear": config.gated and layer in config.dense,
        **{name: layer in config.sparse for name, axes in of_layers.items() if axes_of_experts(axes)},
        **{name: layer in config.with_shared for name in of_layers if name.startswith("mlp.shared.")},
        "mlp.shared.hook_gate": layer in config.with_shared_gate,
        "hook_normalized_resid_post": config.norm_sums,
    }


def axes_of_experts(axes: Axes) -> bool:
    """Whether an activation is about which experts are chosen."""
    return "experts" in axes or "chosen" in axes


def expert_activation(config: ModelConfig, layer: int, short: str) -> Axes | None:
    """The axes of an activation of one expert, by its name after "blocks.{i}."; None if there is none of that name.

    They are not among those of a layer: a model computes them only of the tokens that choose the expert, and here they
    are of all.
    """
    match = OF_EXPERT.fullmatch(short)
    if match is None or layer not in config.sparse:
        return None
    return EXPERT_ACTIVATIONS.get(match[3][1:]) if int(match[2]) < config.experts.count else None


def in_which_expert(short: str) -> tuple[int | None, str]:
    """The expert of a name after "blocks.{i}.", None where it has none, and what it is called of every expert."""
    match = OF_EXPERT.fullmatch(short)
    return (int(match[2]), f"{match[1]}{{}}{match[3]}") if match else (None, short)


def score_bias(config: ModelConfig) -> str:
    """The activation of a layer that is added to its scores; "" where there is none."""
    return ALIBI if config.alibi is not None else RELATIVE if config.distances else ""


def attention_input(config: ModelConfig, layer: int) -> str:
    """The activation of a layer that its attention reads."""
    return "ln1.hook_normalized" if config.is_normed(layer) else "hook_resid_pre"


def crossing_input(config: ModelConfig) -> str:
    """The activation of a layer that the queries of its attention across are made of."""
    return "ln1.hook_normalized" if config.norm_sums else "ln2.hook_normalized"


def mlp_input(config: ModelConfig) -> str:
    """The activation of a layer that its MLP reads."""
    if config.norm_sums:
        return "ln2.hook_normalized" if config.crosses else "ln1.hook_normalized"
    if config.norm_inputs:
        return f"{config.mlp_norm}.hook_normalized"
    return "hook_resid_pre" if config.parallel else "hook_resid_mid"


def weight_names(config: ModelConfig) -> tuple[str, ...]:
    """Every TransformerLens weight name of a model."""
    names = names_of(config)
    of_model = (
        name
        for name, weight in names.model_weights.items()
        if (config.unembeds or not name.startswith(OF_HEAD)) and _is_there(weight, config)
    )
    in_layers = (
        f"{config.blocks}.{layer}.{each}"
        for layer in range(config.layers)
        for name, weight in names.layer_weights.items()
        if _is_there(weight, config, layer)
        for each in of_each_expert(name, config)
    )
    return *of_model, *in_layers


def parameters(config: ModelConfig, names: Names | None = None) -> dict[str, Axes]:
    """Every parameter that a model's files hold, by the name that Hugging Face gives it, with its axes as stored.

    Args:
        config: The model.
        names: As its files have them; None: as files usually do.
    """
    names = names or names_of(config)
    found = {
        name if weight.bare else f"{names.prefix}{name}": weight.axes
        for name, weight in names.model_parameters.items()
        if (config.unembeds or not weight.bare) and _is_there(weight, config)
    }
    for layer in range(config.layers):
        for weight in names.layer_weights.values():
            if _is_there(weight, config, layer):
                found |= {in_layer(names, layer, each): weight.axes for each in _numbered(weight, config)}
    if config.unembeds and not config.tied:
        found[names.unembedding] = names.unembedding_axes
    if config.unembeds and config.unembed_bias:
        found[names.unembedding_biases[-1 if config.tied else 0]] = names.unembedding_bias_axes
    return found


def parameters_of_both(config: ModelConfig) -> dict[str, Axes]:
    """The same of a stack and of the one that its layers look at, too."""
    return (parameters(config.source) if config.source is not None else {}) | parameters(config)


def _numbered(weight: Weight, config: ModelConfig) -> Iterable[str]:
    """The parameters of a layer's weight: one, or that of each head or expert."""
    if weight.apart:
        return (weight.parameter.format(head) for head in range(config.sizes()[weight.apart]))
    return of_each_expert(weight.parameter, config)


def of_each_expert(name: str, config: ModelConfig) -> Iterable[str]:
    """A name of a layer; where it is one of experts, that of each."""
    return (name.format(each) for each in range(config.experts.count)) if "{}" in name else (name,)


def in_layer(names: Names, layer: int, parameter: str) -> str:
    """The full name of a layer's parameter."""
    return f"{names.prefix}{names.layer}{layer}.{parameter}"


def in_files(names: Names, parameter: str) -> str:
    """What files usually call a parameter of a layer that has another name in memory; what it is called where none has.

    Args:
        names: Of the family.
        parameter: Its full name in transformers' model, no stack.
    """
    layer, _, short = parameter.removeprefix(f"{names.prefix}{names.layer}").partition(".")
    others = (each for each, weight in names.stacks.items() if weight.parameter == short and not weight.stacked)
    name = next(others, "")
    return in_layer(names, int(layer), names.layer_weights[name].parameter) if name and layer.isdecimal() else parameter


def is_router(names: Names, parameter: str) -> bool:
    """Whether a parameter, by its full name in files, is what chooses experts."""
    _, _, short = parameter.removeprefix(f"{names.prefix}{names.layer}").partition(".")
    routers = (weights["mlp.W_router"] for weights in (names.layer_weights, names.stacks) if "mlp.W_router" in weights)
    return short in {each.parameter for each in routers}


def in_which_layer(name: str) -> tuple[int | None, str]:
    """The layer of a TransformerLens name, None where it has none, and what it is called in every layer."""
    match = IN_LAYER.fullmatch(name)
    return (int(match[1]), match[2]) if match else (None, name)


def in_layer_of(config: ModelConfig, name: str) -> tuple[int | None, str]:
    """The same of a name that is the model's own: what is of a layer of another stack is of none here."""
    return in_which_layer(name) if name.startswith(f"{config.blocks}.") else (None, name)


def stored_axes(names: Names, parameter: str) -> Axes:
    """The axes of a parameter, written with or without the family's prefix; none if it is not one of them."""
    if parameter in (UNEMBEDDING, names.unembedding, *names.other_embeddings):
        return names.unembedding_axes
    if parameter in (UNEMBEDDING_BIAS, *names.unembedding_biases):
        return names.unembedding_bias_axes
    short = parameter.removeprefix(names.prefix)
    match = re.fullmatch(rf"{re.escape(names.layer)}(0|[1-9][0-9]*)\.(.+)", short)
    if match is None:
        return names.model_parameters[short].axes if short in names.model_parameters else ()
    of_many = re.sub(r"\.(?:0|[1-9][0-9]*)\.", ".{}.", match[2])  # of each expert, or of each head
    return names.layer_parameters.get(match[2]) or names.layer_parameters.get(of_many, ())


def _is_there(weight: Weight, config: ModelConfig, layer: int = 0) -> bool:
    """Whether a model or layer has a weight: all do, by a field that is true or false, or the layers that it names."""
    there = getattr(config, weight.when) if weight.when else True
    return layer in there if isinstance(there, frozenset) else bool(there)


def close_names(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: up to three close ones, or one as an example."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"close names: {', '.join(close)}"
    return f"{len(known)} names are known, such as {known[-1]}" if known else "no name is known"
