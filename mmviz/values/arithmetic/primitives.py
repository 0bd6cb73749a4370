"""What the forward passes of all families are built of: norms, rotary positions, attention; no weights."""

from collections.abc import Generator
from dataclasses import dataclass, field

import torch
from torch import Tensor

Named = tuple[str, Tensor]
Steps = Generator[Named, None, Tensor]
"""Yields (name, value) of every activation as soon as it is known, and returns the last one."""


@dataclass(slots=True)
class KeyValueCache:
    """Keys (rotated) and values of the tokens that a model has read, so that the next one needs no others.

    Each entry is (tokens, kv_heads, d_head), on the model's device.
    """

    keys: dict[int, Tensor] = field(default_factory=dict)  # by layer
    values: dict[int, Tensor] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """How many tokens have been read."""
        return min((len(keys) for keys in self.keys.values()), default=0)

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new tokens; all of the layer's so far: (tokens, kv_heads, d_head) each."""
        if layer in self.keys:
            keys = torch.cat((self.keys[layer], keys))  # (tokens, kv_heads, d_head)
            values = torch.cat((self.values[layer], values))  # (tokens, kv_heads, d_head)
        self.keys[layer], self.values[layer] = keys, values
        return keys, values


def result_of(steps: Steps) -> Tensor:
    """What they end with, whatever they yield on the way."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Tensor = end.value
            return result


@dataclass(frozen=True, slots=True, eq=False)
class Routing:
    """How scores of experts become weights of those that are chosen."""

    chosen: int  # how many for each token
    normalized: bool  # the weights of those that are chosen add up to 1; else each is its share
    sigmoid: bool = False  # shares are sigmoids of the scores; else they are a softmax of all
    correction: Tensor | None = None  # (experts,), what is added to shares where they are compared
    factor: float = 1.0  # weights are multiplied by it


def routed(scores: Tensor, how: Routing) -> tuple[Tensor, Tensor]:
    """The experts that each token goes through.

    Args:
        scores: (tokens, experts).
        how: How many each token chooses, and what they weigh.

    Returns:
        The weight of each expert, (tokens, experts), 0 of those that are not chosen; and the numbers of those that are,
        (tokens, chosen), the one that weighs most first.

    Source: Jiang et al. 2024, Mixtral of Experts, section 2.1; not normalized as in Hugging Face Qwen2Moe; sigmoids and
        corrections: DeepSeek-AI 2024, DeepSeek-V3, section 2.1.2.
    """
    if how.sigmoid or how.correction is not None:
        shares = scores.sigmoid() if how.sigmoid else scores.softmax(-1)  # (tokens, experts)
        by = shares if how.correction is None else shares + how.correction  # (tokens, experts)
        numbers = by.topk(how.chosen, dim=-1).indices  # (tokens, chosen)
        weights, order = shares.gather(-1, numbers).sort(dim=-1, descending=True, stable=True)  # (tokens, chosen)
        numbers = numbers.gather(-1, order)  # (tokens, chosen)
        weights = weights / weights.sum(-1, keepdim=True) if how.normalized else weights  # (tokens, chosen)
    else:
        best, numbers = scores.topk(how.chosen, dim=-1)  # (tokens, chosen)
        weights = best.softmax(-1) if how.normalized else scores.softmax(-1).gather(-1, numbers)  # (tokens, chosen)
    weights = weights if how.factor == 1 else weights * how.factor  # (tokens, chosen)
    return torch.zeros_like(scores).scatter(-1, numbers, weights), numbers


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Each row divided by its root mean square, times the weight; same shape as `x`.

    Args:
        x: (tokens, d_model).
        weight: (d_model,).
        eps: Added to the mean square.

    Source: Zhang and Sennrich 2019, equation 4; eps as in Hugging Face Llama.
    """
    mean_square = x.square().mean(-1, keepdim=True)  # (tokens, 1)
    return weight * (x * torch.rsqrt(mean_square + eps))  # (tokens, d_model)


def rotary_angles(tokens: int, frequencies: Tensor, first: int = 0) -> Tensor:
    """The angle of each position and pair, in radians: (tokens, rotated / 2), float32 as in Hugging Face.

    Args:
        tokens: How many positions.
        frequencies: (rotated / 2,): by how much each pair turns a token.
        first: The first position.
    """
    return torch.outer(torch.arange(first, first + tokens).float(), frequencies)  # (tokens, rotated / 2)


