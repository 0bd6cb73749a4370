"""What the keys of GGUF files of SmolLM 3, Granite, OLMo, Seed-OSS and Mistral 3 mean in config.json; reads no weights.

Source: llama.cpp's converter and its graphs of these models. Rows of queries and keys that rotate together lie side by
side in the files of SmolLM 3 (in layers without positions, too), Granite, OLMo 1 and Mistral 3, not in the others.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mmviz.values.families.key_reader import short
from mmviz.values.families.sliding import FULL, SLIDING
from mmviz.values.files.gguf_architectures import (
    CLAMP,
    EMBEDDING_SCALE,
    GROWTH,
    GROWTH_LENGTH,
    LOCAL_BASE,
    LOGIT_SCALE,
    RESIDUAL_SCALE,
    SCORE_SCALE,
    WINDOW,
)
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_families import Rope, has_biases
from mmviz.values.files.gguf_gemma import layer_types
from mmviz.values.files.gguf_header import Header

UNROTATED = 4
"""Every so many layers one does not rotate in a SmolLM 3; no key says it."""
OLMO_EPS = 1e-5
"""Of any OLMo 1; its config.json does not say it."""


def _smollm3(_: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    return {**_biased(header), "rope_parameters": rope, "no_rope_layer_interval": UNROTATED}


def granite(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """Of a Granite, with experts, too.

    Raises:
        SourceError: a key is missing or broken, or the file is of a Granite without positions.
    """
    switch = "rope.scaling.finetuned"  # llama.cpp takes it for whether a Granite rotates at all
    if facts.get(switch) is False:
        raise facts.error(switch, "is False, by which a Granite would not rotate; true, or none, is needed.")
    return {
        **_biased(header),
        "rope_parameters": rope,
        "attention_multiplier": facts.number(SCORE_SCALE),
        "embedding_multiplier": facts.number(EMBEDDING_SCALE, missing=1.0),
        "residual_multiplier": facts.number(RESIDUAL_SCALE, missing=1.0),
        "logits_scaling": facts.number(LOGIT_SCALE),
    }


def _olmo(facts: Facts, _: Header, rope: Rope) -> dict[str, Any]:
    eps = "attention.layer_norm_epsilon"
    if facts.number(eps) != OLMO_EPS:
        raise facts.error(eps, f"is {facts.number(eps):g}; {OLMO_EPS:g}, as all of OLMo have, is needed.")
    clip = {} if facts.get(CLAMP) is None else {"clip_qkv": facts.number(CLAMP)}
    return {"hidden_act": "silu", "rope_parameters": rope, "layer_norm_eps": None, **clip}


def _olmo2(facts: Facts, _: Header, rope: Rope) -> dict[str, Any]:
    """Of OLMo 3, too, which has a window; its layers that slide are not scaled."""
    if not facts.get(WINDOW):
        return {"hidden_act": "silu", "rope_parameters": rope}
    theta = facts.number(LOCAL_BASE, missing=rope["rope_theta"])
    return {
        "model_type": "olmo3",
        "hidden_act": "silu",
        "rope_parameters": {FULL: rope, SLIDING: {"rope_type": "default", "rope_theta": theta}},
        "sliding_window": facts.whole(WINDOW),
        "layer_types": layer_types(facts),
    }


def _seed_oss(_: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    outer = "blk.0.attn_output.bias" in header.tensors
    inner = "blk.0.attn_q.bias" in header.tensors
    return {**_biased(header), "rope_parameters": rope, "attention_bias": inner, "attention_out_bias": outer}


def _mistral3(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """Of a Ministral 3, whose queries grow, or of a Mistral Small 3, which says nothing of that."""
    biased, growth = _biased(header), facts.get(GROWTH)
    if not growth:
        return {**biased, "rope_parameters": rope, "sliding_window": None}
    if rope["rope_type"] != "yarn":
        raise facts.error(GROWTH, f"is {short(growth)}, by which queries grow where yarn scales; it does not.")
    context = rope["original_max_position_embeddings"]
    if facts.get(GROWTH_LENGTH) not in (None, 0, context):
        raise facts.error(
            GROWTH_LENGTH, f"is {short(facts.get(GROWTH_LENGTH))}; the original context, {context}, is needed."
        )
    own = {"mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": facts.number(GROWTH)}
    return {"model_type": "ministral3", **biased, "rope_parameters": {**rope, **own}, "sliding_window": None}


def _biased(header: Header) -> dict[str, Any]:
    return {
        "hidden_act": "silu",
        "attention_bias": has_biases(header, "attn"),
        "mlp_bias": has_biases(header, "ffn"),
    }


LLAMAS: Mapping[str, Callable[[Facts, Header, Rope], dict[str, Any]]] = {
    "granite": granite,
    "mistral3": _mistral3,
    "olmo": _olmo,
    "olmo2": _olmo2,
    "seed_oss": _seed_oss,
    "smollm3": _smollm3,
}
"""What config.json says of each, beside what it says of any Llama."""
