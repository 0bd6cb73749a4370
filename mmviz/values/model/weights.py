"""A model's parameters as tensors of the dtype and on the device that it computes with; never keeps one."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmviz.values.families.names import in_layer
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.lookup import Lookup


class Weights:
    """Reads a parameter each time it is asked for, so that no more are in memory than are computed with."""

    def __init__(self, checkpoint: Checkpoint, lookup: Lookup, device: torch.device, dtype: torch.dtype) -> None:
        self._checkpoint = checkpoint
        self._lookup = lookup
        self._device = device
        self._dtype = dtype

    def of_model(self, name: str) -> Tensor:
        """A parameter outside the layers, by its name without the family's prefix, in its stored shape.

        Raises:
            SourceError: it is missing, or not of the shape that config.json promises.
        """
        return self._whole(self._lookup.of_model(name))

    def of_layer(self, layer: int, name: str) -> Tensor:
        """A parameter of a layer, in its stored shape.

        Raises:
            SourceError: as `of_model`.
        """
        return self._whole(in_layer(self._lookup.names, layer, name))

    def unembedding(self) -> Tensor:
        """(vocabulary, d_model).

        Raises:
            SourceError: as `of_model`.
        """
        return self._whole(self._lookup.unembedding)

    def rows(self, name: str, numbers: Sequence[int]) -> Tensor:
        """Some rows of a parameter outside the layers, each read once: (len(numbers), columns).

        Raises:
            SourceError: as `of_model`.
        """
        full = self._lookup.of_model(name)
        self._lookup.check_shape(full)
        read = {number: self._checkpoint.slice(full, slice(number, number + 1)) for number in set(numbers)}
        return self._computable(torch.cat([read[number] for number in numbers]))

    def _whole(self, name: str) -> Tensor:
        self._lookup.check_shape(name)
        return self._computable(self._checkpoint.lend(name))

    def _computable(self, stored: Tensor) -> Tensor:
        return stored.to(self._device).to(self._dtype)  # the stored dtype is often half as large to move
