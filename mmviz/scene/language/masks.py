"""Which elements the functions forbid that mask: one rule each, for arrays of any library; computes no numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rule = Callable[[Any, Any, Sequence[int]], Any]
"""Of row numbers i and column numbers j, each a number or an array of whole numbers, and of the function's own numbers:
True where element (i, j) is forbidden. Arrays are broadcast, of one column and of one row."""


@dataclass(frozen=True, slots=True)
class Masking:
    """A function that masks, with its numbers."""

    function: str  # one of MASKS
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mask:
    """What a function forbids. Rows are queries, columns are keys."""

    forbids: Rule
    causal: bool  # it leaves nothing right of the diagonal
    why: Callable[[int, int, Sequence[int]], str]  # of a forbidden element
    why_not: Callable[[int, int, Sequence[int]], str]  # of one that is not


def _later(i: int, j: int, _: Sequence[int]) -> str:
    return f"column {j} is right of the diagonal in row {i}"


def _not_later(i: int, j: int, _: Sequence[int]) -> str:
    return f"column {j} is not right of the diagonal in row {i}"


def _in_window(i: int, j: int, numbers: Sequence[int]) -> str:
    return f"column {j} is one of the last {numbers[0]} up to the diagonal in row {i}"


def _out_of_window(i: int, j: int, numbers: Sequence[int]) -> str:
    return _later(i, j, ()) if j > i else f"column {j} is {i - j} before the diagonal in row {i}; {numbers[0]} are seen"


def _near(i: int, j: int, numbers: Sequence[int]) -> str:
    return f"column {j} is {abs(i - j)} from the diagonal in row {i}, at most {numbers[0]}"


def _far(i: int, j: int, numbers: Sequence[int]) -> str:
    return f"column {j} is {abs(i - j)} from the diagonal in row {i}, more than {numbers[0]}"


def _in_chunk(i: int, j: int, numbers: Sequence[int]) -> str:
    return f"row {i} and column {j} are in one chunk of {numbers[0]}, and {_not_later(i, j, ())}"


def _out_of_chunk(i: int, j: int, numbers: Sequence[int]) -> str:
    return _later(i, j, ()) if j > i else f"column {j} is in another chunk of {numbers[0]} than row {i}"


def _in_prefix(i: int, j: int, numbers: Sequence[int]) -> str:
    return f"column {j} is in the prefix of {numbers[0]}" if j < numbers[0] else _not_later(i, j, ())


def _out_of_prefix(i: int, j: int, numbers: Sequence[int]) -> str:
    return f"{_later(i, j, ())}, and not in the prefix of {numbers[0]}"


def _is_token(_: int, j: int, numbers: Sequence[int]) -> str:
    return f"column {j} is no padding: tokens are columns {numbers[1]} to {numbers[0] - 1}"


def _is_padding(_: int, j: int, numbers: Sequence[int]) -> str:
    return f"column {j} is padding: tokens are columns {numbers[1]} to {numbers[0] - 1}"


MASKS: Mapping[str, Mask] = {
    "tril": Mask(lambda i, j, _: j > i, True, _later, _not_later),
    "triu": Mask(
        lambda i, j, _: j < i,
        False,
        lambda i, j, _: f"column {j} is left of the diagonal in row {i}",
        lambda i, j, _: f"column {j} is not left of the diagonal in row {i}",
    ),
    "window": Mask(lambda i, j, n: (j > i) | (i - j >= n[0]), True, _out_of_window, _in_window),
    "local": Mask(lambda i, j, n: (i - j > n[0]) | (j - i > n[0]), False, _far, _near),
    "chunk": Mask(lambda i, j, n: (j > i) | (i // n[0] != j // n[0]), True, _out_of_chunk, _in_chunk),
    "prefix": Mask(lambda i, j, n: (j > i) & (j >= n[0]), False, _out_of_prefix, _in_prefix),
    "pad": Mask(lambda _, j, n: (j >= n[0]) | (j < n[1]), False, _is_padding, _is_token),
}
"""By the function's name. sdpa masks as tril does, before its softmax."""
