"""Many numbers of a document in one piece of memory: it reads as a list of rows, and is compared and copied at once."""

from collections.abc import Iterator, Sequence
from typing import Literal, overload


class Grid(Sequence[tuple[float, ...]]):
    """The rows of a matrix, which never change.

    Args:
        numbers: Row by row, in this machine's order of bytes.
        rows: How many.
        columns: How many.
        kind: What a number is stored as: f, float32; d, float64.
    """

    __slots__ = ("_numbers", "columns", "kind", "rows")

    def __init__(self, numbers: bytes, rows: int, columns: int, kind: Literal["f", "d"]) -> None:
        self._numbers = memoryview(numbers).cast(kind)
        if len(self._numbers) != rows * columns or not self._numbers:
            raise ValueError(f"{rows}x{columns} numbers are needed, got {len(self._numbers)}.")
        self.rows = rows
        self.columns = columns
        self.kind = kind

    @property
    def numbers(self) -> "memoryview[float]":
        """All numbers, row by row."""
        return self._numbers

    def __len__(self) -> int:
        return self.rows

    @overload
    def __getitem__(self, row: int) -> tuple[float, ...]: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[tuple[float, ...], ...]: ...
    def __getitem__(self, row: int | slice) -> tuple[float, ...] | tuple[tuple[float, ...], ...]:
        """A row, or some of them."""
        if isinstance(row, slice):
            return tuple(self[number] for number in range(*row.indices(self.rows)))
        number = range(self.rows)[row]
        return tuple(self._numbers[number * self.columns : (number + 1) * self.columns].tolist())

    def __iter__(self) -> Iterator[tuple[float, ...]]:
        return (self[row] for row in range(self.rows))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Grid) and self.kind == other.kind:
            same = self is other or self._numbers.cast("B") == other._numbers.cast("B")
            return same and (self.rows, self.columns) == (other.rows, other.columns)
        if not isinstance(other, Grid | tuple) or len(self) != len(other):
            return False
        return all(row == theirs for row, theirs in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash((self.rows, self.columns))

    def __repr__(self) -> str:
        return f"Grid({self.rows}x{self.columns})"

    def __reduce__(self) -> tuple[type["Grid"], tuple[bytes, int, int, str]]:
        return Grid, (self._numbers.tobytes(), self.rows, self.columns, self.kind)
