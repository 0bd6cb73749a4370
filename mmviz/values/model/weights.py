"""A model's parameters as tensors of the dtype and on the device that it computes with; never keeps one."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.place import Place

SMALL, MOST_KEPT = 1 << 18, 1 << 24
"""Bytes of a parameter that is kept, as reading it takes longer than computing with it, and of all of them together."""


class Weights:
    """Reads a parameter each time it is asked for, so that no more are in memory than are computed with.

    A few small ones are kept.
    """

    def __init__(self, checkpoint: Checkpoint, lookup: Lookup, device: torch.device, dtype: torch.dtype) -> None:
        self._checkpoint = checkpoint
        self._lookup = lookup
        self._device = device
        self._dtype = dtype
        self._places: dict[tuple[str, int | None], Place] = {}  # of weights that were asked for
        self._kept: dict[tuple[str, int | None], Tensor] = {}  # small ones, as they are computed with
        self._room = MOST_KEPT  # bytes

    def part(self, name: str, head: int | None = None) -> Tensor:
        """A weight by its TransformerLens name: (ins, outs) of a matrix, (outs,) of a vector.

        Args:
            name: Of all heads, where there is a parameter of all.
            head: The one whose parameter it is, where each has its own.

        Raises:
            SourceError: it is missing, or not of the shape that config.json promises.
        """
        if (name, head) in self._kept:
            return self._kept[name, head]
        place = self._place(name, head)
        of_many = place.entry is not None  # experts, of which this one alone is read
        part = place.read(self._checkpoint) if of_many else place.of(self._checkpoint.lend(place.parameter))
        found = self._computable(part.mT if place.transposed else part)
        return self._keep((name, head), found + place.plus if place.plus else found)

    def rows(self, name: str, numbers: Sequence[int]) -> Tensor:
        """Some rows of a weight outside the layers, each read once: (len(numbers), columns).

        Raises:
            SourceError: as `part`.
        """
        if (name, None) in self._kept:
            return self._kept[name, None][list(numbers)]
        parameter = self._place(name, None).parameter
        if self._checkpoint.stored_bytes(parameter) <= SMALL:
            return self.part(name)[list(numbers)]
        read = {number: self._checkpoint.slice(parameter, slice(number, number + 1)) for number in set(numbers)}
        return self._computable(torch.cat([read[number] for number in numbers]))

    def like(self, numbers: Tensor) -> Tensor:
        """Numbers that are no weights, of the dtype and on the device that are computed with."""
        return self._computable(numbers)

    def _keep(self, name: tuple[str, int | None], found: Tensor) -> Tensor:
        """The weight, kept where it is small and there is room: a copy, since what is lent may lie in a file."""
        if found.nbytes > min(SMALL, self._room):
            return found
        self._room -= found.nbytes
        self._kept[name] = found.clone()  # which is laid out as it was
        return self._kept[name]

    def _place(self, name: str, head: int | None) -> Place:
        if (name, head) not in self._places:
            self._places[name, head] = self._lookup.place(name, head)
        return self._places[name, head]

    def _computable(self, stored: Tensor) -> Tensor:
        return stored.to(self._device).to(self._dtype)  # the stored dtype is often half as large to move
