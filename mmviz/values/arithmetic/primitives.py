"""What the forward passes of all families are built of: norms, rotary positions, attention; no weights."""

from collections.abc import Generator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from mmviz.scene.language.masks import Masking
from mmviz.values.arithmetic.masking import forbidden
from mmviz.values.families.rope import Rope

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


def rotary_stretch(rope: Rope, d_head: int) -> Tensor:
    """By how much each wavelength is longer than theta says: (d_head / 2,), float32.

    Source: for llama3 the Llama 3.1 model card and Hugging Face's rope_type llama3.
    """
    pairs = d_head // 2
    match rope.kind:
        case "default":
            return torch.ones(pairs)
        case "linear":
            return torch.full((pairs,), rope.factor)
        case "factors":
            return torch.tensor(rope.factors)
        case "llama3":
            return _llama3_stretch(rope, d_head)


def _llama3_stretch(rope: Rope, d_head: int) -> Tensor:
    plain = _frequencies(rope.theta, d_head)  # (d_head / 2,)
    turns = rope.length * plain / (2 * torch.pi)  # (d_head / 2,): of a pair, over the original context
    kept = ((turns - rope.low) / (rope.high - rope.low)).clamp(0, 1)  # (d_head / 2,): 1 for short wavelengths
    return 1.0 / ((1 - kept) / rope.factor + kept)  # (d_head / 2,)


def rotary_angles(tokens: int, d_head: int, theta: float, stretch: Tensor | None = None, first: int = 0) -> Tensor:
    """The angle of each position and pair, in radians: (tokens, d_head / 2), float32 as in Hugging Face.

    Args:
        tokens: How many positions.
        d_head: Even.
        theta: Base of the wavelengths.
        stretch: (d_head / 2,): what each wavelength is multiplied by.
        first: The first position.

    Source: Su et al. 2021, section 3.2.2.
    """
    frequencies = _frequencies(theta, d_head)  # (d_head / 2,)
    if stretch is not None:
        frequencies = frequencies / stretch.to(frequencies)  # (d_head / 2,)
    return torch.outer(torch.arange(first, first + tokens).float(), frequencies)  # (tokens, d_head / 2)


def _frequencies(theta: float, d_head: int) -> Tensor:
    return 1.0 / theta ** (torch.arange(0, d_head, 2).float() / d_head)  # (d_head / 2,): radians a token


def rotate(x: Tensor, angles: Tensor) -> Tensor:
    """Rotary position embedding of queries or keys; same shape as `x`.

    Args:
        x: (tokens, heads, d_head).
        angles: (tokens, d_head / 2), in radians.

    Source: Su et al. 2021, section 3.4.2; halves paired, (i, i + d_head / 2), as in Hugging Face Llama.
    """
    cos, sin = angles.cos().unsqueeze(1).to(x), angles.sin().unsqueeze(1).to(x)  # (tokens, 1, d_head / 2)
    first, second = x.chunk(2, -1)  # (tokens, heads, d_head / 2)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)  # (tokens, heads, d_head)


def attend(at: str, q: Tensor, k: Tensor, v: Tensor, factor: float, masking: Masking | None, cap: float = 0.0) -> Steps:
    """Attention, every head by itself; the queries are those of the last tokens.

    Args:
        at: What the names begin with, such as "blocks.0.attn.".
        q: (tokens, heads, d_head).
        k: (seen, kv_heads, d_head), of all tokens so far.
        v: (seen, kv_heads, d_head).
        factor: What query times key is multiplied by.
        masking: Which keys a query does not look at; None: it looks at all.
        cap: Scores are capped at this by a tanh; 0: they are not.

    Returns:
        z, (tokens, heads, d_head).

    Source: Vaswani et al. 2017, section 3.2; keys and values that heads share: Ainslie et al. 2023.
    """
    group = q.shape[1] // k.shape[1]
    k = k.repeat_interleave(group, dim=1)  # (seen, heads, d_head)
    v = v.repeat_interleave(group, dim=1)  # (seen, heads, d_head)
    scores = torch.einsum("qhd,khd->hqk", q, k) * factor  # (heads, tokens, seen)
    if cap:
        scores = cap * torch.tanh(scores / cap)  # (heads, tokens, seen)
    if masking is not None:
        unseen = forbidden(masking, (len(q), len(k)), (len(k) - len(q), 0), q.device)  # (tokens, seen)
        scores = scores.masked_fill(unseen, -torch.inf)  # (heads, tokens, seen)
    yield f"{at}hook_attn_scores", scores
    pattern = scores.softmax(-1)  # (heads, tokens, seen)
    yield f"{at}hook_pattern", pattern
    z = torch.einsum("hqk,khd->qhd", pattern, v)  # (tokens, heads, d_head)
    yield f"{at}hook_z", z
    return z
