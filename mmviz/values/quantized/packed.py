"""What a parameter that is made of several stored tensors has to answer; knows no format, opens no file."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class Headers(Protocol):
    """The stored tensors of a model's files, without their numbers."""

    @property
    def names(self) -> Collection[str]:
        """Every tensor's name."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the files say of themselves."""

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a tensor, as it is stored."""

    def dtype(self, name: str) -> str:
        """Of a tensor, in the words of the format: F8_E4M3, I32, U8."""

    def sizes(self, name: str) -> tuple[int, ...]:
        """The whole numbers of a small tensor that says nothing but the shape of another."""

    def content(self, name: str) -> bytes:
        """The bytes of a small tensor that is a text about others."""

    def place(self, name: str) -> str:
        """Where a tensor is, for messages: FILE, NAME."""


class Read(Protocol):
    """Reads a stored tensor, or a part of it, as it is stored."""

    def __call__(self, name: str, rows: range | None = None, columns: range | None = None) -> "Tensor":
        """Numbers of a tensor; only of these rows, of its first axis, and columns, of its second, where given."""


class Packed(Protocol):
    """One parameter: what the model has, not what its files have."""

    @property
    def stored(self) -> tuple[str, ...]:
        """The names of the tensors that it is made of."""

    @property
    def shape(self) -> tuple[int, ...]:
        """As Hugging Face has it where nothing is quantized."""

    @property
    def kind(self) -> str:
        """What it is stored as, for people: FP8 E4M3 (blocks of 128x128)."""

    def check(self, read: Read) -> None:
        """Refuse what only the numbers of small tensors show, such as a group that is not there.

        Args:
            read: As of `numbers`; of the tensors that are small beside the parameter alone.

        Raises:
            SourceError: its numbers mean nothing that is known here.
        """

    def numbers(self, read: Read, rows: range, columns: range | None) -> "Tensor":
        """Some rows of its first axis, and of these some columns of its second: float32, rounded once at most.

        It was checked before.

        Args:
            read: Reads the tensors in `stored`; no more should be read than is needed.
            rows: Inside the shape; at least one.
            columns: The same; None for a vector.
        """


Find = Callable[[Headers], Mapping[str, Packed]]
"""Every parameter that is made of several stored tensors, by its name; SourceError where they are not as needed."""


@dataclass(frozen=True, slots=True)
class Quantized:
    """How the weights of a model are stored."""

    method: str  # as config.json calls it; "" where they are plain
    packed: Mapping[str, Packed]  # those that are made of several stored tensors


PLAIN = Quantized("", {})
