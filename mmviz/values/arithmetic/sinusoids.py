"""Vectors for positions that are computed, not learned: sines in their first half, cosines in the other."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from mmviz.values.families.config import Sinusoids


def position_vectors(rows: Sequence[int], width: int, kind: Sinusoids) -> Tensor:
    """The vectors of some positions: (len(rows), width), float32; sines first.

    Args:
        rows: The numbers of the positions.
        width: Numbers of a vector.
        kind: How they are computed.

    Source: Vaswani et al. 2017, section 3.5; Hugging Face transformers 5, MarianSinusoidalPositionalEmbedding
        (float64) and M2M100SinusoidalPositionalEmbedding (float32).
    """
    if kind == "float64":
        sines = -(-width // 2)  # rounded up
        places = torch.tensor(rows, dtype=torch.float64)[:, None]  # (positions, 1)
        angles = places / torch.pow(10000.0, 2 * torch.arange(sines, dtype=torch.float64) / width)  # (positions, sines)
        return torch.cat((angles.sin(), angles[:, : width // 2].cos()), 1).float()
    half = width // 2
    frequencies = torch.exp(torch.arange(half).float() * -(math.log(10000) / (half - 1)))  # (half,)
    angles = torch.tensor(rows).float()[:, None] * frequencies  # (positions, half)
    return torch.cat((angles.sin(), angles.cos(), torch.zeros(len(rows), width % 2)), 1)
