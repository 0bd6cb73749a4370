"""Parts of an axis as a slice says them, with Python's meaning: begin:end, from the end where negative; no matrices."""

from dataclasses import dataclass
from operator import index
from typing import Any

from mmviz.errors import ExpressionError


@dataclass(frozen=True, slots=True)
class Span:
    """Some rows or columns: from `begin` up to, but without, `end`; or the one at `begin`."""

    begin: int | None = None  # None: from the first one; negative: from the end
    end: int | None = None  # None: up to the last one
    one: bool = False

    @property
    def whole(self) -> bool:
        """True for all of them, however many there are."""
        return self.begin in (None, 0) and self.end is None and not self.one

    def within(self, size: int) -> tuple[int, int]:
        """Begin and end among so many, without negative numbers; what is not there is not left out."""
        begin = _from_front(self.begin or 0, size)
        return begin, begin + 1 if self.one else size if self.end is None else _from_front(self.end, size)

    def length(self, size: int | None) -> int | None:
        """How many these are of so many; None where that is not known."""
        if self.one:
            return 1
        if size is None:
            begin, end = self.begin or 0, self.end
            same_side = end is not None and (begin < 0) == (end < 0)
            if same_side:
                return None if end is None else end - begin
            return -begin if begin < 0 and end is None else None
        begin, end = self.within(size)
        return end - begin

    def holds_in(self, size: int) -> bool:
        """Whether these are some of so many, and none is missing."""
        begin, end = self.within(size)
        return 0 <= begin < end <= size

    def __str__(self) -> str:
        """As it is written."""
        begin, end = ("" if bound is None else str(bound) for bound in (self.begin, self.end))
        return begin if self.one else f"{begin}:{end}"


WHOLE_AXIS = Span()


def spans_of(key: Any) -> tuple[Span, Span]:
    """Rows and columns of what stands in the brackets of x[...] in Python.

    Raises:
        ExpressionError: it is no whole number and no slice, or these are more than two.
    """
    keys = key if isinstance(key, tuple) else (key,)
    if not 1 <= len(keys) <= 2:
        raise ExpressionError(f"a slice of a matrix says rows, or rows and columns, as in x[0:4, 8:16], got {key!r}.")
    rows, columns = map(_span, (*keys, slice(None))[:2])
    return rows, columns


def _span(key: Any) -> Span:
    if isinstance(key, slice):
        if key.step not in (None, 1):
            raise ExpressionError(f"a slice takes neighbours, begin:end without a step, got {key!r}.")
        begin, end = (None if bound is None else _whole(bound) for bound in (key.start, key.stop))
        return Span(begin, end)
    return Span(_whole(key), one=True)


def _whole(bound: Any) -> int:
    try:
        if isinstance(bound, bool):
            raise TypeError
        return index(bound)
    except TypeError:
        raise ExpressionError(f"a slice counts in whole numbers, got {bound!r}.") from None


def _from_front(bound: int, size: int) -> int:
    return bound + size if bound < 0 else bound
