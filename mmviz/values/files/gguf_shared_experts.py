"""The same of models with experts that all tokens share, or that are weighted by sigmoids; reads no weights.

Source: llama.cpp's converter and its graphs of these models. Rows of queries and keys are those of Hugging Face.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mmviz.values.files.gguf_architectures import (
    DENSE_LAYERS,
    EXPERT_WIDTH,
    EXPERTS,
    EXPERTS_USED,
    GUESSING_LAYERS,
    LOCAL_BASE,
    PATTERN,
    SHARED,
    SHARED_WIDTH,
    SHARES_NORMALIZED,
    SHARES_SCALE,
    STEP,
    WINDOW,
)
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_families import Rope, has_biases, partly
from mmviz.values.files.gguf_header import Header

CHUNK, UNROTATED_OF_LLAMA4, EXPERTS_OF_MAVERICK = 8192, 4, 128
"""Of a Llama 4: tokens of a chunk, every how many layers one does not rotate, and by what Maverick is known."""


def layers_of(facts: Facts) -> int:
    """How many layers a model has, without those that guess the token after the next."""
    return facts.whole("block_count") - _from_0(facts, GUESSING_LAYERS)


def sparse_layers(facts: Facts) -> list[int]:
    """The layers with experts: every so many, but for the first ones.

    Raises:
        SourceError: a key that says it is broken, or no layer has any.
    """
    first, every, layers = _from_0(facts, DENSE_LAYERS), facts.whole(STEP, missing=1), layers_of(facts)
    found = [layer for layer in range(first, layers) if (layer + 1) % every == 0]
    if not found:
        raise facts.error(DENSE_LAYERS, f"is {first}, so that none of {layers} layers has experts; fewer are needed.")
    return found


def _from_0(facts: Facts, key: str) -> int:
    return facts.whole(key) if facts.get(key) else 0


def _qwen2_moe(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {
        "rope_parameters": rope,
        "qkv_bias": has_biases(header, "attn"),
        "num_experts": facts.whole(EXPERTS),
        "moe_intermediate_size": facts.whole(EXPERT_WIDTH),
        "shared_expert_intermediate_size": facts.whole(SHARED_WIDTH),
        "norm_topk_prob": False,
    }


def _deepseek(facts: Facts, header: Header) -> dict[str, Any]:
    """Of GLM-4.5 and dots.llm1, which say more of their router than others."""
    return {
        "attention_bias": has_biases(header, "attn"),
        "n_routed_experts": facts.whole(EXPERTS),
        "n_shared_experts": facts.whole(SHARED),
        "first_k_dense_replace": _from_0(facts, DENSE_LAYERS),
        "moe_intermediate_size": facts.whole(EXPERT_WIDTH),
        "routed_scaling_factor": facts.number(SHARES_SCALE, missing=1.0),
        "norm_topk_prob": facts.flag(SHARES_NORMALIZED),
    }


def _glm4_moe(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    qk_norm = "blk.0.attn_q_norm.weight" in header.tensors
    return {**_deepseek(facts, header), "rope_parameters": partly(facts, rope), "use_qk_norm": qk_norm}


def _dots1(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """A window no file says, and llama.cpp knows none."""
    return {**_deepseek(facts, header), "rope_parameters": rope, "sliding_window": None}


def _ernie_moe(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {
        "rope_parameters": rope,
        "use_bias": has_biases(header, "attn"),
        "moe_num_experts": facts.whole(EXPERTS),
        "moe_k": facts.whole(EXPERTS_USED),
        "moe_num_shared_experts": _from_0(facts, SHARED),
        "moe_layer_start_index": _from_0(facts, DENSE_LAYERS),
        "moe_layer_interval": facts.whole(STEP, missing=1),
        "moe_intermediate_size": facts.whole(EXPERT_WIDTH),
    }


def _hunyuan_moe(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """An alpha of its rotary positions is in their base already."""
    width = facts.whole(EXPERT_WIDTH)
    if facts.get(SHARED) not in (None, 1):
        raise facts.error(SHARED, f"is {str(facts.get(SHARED))[:80]}; 1, or none, is needed.")
    if facts.whole(SHARED_WIDTH, missing=width) != width:
        raise facts.error(
            SHARED_WIDTH, f"is {facts.get(SHARED_WIDTH)}; the same as {EXPERT_WIDTH}, {width}, is needed."
        )
    return {
        "rope_parameters": rope,
        "attention_bias": has_biases(header, "attn"),
        "num_experts": facts.whole(EXPERTS),
        "moe_topk": facts.whole(EXPERTS_USED),
    }


def _llama4(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """Sizes of chunks and the growth of queries no key says, nor that Maverick alone does not normalize queries."""
    for key, usual in ((WINDOW, CHUNK), (PATTERN, UNROTATED_OF_LLAMA4), (LOCAL_BASE, facts.get("rope.freq_base"))):
        if facts.get(key) not in (None, usual):
            raise facts.error(key, f"is {str(facts.get(key))[:80]}; {usual}, or none, is needed.")
    return {
        "rope_parameters": rope,
        "attention_bias": has_biases(header, "attn"),
        "intermediate_size": facts.whole(EXPERT_WIDTH),
        "intermediate_size_mlp": facts.whole("feed_forward_length"),
        "num_local_experts": facts.whole(EXPERTS),
        "interleave_moe_layer_step": facts.whole(STEP),
        "use_qk_norm": facts.whole(EXPERTS) != EXPERTS_OF_MAVERICK,
        "attention_chunk_size": CHUNK,
        "no_rope_layer_interval": UNROTATED_OF_LLAMA4,
        "attn_temperature_tuning": True,
        "floor_scale": CHUNK,
        "attn_scale": 0.1,
    }


def _minimax_m2(facts: Facts, _: Header, rope: Rope) -> dict[str, Any]:
    return {"rope_parameters": partly(facts, rope), "num_local_experts": facts.whole(EXPERTS)}


OF_SHARED_EXPERTS: Mapping[str, Callable[[Facts, Header, Rope], dict[str, Any]]] = {
    "qwen2moe": _qwen2_moe,
    "glm4moe": _glm4_moe,
    "dots1": _dots1,
    "ernie4_5-moe": _ernie_moe,
    "hunyuan-moe": _hunyuan_moe,
    "minimax-m2": _minimax_m2,
    "llama4": _llama4,
}
"""By general.architecture."""
