"""Writes a transformers model as a GGUF file, laid out as llama.cpp's converter lays it out."""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Kind
from gguf.constants import MODEL_ARCH_NAMES
from gguf.quants import quantize
from numpy.typing import NDArray

from tests.values.gguf_experts_writer import OF, apart, write_expert_keys

ARCHITECTURES = {
    "mistral": "llama",
    "gemma3_text": "gemma3",
    "cohere": "command-r",
    "phi": "phi2",
    "hunyuan_v1_dense": "hunyuan-dense",
    "olmo3": "olmo2",
    "gpt_neox": "gptneox",
    "gpt_bigcode": "starcoder",
    "glm": "chatglm",
    "ministral3": "mistral3",
    "mixtral": "llama",
    "qwen3_moe": "qwen3moe",
    "qwen2_moe": "qwen2moe",
    "glm4_moe": "glm4moe",
    "ernie4_5_moe": "ernie4_5-moe",
    "hunyuan_v1_moe": "hunyuan-moe",
    "granitemoeshared": "granitemoe",
    "minimax_m2": "minimax-m2",
    "llama4_text": "llama4",
    "gpt_oss": "gpt-oss",
}
"""Where they have another name than their model_type."""
INTERLEAVED = ("llama", "arcee", "granite", "smollm3", "olmo", "granitemoe", "mistral3")
"""Whose queries and keys have rows side by side that rotate together."""
BY_KIND = ("bloom", "gptneox", "falcon")
"""Whose queries, keys and values of all heads stand together."""
KEPT = ("bias", "ffn_gate_inp.weight")
"""What is never quantized: biases, of experts, too, and routers."""
CONV1D = ("attn_qkv.weight", "attn_output.weight", "ffn_up.weight", "ffn_down.weight")


def write_gguf(path: Path, model: Any, kind: str = "F32", vocabulary: Mapping[str, Any] | None = None) -> Path:
    """Write a Llama, Mistral, Qwen2, Qwen3, Gemma, Phi 3, Cohere, GLM-4, StarCoder 2, StableLM, GPT-2 or another.

    Args:
        path: The file to write.
        model: As AutoModelForCausalLM makes it, in float32.
        kind: What matrices are stored as; vectors are F32.
        vocabulary: More metadata: texts, numbers and lists by their keys.
    """
    config = model.config
    architecture = ARCHITECTURES.get(config.model_type, config.model_type)
    writer = gguf.GGUFWriter(str(path), architecture)
    _write_sizes(writer, config)
    for key, value in (vocabulary or {}).items():
        write_value(writer, key, value)
    arch = next(each for each, name in MODEL_ARCH_NAMES.items() if name == architecture)
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    for name, weight in _weights(model):
        called = name.removeprefix("transformer.") if architecture == "bloom" else name
        stored = str(names.get_name(called, try_suffixes=(".weight", ".bias")))
        numbers = _laid_out(stored, weight, config, architecture)
        stored_as = Kind[kind] if numbers.ndim > 1 and not stored.endswith(KEPT) else Kind.F32
        writer.add_tensor(stored, quantize(numbers, stored_as), raw_dtype=stored_as)
    for stored, factors in _rope_factors(config).items():
        writer.add_tensor(stored, factors)
    finish(writer)
    return path


def _weights(model: Any) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The parameters by names that the gguf package maps, but for an unembedding that is tied."""
    config = model.config
    for name, weight in model.state_dict().items():
        numbers = weight.to(torch.float32).numpy()
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        yield from apart(name, numbers, config) if config.model_type in OF else ((name, numbers),)


def write_value(writer: Any, key: str, value: Any) -> None:
    """A text, number, truth or list under a key."""
    if isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    elif isinstance(value, str):
        writer.add_string(key, value)
    else:
        writer.add_array(key, value)


def finish(writer: Any) -> None:
    """Write everything down."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def in_parts(path: Path, tensors: int) -> list[Path]:
    """The same model in a folder beside it, in files of so many tensors, as the gguf package splits it."""
    folder = path.parent / "parts"
    folder.mkdir()
    reader = gguf.GGUFReader(path)
    fields = {key: field.contents() for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    writer = gguf.GGUFWriter(str(folder / path.name), fields.pop("general.architecture"), split_max_tensors=tensors)
    for key, value in fields.items():
        write_value(writer, key, value)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, np.array(tensor.data), raw_dtype=tensor.tensor_type)
    finish(writer)
    return sorted(folder.iterdir())


