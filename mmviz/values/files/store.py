"""What a checkpoint needs of a file of weights, whatever its format; no format is known here."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a header alone needs no torch
    import torch

FLOATS = ("F64", "F32", "F16", "BF16")
"""The dtypes whose numbers are the weights themselves; both formats call them so."""


class Store(Protocol):
    """Weights by name, under Hugging Face names and in Hugging Face's orientation."""

    @property
    def bytes_read(self) -> int:
        """Size of everything read so far, in bytes as stored."""

    @property
    def names(self) -> Collection[str]:
        """Every weight's name."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that they lie in."""

    def shape(self, name: str) -> tuple[int, ...]:
        """A weight's shape, from the header alone."""

    def dtype(self, name: str) -> str:
        """What a weight is stored as, in the format's own words: F32, BF16, Q4_1."""

    def stored_bytes(self, name: str) -> int:
        """How many bytes a weight takes in its file."""

    def check(self, name: str) -> None:
        """Refuse a weight that cannot be read, from the header alone.

        Raises:
            SourceError: as `read`.
        """

    def lend(self, name: str) -> "torch.Tensor":
        """A whole weight, on the CPU, to compute with at once and not to keep: it may lie in the file itself.

        Raises:
            SourceError: as `read`.
        """

    def release(self) -> None:
        """Let go of what was read of the files, which counts as the process's own memory while they are mapped."""

    def read(self, name: str, rows: slice | None, columns: slice | None) -> "torch.Tensor":
        """A weight or a part of it, on the CPU, owning its memory; little more than its own bytes are read.

        Raises:
            SourceError: the weight is stored in a way that cannot be read.
        """
