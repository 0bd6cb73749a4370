"""How large the rounding errors of stored weights are, from what they are stored as; never changes a weight."""

import re
from math import gcd, log, sqrt
from typing import Final

import torch
from torch import Tensor

from mmviz.values.files.store import FLOATS

_MANTISSA: Final = {torch.bfloat16: 7, torch.float16: 10, torch.float32: 23, torch.float64: 52}
_BITS: Final = {
    torch.bfloat16: torch.int16,
    torch.float16: torch.int16,
    torch.float32: torch.int32,
    torch.float64: torch.int64,
}
BLOCK: Final = 32
_BLOCKS_OF_16: Final = ("Q2_K", "Q3_K", "Q6_K")
_WIDTH: Final = re.compile(r"(?:I?Q|TQ|MXFP|NVFP|INT|NF)([1-8])")
_BLOCK_SAID: Final = re.compile(r"blocks of (?:[0-9]+x)?([0-9]+)")
_WHOLE_LINES: Final = ("a scale a row", "one scale")
_FP8: Final = re.compile(r"FP8 E[45]M([32])")
_OF_EXPONENT: Final = sqrt(3 / (8 * log(2)))
"""Root of the mean square of a power of 2 as a share of the numbers between it and the next, any logarithm of which is
as likely as any other."""
_SYMMETRIC: Final = ("Q4_0", "Q5_0", "Q8_0")
"""Of the steps of a block as many are below 0 as above, whatever its elements are."""
_COMPUTED: Final = ("F32", "F64")
"""What weights are computed in, too: they were rounded not once, when they were stored, but with every sum."""
UNIFORM: Final = 1 / sqrt(12)
"""Root of the mean square of an error that is as likely to be anywhere within half a step of 0, in steps."""


def rounding_errors(stored: Tensor, kind: str, along: int) -> Tensor:
    """The root of the mean square rounding error of every element, as far as storage says: an estimate.

    An element between 2^e and 2^(e+1) of a float with p bits after the point lies within 2^(e-p) / 2 of what was
    rounded. A quantized one lies within half a step, and there are 2^bits - 1 steps from the least to the largest
    element of its block, or half as many up to the largest magnitude.

    What is stored in 32 bits or more was computed in them as well: sums of r products, r the lesser side, are rounded
    r times, which adds up as sqrt(r) does.

    Args:
        stored: (matrices, rows, columns), in the dtype they are stored in, or float32 if they were quantized.
        kind: What they are stored as, in the words of the file: BF16, Q4_K.
        along: 1 if the blocks of quantized weights go along columns, that is from row to row, 2 if along rows.

    Returns:
        (matrices, rows, columns), float64; what it is for matrices with NaN or infinity means nothing.
    """
    if (small := _FP8.match(kind)) is not None:  # whose scale is not known any more
        return stored.to(torch.float64).abs() * (2.0 ** -int(small[1]) * _OF_EXPONENT * UNIFORM)
    if kind not in FLOATS:
        return _block_steps(stored.transpose(along, 2), kind).transpose(along, 2) * UNIFORM
    times = sqrt(min(stored.shape[1:])) if kind in _COMPUTED else 1.0
    return _float_steps(stored) * (UNIFORM * times)


def _float_steps(stored: Tensor) -> Tensor:
    """From each element to the next that its dtype knows: the bits of the exponent alone are a power of 2."""
    bits, mantissa = _BITS[stored.dtype], _MANTISSA[stored.dtype]
    exponent = (stored.view(bits) >> mantissa << mantissa).view(stored.dtype)
    least = torch.finfo(stored.dtype).smallest_normal  # below it, steps do not shrink any more
    return exponent.to(torch.float64).abs().clamp(min=least) * 2.0**-mantissa


def _block_steps(stored: Tensor, kind: str) -> Tensor:
    width = _WIDTH.match(kind)
    bits = int(width[1] if width else 8)
    block = _block(kind, stored.shape[2])
    least, largest = stored.reshape(*stored.shape[:2], -1, block).to(torch.float64).aminmax(dim=-1)
    if kind in _SYMMETRIC or (kind.startswith("INT") and "zero point" not in kind):
        steps = torch.maximum(-least, largest) / (127 if bits == 8 else 2 ** (bits - 1))
    else:
        steps = (largest - least) / (2**bits - 1)
    return steps.repeat_interleave(block, 2)


def _block(kind: str, length: int) -> int:
    """How many numbers beside each other share a scale, of a line of so many."""
    if any(word in kind for word in _WHOLE_LINES):
        return length
    said = _BLOCK_SAID.search(kind)
    return gcd(int(said[1]) if said else 16 if kind in _BLOCKS_OF_16 else BLOCK, length)
