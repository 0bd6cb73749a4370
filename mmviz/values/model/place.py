"""Where a weight lies in a checkpoint: which part of which parameter; reads it, and no more."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mmviz.values.files.checkpoint import Checkpoint

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Place:
    """Where a weight lies in the checkpoint: a part of a parameter, stored as it is or transposed."""

    parameter: str
    rows: slice | None = None  # of the first axis, or of each block of it; None: all
    columns: slice | None = None
    transposed: bool = False
    plus: float = 0.0  # what is added to what is stored
    entry: int | None = None  # of the first axis, which counts experts; the rest is cut as all of it else is
    block: int = 0  # the first axis is cut in blocks of so many rows, and of each `rows` are taken; 0: it is one

    def of(self, whole: "Tensor") -> "Tensor":
        """The part of a tensor that is cut as the parameter is, as it is stored."""
        if self.entry is not None:
            whole = whole[self.entry]
        if self.block:
            blocks = whole.reshape(-1, self.block, *whole.shape[1:])  # (blocks, rows of one, ...)
            whole = blocks[:, self.rows or slice(None)].flatten(0, 1)
        elif self.rows is not None:
            whole = whole[self.rows]
        return whole if self.columns is None else whole[:, self.columns]

    def read(self, checkpoint: Checkpoint) -> "Tensor":
        """The part, as it is stored, in memory of its own; little more of the parameter is read."""
        if self.entry is not None:
            span = slice(self.entry, self.entry + 1)
            return replace(self, entry=0).of(checkpoint.slice(self.parameter, span))
        if self.block:
            return self.of(checkpoint.slice(self.parameter))
        return checkpoint.slice(self.parameter, self.rows, self.columns)

    def shape(self, whole: tuple[int, ...]) -> tuple[int, ...]:
        """Of the part of a parameter of this shape, as it is stored."""
        if self.entry is not None:
            whole = whole[1:]
        every = slice(None)
        blocks, rows = (whole[0] // self.block, self.block) if self.block else (1, whole[0])
        columns = (len(range(size)[self.columns or every]) for size in whole[1:])
        return blocks * len(range(rows)[self.rows or every]), *columns