def rewritten(
    path: Path,
    tensors: Mapping[str, tuple[NDArray[Any], Kind]] | None = None,
    added: Mapping[str, Any] | None = None,
    dropped: str = "$^",
) -> Path:
    """The same file, beside it, with other tensors and metadata.

    Args:
        path: The file.
        tensors: Numbers or blocks, and what they are stored as, by their names in the file.
        added: Texts, numbers and lists by their keys; "llama.block_count" is one.
        dropped: Names and keys to leave out, as a regular expression.
    """
    reader = gguf.GGUFReader(path)
    fields = {key: field.contents() for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    changed = fields | dict(added or {})
    new = path.with_name("new.gguf")
    writer = gguf.GGUFWriter(str(new), changed.pop("general.architecture"))
    for key, value in changed.items():
        if not re.search(dropped, key):
            write_value(writer, key, value)
    there = {tensor.name: (np.array(tensor.data), tensor.tensor_type) for tensor in reader.tensors}
    for name, (numbers, kind) in {**there, **(tensors or {})}.items():
        if not re.search(dropped, name):
            writer.add_tensor(name, numbers, raw_dtype=kind)
    finish(writer)
    return new


def _write_sizes(writer: Any, config: Any) -> None:
    writer.add_block_count(config.num_hidden_layers)
    lengths = ("max_position_embeddings", "max_seq_len", "seq_length")
    writer.add_context_length(next(getattr(config, key) for key in lengths if hasattr(config, key)))
    writer.add_embedding_length(config.hidden_size)
    writer.add_head_count(config.num_attention_heads)
    if config.model_type in ("gpt2", "gpt_bigcode"):
        writer.add_feed_forward_length(config.n_inner or 4 * config.n_embd)
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
        if config.model_type == "gpt_bigcode":
            writer.add_head_count_kv(1)
        return
    if config.model_type in ("bloom", "mpt", "falcon", "gpt_neox"):
        _write_older(writer, config)
        return
    writer.add_feed_forward_length(getattr(config, "intermediate_size_mlp", config.intermediate_size))
    writer.add_head_count_kv(config.num_key_value_heads)
    _write_eps(writer, config)
    if getattr(config, "head_dim", None):
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    if config.model_type not in ("gemma", "gemma2"):
        _write_rope(writer, config)
    _write_own(writer, config)


def _write_own(writer: Any, config: Any) -> None:
    """What only some architectures have keys for."""
    if config.model_type in ("gemma2", "gemma3_text", "cohere2", "exaone4"):
        _write_sliding(writer, config)
    if config.model_type in ("gemma2", "gemma3_text"):
        _write_gemma(writer, config)
    if config.model_type in ("cohere", "cohere2"):
        writer.add_logit_scale(config.logit_scale)
        writer.add_rope_scaling_type(gguf.RopeScalingType.NONE)
    if config.model_type == "phi3":
        writer.add_sliding_window(config.sliding_window or 0)
    if config.model_type in OF:
        write_expert_keys(writer, config)
    if config.model_type == "ministral3":
        writer.add_rope_scaling_yarn_log_mul(config.rope_parameters["mscale_all_dim"])
        writer.add_attn_temperature_scale(config.rope_parameters["llama_4_scaling_beta"])
    if config.model_type == "stablelm":
        writer.add_parallel_residual(config.use_parallel_residual)


def _write_older(writer: Any, config: Any) -> None:
    of_neox = config.model_type == "gpt_neox"
    writer.add_layer_norm_eps(config.layer_norm_eps if of_neox else config.layer_norm_epsilon)
    writer.add_feed_forward_length(_width(config))
    if of_neox:
        writer.add_rope_dimension_count(
            int(config.hidden_size // config.num_attention_heads * config.rope_parameters["partial_rotary_factor"])
        )
        writer.add_parallel_residual(config.use_parallel_residual)
    if config.model_type == "falcon":
        writer.add_tensor_data_layout("jploski")
        writer.add_head_count_kv(config.num_kv_heads if config.new_decoder_architecture else 1)
    if config.model_type == "mpt":
        writer.add_max_alibi_bias(8.0)


def _width(config: Any) -> int:
    """d_mlp of BLOOM, MPT, Falcon and GPT-NeoX."""
    keys = ("intermediate_size", "ffn_hidden_size")
    return int(next((getattr(config, key) for key in keys if getattr(config, key, None)), 4 * config.hidden_size))


def _write_eps(writer: Any, config: Any) -> None:
    names = ("layer_norm_eps", "norm_epsilon", "norm_eps")
    of_layernorm = next((getattr(config, name) for name in names if hasattr(config, name)), None)
    if of_layernorm or config.model_type == "olmo":
        writer.add_layer_norm_eps(of_layernorm or 1e-5)
    else:
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)


def _write_rope(writer: Any, config: Any) -> None:
    rope = config.rope_parameters.get("full_attention", config.rope_parameters)
    d_head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    alpha = rope.get("alpha", 1.0) ** (d_head / (d_head - 2))
    writer.add_rope_freq_base(rope["rope_theta"] * alpha)
    if getattr(config, "head_dim", None) or "partial_rotary_factor" in rope:
        writer.add_rope_dimension_count(int(d_head * rope.get("partial_rotary_factor", 1.0)))
    if rope["rope_type"] == "longrope":
        context, original = config.max_position_embeddings, config.original_max_position_embeddings
        writer.add_rope_scaling_orig_ctx_len(original)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(context / original) / math.log(original)))
    if rope["rope_type"] in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(rope["rope_type"]))
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
        writer.add_rope_scaling_yarn_beta_fast(rope.get("beta_fast") or 32.0)
        writer.add_rope_scaling_yarn_beta_slow(rope.get("beta_slow") or 1.0)


