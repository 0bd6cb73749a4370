"""Where the modules of transformers' models show our activations, by the names of their weights; runs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import OF_HEAD, Names, Weights
from mmviz.values.families.names import FIRST, model_activations

Side = Literal["input", "output"]


OUTSIDE: Mapping[str, str] = {
    "hook_embed": "embed.W_E",
    "hook_projected_embed": "embed.W_proj",
    "hook_token_type_embed": "token_type_embed.W_token_type",
    "hook_pos_embed": "pos_embed.W_pos",
    "hook_full_embed": "embed.ln.w",
    **{f"{name}.hook_normalized": f"{name}.w" for name in ("ln_final", "encoder_final_ln", "decoder_final_ln")},
    "hook_projected_resid": "final.W_proj",
    "mlm_head.ln.hook_normalized": "mlm_head.ln.w",
}
"""Activations outside the layers, and a weight of the module whose output each is."""


@dataclass(frozen=True, slots=True)
class Taps:
    """Where one model shows its activations: name -> module, and which side of it."""

    layers: str  # the list of layers
    before: Mapping[str, str]  # outputs before the layers
    layer: Mapping[str, tuple[str, Side]]  # after "blocks.{i}."; "" is the layer itself
    after: Mapping[str, str]  # outputs after the layers, but for the logits, which the model gives back
    attention: str  # the part of a layer
    projection: str  # the part of it that makes hook_attn_out of all heads side by side
    across: str = ""  # the part of a layer that attends to another stack
    embed_factor: float = 1.0  # what the output of the module of the embedding is multiplied by
    embedded: str = ""  # what reads the embedding with its factor, where the module of the embedding has none
    joined: str = ""  # the part of it whose output is queries, keys and values side by side
    blocks: int = 1  # ... of so many parts of all heads by themselves
    order: tuple[str, ...] = ("Q", "K", "V")  # ... in which they stand in each
    gate_and_up: str = ""  # the part of a layer whose output is the gates and what they let through, side by side
    dense: Mapping[str, tuple[str, Side]] = field(default_factory=dict)  # as `layer`, of layers with one MLP
    sparse: Mapping[str, tuple[str, Side]] = field(default_factory=dict)  # as `layer`, of layers with experts
    sinks: str = ""  # the parameter of the attention that has a score for each head
    experts: str = ""  # the part of a layer that has all of them
    router: str = ""  # the part of a layer with experts that chooses them: scores, weights and numbers of the chosen
    shared_gate_and_up: str = ""  # as `gate_and_up`, of the expert that all tokens share
    beside: bool = False  # what that gives is not in what the part gives that has all experts

    def of_layer(self, *, sparse: bool) -> Mapping[str, tuple[str, Side]]:
        """Where a layer with or without experts shows its activations, but for the router's."""
        return {**self.layer, **(self.sparse if sparse else self.dense)}


def taps_of(config: ModelConfig, names: Names) -> Taps:
    """Where a model shows its activations: modules are called as their weights are in the files."""
    weights = names.stacked.layer_weights
    layers = (names.prefix + names.layer).removesuffix(".")
    elsewhere = config.learned_positions or names.other_embeddings  # where positions are added, its module does it
    embedded = "" if elsewhere or config.embed_factor == 1 else f"{layers}.0.{_module(weights, 'ln1.w')}"
    shown = _outside(config, names)
    if embedded and not names.other_embeddings:
        del shown["hook_embed"]
    attention = _common(_module(weights, "attn.W_Q"), _module(weights, "attn.W_O"))
    joined = weights["attn.W_Q"] if _is_one(weights, "attn.W_Q", "attn.W_K") else None
    experts = _module(weights, "mlp.experts.{}.W_out")
    within = experts.rpartition(".")[0]  # the part of a layer that has router and experts
    of_router = _module(weights, "mlp.W_router").removeprefix(f"{within}.").partition(".")[0]
    shared = _module(weights, "mlp.shared.W_out") if config.with_shared else ""
    return Taps(
        layers=layers,
        before={name: module for name, module in shown.items() if name in FIRST},
        layer=_of_layer(config, weights, joined=joined is not None),
        after={name: module for name, module in shown.items() if name not in FIRST},
        attention=attention,
        projection=_module(weights, "attn.W_O").removeprefix(f"{attention}."),
        across=_common(*(_module(weights, f"cross_attn.W_{kind}") for kind in "QO")),
        embed_factor=config.embed_factor if names.other_embeddings and not names.scales_embedding else 1.0,
        embedded=embedded,
        joined=_module(weights, "attn.W_Q").removeprefix(f"{attention}.") if joined else "",
        blocks=joined.blocks or config.kv_heads if joined is not None and joined.by_head else 1,
        order=_order(weights),
        gate_and_up=_module(weights, "mlp.W_gate") if _is_one(weights, "mlp.W_gate", "mlp.W_in") else "",
        dense=_of_mlp(config, weights) if config.dense else {},
        sparse=_of_sparse(config, weights, within) if config.sparse else {},
        sinks=weights["attn.sinks"].parameter.removeprefix(f"{attention}.") if config.sinks else "",
        experts=experts if config.sparse else "",
        router=f"{within}.{of_router}" if config.sparse else "",
        shared_gate_and_up=_module(weights, "mlp.shared.W_gate")
        if shared and _is_one(weights, "mlp.shared.W_gate", "mlp.shared.W_in")
        else "",
        beside=bool(shared) and not shared.startswith(f"{within}."),
    )


def _order(weights: Weights) -> tuple[str, ...]:
    """In which order queries, keys and values stand in a parameter of all of them."""
    return tuple(sorted("QKV", key=lambda kind: len(weights[f"attn.W_{kind}"].after)))


