"""What lies below a deep layer: how much is read before a scene's activations are there; reads no weights."""

from collections.abc import Iterable
from dataclasses import dataclass

from mmviz.scene.keys.sources import ActivationSource, TensorSource
from mmviz.values.families.names import SAID, in_which_layer, seen_from_encoder
from mmviz.values.model.model import Model
from mmviz.values.tensors.sources import Sources

LEAST = 1_000_000_000
"""Bytes of layers below; of fewer nothing is said, for they are read within seconds."""


@dataclass(frozen=True, slots=True)
class Below:
    """What is read before the activations of a scene are there."""

    layer: int  # the deepest whose activations the scene asks for
    size: int  # bytes of the layers below it that are computed, as stored
    first: int = 0  # the lowest of these: what enters it was kept when it was computed
    encoder: int = 0  # layers of an encoder that are computed, too, as a decoder looks at what they give

    @property
    def layers(self) -> int:
        """How many are computed below the deepest."""
        return self.layer - self.first

    @property
    def in_short(self) -> str:
        """70 layers, 119.8 GB."""
        layers = self.layers + self.encoder
        return f"{layers} layer{'s' * (layers != 1)}, {self._amount}"

    @property
    def _amount(self) -> str:
        return f"{self.size / 1e9:,.1f} GB" if self.size >= LEAST else f"{self.size / 1e6:,.1f} MB"

    def __str__(self) -> str:
        them = "the layer below it computes" if self.layers == 1 else f"all {self.layers} layers below it compute"
        if self.first and self.layers > 1:
            them = f"the {self.layers} layers below it compute, from layer {self.first} on"
        if self.encoder:
            count = f"all {self.encoder} layers" if self.encoder > 1 else "the layer"
            them = f"{them}, and {count} of the encoder" if self.layers else f"{count} of the encoder compute"
        return f"layer {self.layer} needs what {them}: {self._amount} are read first"


def below(tensors: Iterable[TensorSource], sources: Sources, least: int = LEAST) -> Below | None:
    """The layers that are computed before the activations of a scene are there; None where that is little to read.

    Layers below one whose residual stream was kept in a file are not computed, and none where all that is asked for is
    in memory.

    Args:
        tensors: Of the scene.
        sources: Where their numbers come from, a model or not.
        least: Bytes below which it is little.

    Raises:
        SourceError: the model cannot be opened.
    """
    names = [source.activation for source in tensors if isinstance(source, ActivationSource)]
    of_layers = (in_which_layer(name) for name in names)
    layers = [layer for layer, name in of_layers if layer is not None and name not in SAID]
    if not any(layers) and not (layers and sources.decodes):
        return None
    deepest = max(layers)
    encoder = _encoder(sources, deepest, names) if sources.decodes else None
    of_encoder = 0 if encoder is None else _bytes(encoder, encoder.parameters(encoder.config.layers))
    if _size(sources, 0, deepest) + of_encoder < least:
        return None
    first = sources.first_layer()
    size = _size(sources, first, deepest) + of_encoder
    return Below(deepest, size, first, 0 if encoder is None else encoder.config.layers) if size >= least else None


def _encoder(sources: Sources, deepest: int, names: Iterable[str]) -> Model | None:
    """That of a decoder that looks at what it gives, which is not there yet."""
    source = sources.model.source
    looks = deepest > 0 or any("cross" in name or seen_from_encoder(name) is not None for name in names)
    return source.encoder if source is not None and looks and not source.is_there else None


def _size(sources: Sources, first: int, deepest: int) -> int:
    """Bytes of the layers below one, from another on, as stored."""
    there, not_read = (sources.model.parameters(count) for count in (deepest, first))
    return _bytes(sources.model, there - not_read)


def _bytes(model: Model, names: Iterable[str]) -> int:
    return sum(model.checkpoint.stored_bytes(name) for name in names)
