"""Quantized safetensors as a store of plain parameters, decoded as they are read; knows no method of quantization."""

from collections.abc import Collection, Mapping
from math import prod
from pathlib import Path

import torch

from mmviz.errors import SourceError
from mmviz.values.files.safetensors_file import SafetensorsStore
from mmviz.values.quantized.packed import Packed

AT_ONCE = 1 << 20
"""Numbers that are decoded together, so that a large matrix needs little more memory than its own."""

Span = slice


class DequantizedStore:
    """The parameters of a model, some of which are made of several tensors of its files.

    Args:
        stored: The tensors.
        packed: The parameters that are made of some of them, which are no parameters themselves.

    Raises:
        SourceError: one of these parameters is stored as it is, too.
    """

    def __init__(self, stored: SafetensorsStore, packed: Mapping[str, Packed]) -> None:
        self._stored = stored
        self._packed = packed
        parts = {name for parameter in packed.values() for name in parameter.stored}
        for name in sorted((packed.keys() - parts) & set(stored.names)):
            raise SourceError(
                f"{stored.place(name)}: is there, and made of {', '.join(packed[name].stored)}, too; one of both is "
                "needed."
            )
        self._checked: set[str] = set()  # parameters whose small tensors were looked at
        self._names = {*(name for name in stored.names if name not in parts), *packed}

    @property
    def bytes_read(self) -> int:
        """Size of everything read so far, in bytes as stored."""
        return self._stored.bytes_read

    @property
    def names(self) -> Collection[str]:
        """Every parameter's name, and those of tensors that are part of none."""
        return self._names

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the tensors."""
        return self._stored.files

    def shape(self, name: str) -> tuple[int, ...]:
        """A parameter's shape, as it would be without quantization."""
        return self._packed[name].shape if name in self._packed else self._stored.shape(name)

    def dtype(self, name: str) -> str:
        """What a parameter is stored as: BF16, FP8 E4M3 (blocks of 128x128)."""
        return self._packed[name].kind if name in self._packed else self._stored.dtype(name)

    def stored_bytes(self, name: str) -> int:
        """How many bytes a parameter takes in its files, scales included."""
        if name not in self._packed:
            return self._stored.stored_bytes(name)
        return sum(map(self._stored.stored_bytes, self._packed[name].stored))

    def check(self, name: str) -> None:
        """Refuse a parameter that cannot be read; of those that are packed, once, small tensors are looked at.

        Raises:
            SourceError: it is not stored as numbers, or what its numbers mean is not known.
        """
        if name not in self._packed:
            self._stored.check(name)
        elif name not in self._checked:
            self._packed[name].check(self._stored.look_at)
            self._checked.add(name)

    def lend(self, name: str) -> torch.Tensor:
        """A whole parameter, as `read`, or where it lies in its file."""
        return self.read(name, None, None) if name in self._packed else self._stored.lend(name)

    def release(self) -> None:
        """Close all files, until they are needed again."""
        self._stored.release()

    def read(self, name: str, rows: Span | None, columns: Span | None) -> torch.Tensor:
        """A parameter or a part of it: float32 where it is decoded, else as it is stored.

        Raises:
            SourceError: as `check`.
        """
        if name not in self._packed:
            return self._stored.read(name, rows, columns)
        self.check(name)
        parameter = self._packed[name]
        wanted = _range(rows, parameter.shape[0])
        across = None if len(parameter.shape) < 2 else _range(columns, parameter.shape[1])
        width = () if across is None else (len(across), *parameter.shape[2:])
        whole = torch.empty(len(wanted), *width, dtype=torch.float32)
        step = max(1, AT_ONCE // max(1, prod(width)))
        for first in range(0, len(wanted) if whole.numel() else 0, step):
            part = wanted[first : first + step]
            whole[first : first + len(part)] = parameter.numbers(self._stored.read_stored, part, across)
        return whole


def _range(span: Span | None, size: int) -> range:
    start, stop, _ = (span or Span(None)).indices(size)
    return range(start, max(start, stop))
