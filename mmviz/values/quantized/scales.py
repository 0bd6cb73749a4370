"""Numbers that hold for a block of a parameter each, such as scales, spread over its elements; knows no format."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.quantized.bits import Packing
from mmviz.values.quantized.packed import Read

ONE_FOR_ALL, ONE_A_ROW = "one scale", "a scale a row"


@dataclass(frozen=True, slots=True)
class Order:
    """A tensor that says of each column in which group it is, from 0; one below 0: columns lie side by side."""

    stored: str
    place: str  # for messages

    def check(self, read: Read, count: int) -> None:
        """Refuse an order that names a group of more than there are.

        Raises:
            SourceError: a column is in a group that is not there.
        """
        found = read(self.stored)
        largest = -1 if bool((found < 0).any()) else int(found.max())
        if largest >= count:
            raise SourceError(f"{self.place}: names group {largest}; the weight has {count}, 0 to {count - 1}.")

    def groups(self, read: Read, columns: range) -> Tensor | None:
        """The group of each of these columns; None where they lie side by side."""
        found = read(self.stored)
        return None if bool((found < 0).any()) else found[columns.start : columns.stop].long()


@dataclass(frozen=True, slots=True)
class Blocks:
    """One number for each block of a parameter; those at the end of an axis may be cut short."""

    stored: str
    grid: tuple[int, ...]  # how many blocks along each axis of the parameter
    sizes: tuple[int, ...]  # elements of a block along each axis
    word: str = ""  # what the blocks are, where they are whole rows or matrices
    exponents: bool = False  # bytes e that mean 2^(e - 127): E8M0 of OCP Microscaling Formats 1.0, section 5.4
    order: Order | None = None  # of groups of columns; None: they lie side by side
    packing: Packing | None = None  # of whole numbers along the first axis; None: they are not packed

    def __str__(self) -> str:
        """How large the blocks are, for people."""
        if self.word:
            return self.word
        sizes = [size for size in self.sizes if size > 1] or [1]
        return f"blocks of {_by(sizes)}"

    def over(self, read: Read, spans: Sequence[range]) -> Tensor:
        """What holds for each element of a part of the parameter: float32, of the part's shape, or 1 along an axis."""
        first, last = (end // self.sizes[0] for end in (spans[0].start, spans[0].stop - 1))
        found = self._rows(read, range(first, last + 1)) if self.grid[0] > 1 else self._rows(read, range(1))
        for axis, (span, size) in enumerate(zip(spans, self.sizes, strict=True)):
            if self.grid[axis] > 1:
                groups = self.order.groups(read, span) if self.order and axis else None
                which = torch.arange(span.start, span.stop) // size if groups is None else groups
                found = found.index_select(axis, which - first if axis == 0 else which)
        return found

    def _rows(self, read: Read, rows: range) -> Tensor:
        """Some rows of the grid, float32."""
        if self.packing is not None:
            found = self.packing.numbers(lambda words: read(self.stored, words).mT, rows, self.grid[0]).mT
        else:
            found = read(self.stored, rows) if self.grid[0] > 1 else read(self.stored)
        found = found.view(torch.float8_e8m0fnu) if self.exponents else found
        return found.to(torch.float32).reshape(len(rows), *self.grid[1:])


def blocks_in(stored: str, found: Sequence[int], shape: Sequence[int], block: Sequence[int] | None) -> Blocks | None:
    """How a stored tensor lies over a parameter: a number for all of it, for each matrix of a stack, row, or block.

    Args:
        stored: The tensor's name.
        found: Its shape; ones at the end may be left out.
        shape: That of the parameter, a matrix or a stack of some.
        block: Elements of a block along the last axes; None where there are no blocks.

    Returns:
        None where its shape fits none of them.
    """
    *stack, rows, columns = shape
    each = [1] * len(stack)
    forms = [
        (ONE_FOR_ALL, [*each, 1, 1], list(shape)),
        ("a scale a matrix", [*stack, 1, 1], [*each, rows, columns]),
        (ONE_A_ROW, [*stack, rows, 1], [*each, 1, columns]),
    ]
    if block is not None:
        sizes = [*[1] * (len(shape) - len(block)), *block]
        forms.insert(0, ("", [-(-length // size) for length, size in zip(shape, sizes, strict=True)], sizes))
    for word, grid, sizes in forms:
        if bare_shape(found) == bare_shape(grid) and len(found) <= len(grid):
            return Blocks(stored, tuple(grid), tuple(sizes), word)
    return None


def misfit(
    place: str, found: Sequence[int], name: str, shape: Sequence[int], block: Sequence[int] | None
) -> SourceError:
    """What is wrong with a tensor that lies over a parameter in no known way.

    Args:
        place: Of the tensor, for messages.
        found: Its shape.
        name: Of the parameter.
        shape: Of the parameter.
        block: As in `blocks_in`.
    """
    needed = f"one number, or one for each of its {shape[-2]} rows"
    needed += "" if block is None else f", or for each block of {_by(block)}"
    return SourceError(f"{place}: is {_by(found)}, over {name}, which is {_by(shape)}; {needed}, is needed.")


def _by(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes)) or "one number"


def bare_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape without ones at the end."""
    sizes = list(shape)
    while sizes and sizes[-1] == 1:
        sizes.pop()
    return tuple(sizes)
