"""Masks as torch tensors: the rules of mmviz.scene.language.masks at the places of a matrix, or of a part of it."""

import torch
from torch import Tensor

from mmviz.scene.language.masks import MASKS, Masking


def forbidden(
    masking: Masking, shape: tuple[int, int], first: tuple[int, int] = (0, 0), device: torch.device | None = None
) -> Tensor:
    """Where a mask forbids elements: `shape`, bool.

    Args:
        masking: The function that masks, and its numbers.
        shape: Rows and columns.
        first: Row and column of the first element, where it is a part of a matrix.
        device: Where the mask is needed.
    """
    i, j = (torch.arange(begin, begin + size, device=device) for begin, size in zip(first, shape, strict=True))
    found: Tensor = MASKS[masking.function].forbids(i[:, None], j, masking.numbers)
    return found.expand(shape)
