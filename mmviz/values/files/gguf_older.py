"""What the keys of GGUF files of BLOOM, Falcon 7B, GPT-NeoX and MPT mean in config.json; reads no weights.

Source: llama.cpp's converter and its graphs of these models. No key says what the MLP goes through.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mmviz.values.files.gguf_architectures import ALIBI_MAX, CLAMP, PARALLEL
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_families import Rope, has_biases
from mmviz.values.files.gguf_header import Header

EPS = "attention.layer_norm_epsilon"
LAYERS_OF_20B = 44
"""Of GPT-NeoX 20B, whose MLP goes through another function than those of all others."""


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
    if facts.whole("attention.head_count_kv") != 1:
        raise facts.error(
            "attention.head_count_kv",
            f"is {facts.get('attention.head_count_kv')}; of Falcon, files of the 7B, which has 1, are read; the "
            "model's safetensors are needed.",
        )
    return {
        **_sizes(facts),
        "ffn_hidden_size": facts.whole("feed_forward_length"),
        "layer_norm_epsilon": facts.number(EPS),
        "bias": has_biases(header, "attn"),
        "rope_parameters": rope,
    }


def _gpt_neox(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    if facts.whole("block_count") == LAYERS_OF_20B:
        raise facts.error(
            "block_count",
            f"is {LAYERS_OF_20B}, as of GPT-NeoX 20B, whose MLP goes through another function than the file can say; "
            "the model's safetensors are needed.",
        )
    heads, d_model = _heads(facts), facts.whole("embedding_length")
    return {
        **_sizes(facts),
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
}
"""By general.architecture."""
