"""Which of a T5's biases stands for each distance of two tokens; reads no weights."""

import math

import torch
from torch import Tensor


def distance_buckets(tokens: int, seen: int, count: int, farthest: int, *, both_ways: bool = True) -> Tensor:
    """The number of the bias of each query, a row, and each key: (tokens, seen).

    Where tokens look both ways, the first half of the biases is for keys that come before, the other for those that
    come after; else all are for keys that come before. Of these, the first half is for one distance each, the others
    for ranges that grow up to the farthest, beyond which all is alike.

    Args:
        tokens: Queries, the last of those that are seen.
        seen: Keys.
        count: Of biases, at least 4.
        farthest: The distance from which on the bias is the same.
        both_ways: Tokens look at later ones, too; else those have the bias of a token by itself.

    Source: Raffel et al. 2020, section 2.1; float32 as in Hugging Face transformers 5, T5Attention.
    """
    apart = torch.arange(seen)[None] - torch.arange(seen - tokens, seen)[:, None]  # (tokens, seen), key minus query
    return buckets_of(apart, count, farthest, both_ways=both_ways)


def buckets_of(apart: Tensor, count: int, farthest: int, *, both_ways: bool = True) -> Tensor:
    """The same for distances, each a key's position minus a query's; same shape as `apart`."""
    each_way = count // 2 if both_ways else count
    single, distance = each_way // 2, apart.abs() if both_ways else (-apart).clamp(min=0)
    grown = torch.log(distance.float() / single) / math.log(farthest / single) * (each_way - single)
    ranges = single + grown.clamp(max=each_way).nan_to_num(neginf=0).to(torch.long)
    buckets = torch.where(distance < single, distance, ranges.clamp(max=each_way - 1))
    return buckets + each_way * (apart > 0) if both_ways else buckets
