"""A model's parameters as tensors of the dtype and on the device that it computes with; never keeps one."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.lookup import Lookup


class Weights:
    """Reads a parameter each time it is asked for, so that no more are in memory than are computed with."""

    def __init__(self, checkpoint: Checkpoint, lookup: Lookup, device: torch.device, dtype: torch.dtype) -> None:
        self._checkpoint = checkpoint
        self._lookup = lookup
        self._device = device
        self._dtype = dtype

    def part(self, name: str) -> Tensor:
        """A weight by its TransformerLens name, of all heads: (ins, outs) of a matrix, (outs,) of a vector.

        Raises:
            SourceError: it is missing, or not of the shape that config.json promises.
        """
        place = self._lookup.place(name, None)
        whole = self._checkpoint.lend(place.parameter)
        whole = whole if place.rows is None else whole[place.rows]
        part = whole if place.columns is None else whole[:, place.columns]
        found = self._computable(part.mT if place.transposed else part)
        return found + place.plus if place.plus else found

    def rows(self, name: str, numbers: Sequence[int]) -> Tensor:
        """Some rows of a weight outside the layers, each read once: (len(numbers), columns).

        Raises:
            SourceError: as `part`.
        """
        parameter = self._lookup.place(name, None).parameter
        read = {number: self._checkpoint.slice(parameter, slice(number, number + 1)) for number in set(numbers)}
        return self._computable(torch.cat([read[number] for number in numbers]))

    def _computable(self, stored: Tensor) -> Tensor:
        return stored.to(self._device).to(self._dtype)  # the stored dtype is often half as large to move
