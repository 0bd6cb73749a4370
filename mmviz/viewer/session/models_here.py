"""What the window asks of the models on this machine; mmviz.values.origin.here tells it. Imports no Qt."""

from collections.abc import Callable, Sequence
from typing import Protocol

from mmviz.viewer.wording import bytes_told, counted


class ModelHere(Protocol):
    """A model that needs no path."""

    @property
    def name(self) -> str:
        """What it is opened by."""
        ...

    @property
    def title(self) -> str:
        """For people."""
        ...

    @property
    def kind(self) -> str:
        """Such as llama; "" where it cannot be read."""
        ...

    @property
    def layers(self) -> int:
        """How many it has."""
        ...

    @property
    def size(self) -> int:
        """Of its files, in bytes."""
        ...

    @property
    def trouble(self) -> str:
        """Why it cannot be drawn; "" where it can."""
        ...


ModelsHere = Callable[[], Sequence[ModelHere]]
"""Lists them; it may take a moment, and asks no network."""


def none_here() -> Sequence[ModelHere]:
    """Of a window that knows of no models."""
    return ()


def told(model: ModelHere) -> str:
    """Family, layers and size, in a line."""
    known = (model.kind, counted(model.layers, "layer")) if model.kind else ("cannot be drawn",)
    return " · ".join((*known, bytes_told(model.size)))
