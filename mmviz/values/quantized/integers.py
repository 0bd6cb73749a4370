"""Parameters of whole numbers, packed or not, with a scale and perhaps a zero point for each block; opens no file."""

from dataclasses import dataclass

from torch import Tensor, float32

from mmviz.values.quantized.bits import Packing
from mmviz.values.quantized.packed import Read
from mmviz.values.quantized.scales import Blocks


@dataclass(frozen=True, slots=True)
class Integers:
    """A matrix: each number is (whole number - zero point) * scale."""

    weight: str
    shape: tuple[int, ...]
    scale: Blocks
    kind: str
    packing: Packing | None = None  # of the numbers of a row; None: each has a byte
    zero: Blocks | None = None
    beside: tuple[str, ...] = ()  # tensors that say no more than its shape

    @property
    def stored(self) -> tuple[str, ...]:
        """All tensors."""
        zero = () if self.zero is None else (self.zero.stored,)
        order = () if self.scale.order is None else (self.scale.order.stored,)
        return self.weight, self.scale.stored, *zero, *order, *self.beside

    def check(self, read: Read) -> None:
        """As `Packed`: columns may be in groups that are not there."""
        if self.scale.order is not None:
            self.scale.order.check(read, self.scale.grid[1])

    def numbers(self, read: Read, rows: range, columns: range | None) -> Tensor:
        """As `Packed`."""
        spans = rows, columns or range(self.shape[1])
        numbers = self._whole(read, *spans).to(float32)  # exact, as they have at most 8 bits
        if self.zero is not None:
            numbers = numbers.sub_(self.zero.over(read, spans))
        return numbers.mul_(self.scale.over(read, spans))

    def _whole(self, read: Read, rows: range, columns: range) -> Tensor:
        if self.packing is None:
            return read(self.weight, rows, columns)
        return self.packing.numbers(lambda words: read(self.weight, rows, words), columns, self.shape[1])
