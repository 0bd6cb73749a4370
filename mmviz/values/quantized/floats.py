"""Parameters of floats of 8, 6 or 4 bits with a scale for each block; opens no file."""

from dataclasses import dataclass

from torch import Tensor, float32

from mmviz.values.quantized.bits import fp4, fp6
from mmviz.values.quantized.packed import Read
from mmviz.values.quantized.scales import Blocks


@dataclass(frozen=True, slots=True)
class Floats8:
    """A matrix or a stack: each number is a float of 8 bits times the scale of its block."""

    weight: str
    shape: tuple[int, ...]
    scale: Blocks
    kind: str

    @property
    def stored(self) -> tuple[str, ...]:
        """Both tensors."""
        return self.weight, self.scale.stored

    def check(self, read: Read) -> None:
        """As `Packed`: any numbers will do."""

    def numbers(self, read: Read, rows: range, columns: range | None) -> Tensor:
        """As `Packed`."""
        spans = [rows, columns or range(self.shape[1]), *map(range, self.shape[2:])]
        return read(self.weight, rows, columns).to(float32).mul_(self.scale.over(read, spans))


@dataclass(frozen=True, slots=True)
class PackedFloats:
    """A matrix of floats of 4 bits, two in a byte, or 6, four in three, times the scale of their block.

    That may have a scale of its own.
    """

    weight: str
    shape: tuple[int, ...]
    scale: Blocks
    kind: str
    of_scales: Blocks | None = None  # one number for all
    divides: bool = False  # it is what scales are divided by; else what they are multiplied by
    sixes: bool = False  # of 6 bits

    @property
    def stored(self) -> tuple[str, ...]:
        """All tensors."""
        return self.weight, self.scale.stored, *(() if self.of_scales is None else (self.of_scales.stored,))

    def check(self, read: Read) -> None:
        """As `Packed`: any numbers will do."""

    def numbers(self, read: Read, rows: range, columns: range | None) -> Tensor:
        """As `Packed`."""
        wanted = columns or range(self.shape[1])
        numbers, size = (4, 3) if self.sixes else (2, 1)  # in so many bytes
        groups = range(wanted.start // numbers, (wanted.stop - 1) // numbers + 1)
        found = read(self.weight, rows, range(groups.start * size, groups.stop * size))
        floats = (fp6 if self.sixes else fp4)(found)[:, wanted.start % numbers :][:, : len(wanted)]
        scale = self.scale.over(read, (rows, wanted))
        if self.of_scales is not None:
            whole = self.of_scales.over(read, (rows, wanted))
            scale = scale / whole if self.divides else scale * whole
        return floats * scale
