"""What the keys of GGUF files with experts mean in config.json, and whether the experts are there; reads no weights.

Source: llama.cpp's converter and its graphs of these models. What becomes of the router's scores few keys say: the
shares of the chosen experts add up to 1, but in OLMoE and Qwen2-MoE. Rows of queries and keys that rotate together lie
side by side in files of Mixtral and Granite MoE, not in those of the others.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmviz.values.files.gguf_architectures import (
    EXPERT_WIDTH,
    EXPERTS,
    EXPERTS_USED,
    GATING,
    GROUPS,
    GROUPS_USED,
    SHARED_WIDTH,
    SHARES_NORMALIZED,
    SHARES_SCALE,
    WINDOW,
)
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_families import Rope, has_biases
from mmviz.values.files.gguf_gemma import check_one_base, layer_types
from mmviz.values.files.gguf_header import Header
from mmviz.values.files.gguf_llamas import granite
from mmviz.values.files.gguf_shared_experts import OF_SHARED_EXPERTS, layers_of, sparse_layers

TOGETHER = re.compile(r"blk\.(0|[1-9][0-9]*)\.ffn_(?:gate|up|down)_exps\.(?:weight|bias)")
APART = re.compile(r"blk\.(0|[1-9][0-9]*)\.ffn_(gate|up|down)\.(0|[1-9][0-9]*)\.weight")
"""Tensors of experts: one of all, or, in old files of Mixtral, one of each."""
MLP_WIDTH = "feed_forward_length"
SOFTMAX, SIGMOID = 1, 2
"""As what the router's scores are taken, as the gguf package numbers it."""


@dataclass(frozen=True, slots=True)
class Router:
    """What holds of the router in all models of an architecture, or is said by a key."""

    gating: tuple[int | None, ...] = (None, SOFTMAX)  # what may be said of its scores
    normalized: bool | None = True  # the shares of the chosen experts add up to 1; None: a key says it
    scaled: bool = False  # a key says what they are multiplied by


BY_KEYS = Router((SIGMOID,), None, scaled=True)
ROUTERS: Mapping[str, Router] = {
    **dict.fromkeys(("llama", "qwen3moe", "granitemoe", "gpt-oss", "ernie4_5-moe", "hunyuan-moe"), Router()),
    **dict.fromkeys(("olmoe", "qwen2moe"), Router(normalized=False)),
    **dict.fromkeys(("glm4moe", "dots1"), BY_KEYS),
    "minimax-m2": Router((SIGMOID,)),
    "llama4": Router((None, SIGMOID), normalized=False),
}
"""By the general.architecture of files that may have experts."""
DENSE = ("llama",)
"""Those that may be without."""
AS_WIDE = ("llama", "granitemoe", "gpt-oss", "olmoe", "hunyuan-moe", "minimax-m2")
"""Those whose experts are as wide as the MLP is said to be."""


def with_experts(facts: Facts) -> bool:
    """Whether a file's layers have experts."""
    return bool(facts.get(EXPERTS)) or (facts.architecture in ROUTERS and facts.architecture not in DENSE)


