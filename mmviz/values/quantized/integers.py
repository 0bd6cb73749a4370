"""Parameters of whole numbers, packed or not, with a scale and perhaps a zero point for each block; opens no file."""

from dataclasses import dataclass

from torch import Tensor, float32

from mmviz.values.quantized.bits import WORD, signed, unpacked
from mmviz.values.quantized.packed import Read
from mmviz.values.quantized.scales import Blocks


@dataclass(frozen=True, slots=True)
class Integers:
    """A matrix: each number is (whole number - zero point) * scale."""

    weight: str
    shape: tuple[int, ...]
    scale: Blocks
    kind: str
    bits: int = 0  # packed along the rows, the lowest bits of a word first, half of them below 0; 0: not packed
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
        if not self.bits:
            return read(self.weight, rows, columns)
        each = WORD // self.bits
        words = range(columns.start // each, (columns.stop - 1) // each + 1)
        numbers = signed(unpacked(read(self.weight, rows, words), self.bits), self.bits)
        first = columns.start - words.start * each
        return numbers[:, first : first + len(columns)]
