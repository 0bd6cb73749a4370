"""What the names and keys of a GGUF file mean in Hugging Face's words; reads no weights.

Source: the tables of llama.cpp's converter for the architectures llama, qwen2 and gpt2.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import short
from mmviz.values.families.keys import suspicious
from mmviz.values.files.gguf_header import Header, StoredTensor
from mmviz.values.files.gguf_scales import find_scales

ARCHITECTURES = ("gpt2", "llama", "qwen2")

ATTENTION_FACTOR = "rope.scaling.attn_factor"
KNOWN = (
    *("vocab_size", "context_length", "embedding_length", "block_count", "feed_forward_length", "tensor_data_layout"),
    *("attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length"),
    *("attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", "attention.causal", "expert_count"),
    *("expert_used_count", "rope.dimension_count", "rope.freq_base", "rope.scale_linear", "rope.scaling.type"),
    *("rope.scaling.factor", "rope.scaling.original_context_length", "rope.scaling.finetuned", ATTENTION_FACTOR),
    *("rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow", "rope.scaling.yarn_log_multiplier"),
    *("rope.scaling.yarn_ext_factor", "rope.scaling.yarn_attn_factor"),
)
"""Keys of an architecture that are followed, or are of kinds of scaling that are refused by their name."""

LAYER = re.compile(r"blk\.(0|[1-9][0-9]{0,8})\.(\w+)\.(weight|bias)")
ROPE_FACTORS = "rope_freqs.weight"
MOST_FLOAT32 = 3.4e38

LLAMA_NAMES: Mapping[str, str] = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "blk": "model.layers.{layer}.",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
GPT2_NAMES: Mapping[str, str] = {
    "token_embd": "wte",
    "position_embd": "wpe",
    "output_norm": "ln_f",
    "output": "lm_head",
    "blk": "h.{layer}.",
    "attn_norm": "ln_1",
    "attn_qkv": "attn.c_attn",
    "attn_output": "attn.c_proj",
    "ffn_norm": "ln_2",
    "ffn_up": "mlp.c_fc",
    "ffn_down": "mlp.c_proj",
}
CONV1D = ("attn_qkv", "attn_output", "ffn_up", "ffn_down")  # Hugging Face stores these as (in, out)


@dataclass(frozen=True, slots=True)
class Weight:
    """A stored tensor as Hugging Face has it."""

    tensor: StoredTensor
    transposed: bool = False
    heads: int = 0  # so many heads' rows are interleaved (see findings/gguf-llama-query-rows.sh); 0: none are
    scale: StoredTensor | None = None  # of one number, which all others are multiplied by

    @property
    def shape(self) -> tuple[int, ...]:
        """In Hugging Face's orientation."""
        return self.tensor.shape[::-1] if self.transposed else self.tensor.shape


class Facts:
    """The metadata, checked where it is asked for."""

    def __init__(self, metadata: Mapping[str, Any], path: Path) -> None:
        self._metadata = metadata
        self._path = path
        self.architecture = self._architecture()

    def _architecture(self) -> str:
        found = self._metadata.get("general.architecture")
        if found not in ARCHITECTURES:
            named = "is missing" if found is None else f"{found!r} is not supported"
            raise SourceError(f"{self._path}, general.architecture: {named}; {', '.join(ARCHITECTURES)} are.")
        return str(found)

    def check(self) -> None:
        """No key of the architecture that is not followed would change what is computed, by its name.

        Raises:
            SourceError: one would.
        """
        start = f"{self.architecture}."
        for name, value in self._metadata.items():
            key = name.removeprefix(start)
            if name.startswith(start) and key not in KNOWN and suspicious(key.replace(".", "_"), value):
                raise self.error(
                    key,
                    f"is {short(value)}; by its name it would change what is computed, and it is not known here; a "
                    "file without it is needed.",
                )

    def get(self, key: str) -> Any:
        """A value of the architecture's own part, None where there is none."""
        return self._metadata.get(f"{self.architecture}.{key}")

    def whole(self, key: str, missing: int | None = None) -> int:
        """A whole number from 1 up.

        Raises:
            SourceError: it is something else, or missing where it must not be.
        """
        value = self.get(key)
        if value is None and missing is not None:
            return missing
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(key, f"{_found(value)}; a whole number from 1 up is needed.")
        return value

    def number(self, key: str, missing: float | None = None) -> float:
        """A finite number above 0, as short as its 32 bits can be written: 1e-05, not 9.99999974e-06.

        Raises:
            SourceError: it is something else, or missing where it must not be.
        """
        value = self.get(key)
        if value is None and missing is not None:
            return missing
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < MOST_FLOAT32:
            raise self.error(key, f"{_found(value)}; a number above 0 is needed.")
        return float(str(np.float32(value)))

    def error(self, key: str, words: str) -> SourceError:
        """What is wrong at a key."""
        return SourceError(f"{self._path}, {self.architecture}.{key}: {words}")


