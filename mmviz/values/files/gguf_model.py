"""What the keys of a GGUF file mean in the words of a config.json; reads no weights.

Source: llama.cpp's converter, for the architectures of `gguf_architectures`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import MOST_LAYERS, short
from mmviz.values.files.gguf_architectures import (
    ARCHITECTURES,
    EXPERT_WIDTH,
    FACTORS_OF_SCORES,
    LOG_MULTIPLIER,
    ROPE_FACTORS,
)
from mmviz.values.files.gguf_encoders import ENCODERS
from mmviz.values.files.gguf_experts import experts, with_experts
from mmviz.values.files.gguf_facts import Facts
from mmviz.values.files.gguf_families import FAMILIES, has_biases, long_rope
from mmviz.values.files.gguf_gemma import gemma
from mmviz.values.files.gguf_header import Header
from mmviz.values.files.gguf_llamas import LLAMAS
from mmviz.values.files.gguf_older import OLDER
from mmviz.values.files.gguf_weights import of_layer


def read_config(header: Header, path: Path, rope_factors: Callable[[str], list[float]]) -> dict[str, Any]:
    """The configuration as a config.json of transformers 5 says it.

    Args:
        header: The file's header.
        path: Its path, for messages.
        rope_factors: Reads the divisors of the rotary frequencies from a tensor, none where the file does not have it.

    Raises:
        SourceError: the architecture is not supported, or a key is missing or broken.
    """
    facts = Facts(header.metadata, path)
    facts.check()
    config = {
        "model_type": ARCHITECTURES[facts.architecture].model_type,
        "vocab_size": _vocabulary(header, path),
        "tie_word_embeddings": "output.weight" not in header.tensors,
    }
    if facts.get("attention.causal") is not None:
        config["is_causal"] = facts.get("attention.causal")
    _check_layers(header, facts)
    if facts.architecture == "gpt2":
        return config | _gpt2(facts)
    is_phi3 = facts.architecture == "phi3"
    rope = long_rope(facts, rope_factors) if is_phi3 else _rope(facts, rope_factors(ROPE_FACTORS))
    whole = {**OLDER, **ENCODERS}
    if facts.architecture in whole:
        return config | whole[facts.architecture](facts, header, rope)
    config |= _llama(facts)
    families = {**FAMILIES, **LLAMAS}
    if with_experts(facts) or facts.architecture in families:
        config |= (experts if with_experts(facts) else families[facts.architecture])(facts, header, rope)
        return {key: value for key, value in config.items() if key != "head_dim" or value is not None}
    config |= gemma(facts, rope) if "gemma" in facts.architecture else {"hidden_act": "silu", "rope_parameters": rope}
    config["attention_bias"], config["mlp_bias"] = has_biases(header, "attn"), has_biases(header, "ffn")
    return config


def _vocabulary(header: Header, path: Path) -> int:
    embedding = header.tensors.get("token_embd.weight")
    if embedding is None:
        raise SourceError(f"{path}: has no token_embd.weight, the embedding; a whole model is needed.")
    return embedding.shape[0]


def _check_layers(header: Header, facts: Facts) -> None:
    """A broken count must not make anyone walk through a billion layers."""
    architecture = ARCHITECTURES[facts.architecture]
    layers = [int(match[1]) for name in header.tensors if (match := of_layer(name, architecture))]
    said, found = facts.whole("block_count"), max(layers, default=-1) + 1
    if said != found:
        raise facts.error("block_count", f"is {said}, but the file has the weights of {found} layers.")
    if said > MOST_LAYERS:
        raise facts.error("block_count", f"is {said}; a whole number from 1 to {MOST_LAYERS} is needed.")


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
    eps = ARCHITECTURES[facts.architecture].eps
    d_head = facts.whole("attention.key_length", missing=max(d_model // heads, 1))
    of_expert = facts.whole(EXPERT_WIDTH) if facts.get(EXPERT_WIDTH) else None  # where there is no other MLP
    config: dict[str, Any] = {
        "num_hidden_layers": facts.whole("block_count"),
        "hidden_size": d_model,
        "intermediate_size": facts.whole("feed_forward_length", missing=of_expert),
        "num_attention_heads": heads,
        "num_key_value_heads": facts.whole("attention.head_count_kv", missing=heads),
        "head_dim": d_head,
        "max_position_embeddings": facts.whole("context_length"),
        eps: facts.number(f"attention.layer_norm{'_rms' if eps == 'rms_norm_eps' else ''}_epsilon"),
        "rope_theta": facts.number("rope.freq_base", missing=10000.0),
    }
    rotated = facts.whole("rope.dimension_count", missing=d_head)
    if rotated != d_head:
        config["partial_rotary_factor"] = rotated / d_head
    return config


def _rope(facts: Facts, factors: list[float]) -> dict[str, Any]:
    """How rotary frequencies are scaled: all by one factor, pair by pair, or by YaRN."""
    theta = facts.number("rope.freq_base", missing=10000.0)
    kind = facts.get("rope.scaling.type") or "linear"  # what the file means by a factor without a type
    factor_key = "rope.scaling.factor" if facts.get("rope.scaling.factor") is not None else "rope.scale_linear"
    factor = facts.number(factor_key) if facts.get(factor_key) and kind != "none" else 1.0
    if factors and kind not in ("linear", "none"):
        raise facts.error("rope.scaling.type", f"is {kind!r} beside {ROPE_FACTORS}; only one of them can hold.")
    if kind not in ("linear", "none", "yarn"):
        raise facts.error(
            "rope.scaling.type", f"{short(kind)} is not supported in GGUF files; the model's safetensors are needed."
        )
    follows = kind == "yarn" and ARCHITECTURES[facts.architecture].says_gain
    for key in FACTORS_OF_SCORES[follows:]:
        if facts.get(key) not in ((None, 1) if kind == "yarn" else (None, 0, 1)):
            raise facts.error(key, f"is {short(facts.get(key))}; 1, or none, is needed.")
    if factors:
        return {"rope_type": "factors", "rope_theta": theta, "factors": [factor * each for each in factors]}
    if factor == 1.0:
        return {"rope_type": "default", "rope_theta": theta}
    if kind == "yarn":
        return {"rope_type": "yarn", "rope_theta": theta, "factor": factor, **_yarn(facts)}
    return {"rope_type": "linear", "rope_theta": theta, "factor": factor}


def _yarn(facts: Facts) -> dict[str, Any]:
    """What llama.cpp computes as transformers does: with a factor of the attention that follows from the other one."""
    logs = ARCHITECTURES[facts.architecture].log_multiplier
    if (facts.get(LOG_MULTIPLIER) or 0) != logs:
        needed = f"{logs:g}" if logs else "0, or none,"
        raise facts.error(LOG_MULTIPLIER, f"is {short(facts.get(LOG_MULTIPLIER))}; {needed} is needed.")
    factor, said = FACTORS_OF_SCORES[0], ARCHITECTURES[facts.architecture].says_gain
    gain = {"attention_factor": facts.number(factor)} if said and facts.get(factor) is not None else {}
    return {
        "original_max_position_embeddings": facts.whole(
            "rope.scaling.original_context_length", missing=facts.whole("context_length")
        ),
        "beta_fast": facts.number("rope.scaling.yarn_beta_fast", missing=32.0),
        "beta_slow": facts.number("rope.scaling.yarn_beta_slow", missing=1.0),
        **gain,
    }
