"""What is before the layers of a forward pass and behind them, linear maps and norms of both; attends to nothing."""

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from mmviz.values.arithmetic.functions import POINTWISE
from mmviz.values.arithmetic.primitives import Steps, rms_norm
from mmviz.values.arithmetic.sinusoids import position_vectors
from mmviz.values.families.config import ModelConfig
from mmviz.values.model.weights import Weights


def embedded(weights: Weights, config: ModelConfig, token_ids: Sequence[int], first: int) -> Steps:
    """The residual stream that enters the first layer, (tokens, d_model), of tokens whose first is at this position."""
    x = weights.rows("embed.W_E", token_ids) * config.embed_factor  # (tokens, d_model or d_embed)
    yield "hook_embed", x
    if config.token_types:
        first_text = weights.rows("token_type_embed.W_token_type", [0]).expand_as(x)  # (tokens, d_model)
        yield "hook_token_type_embed", first_text
        x = x + first_text  # (tokens, d_model)
    if config.learned_positions or config.sinusoids:
        positions = _positions(weights, config, _rows_of_positions(config, token_ids, first))  # (tokens, d_model)
        yield "hook_pos_embed", positions
        if config.d_embed:
            x = x @ weights.part("embed.W_proj")  # (tokens, d_model)
            yield "hook_projected_embed", x
        x = x + positions  # (tokens, d_model)
    if config.embed_norm:
        x = normalized(x, weights, "embed.ln", config)  # (tokens, d_model)
        yield "hook_full_embed", x
    return x


def _positions(weights: Weights, config: ModelConfig, rows: Sequence[int]) -> Tensor:
    """The vectors of positions, (tokens, d_model): learned, or computed where files do not hold them."""
    if config.learned_positions:
        return weights.rows("pos_embed.W_pos", rows)
    found = weights.like(position_vectors(rows, config.d_model, config.sinusoids))
    if config.padding is not None:
        found[[row == config.padding for row in rows]] = 0.0
    return found


def _rows_of_positions(config: ModelConfig, token_ids: Sequence[int], first: int) -> list[int]:
    """Which of the vectors for positions each token has.

    Source: Hugging Face transformers 5, RobertaEmbeddings, for tokens of padding within a prompt.
    """
    offset, counted = config.position_offset + first, [token != config.padding for token in token_ids]
    rows = accumulate(counted, initial=offset)  # of each token as if it were counted; one more than there are tokens
    return [row if is_counted else config.position_offset - 1 for row, is_counted in zip(rows, counted, strict=False)]


def told(x: Tensor, weights: Weights, config: ModelConfig) -> Steps:
    """What becomes of the residual stream behind the last layer: logits, (tokens, vocabulary), if there are any."""
    if config.final_norm:
        x = normalized(x, weights, config.last_norm, config)  # (tokens, d_model)
        yield f"{config.last_norm}.hook_normalized", x
    if config.d_embed:
        x = x @ weights.part("final.W_proj")  # (tokens, d_embed)
        yield "hook_projected_resid", x
    if not config.unembeds:
        return x
    if config.head_activation:
        x = linear(x, weights, "mlm_head.{}", biased=config.head_bias)  # (tokens, d_model)
        x = normalized(POINTWISE[config.head_activation](x), weights, "mlm_head.ln", config)  # (tokens, d_model)
        yield "mlm_head.ln.hook_normalized", x
    logits = _unembedded(x, weights, config)  # (tokens, vocabulary)
    yield "logits", logits
    return logits


def _unembedded(x: Tensor, weights: Weights, config: ModelConfig) -> Tensor:
    """Logits of the last norm's output: (tokens, vocabulary)."""
    logits = x @ weights.part("unembed.W_U")  # (tokens, vocabulary)
    if config.unembed_bias:
        logits = logits + weights.part("unembed.b_U")  # (tokens, vocabulary)
    return _capped(logits * config.logit_factor, config.logit_cap)


def linear(x: Tensor, weights: Weights, name: str, *, biased: bool) -> Tensor:
    """A linear map by its name with {} for W or b, with its bias where it has one."""
    weight = weights.part(name.format("W"))  # (in, out)
    if not biased:
        return x @ weight  # (tokens, out)
    return torch.addmm(weights.part(name.format("b")), x, weight)  # (tokens, out)


def normalized(x: Tensor, weights: Weights, name: str, config: ModelConfig, *, biased: bool | None = None) -> Tensor:
    """A norm by its name, such as "blocks.0.ln1", with a bias as all of the model, or not; same shape as `x`."""
    size, biased = x.shape[-1:], config.norm_biased if biased is None else biased
    weighted = config.norm_weighted and (config.qk_norm_weighted or not name.endswith(("q_norm", "k_norm")))
    gain = weights.part(f"{name}.w") if weighted else x.new_ones(size)  # (size,); of heads (heads, size)
    if config.norm == "rms":
        return rms_norm(x, gain, config.norm_eps)
    offset = weights.part(f"{name}.b") if biased else None  # (size,)
    if gain.ndim == 1:
        return layer_norm(x, size, gain, offset, config.norm_eps)
    return layer_norm(x, size, eps=config.norm_eps) * gain


def _capped(x: Tensor, cap: float) -> Tensor:
    return POINTWISE["softcap"](x, cap) if cap else x