def _outside(config: ModelConfig, names: Names) -> dict[str, str]:
    """The modules whose outputs are activations outside the layers, but for the logits."""
    there = (name for name in model_activations(config) if config.unembeds or not name.startswith(OF_HEAD))
    shown = {name: _module(names.model_weights, OUTSIDE[name], names.prefix) for name in there if name in OUTSIDE}
    if names.other_embeddings:
        shown["hook_embed"] = names.other_embeddings[0].rpartition(".")[0]  # what is tied to it is what is called
    return shown


def _of_sparse(config: ModelConfig, weights: Weights, within: str) -> dict[str, tuple[str, Side]]:
    """In a layer with experts."""
    found: dict[str, tuple[str, Side]] = {
        "hook_mlp_out": (_module(weights, "ln2_post.w") if config.norm_outputs else within, "output")
    }
    if config.norm_outputs and not config.norm_inputs:
        found["hook_resid_mid"] = (within, "input")
    if not config.with_shared:
        return found
    gate, into, out = (_module(weights, f"mlp.shared.W_{kind}") for kind in ("gate", "in", "out"))
    found |= {"mlp.shared.hook_post": (out, "input"), "mlp.shared.hook_out": (out, "output")}
    if gate != into:
        found |= {"mlp.shared.hook_pre": (gate, "output"), "mlp.shared.hook_pre_linear": (into, "output")}
    if config.with_shared_gate:
        found["mlp.shared.hook_gate"] = (_module(weights, "mlp.shared.W_share"), "output")
    return found


def _of_mlp(config: ModelConfig, weights: Weights) -> dict[str, tuple[str, Side]]:
    down, into, gate = (_module(weights, f"mlp.W_{kind}") for kind in ("out", "in", "gate"))
    found: dict[str, tuple[str, Side]] = {
        "mlp.hook_post": (down, "input"),
        "hook_mlp_out": (_module(weights, "ln2_post.w") if config.norm_outputs else down, "output"),
    }
    if config.norm_outputs and not config.norm_inputs:
        found["hook_resid_mid"] = (gate if config.gated else into, "input")
    if _is_one(weights, "mlp.W_gate", "mlp.W_in"):
        return found
    found["mlp.hook_pre"] = (gate if config.gated else into, "output")
    return found | ({"mlp.hook_pre_linear": (into, "output")} if config.gated else {})


def _of_layer(config: ModelConfig, weights: Weights, *, joined: bool) -> dict[str, tuple[str, Side]]:
    out = _module(weights, "attn.W_O")
    found: dict[str, tuple[str, Side]] = {
        "hook_resid_pre": ("", "input"),
        "attn.hook_z": (out, "input"),
        "hook_attn_out": (_module(weights, "ln1_post.w") if config.norm_outputs else out, "output"),
        "hook_resid_post": ("", "output"),
    }
    if config.qk_norm == "whole":
        for kind in "qk":
            found[f"attn.{kind}_norm.hook_scale"] = (_module(weights, f"attn.{kind}_norm.w"), "input")
    if config.norm_inputs:
        first, second = (_module(weights, f"ln{number}.w") for number in (1, 2))
        found |= {"ln1.hook_normalized": (first, "output"), "ln2.hook_normalized": (second, "output")}
        found["hook_resid_pre"] = (first, "input")
        found |= {} if config.parallel else {"hook_resid_mid": (second, "input")}
    last = _module(weights, f"{config.mlp_norm}.w")
    if config.norm_sums:
        first = _module(weights, "ln1.w")
        found |= {"hook_resid_mid": (first, "input"), "ln1.hook_normalized": (first, "output")}
        found |= {"hook_resid_post": (last, "input"), "hook_normalized_resid_post": (last, "output")}
    if config.crosses:
        found |= _across(config, weights, last)
    if not joined:
        found |= {f"attn.hook_{kind.lower()}": (_module(weights, f"attn.W_{kind}"), "output") for kind in "QKV"}
    return found


def _across(config: ModelConfig, weights: Weights, last: str) -> dict[str, tuple[str, Side]]:
    """What a layer's attention to another stack reads and gives; last: the norm of the MLP."""
    own, out = _module(weights, "ln2.w"), _module(weights, "cross_attn.W_O")
    found: dict[str, tuple[str, Side]] = {
        "cross_attn.hook_z": (out, "input"),
        "hook_cross_attn_out": (out, "output"),
        "ln2.hook_normalized": (own, "output"),
        "hook_resid_mid_cross": (own if config.norm_sums else last, "input"),
        **({} if config.norm_sums else {"ln3.hook_normalized": (last, "output")}),
    }
    of_heads = {f"cross_attn.hook_{kind.lower()}": _module(weights, f"cross_attn.W_{kind}") for kind in "QKV"}
    return found | {name: (module, "output") for name, module in of_heads.items()}


def _is_one(weights: Weights, first: str, second: str) -> bool:
    """Whether two weights are parts of one parameter."""
    return first in weights and weights[first].parameter == weights[second].parameter


def _module(weights: Weights, name: str, prefix: str = "") -> str:
    """The module that a weight is of, after the prefix if it has one; "" where there is none."""
    if name not in weights:
        return ""
    return ("" if weights[name].bare else prefix) + weights[name].parameter.rpartition(".")[0]


def _common(one: str, other: str) -> str:
    """The innermost module that two modules are parts of."""
    parts = zip(one.split("."), other.split("."), strict=False)
    return ".".join(part for part, _ in takewhile(lambda pair: pair[0] == pair[1], parts))
