"""ALiBi: scores with a bias that grows toward the last token, by a slope of each head; computes no bias."""

from dataclasses import dataclass

OCTAVES = 8
"""The smallest slope is 2 to the power of minus this, where the number of heads is a power of 2."""


@dataclass(frozen=True, slots=True)
class Alibi:
    """Attention with linear biases: the slopes of the heads are evenly spaced powers of 2.

    A bias is that of the key's position alone. Per distance it would be less by the same number in a whole row, which
    a softmax takes away.

    Source: Press et al. 2022, Train Short, Test Long, section 3; per position as in Hugging Face transformers.
    """

    from_last: bool = False  # the bias of the last key is 0, and those before it are below; else the first key's is 0


def exponents(heads: int) -> list[float]:
    """Of each head, minus the power of 2 that is its slope.

    Where the number of heads is no power of 2, those beyond the next lower one have slopes between those of the
    others, the steepest first.

    Source: see `Alibi`.
    """
    even = 1 << (heads.bit_length() - 1)  # the largest power of 2 that is not above
    first = [OCTAVES * (head + 1) / even for head in range(even)]
    return first + [OCTAVES * (2 * head + 1) / (2 * even) for head in range(heads - even)]