def rotate(x: Tensor, angles: Tensor, gain: float = 1.0, *, neighbours: bool = False) -> Tensor:
    """Rotary position embedding of queries or keys; same shape as `x`.

    Args:
        x: (tokens, heads, d_head).
        angles: (tokens, rotated / 2), in radians; the first `rotated` numbers of a head turn, the others stay.
        gain: What those that turn are multiplied by, too.
        neighbours: (2i, 2i + 1) are paired, as in GPT-J.

    Source: Su et al. 2021, section 3.4.2; halves paired, (i, i + rotated / 2), as in Hugging Face Llama; only the
        first numbers rotated as in GPT-NeoX.
    """
    cos, sin = ((turn * gain).unsqueeze(1).to(x) for turn in (angles.cos(), angles.sin()))  # (tokens, 1, rotated / 2)
    rotated = 2 * angles.shape[1]
    turning, rest = x[..., :rotated], x[..., rotated:]  # (tokens, heads, rotated), (tokens, heads, d_head - rotated)
    if neighbours:
        first, second = turning[..., ::2], turning[..., 1::2]  # (tokens, heads, rotated / 2)
        turned = torch.stack((first * cos - second * sin, second * cos + first * sin), -1).flatten(-2)
        return torch.cat((turned, rest), -1)  # (tokens, heads, d_head)
    first, second = turning.chunk(2, -1)  # (tokens, heads, rotated / 2)
    return torch.cat((first * cos - second * sin, second * cos + first * sin, rest), -1)  # (tokens, heads, d_head)


def position_factors(tokens: int, rate: float, length: float, first: int = 0) -> Tensor:
    """What queries grow by with their positions, so that a longer prompt blurs no pattern: (tokens, 1), float32.

    Args:
        tokens: How many positions.
        rate: 0: by nothing.
        length: Positions before this one grow by nothing.
        first: The first position.

    Source: Hugging Face transformers 5.24, get_llama_4_attn_scale of Ministral 3; Llama 4 counts positions from 1.
    """
    positions = torch.arange(first, first + tokens)
    return (1 + rate * torch.log(1 + torch.floor(positions / length)))[:, None]  # (tokens, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Scoring:
    """How query times key becomes a pattern."""

    factor: float  # it is multiplied by it
    unseen: Tensor | None  # (tokens, seen), True where a query does not look at a key; None: it looks at all
    cap: float = 0.0  # scores are capped at it by a tanh; 0: they are not
    bias: tuple[str, Tensor] | None = None  # what is added to scores, by its name, (heads, tokens or 1, seen)
    sinks: Tensor | None = None  # (heads,), a score of each head that takes its share of every row, and has no value


def attend(at: str, q: Tensor, k: Tensor, v: Tensor, how: Scoring) -> Steps:
    """Attention, every head by itself; the queries are those of the last tokens.

    Args:
        at: What the names begin with, such as "blocks.0.attn.".
        q: (tokens, heads, d_head).
        k: (seen, kv_heads, d_head), of all tokens so far.
        v: (seen, kv_heads, d_head).
        how: Factor, mask and what else makes a pattern of scores.

    Returns:
        z, (tokens, heads, d_head).

    Source: Vaswani et al. 2017, section 3.2; keys and values that heads share: Ainslie et al. 2023; sinks
        as in Hugging Face GptOss.
    """
    group = q.shape[1] // k.shape[1]
    k = k.repeat_interleave(group, dim=1)  # (seen, heads, d_head)
    v = v.repeat_interleave(group, dim=1)  # (seen, heads, d_head)
    scores = q.transpose(0, 1) @ k.permute(1, 2, 0) * how.factor  # (heads, tokens, seen)
    if how.cap:
        scores = how.cap * torch.tanh(scores / how.cap)  # (heads, tokens, seen)
    if how.bias is not None:
        name, bias = how.bias[0], how.bias[1].to(scores).expand(-1, len(q), -1)  # (heads, tokens, seen)
        yield f"{at}{name}", bias
        scores = scores + bias  # (heads, tokens, seen)
    if how.unseen is not None:
        scores.masked_fill_(how.unseen, -torch.inf)  # (heads, tokens, seen), which nobody else has yet
    yield f"{at}hook_attn_scores", scores
    if how.sinks is None:
        pattern = scores.softmax(-1)  # (heads, tokens, seen)
        yield f"{at}hook_pattern", pattern
    else:
        column = how.sinks[:, None, None].expand(-1, len(q), 1)  # (heads, tokens, 1)
        shares = torch.cat((scores, column), -1).softmax(-1)  # (heads, tokens, seen + 1)
        pattern = shares[..., :-1]  # (heads, tokens, seen)
        yield f"{at}hook_pattern", pattern
        yield f"{at}hook_sink", shares[..., -1:]
    z = (pattern @ v.transpose(0, 1)).transpose(0, 1)  # (tokens, heads, d_head)
    yield f"{at}hook_z", z
    return z
