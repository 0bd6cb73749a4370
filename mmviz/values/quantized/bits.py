"""Numbers of a few bits in words and bytes of more: taken apart, and what bits mean; knows no format of files."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

WORD = 32
"""Bits of a word of packed whole numbers."""
FP4 = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""E2M1 without its sign. Source: OCP Microscaling Formats 1.0, section 5.3.3."""
FP6 = (*(each / 8 for each in range(8)), *((1 + each / 8) * 2.0**power for power in range(3) for each in range(8)))
"""E2M3 without its sign, from section 5.3.2."""
_BOTH_SIGNS = (*FP4, *(-each for each in FP4))
_SIXES = torch.tensor([*FP6, *(-each for each in FP6)])
_PAIRS = torch.tensor([[_BOTH_SIGNS[byte & 15], _BOTH_SIGNS[byte >> 4]] for byte in range(256)])


@dataclass(frozen=True, slots=True)
class Packing:
    """How numbers of a row lie in words, half of them below 0: no bit is left over, or each word begins with one."""

    bits: int
    gaps: bool = False

    def words(self, numbers: int) -> int:
        """How many hold so many numbers."""
        return -(-numbers // (WORD // self.bits)) if self.gaps else -(-numbers * self.bits // WORD)

    def numbers(self, read: Callable[[range], Tensor], wanted: range, count: int) -> Tensor:
        """Some of the numbers of each row: (rows, wanted).

        Args:
            read: Gives some words of each row, (rows, words).
            wanted: At least one.
            count: How many a row has.
        """
        words, first = words_of(wanted, self.bits, gaps=self.gaps)
        there = range(words.start, min(words.stop, self.words(count)))
        found = torch.nn.functional.pad(read(there), (0, len(words) - len(there)))  # as the last ones are left out
        return signed(unpacked(found, self.bits, gaps=self.gaps), self.bits)[:, wanted.start - first :][
            :, : len(wanted)
        ]


def unpacked(words: Tensor, bits: int, *, gaps: bool = False) -> Tensor:
    """Whole numbers from 0 up, the lowest bits of a word first: (..., words) int32 to (..., words * 32 / bits).

    Where numbers lie across two words, their lower bits in the first, these are as many as `words_of` says; with gaps
    none does.
    """
    if WORD % bits and not gaps:
        return _unpacked_across(words, bits)
    shifts = torch.arange(0, WORD - bits + 1, bits, dtype=torch.int32)
    return ((words.unsqueeze(-1) >> shifts) & ((1 << bits) - 1)).flatten(-2)


def _unpacked_across(words: Tensor, bits: int) -> Tensor:
    whole = words.long() & ((1 << WORD) - 1)  # from 0 up
    together = whole.reshape(*words.shape[:-1], -1, bits)  # 32 numbers in so many words
    starts = torch.arange(0, WORD * bits, bits)
    first, shift = starts // WORD, starts % WORD
    rest = together[..., (first + 1).clamp(max=bits - 1)] << (WORD - shift)  # of no use where none is left
    numbers: Tensor = together[..., first] >> shift | rest
    return (numbers & ((1 << bits) - 1)).int().flatten(-2)


def words_of(numbers: range, bits: int, *, gaps: bool = False) -> tuple[range, int]:
    """Words that hold some packed numbers and can be unpacked together, and which number their first one is."""
    words = 1 if gaps or WORD % bits == 0 else bits
    each = words * WORD // bits
    first, last = numbers.start // each, (numbers.stop - 1) // each
    return range(first * words, (last + 1) * words), first * each


def has_largest(words: Tensor, numbers: int, bits: int) -> bool:
    """Whether one of the first so many numbers of a row has all its bits set: (rows, words) int32.

    Numbers are not taken apart where that is not needed, as they take eight times the room then.
    """
    if WORD % bits:
        return bool((unpacked(words, bits)[:, :numbers] == (1 << bits) - 1).any())
    each = WORD // bits
    all_set = words
    for shift in range(1, bits):
        all_set = all_set & (words >> shift)  # at the lowest bit of each number
    lowest = ((1 << WORD) - 1) // ((1 << bits) - 1)
    whole, rest = divmod(numbers, each)
    found = bool((all_set[:, :whole] & lowest).any())
    return found or bool(rest and (all_set[:, whole] & lowest & (1 << rest * bits) - 1).any())


def unpacked_rows(words: Tensor, bits: int) -> Tensor:
    """The same where numbers below each other are packed: (words, columns) to (words * 32 / bits, columns)."""
    return unpacked(words.mT, bits).mT


def signed(numbers: Tensor, bits: int) -> Tensor:
    """From whole numbers from 0 up to those that half of them below 0 are."""
    return numbers - (1 << bits - 1)


def fp4(pairs: Tensor) -> Tensor:
    """Floats of 4 bits, the lower half of a byte first: (..., bytes) uint8 to (..., 2 * bytes) float32."""
    return _PAIRS.index_select(0, pairs.flatten().int()).reshape(*pairs.shape[:-1], -1)


def fp6(triples: Tensor) -> Tensor:
    """Floats of 6 bits, four in three bytes, the lowest bits first: (rows, bytes) uint8 to (rows, bytes * 4 / 3)."""
    first, second, third = triples.reshape(len(triples), -1, 3).int().unbind(-1)  # (rows, triples) each
    word = first | second << 8 | third << 16
    codes = torch.stack([word >> shift & 63 for shift in (0, 6, 12, 18)], -1)  # (rows, triples, 4)
    return _SIXES.index_select(0, codes.flatten()).reshape(len(triples), -1)