def _found(value: object) -> str:
    return "is missing" if value is None else f"is {str(value)[:80]}"


def read_config(header: Header, path: Path, rope_factors: Callable[[], list[float]]) -> dict[str, Any]:
    """The configuration as a config.json of transformers 5 says it.

    Args:
        header: The file's header.
        path: Its path, for messages.
        rope_factors: Reads the divisors of the rotary frequencies, where the file has them.

    Raises:
        SourceError: the architecture is not supported, or a key is missing or broken.
    """
    _check_whole_model(header.metadata, path)
    facts = Facts(header.metadata, path)
    facts.check()
    config = {
        "model_type": facts.architecture,
        "vocab_size": _vocabulary(header, path),
        "tie_word_embeddings": "output.weight" not in header.tensors,
    }
    if facts.get("attention.causal") is not None:
        config["is_causal"] = facts.get("attention.causal")
    _check_layers(header, facts)
    if facts.architecture == "gpt2":
        return config | _gpt2(facts)
    factors = rope_factors() if ROPE_FACTORS in header.tensors else []
    config |= _llama(facts) | {"rope_parameters": _rope(facts, factors)}
    if facts.architecture == "llama":
        config["attention_bias"] = any(re.fullmatch(r"blk\.\d+\.attn_\w+\.bias", name) for name in header.tensors)
        config["mlp_bias"] = any(re.fullmatch(r"blk\.\d+\.ffn_\w+\.bias", name) for name in header.tensors)
    return config


def _check_whole_model(metadata: Mapping[str, Any], path: Path) -> None:
    parts = metadata.get("split.count", 1)
    if parts not in (0, 1):
        raise SourceError(
            f"{path}: is one of {parts} parts of a model; a whole one is needed (llama-gguf-split --merge joins them)."
        )


def _vocabulary(header: Header, path: Path) -> int:
    embedding = header.tensors.get("token_embd.weight")
    if embedding is None:
        raise SourceError(f"{path}: has no token_embd.weight, the embedding; a whole model is needed.")
    return embedding.shape[0]


def _check_layers(header: Header, facts: Facts) -> None:
    """A broken count must not make anyone walk through a billion layers."""
    layers = [int(match[1]) for name in header.tensors if (match := LAYER.fullmatch(name))]
    said, found = facts.whole("block_count"), max(layers, default=-1) + 1
    if said != found:
        raise facts.error("block_count", f"is {said}, but the file has the weights of {found} layers.")


def _gpt2(facts: Facts) -> dict[str, Any]:
    return {
        "n_layer": facts.whole("block_count"),
        "n_embd": facts.whole("embedding_length"),
        "n_inner": facts.whole("feed_forward_length"),
        "n_head": facts.whole("attention.head_count"),
        "n_positions": facts.whole("context_length"),
        "layer_norm_epsilon": facts.number("attention.layer_norm_epsilon"),
        "activation_function": "gelu_new",
    }


