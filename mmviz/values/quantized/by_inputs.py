"""Whole numbers stored with a row for each input, as GPTQ and AWQ do, with scales and zero points; opens no file."""

from dataclasses import dataclass

import torch
from torch import Tensor, float32

from mmviz.errors import SourceError
from mmviz.values.quantized.bits import WORD, has_largest, unpacked, unpacked_rows, words_of
from mmviz.values.quantized.packed import Headers, Read

PACKED, SCALE_DTYPES = ".qweight", ("F16", "BF16", "F32")


@dataclass(frozen=True, slots=True)
class ZeroPoints:
    """One for each group of inputs and output, packed along the outputs."""

    stored: str
    place: str  # for messages
    lessened: bool = False  # one less is stored
    borrowed: bool = False  # of 0, too: taken from whole words, so that the number beside has one less again

    def check(self, read: Read, outs: int, bits: int) -> None:
        """Refuse points of so many outputs that programs read in more than one way.

        Raises:
            SourceError: one less than 0 is stored, and it is not known in which of the ways that there are.
        """
        if self.lessened and not self.borrowed and has_largest(read(self.stored), outs, bits):
            largest = (1 << bits) - 1
            raise SourceError(
                f"{self.place}: has a zero point that is stored as {largest}, of which programs make {largest + 1}, or "
                "0; one less is needed."
            )

    def of(self, read: Read, groups: range, outs: range, bits: int, order: tuple[int, ...]) -> Tensor:
        """Those of some groups and outputs: (groups, outs)."""
        words, first = words_of(outs, bits)
        stored, largest = read(self.stored, groups, words), (1 << bits) - 1
        if self.lessened and self.borrowed and WORD % bits == 0:
            stored = stored + ((1 << WORD) - 1) // largest  # 1 for each, carried on
            return _some(in_order(unpacked(stored, bits), order), outs, first)
        points = _some(in_order(unpacked(stored, bits), order), outs, first)
        return points + 1 & largest if self.lessened else points


@dataclass(frozen=True, slots=True)
class Groups:
    """Which inputs share a scale."""

    size: int
    count: int
    stored: str = ""  # a tensor that says of each input in which group it is; "": they lie side by side
    place: str = ""  # for messages

    def __str__(self) -> str:
        """How large they are, for people."""
        return "a scale a row" if self.count == 1 else f"groups of {self.size}"

    def check(self, read: Read) -> None:
        """Refuse inputs in groups that there are no scales of.

        Raises:
            SourceError: one is in a group that is not there.
        """
        if not self.stored:
            return
        least, most = map(int, read(self.stored).aminmax())
        if least < 0 or most >= self.count:
            wrong = least if least < 0 else most
            raise SourceError(f"{self.place}: names group {wrong}; the weight has {self.count}, 0 to {self.count - 1}.")

    def of(self, read: Read, ins: range) -> Tensor:
        """The group of each of some inputs."""
        if not self.stored:
            return torch.arange(ins.start, ins.stop) // self.size
        return read(self.stored, ins).long()


@dataclass(frozen=True, slots=True)
class IntegersByInputs:
    """A matrix, (outputs, inputs): each number is (whole number - zero point) * scale, both those of its group."""

    weight: str
    shape: tuple[int, int]
    bits: int
    scales: str
    zeros: ZeroPoints
    groups: Groups
    kind: str
    order: tuple[int, ...] = ()  # where in a word each of the outputs lies that it holds; (): words hold inputs

    @property
    def stored(self) -> tuple[str, ...]:
        """All tensors."""
        return self.weight, self.zeros.stored, self.scales, *filter(None, [self.groups.stored])

    def check(self, read: Read) -> None:
        """As `Packed`: of zero points and groups."""
        self.groups.check(read)
        self.zeros.check(read, self.shape[0], self.bits)

    def numbers(self, read: Read, rows: range, columns: range | None) -> Tensor:
        """As `Packed`."""
        ins = columns or range(self.shape[1])
        which = self.groups.of(read, ins)
        first = int(which.min())
        groups = range(first, int(which.max()) + 1)
        zeros = self.zeros.of(read, groups, rows, self.bits, self.order)
        scales = read(self.scales, groups, rows).to(float32)
        whole = self._whole(read, rows, ins) - zeros.index_select(0, which - first)  # (inputs, outputs)
        return whole.to(float32).mul_(scales.index_select(0, which - first)).mT

    def _whole(self, read: Read, outs: range, ins: range) -> Tensor:
        if self.order:
            words, first = words_of(outs, self.bits)
            return _some(in_order(unpacked(read(self.weight, ins, words), self.bits), self.order), outs, first)
        words, first = words_of(ins, self.bits)
        return unpacked_rows(read(self.weight, words, outs), self.bits)[ins.start - first :][: len(ins)]


def in_order(numbers: Tensor, order: tuple[int, ...]) -> Tensor:
    """Numbers of words in the order that is meant, where they lie in another one: (rows, numbers)."""
    return numbers.reshape(len(numbers), -1, len(order))[..., list(order)].flatten(1) if order else numbers


def _some(numbers: Tensor, wanted: range, first: int) -> Tensor:
    return numbers[:, wanted.start - first :][:, : len(wanted)]


def parts_of(bare: str, headers: Headers) -> dict[str, str]:
    """The names of a module's packed weight, zero points and scales, which are all there and matrices.

    Raises:
        SourceError: one is missing, or of another dtype.
    """
    parts = {part: f"{bare}.{part}" for part in ("qweight", "qzeros", "scales")}
    for name in parts.values():
        if name not in headers.names:
            raise SourceError(
                f"{headers.place(parts['qweight'])}: is packed, and {name} is not there; {', '.join(parts.values())} "
                "are needed."
            )
        dtypes = SCALE_DTYPES if name == parts["scales"] else ("I32",)
        if headers.dtype(name) not in dtypes:
            found = headers.dtype(name)
            raise SourceError(f"{headers.place(name)}: is stored as {found}; {' or '.join(dtypes)} is needed.")
        matrix(name, headers)
    return parts


def matrix(name: str, headers: Headers) -> tuple[int, int]:
    """The shape of a tensor that is a matrix.

    Raises:
        SourceError: it is none, or has no elements.
    """
    shape = headers.shape(name)
    if len(shape) != 2 or min(shape) < 1:
        raise SourceError(f"{headers.place(name)}: is {by(shape)}; a matrix is needed.")
    return shape[0], shape[1]


def check(name: str, headers: Headers, needed: tuple[int, int]) -> None:
    """Refuse a tensor of another shape than is needed.

    Raises:
        SourceError: it is.
    """
    if headers.shape(name) != needed:
        raise SourceError(f"{headers.place(name)}: is {by(headers.shape(name))}; {by(needed)} is needed.")


def by(shape: tuple[int, ...]) -> str:
    """A shape, for people."""
    return "x".join(map(str, shape)) or "one number"


def needed_words(numbers: int, bits: int) -> int:
    """Words that hold so many packed numbers."""
    together = 1 if WORD % bits == 0 else bits
    each = together * WORD // bits
    return -(-numbers // each) * together
