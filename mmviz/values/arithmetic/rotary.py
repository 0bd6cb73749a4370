"""How fast each pair of a head turns with the position, for every kind of rotary scaling; rotates nothing.

All in float32 and in the order of Hugging Face transformers 5.24, modeling_rope_utils: positions multiply what is lost
here, so that an angle at position 100,000 is off by a hundredth of a radian for the last bit of a frequency.
"""

import math

import torch
from torch import Tensor

from mmviz.values.families.rope import Rope


def rotary_frequencies(rope: Rope, rotated: int, seen: int) -> Tensor:
    """By how many radians a token each pair turns: (rotated / 2,), float32.

    Args:
        rope: The kind of scaling and its numbers.
        rotated: How many numbers of a head turn, even.
        seen: How many tokens there are, those in a cache included: what dynamic and longrope go by.

    Source: see `Rope`.
    """
    plain = plain_frequencies(rope.theta, rotated)  # (rotated / 2,)
    match rope.kind:
        case "default":
            found = plain
        case "linear":
            found = plain / rope.factor  # (rotated / 2,)
        case "factors":
            found = plain / torch.tensor(rope.factors)  # (rotated / 2,)
        case "proportional":
            turning = torch.arange(rotated // 2) < rope.turning(rotated)  # (rotated / 2,)
            found = torch.where(turning, plain, 0.0) / rope.factor  # (rotated / 2,)
        case "llama3":
            found = _llama3(rope, plain)
        case "dynamic":
            found = _dynamic(rope, rotated, seen)
        case "yarn":
            found = _yarn(rope, rotated)
        case "longrope":
            factors = torch.tensor(rope.long_factors if seen > rope.length else rope.factors)  # (rotated / 2,)
            found = 1.0 / (factors * rope.theta ** _exponents(rotated))  # (rotated / 2,)
    return found


def plain_frequencies(theta: float | Tensor, rotated: int) -> Tensor:
    """Without a scaling: (rotated / 2,), radians a token.

    Source: Su et al. 2021, section 3.2.2.
    """
    return 1.0 / theta ** _exponents(rotated)  # (rotated / 2,)


def rotary_stretch(rope: Rope, rotated: int, seen: int) -> Tensor:
    """By how much each wavelength is longer than theta says: (rotated / 2,), float32; arguments as above.

    Dividing a plain frequency by it gives what the model turns by, to the last bit wherever a float32 can say it.
    """
    plain, used = plain_frequencies(rope.theta, rotated), rotary_frequencies(rope, rotated, seen)  # (rotated / 2,)
    near = plain / used  # (rotated / 2,)
    up, down = (torch.nextafter(near, torch.full_like(near, end)) for end in (torch.inf, 0.0))  # (rotated / 2,)
    candidates = torch.stack((near, up, down))  # (3, rotated / 2)
    best = (plain / candidates - used).abs().argmin(0, keepdim=True)  # (1, rotated / 2)
    return candidates.gather(0, best)[0]  # (rotated / 2,)


def _llama3(rope: Rope, plain: Tensor) -> Tensor:
    """Pairs that turn `high` times or more over the original context stay, those below `low` turn slower by factor."""
    wavelengths = 2 * math.pi / plain  # (rotated / 2,), in tokens
    longest, shortest = rope.length / rope.low, rope.length / rope.high
    slowed = torch.where(wavelengths > longest, plain / rope.factor, plain)  # (rotated / 2,)
    if rope.high == rope.low:
        return slowed
    kept = (rope.length / wavelengths - rope.low) / (rope.high - rope.low)  # (rotated / 2,): 1 for short wavelengths
    between = (1 - kept) * slowed / rope.factor + kept * slowed  # (rotated / 2,)
    return torch.where((wavelengths >= shortest) & (wavelengths <= longest), between, slowed)  # (rotated / 2,)


def _dynamic(rope: Rope, rotated: int, seen: int) -> Tensor:
    """The base grows as soon as there are more tokens than the model was trained with."""
    tokens: float | Tensor = torch.tensor(seen) if seen > rope.length else rope.length  # transformers: then in float32
    grown = (rope.factor * tokens / rope.length) - (rope.factor - 1)
    return plain_frequencies(rope.theta * grown ** (rotated / (rotated - 2)), rotated)


def _yarn(rope: Rope, rotated: int) -> Tensor:
    """As llama3, but that between the two bounds the share of what stays goes with the number of the pair."""
    wavelengths = rope.theta ** _exponents(rotated)  # (rotated / 2,), over 2 pi
    first, last = (_pair_that_turns(times, rope, rotated) for times in (rope.high, rope.low))
    if rope.truncated:
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, rotated - 1)
    if first == last:
        last += 0.001
    slowed = ((torch.arange(rotated // 2).float() - first) / (last - first)).clamp(0, 1)  # (rotated / 2,)
    kept = 1 - slowed  # (rotated / 2,)
    return 1.0 / (rope.factor * wavelengths) * (1 - kept) + 1.0 / wavelengths * kept  # (rotated / 2,)


def _pair_that_turns(times: float, rope: Rope, rotated: int) -> float:
    """The number, with a fraction, of the pair that turns so often over the original context."""
    return rotated * math.log(rope.length / (times * 2 * math.pi)) / (2 * math.log(rope.theta))


def _exponents(rotated: int) -> Tensor:
    return torch.arange(0, rotated, 2).float() / rotated  # (rotated / 2,)