def _llama(facts: Facts) -> dict[str, Any]:
    d_model, heads = facts.whole("embedding_length"), facts.whole("attention.head_count")
    d_head = facts.whole("attention.key_length", missing=max(d_model // heads, 1))
    config: dict[str, Any] = {
        "num_hidden_layers": facts.whole("block_count"),
        "hidden_size": d_model,
        "intermediate_size": facts.whole("feed_forward_length"),
        "num_attention_heads": heads,
        "num_key_value_heads": facts.whole("attention.head_count_kv", missing=heads),
        "head_dim": d_head,
        "max_position_embeddings": facts.whole("context_length"),
        "rms_norm_eps": facts.number("attention.layer_norm_rms_epsilon"),
        "rope_theta": facts.number("rope.freq_base", missing=10000.0),
        "hidden_act": "silu",
    }
    if facts.get("expert_count"):  # the name under which Hugging Face knows such a model
        config["model_type"] = "mixtral" if facts.architecture == "llama" else "qwen2_moe"
    rotated = facts.whole("rope.dimension_count", missing=d_head)
    if rotated != d_head:
        config["partial_rotary_factor"] = rotated / d_head
    return config


def _rope(facts: Facts, factors: list[float]) -> dict[str, Any]:
    """How rotary frequencies are scaled; kinds that are not linear keep their name and numbers as they are."""
    theta = facts.number("rope.freq_base", missing=10000.0)
    kind = facts.get("rope.scaling.type") or "linear"  # what the file means by a factor without a type
    factor_key = "rope.scaling.factor" if facts.get("rope.scaling.factor") is not None else "rope.scale_linear"
    factor = facts.number(factor_key) if facts.get(factor_key) else 1.0
    if kind not in ("linear", "none"):
        if factors:
            raise facts.error("rope.scaling.type", f"is {kind!r} beside {ROPE_FACTORS}; only one of them can hold.")
        return {"rope_type": str(kind), "rope_theta": theta} | _other_scaling(facts)
    if facts.get(ATTENTION_FACTOR) not in (None, 0, 1):
        raise facts.error(ATTENTION_FACTOR, f"is {short(facts.get(ATTENTION_FACTOR))}; 1, or none, is needed.")
    if kind == "none":
        factor = 1.0
    if factors:
        return {"rope_type": "factors", "rope_theta": theta, "factors": [factor * each for each in factors]}
    if factor == 1.0:
        return {"rope_type": "default", "rope_theta": theta}
    return {"rope_type": "linear", "rope_theta": theta, "factor": factor}


def _other_scaling(facts: Facts) -> dict[str, Any]:
    keys = {
        "factor": "factor",
        "attn_factor": "attention_factor",
        "original_context_length": "original_max_position_embeddings",
        "yarn_beta_fast": "beta_fast",
        "yarn_beta_slow": "beta_slow",
    }
    return {word: value for key, word in keys.items() if (value := facts.get(f"rope.scaling.{key}")) is not None}


def read_weights(header: Header, config: Mapping[str, Any], path: Path) -> dict[str, Weight]:
    """Every tensor under its Hugging Face name; one that Hugging Face does not know keeps its own.

    Raises:
        SourceError: the rows of queries or keys do not divide into heads; or a weight has more beside it than a scale.
    """
    scales, beside = find_scales(header, path)
    gpt2 = config["model_type"] == "gpt2"
    names = GPT2_NAMES if gpt2 else LLAMA_NAMES
    weights: dict[str, Weight] = {}
    for stored, tensor in header.tensors.items():
        if stored == ROPE_FACTORS or stored in beside:
            continue
        match = LAYER.fullmatch(stored)
        layer, (short, _, end) = ("", stored.partition(".")) if match is None else (match[1], (match[2], ".", match[3]))
        known = short in names and end in ("weight", "bias")
        prefix = names["blk"].format(layer=layer) if match else ""
        weight = Weight(tensor, transposed=gpt2 and short in CONV1D and match is not None and len(tensor.shape) == 2)
        if header.metadata["general.architecture"] == "llama" and match and short in ("attn_q", "attn_k"):
            key = "num_attention_heads" if short == "attn_q" else "num_key_value_heads"
            weight = Weight(tensor, heads=_dividing(config[key], tensor, f"{path}, {stored}"))
        scale = header.tensors[scales[stored]] if stored in scales else None
        weights[f"{prefix}{names[short]}.{end}" if known else stored] = replace(weight, scale=scale)
    return weights


def _dividing(heads: int, tensor: StoredTensor, where: str) -> int:
    if tensor.shape[0] % (2 * heads):
        raise SourceError(f"{where}: has {tensor.shape[0]} rows; {heads} heads of an even size are needed.")
    return heads