def _write_gemma(writer: Any, config: Any) -> None:
    if config.model_type == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
    if config.final_logit_softcapping is not None:
        writer.add_final_logit_softcapping(config.final_logit_softcapping)


def _write_sliding(writer: Any, config: Any) -> None:
    writer.add_sliding_window(config.sliding_window)
    usual = {"gemma2": 2, "gemma3_text": 6, "cohere2": 4, "exaone4": 4}[config.model_type]
    slides = [each == "sliding_attention" for each in config.layer_types]
    if slides != [bool((layer + 1) % usual) for layer in range(len(slides))]:
        writer.add_sliding_window_pattern(slides)


def _laid_out(stored: str, numbers: NDArray[np.float32], config: Any, architecture: str) -> NDArray[np.float32]:
    if architecture == "gpt2" and stored.endswith(CONV1D):
        return np.ascontiguousarray(numbers.T)
    if architecture.startswith(("gemma", "nemotron")) and stored.endswith("norm.weight"):
        return numbers + np.float32(1)
    if architecture in BY_KIND and "attn_qkv" in stored:
        return _by_kind(numbers, config.num_attention_heads, _kv_heads(config))
    heads = {"attn_q": config.num_attention_heads, "attn_k": getattr(config, "num_key_value_heads", None)}
    count = heads.get(stored.split(".")[-2])
    if architecture in INTERLEAVED and count and (architecture != "olmo" or stored.endswith(".weight")):
        halves = numbers.reshape(count, 2, len(numbers) // count // 2, *numbers.shape[1:])
        return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(numbers.shape))
    return numbers


def _kv_heads(config: Any) -> int:
    if config.model_type != "falcon":
        return int(config.num_attention_heads)
    return int(config.num_kv_heads if config.new_decoder_architecture else 1)


def _by_kind(numbers: NDArray[np.float32], heads: int, kv_heads: int) -> NDArray[np.float32]:
    """The queries of all heads, then the keys of all, then the values, of what has those of each key-value head."""
    group = heads // kv_heads
    parts = numbers.reshape(kv_heads, group + 2, -1, *numbers.shape[1:])
    kinds = (parts[:, :group], parts[:, group : group + 1], parts[:, group + 1 :])
    return np.concatenate([each.reshape(-1, *numbers.shape[1:]) for each in kinds])


def _rope_factors(config: Any) -> dict[str, NDArray[np.float32]]:
    """Llama 3's rule, as the divisor of each frequency; the two of longrope."""
    rope = getattr(config, "rope_parameters", None) or {}
    if rope.get("rope_type") == "longrope":
        names = ("short", "long")
        return {f"rope_factors_{name}.weight": np.array(rope[f"{name}_factor"], np.float32) for name in names}
    if rope.get("rope_type") != "llama3":
        return {}
    size = config.hidden_size // config.num_attention_heads
    low, high, factor = rope["low_freq_factor"], rope["high_freq_factor"], rope["factor"]
    context = rope["original_max_position_embeddings"]
    factors = []
    for pair in range(size // 2):
        wavelength = 2 * math.pi * rope["rope_theta"] ** (2 * pair / size)
        smooth = (context / wavelength - low) / (high - low)
        if wavelength < context / high:
            factors.append(1.0)
        elif wavelength > context / low:
            factors.append(factor)
        else:
            factors.append(1 / ((1 - smooth) / factor + smooth))
    return {"rope_freqs.weight": np.array(factors, np.float32)}