def experts(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """What config.json says of a model with experts, beside what it says of any Llama.

    Args:
        facts: The metadata.
        header: The file's header.
        rope: How rotary positions are scaled.

    Raises:
        SourceError: the architecture is read without experts only, a key is broken, or the tensors do not fit it.
    """
    if facts.architecture not in OF:
        raise facts.error(
            EXPERTS,
            f"is {str(facts.get(EXPERTS))[:80]}; experts of this architecture are not read; the model's safetensors "
            "are needed.",
        )
    count, used = facts.whole(EXPERTS), facts.whole(EXPERTS_USED)
    if used > count:
        raise facts.error(EXPERTS_USED, f"is {used}; at most {EXPERTS}, which is {count}, is needed.")
    _check_router(facts)
    _check_width(facts)
    _check_tensors(facts, header, count, sparse_layers(facts))
    own = OF[facts.architecture](facts, header, rope)
    said = {} if set(own) & {"moe_k", "moe_topk"} else {"num_experts_per_tok": used}
    return {"num_hidden_layers": layers_of(facts), "hidden_act": "silu", **said, **own}


def _check_router(facts: Facts) -> None:
    """Nothing says otherwise what is the same in all models of the architecture."""
    router = ROUTERS[facts.architecture]
    allowed: dict[str, tuple[object, ...]] = {GATING: router.gating}
    if router.normalized is not None:
        allowed[SHARES_NORMALIZED] = (None, router.normalized)
    if not router.scaled:
        allowed[SHARES_SCALE] = (None, 0, 1)
    for key, values in {**allowed, **dict.fromkeys((GROUPS, GROUPS_USED), (None, 0, 1))}.items():
        if facts.get(key) not in values:
            said = facts.get(key)
            found = "is missing" if said is None else f"is {str(said)[:80]}"
            raise facts.error(key, f"{found}; {values[-1]}{', or none,' if None in values else ''} is needed.")


def _check_width(facts: Facts) -> None:
    """Where all layers have experts, these are as wide as the MLP is said to be."""
    width = facts.whole(EXPERT_WIDTH, missing=facts.whole(MLP_WIDTH)) if facts.get(MLP_WIDTH) else None
    if width not in (None, facts.get(MLP_WIDTH)) and facts.architecture in AS_WIDE:
        raise facts.error(EXPERT_WIDTH, f"is {width}; the same as {MLP_WIDTH}, {facts.get(MLP_WIDTH)}, is needed.")


def _check_tensors(facts: Facts, header: Header, count: int, layers: Sequence[int]) -> None:
    """These layers have a router and experts, and these are as many as is said."""
    found: set[int] = set()  # layers that have experts
    for name, tensor in header.tensors.items():
        match = TOGETHER.fullmatch(name) or APART.fullmatch(name)
        if match is None:
            continue
        found.add(int(match[1]))
        if match.re is TOGETHER and tensor.shape[0] != count:
            raise facts.error(EXPERTS, f"is {count}, but {name} holds {tensor.shape[0]} experts.")
    for layer in layers:
        if layer not in found:
            raise facts.error(EXPERTS, f"is {count}, but layer {layer} has no experts, as blk.{layer}.ffn_gate_exps.")
        if (router := f"blk.{layer}.ffn_gate_inp.weight") not in header.tensors:
            raise facts.error(EXPERTS, f"is {count}, but layer {layer} has no router, {router}.")


def _mixtral(facts: Facts, _: Header, rope: Rope) -> dict[str, Any]:
    return {
        "model_type": "mixtral",
        "rope_parameters": rope,
        "num_local_experts": facts.whole(EXPERTS),
        "sliding_window": None,
    }


def _qwen3_moe(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {
        "rope_parameters": rope,
        "attention_bias": has_biases(header, "attn"),
        "num_experts": facts.whole(EXPERTS),
        "moe_intermediate_size": facts.whole(EXPERT_WIDTH),
        "norm_topk_prob": True,
    }


def _olmoe(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {
        "rope_parameters": rope,
        "attention_bias": has_biases(header, "attn"),
        "num_experts": facts.whole(EXPERTS),
        "norm_topk_prob": False,
    }


def _granite_moe(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    config = {**granite(facts, header, rope), "num_local_experts": facts.whole(EXPERTS)}
    if not facts.get(SHARED_WIDTH):
        return config
    return {**config, "model_type": "granitemoeshared", "shared_intermediate_size": facts.whole(SHARED_WIDTH)}


def _gpt_oss(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """That of yarn the bounds are no whole pairs no key says, and holds of all gpt-oss; llama.cpp rounds them."""
    check_one_base(facts, rope["rope_theta"])
    return {
        "rope_parameters": {**rope, "truncate": False} if rope["rope_type"] == "yarn" else rope,
        "attention_bias": has_biases(header, "attn"),
        "num_local_experts": facts.whole(EXPERTS),
        "sliding_window": facts.whole(WINDOW),
        "layer_types": layer_types(facts),
    }


OF: Mapping[str, Callable[[Facts, Header, Rope], dict[str, Any]]] = {
    "llama": _mixtral,
    "qwen3moe": _qwen3_moe,
    "olmoe": _olmoe,
    "granitemoe": _granite_moe,
    "gpt-oss": _gpt_oss,
    **OF_SHARED_EXPERTS,
}
"""By general.architecture."""
