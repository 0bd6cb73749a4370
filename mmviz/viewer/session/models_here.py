"""What the window asks of the models on this machine; mmviz.values.origin.here tells it. Imports no Qt."""

from collections.abc import Callable, Sequence
from typing import Protocol


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
    layers = f"{model.layers} layer{'' if model.layers == 1 else 's'}"
    known = (model.kind, layers) if model.kind else ("cannot be drawn",)
    return " · ".join((*known, _bytes(model.size)))


def _bytes(size: int) -> str:
    """As file managers tell sizes: 24 MB, 3.1 GB."""
    if size < 10**9:
        return f"{max(1, round(size / 10**6))} MB"
    return f"{size / 10**9:.1f} GB"
