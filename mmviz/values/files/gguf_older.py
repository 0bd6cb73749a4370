"""What the keys of GGUF files of BLOOM, Falcon, GPT-NeoX, MPT and StarCoder 1 mean in config.json; reads no weights.

Source: llama.cpp's converter and its graphs of these models. No key says what the MLP goes through.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mmviz.values.files.gguf_architectures import ALIBI_MAX, CLAMP, PARALLEL, SECOND_NORM
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_families import Rope, has_biases
from mmviz.values.files.gguf_header import Header

EPS = "attention.layer_norm_epsilon"
SIZES_OF_20B = (44, 6144, 64)
"""Layers, numbers and heads of GPT-NeoX 20B, whose MLP goes through another function than those of all others."""
LAYERS_OF_STARCODER = 40
"""Of StarCoder and StarCoderBase 15B, whose MLP goes through another function than those of the smaller ones."""


def _bloom(facts: Facts, _: Header, __: Rope) -> dict[str, Any]:
    return {
        "n_layer": facts.whole("block_count"),
        "hidden_size": facts.whole("embedding_length"),
        "n_head": _heads(facts),
        "seq_length": facts.whole("context_length"),
        "layer_norm_epsilon": facts.number(EPS),
    }


def _mpt(facts: Facts, _: Header, __: Rope) -> dict[str, Any]:
    clip = {} if facts.get(CLAMP) is None else {"clip_qkv": facts.number(CLAMP)}
    if facts.get(ALIBI_MAX) != 8:
        raise facts.error(ALIBI_MAX, f"is {facts.get(ALIBI_MAX)!r}; 8 is needed.")
    return {
        "n_layers": facts.whole("block_count"),
        "d_model": facts.whole("embedding_length"),
        "n_heads": _heads(facts),
        "max_seq_len": facts.whole("context_length"),
        "layer_norm_epsilon": facts.number(EPS),
        "attn_config": clip,
    }


def _falcon(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """Of the 7B, whose queries share one head's keys, or of the newer ones, whose layers have one norm or two.

    No file says whether attention and MLP stand side by side: they do in all but the first, which llama.cpp cannot run.
    """
    heads, kv_heads = facts.whole("attention.head_count"), facts.whole("attention.head_count_kv")
    if heads % kv_heads or kv_heads == heads:
        raise facts.error(
            "attention.head_count_kv",
            f"is {kv_heads}; fewer key-value heads than the {heads} heads, which share them evenly, are needed.",
        )
    if kv_heads > 1 and _norms(header) == 1 and facts.get("rope.freq_base") is None:
        raise facts.error(
            "rope.freq_base",
            "is missing, and is not that of all others in a Falcon 2 11B, whose layers have one norm and more than one "
            "key-value head; the model's safetensors are needed.",
        )
    newer = {"new_decoder_architecture": True, "num_ln_in_parallel_attn": _norms(header)}
    return {
        **_sizes(facts),
        "ffn_hidden_size": facts.whole("feed_forward_length"),
        "layer_norm_epsilon": facts.number(EPS),
        "bias": has_biases(header, "attn"),
        "rope_parameters": rope,
        "num_kv_heads": kv_heads,
        **(newer if kv_heads > 1 else {}),
    }


def _norms(header: Header) -> int:
    """How many norms a layer of a Falcon has."""
    return 2 if SECOND_NORM in header.tensors else 1


def _starcoder(facts: Facts, _: Header, __: Rope) -> dict[str, Any]:
    if facts.get("attention.head_count_kv") != 1:
        raise facts.error("attention.head_count_kv", f"is {facts.get('attention.head_count_kv')}; 1 is needed.")
    return {
        "n_layer": facts.whole("block_count"),
        "n_embd": facts.whole("embedding_length"),
        "n_inner": facts.whole("feed_forward_length"),
        "n_head": facts.whole("attention.head_count"),
        "n_positions": facts.whole("context_length"),
        "layer_norm_epsilon": facts.number(EPS),
        "activation_function": "gelu" if facts.whole("block_count") == LAYERS_OF_STARCODER else "gelu_pytorch_tanh",
        "multi_query": True,
    }


def _gpt_neox(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    heads, d_model = _heads(facts), facts.whole("embedding_length")
    is_20b = (facts.whole("block_count"), d_model, heads) == SIZES_OF_20B
    return {
        **_sizes(facts),
        "hidden_act": "gelu_fast" if is_20b else "gelu",
        "intermediate_size": facts.whole("feed_forward_length"),
        "layer_norm_eps": facts.number(EPS),
        "use_parallel_residual": facts.get(PARALLEL) is not False,
        "attention_bias": has_biases(header, "attn"),
        "rotary_pct": facts.whole("rope.dimension_count") / max(d_model // heads, 1),
        "rope_parameters": rope,
    }


def _sizes(facts: Facts) -> dict[str, Any]:
    return {
        "num_hidden_layers": facts.whole("block_count"),
        "hidden_size": facts.whole("embedding_length"),
        "num_attention_heads": facts.whole("attention.head_count"),
        "max_position_embeddings": facts.whole("context_length"),
    }


def _heads(facts: Facts) -> int:
    """As many query heads as key-value heads."""
    heads = facts.whole("attention.head_count")
    if facts.whole("attention.head_count_kv", missing=heads) != heads:
        raise facts.error("attention.head_count_kv", f"is {facts.get('attention.head_count_kv')}; {heads} is needed.")
    return heads


OLDER: Mapping[str, Callable[[Facts, Header, Rope], dict[str, Any]]] = {
    "bloom": _bloom,
    "falcon": _falcon,
    "gptneox": _gpt_neox,
    "mpt": _mpt,
    "starcoder": _starcoder,
}
"""By general.architecture."""
