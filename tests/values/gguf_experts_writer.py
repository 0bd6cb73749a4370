"""Experts of transformers' models as llama.cpp's converter lays them out: gates apart, an axis that counts experts."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

OF = ("mixtral", "qwen3_moe", "olmoe", "granitemoe", "gpt_oss")
Numbers = NDArray[np.float32]


def write_expert_keys(writer: Any, config: Any) -> None:
    """How many there are, how many of them a token chooses, and how wide they are."""
    writer.add_expert_count(getattr(config, "num_local_experts", None) or config.num_experts)
    writer.add_expert_used_count(config.num_experts_per_tok)
    if config.model_type in ("qwen3_moe", "gpt_oss"):
        writer.add_expert_feed_forward_length(getattr(config, "moe_intermediate_size", config.intermediate_size))
    if config.model_type == "gpt_oss":
        writer.add_sliding_window(config.sliding_window)
        slides = [each == "sliding_attention" for each in config.layer_types]
        if slides != [layer % 2 == 0 for layer in range(len(slides))]:
            writer.add_sliding_window_pattern(slides)
    if config.model_type == "granitemoe":
        writer.add_attention_scale(config.attention_multiplier)
        writer.add_embedding_scale(config.embedding_multiplier)
        writer.add_residual_scale(config.residual_multiplier)
        writer.add_logit_scale(config.logits_scaling)


def apart(name: str, numbers: Numbers, config: Any) -> Iterator[tuple[str, Numbers]]:
    """A parameter as transformers has it in memory, as those that the gguf package has names for."""
    name = name.replace("block_sparse_moe.router.", "mlp.gate.").replace("block_sparse_moe.", "mlp.")
    before, _, kind = name.partition(".experts.")
    if name.endswith(".sinks"):
        yield f"{name}.weight", numbers
    elif not kind:
        yield name, numbers
    else:
        of_biases, turned = kind.endswith("_bias"), config.model_type == "gpt_oss"
        end = "bias" if of_biases else "weight"
        if turned and not of_biases:
            numbers = np.ascontiguousarray(numbers.swapaxes(1, 2))  # (experts, out, in)
        if kind.startswith("down"):
            yield f"{before}.experts.down_proj.{end}", numbers
        else:
            half = numbers.shape[1] // 2
            both = (numbers[:, ::2], numbers[:, 1::2]) if turned else (numbers[:, :half], numbers[:, half:])
            for part, of in zip(both, ("gate", "up"), strict=True):
                yield f"{before}.experts.{of}_proj.{end}", np.ascontiguousarray(part)
