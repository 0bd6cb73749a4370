"""What one expert of transformers gives on every token, whether the token chooses it or not; loads nothing."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear


def of_scaled_expert(experts: Any, read: Tensor, expert: int) -> dict[str, Tensor]:
    """The same of experts of a Llama 4, each of which reads what its weights multiply.

    Args:
        experts: The module of a layer's experts.
        read: (experts * tokens, d_model), what each of them reads.
        expert: From 0.
    """
    count = len(experts.gate_up_proj)
    own = read.reshape(count, -1, read.shape[-1])[expert]  # (tokens, d_model)
    out = experts.forward(read).reshape(count, len(own), -1)[expert]  # (tokens, d_model)
    gate, up = (own @ experts.gate_up_proj[expert]).chunk(2, dim=-1)  # (tokens, d_expert) each
    post = experts.act_fn(gate) * up  # (tokens, d_expert)
    found = {"hook_pre": gate, "hook_pre_linear": up, "hook_post": post, "hook_out": out, "hook_result": out}
    return {f"mlp.experts.{expert}.{name}": value for name, value in found.items()}


def of_expert(experts: Any, read: Tensor, numbers: Tensor, weights: Tensor, expert: int) -> dict[str, Tensor]:
    """The activations of one expert, by their names after "mlp.experts.{e}.".

    Its output is that of transformers' own experts, told that every token chooses this one by a weight of 1. What is
    inside it no module shows: it is made of its weights, and of the function of its module.

    Args:
        experts: The module of a layer's experts.
        read: (tokens, d_model), what they read.
        numbers: (tokens, chosen), those that the tokens choose.
        weights: (tokens, chosen), how they weigh them.
        expert: From 0.
    """
    all_tokens = torch.full_like(numbers[:, :1], expert)  # (tokens, 1)
    out = experts.forward(read, all_tokens, torch.ones_like(weights[:, :1]))  # (tokens, d_model)
    share = (weights * (numbers == expert)).sum(-1, keepdim=True)  # (tokens, 1)
    stack = experts.gate_up_proj[expert]
    both = read @ stack if experts.is_transposed else linear(read, stack)  # (tokens, 2 d_expert)
    both = both + experts.gate_up_proj_bias[expert] if experts.has_bias else both
    gate, up = both.chunk(2, dim=-1) if experts.is_concatenated else (both[..., ::2], both[..., 1::2])
    post = experts._apply_gate(both)
    found = {"hook_pre": gate, "hook_pre_linear": up, "hook_post": post, "hook_out": out, "hook_result": out * share}
    return {f"mlp.experts.{expert}.{name}": value for name, value in found.items()}
