"""What the keys of GGUF files of BERT, DistilBERT, ModernBERT and T5 mean in config.json; reads no weights.

Source: llama.cpp's converter and its graphs of these models. It leaves the heads out that guess masked tokens, chops
the rows off that a RoBERTa has before its first position, and does not say by what kind of BERT a file was made: they
compute the same of a text without padding.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mmviz.values.families.kinds.distilbert import EPS as EPS_OF_DISTILBERT
from mmviz.values.families.sliding import FULL, SLIDING
from mmviz.values.files.gguf_architectures import (
    ACTIVATION,
    DECODER_LAYERS,
    DECODER_START,
    DISTANCES,
    GATE_OF_T5,
    LOCAL_BASE,
    PATTERN,
    TOKEN_TYPES,
    WINDOW,
)
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_families import Rope, has_biases
from mmviz.values.files.gguf_gemma import types_by
from mmviz.values.files.gguf_header import Header

EPS = "attention.layer_norm_epsilon"
POSITIONS, DISTANCES_OF_EACH = "position_embd.weight", "enc.blk.1.attn_rel_b.weight"
TURN_OF_MODERNBERT = 3
"""Of so many layers the first sees all, where a file does not say."""
FUNCTIONS = ("gelu", "silu")
"""That the MLP of a ModernBERT may go through."""


def _bert(facts: Facts, header: Header, _: Rope) -> dict[str, Any]:
    """Of a DistilBERT where there are no vectors for the texts of a pair; llama.cpp's files say gelu of none."""
    _check_looks_both_ways(facts)
    positions = header.tensors.get(POSITIONS)
    sizes = {
        "num_hidden_layers": facts.whole("block_count"),
        "hidden_size": facts.whole("embedding_length"),
        "num_attention_heads": _heads(facts),
        "max_position_embeddings": facts.whole("context_length") if positions is None else positions.shape[-2:][0],
    }
    if TOKEN_TYPES in header.tensors:
        return {
            "model_type": "bert",
            "architectures": ["BertModel"],
            **sizes,
            "intermediate_size": facts.whole("feed_forward_length"),
            "type_vocab_size": header.tensors[TOKEN_TYPES].shape[0],
            "layer_norm_eps": facts.number(EPS),
            "hidden_act": "gelu",
        }
    if facts.number(EPS) != EPS_OF_DISTILBERT:
        raise facts.error(
            EPS, f"is {facts.number(EPS):g}; without {TOKEN_TYPES} {EPS_OF_DISTILBERT:g}, of a DistilBERT, is needed."
        )
    own = {"hidden_dim": facts.whole("feed_forward_length"), "activation": "gelu"}
    return {"architectures": ["DistilBertModel"], **sizes, **own}


def _modernbert(facts: Facts, header: Header, rope: Rope) -> dict[str, Any]:
    """A layer with a window looks at half of it to each side."""
    _check_looks_both_ways(facts)
    slides = bool(facts.get(WINDOW))
    layers = facts.whole("block_count")
    function = facts.get(ACTIVATION)
    if function not in (None, *FUNCTIONS):
        raise facts.error(ACTIVATION, f"is {str(function)[:80]}; one of {', '.join(FUNCTIONS)} is needed.")
    types = types_by(facts, PATTERN, layers, TURN_OF_MODERNBERT, first=True) if slides else [FULL] * layers
    local = facts.number(LOCAL_BASE) if slides else rope["rope_theta"]
    biases = {f"{name}_bias": has_biases(header, part) for name, part in (("attention", "attn"), ("mlp", "ffn"))}
    return {
        "architectures": ["ModernBertModel"],
        "num_hidden_layers": layers,
        "hidden_size": facts.whole("embedding_length"),
        "intermediate_size": facts.whole("feed_forward_length"),
        "num_attention_heads": _heads(facts),
        "max_position_embeddings": facts.whole("context_length"),
        "norm_eps": facts.number(EPS),
        "hidden_activation": function or "gelu",
        "layer_types": types,
        "rope_parameters": {FULL: rope, SLIDING: {"rope_type": "default", "rope_theta": local}},
        **biases,
        **({"local_attention": facts.whole(WINDOW)} if slides else {}),
    }


def _t5(facts: Facts, header: Header, _: Rope) -> dict[str, Any]:
    """Beyond which distance biases are the same no key says: it is 128 in all of them."""
    _check_looks_both_ways(facts)
    d_model, heads = facts.whole("embedding_length"), _heads(facts)
    name = "UMT5" if DISTANCES_OF_EACH in header.tensors else "T5"
    return {
        "model_type": name.lower(),
        "architectures": [f"{name}EncoderModel"],
        "d_model": d_model,
        "d_kv": facts.whole("attention.key_length", missing=max(d_model // heads, 1)),
        "d_ff": facts.whole("feed_forward_length"),
        "num_layers": facts.whole("block_count"),
        "num_heads": heads,
        "n_positions": facts.whole("context_length"),
        "relative_attention_num_buckets": facts.whole(DISTANCES),
        "layer_norm_epsilon": facts.number("attention.layer_norm_rms_epsilon"),
        "feed_forward_proj": "gated-gelu" if GATE_OF_T5 in header.tensors else "relu",
        **(_of_a_decoder(facts, name) if any(stored.startswith("dec.") for stored in header.tensors) else {}),
    }


def _of_a_decoder(facts: Facts, name: str) -> dict[str, Any]:
    return {
        "architectures": [f"{name}ForConditionalGeneration"],
        "num_decoder_layers": facts.whole(DECODER_LAYERS, missing=facts.whole("block_count")),
        "decoder_start_token_id": facts.get(DECODER_START),
    }


def _check_looks_both_ways(facts: Facts) -> None:
    if facts.get("attention.causal"):
        raise facts.error("attention.causal", f"is {facts.get('attention.causal')}; false, or none, is needed.")


def _heads(facts: Facts) -> int:
    """As many query heads as key-value heads."""
    heads = facts.whole("attention.head_count")
    if facts.whole("attention.head_count_kv", missing=heads) != heads:
        raise facts.error("attention.head_count_kv", f"is {facts.get('attention.head_count_kv')}; {heads} is needed.")
    return heads


ENCODERS: Mapping[str, Callable[[Facts, Header, Rope], dict[str, Any]]] = {
    "bert": _bert,
    "modern-bert": _modernbert,
    "t5": _t5,
    "t5encoder": _t5,
}
"""By general.architecture."""
