"""Which of a T5's biases stands for each distance of two tokens; reads no weights."""

import math

import torch
from torch import Tensor


def distance_buckets(tokens: int, seen: int, count: int, farthest: int) -> Tensor:
    """The number of the bias of each query, a row, and each key, where tokens look both ways: (tokens, seen).

    The first half of the biases is for keys that come before, the other for those that come after. Of a half, the
    first half is for one distance each, the others for ranges that grow up to the farthest, beyond which all is alike.

    Args:
        tokens: Queries, the last of those that are seen.
        seen: Keys.
        count: Of biases, at least 4.
        farthest: The distance from which on the bias is the same.

    Source: Raffel et al. 2020, section 2.1; float32 as in Hugging Face transformers 5, T5Attention.
    """
    apart = torch.arange(seen)[None] - torch.arange(seen - tokens, seen)[:, None]  # (tokens, seen), key minus query
    half = count // 2
    single, distance = half // 2, apart.abs()
    ranges = single + (torch.log(distance.float() / single) / math.log(farthest / single) * (half - single)).clamp(
        max=half
    ).nan_to_num(neginf=0).to(torch.long)
    buckets = torch.where(distance < single, distance, ranges.clamp(max=half - 1))
    return buckets + half * (apart > 0)
