"""Experts of transformers' models as llama.cpp's converter lays them out: gates apart, an axis that counts experts."""

from collections.abc import Iterator
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

SHARED = (
    "qwen2_moe",
    "glm4_moe",
    "dots1",
    "ernie4_5_moe",
    "hunyuan_v1_moe",
    "granitemoeshared",
    "minimax_m2",
    "llama4_text",
)
OF = ("mixtral", "qwen3_moe", "olmoe", "granitemoe", "gpt_oss", *SHARED)
Numbers = NDArray[np.float32]


def write_expert_keys(writer: Any, config: Any) -> None:
    """How many there are, how many of them a token chooses, and how wide they are."""
    counts = ("num_local_experts", "n_routed_experts", "moe_num_experts", "num_experts")
    writer.add_expert_count(next(getattr(config, key) for key in counts if getattr(config, key, None)))
    chosen = ("moe_topk", "moe_k", "num_experts_per_tok")
    writer.add_expert_used_count(next(getattr(config, key) for key in chosen if hasattr(config, key)))
    if config.model_type not in ("mixtral", "olmoe", "granitemoe", "granitemoeshared"):
        writer.add_expert_feed_forward_length(getattr(config, "moe_intermediate_size", config.intermediate_size))
    if config.model_type in SHARED:
        _write_shared(writer, config)
    if config.model_type == "gpt_oss":
        writer.add_sliding_window(config.sliding_window)
        slides = [each == "sliding_attention" for each in config.layer_types]
        if slides != [layer % 2 == 0 for layer in range(len(slides))]:
            writer.add_sliding_window_pattern(slides)
    if config.model_type.startswith("granitemoe"):
        writer.add_attention_scale(config.attention_multiplier)
        writer.add_embedding_scale(config.embedding_multiplier)
        writer.add_residual_scale(config.residual_multiplier)
        writer.add_logit_scale(config.logits_scaling)


def _write_shared(writer: Any, config: Any) -> None:
    kind = config.model_type
    if kind in ("glm4_moe", "dots1"):
        writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)
        writer.add_expert_weights_scale(config.routed_scaling_factor)
        writer.add_expert_weights_norm(config.norm_topk_prob)
        writer.add_expert_shared_count(config.n_shared_experts)
        writer.add_leading_dense_block_count(config.first_k_dense_replace)
    if kind == "ernie4_5_moe":
        writer.add_expert_shared_count(config.moe_num_shared_experts)
        writer.add_leading_dense_block_count(config.moe_layer_start_index)
        writer.add_interleave_moe_layer_step(config.moe_layer_interval)
    if kind == "llama4_text":
        writer.add_interleave_moe_layer_step(config.interleave_moe_layer_step)
    if kind == "minimax_m2":
        writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)
    widths = {
        "qwen2_moe": "shared_expert_intermediate_size",
        "hunyuan_v1_moe": "intermediate_size",
        "granitemoeshared": "shared_intermediate_size",
    }
    if kind in widths:
        writer.add_expert_shared_feed_forward_length(getattr(config, widths[kind]))


def apart(name: str, numbers: Numbers, config: Any) -> Iterator[tuple[str, Numbers]]:
    """A parameter as transformers has it in memory, as those that the gguf package has names for."""
    name = name.replace("block_sparse_moe.router.", "mlp.gate.").replace("block_sparse_moe.", "mlp.")
    before, _, kind = name.partition(".experts.")
    if name.endswith(".sinks"):
        yield f"{name}.weight", numbers
    elif name.endswith("e_score_correction_bias"):
        layer = name.partition(".mlp.")[0]
        yield f"{layer}.mlp.gate.e_score_correction.bias", numbers.squeeze()
    elif name.endswith("shared_mlp.input_linear.weight"):
        for part, of in zip(np.split(numbers, 2), ("gate", "up"), strict=True):
            yield f"{name.removesuffix('shared_mlp.input_linear.weight')}mlp.shared_expert.{of}_proj.weight", part
    elif name.endswith("shared_expert_gate.weight"):
        yield name, numbers.squeeze()
    elif not kind:
        yield name, numbers
    else:
        of_biases, turned = kind.endswith("_bias"), config.model_type == "gpt_oss"
        end = "bias" if of_biases else "weight"
        if (turned or config.model_type == "llama4_text") and not of_biases:
            numbers = np.ascontiguousarray(numbers.swapaxes(1, 2))  # (experts, out, in)
        if kind.startswith("down"):
            yield f"{before}.experts.down_proj.{end}", numbers
        else:
            half = numbers.shape[1] // 2
            both = (numbers[:, ::2], numbers[:, 1::2]) if turned else (numbers[:, :half], numbers[:, half:])
            for part, of in zip(both, ("gate", "up"), strict=True):
                yield f"{before}.experts.{of}_proj.{end}", np.ascontiguousarray(part)
