"""The numbers of ALiBi: what is added to the scores of each head; float32, as in Hugging Face transformers."""

import torch
from torch import Tensor

from mmviz.values.families.alibi import Alibi, exponents


def alibi_bias(alibi: Alibi, heads: int, seen: int) -> Tensor:
    """What is added to the scores, the same for every query: (heads, 1, seen).

    Args:
        alibi: Where it is 0.
        heads: How many.
        seen: How many keys there are, those in a cache included.

    Source: see `Alibi`.
    """
    slopes = 2.0 ** -torch.tensor(exponents(heads), dtype=torch.float32)  # (heads,)
    positions = torch.arange(seen, dtype=torch.float32) - (seen - 1 if alibi.from_last else 0)  # (seen,)
    return slopes[:, None, None] * positions  # (heads, 1, seen)
