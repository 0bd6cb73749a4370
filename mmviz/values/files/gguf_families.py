"""What the keys of GGUF files of Phi, Cohere, GLM-4 and others mean in the words of a config.json; reads no weights.

Source: llama.cpp's converter and its graphs of these models. Rows of queries and keys are those of Hugging Face, but of
Arcee: Cohere, GLM-4 and ERNIE turn neighbours in both, the others halves.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from mmviz.values.files.gguf_architectures import (
    FACTORS_OF_SCORES,
    LOGIT_SCALE,
    LONG_FACTORS,
    PARALLEL,
    SHORT_FACTORS,
    WINDOW,
)
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_gemma import check_one_base, layer_types
from mmviz.values.files.gguf_header import Header

Rope = dict[str, Any]
"""As rope_parameters says it."""
FIRST_WINDOW, FIRST_CONTEXT, FIRST_LAYERS = 2047, 4096, (32, 40)
"""Of the first files of Phi 3 mini and medium for 4096 tokens, which do not say their window."""


def has_biases(header: Header, part: str) -> bool:
    """Whether linear maps of attention (attn) or the MLP (ffn) have biases, not their norms alone."""
    form = rf"blk\.\d+\.{part}_(?!\w*norm)\w+\.bias"
    return any(re.fullmatch(form, name) for name in header.tensors)


def long_rope(facts: Facts, rope_factors: Callable[[str], list[float]]) -> Rope:
    """Rotary positions of a Phi 3: scaled pair by pair, in one way for prompts of up to the original context.

    Args:
        facts: The metadata.
        rope_factors: Reads a tensor of divisors, none where there is no such tensor.

    Raises:
        SourceError: they are scaled in another way, or half of it is missing.
    """
    theta = facts.number("rope.freq_base", missing=10000.0)
    short, long = (rope_factors(name) for name in (SHORT_FACTORS, LONG_FACTORS))
    kind = facts.get("rope.scaling.type")
    if kind not in (None, "none", "longrope") or facts.get("rope.scaling.factor") not in (None, 0, 1):
        raise facts.error("rope.scaling.type", f"is {kind!r}; of a Phi 3, longrope or none without a factor is needed.")
    attn_factor, *others = FACTORS_OF_SCORES
    for key in others if short and long else FACTORS_OF_SCORES:
        if facts.get(key) not in (None, 0, 1):
            raise facts.error(key, f"is {facts.get(key)!r:.80}; 1, or none, is needed.")
    if not short and not long:
        return {"rope_type": "default", "rope_theta": theta}
    if not short or not long:
        raise facts.error("rope.scaling.type", f"needs {SHORT_FACTORS} and {LONG_FACTORS}; only one of them is there.")
    factor = facts.number(attn_factor)
    return {
        "rope_type": "longrope",
        "rope_theta": theta,
        "short_factor": short,
        "long_factor": long,
        "attention_factor": factor,
    }


def _phi3(facts: Facts, _: Header, rope: Rope) -> dict[str, Any]:
    context = facts.whole("context_length")
    old = facts.get(WINDOW) is None and context == FIRST_CONTEXT and facts.whole("block_count") in FIRST_LAYERS
    window = facts.whole(WINDOW) if facts.get(WINDOW) else FIRST_WINDOW if old else None
    return {
        "hidden_act": "silu",
        "rope_parameters": partly(facts, rope),
        "sliding_window": window,
        "original_max_position_embeddings": facts.whole("rope.scaling.original_context_length", missing=context),
    }


def _cohere(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {
        "hidden_act": "silu",
        "rope_parameters": rope,
        "attention_bias": has_biases(header, "attn"),
        "use_qk_norm": "blk.0.attn_q_norm.weight" in header.tensors,
        "logit_scale": facts.number(LOGIT_SCALE),
    }


def _cohere2(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    check_one_base(facts, rope["rope_theta"])
    slides = {"layer_types": layer_types(facts), "sliding_window": facts.whole(WINDOW)}
    return {**_cohere(facts, header, rope), **slides}


def _glm4(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    biased = has_biases(header, "attn")
    return {"hidden_act": "silu", "rope_parameters": partly(facts, rope), "attention_bias": biased}


def _starcoder2(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {
        "hidden_act": "gelu_pytorch_tanh",
        "rope_parameters": rope,
        "use_bias": has_biases(header, "attn"),
        "sliding_window": facts.whole(WINDOW) if facts.get(WINDOW) else None,
    }


def _stablelm(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """Whether attention and MLP stand side by side, the norms tell, as llama.cpp goes by them, too."""
    if "blk.0.attn_q_norm.weight" in header.tensors:
        raise facts.error(
            "attn_q_norm", "norms of queries and keys are not read from GGUF files; the model's safetensors are needed."
        )
    parallel = "blk.0.ffn_norm.weight" not in header.tensors
    said = facts.get(PARALLEL)
    if said not in (None, parallel):
        raise facts.error(PARALLEL, f"is {said!r:.80}, and the norms of layers say {parallel}; the same is needed.")
    return {
        "head_dim": None,
        "hidden_act": "silu",
        "rope_parameters": partly(facts, rope),
        "use_qkv_bias": has_biases(header, "attn"),
        "use_parallel_residual": parallel,
    }


def _nemotron(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {**_arcee(facts, header, rope), "rope_parameters": partly(facts, rope)}


def _arcee(_: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    biases = {"attention_bias": has_biases(header, "attn"), "mlp_bias": has_biases(header, "ffn")}
    return {"hidden_act": "relu2", "rope_parameters": rope, **biases}


def _ernie(_: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {"hidden_act": "silu", "rope_parameters": rope, "use_bias": has_biases(header, "attn")}


def _hunyuan(_: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """An alpha of its rotary positions is in their base already."""
    return {"hidden_act": "silu", "rope_parameters": rope, "attention_bias": has_biases(header, "attn")}


def _exaone4(facts: Facts, _: Header, rope: Rope) -> dict[str, Any]:
    window = facts.whole(WINDOW) if facts.get(WINDOW) else None
    check_one_base(facts, rope["rope_theta"])
    types = ["full_attention"] * facts.whole("block_count") if window is None else layer_types(facts)
    return {"hidden_act": "silu", "rope_parameters": rope, "sliding_window": window, "layer_types": types}


def _phi2(facts: Facts, _: Header, rope: Rope) -> dict[str, Any]:
    return {"head_dim": None, "hidden_act": "gelu_new", "rope_parameters": partly(facts, rope)}


def partly(facts: Facts, rope: Rope) -> Rope:
    """Rotary positions with the share of each head that is rotated.

    Raises:
        SourceError: a key is broken.
    """
    shared = max(facts.whole("embedding_length") // facts.whole("attention.head_count"), 1)
    d_head = facts.whole("attention.key_length", missing=shared)
    rotated = facts.whole("rope.dimension_count", missing=d_head)
    share = rotated / d_head
    return {**rope, "partial_rotary_factor": share if int(d_head * share) == rotated else math.nextafter(share, 2)}


FAMILIES: Mapping[str, Callable[[Facts, Header, Rope], dict[str, Any]]] = {
    "phi2": _phi2,
    "phi3": _phi3,
    "command-r": _cohere,
    "chatglm": _glm4,
    "cohere2": _cohere2,
    "glm4": _glm4,
    "starcoder2": _starcoder2,
    "stablelm": _stablelm,
    "nemotron": _nemotron,
    "arcee": _arcee,
    "jais2": _arcee,
    "ernie4_5": _ernie,
    "hunyuan-dense": _hunyuan,
    "exaone4": _exaone4,
}
"""What config.json says of each, beside what it says of any Llama."""
