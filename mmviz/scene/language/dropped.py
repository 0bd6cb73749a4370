"""Which elements dropout drops: a rule of seed, row and column, for whole numbers and arrays of any library."""

from typing import Any

WORD = 0xFFFFFFFF
GOLDEN = 0x9E3779B9
_MIXED = ((16, 0x85EBCA6B), (13, 0xC2B2AE35))


def dropped(i: Any, j: Any, p: float, seed: int) -> Any:
    """True where an element is dropped: of every seed about a share p of all.

    The page draws the same elements, so that what is drawn is a number of 32 bits that a place alone decides.

    Args:
        i: Row numbers, 0 or more; with arrays those of one column.
        j: Column numbers, with arrays of one row.
        p: The share, 0 to 1.
        seed: A whole number, 0 or more.
    """
    start = _scattered((seed & WORD) ^ _scattered((seed >> 32) + GOLDEN & WORD))
    return _scattered(_scattered(start ^ i) * 5 + j & WORD) < p * (1 << 32)


def _scattered(word: Any) -> Any:
    """The last step of MurmurHash3 by Austin Appleby, in the public domain: every bit changes half of all bits."""
    for shift, factor in _MIXED:
        word = (word ^ (word >> shift)) * factor & WORD
    return word ^ (word >> 16)
