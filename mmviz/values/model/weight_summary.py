"""A few numbers about one weight, and what it took to read it; never keeps the weight."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from mmviz.values.families.names import STRETCH
from mmviz.values.families.reading import stacks_of
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.model import Model

AT_ONCE = 1 << 22
"""Numbers that are summed up at a time, so that an embedding needs little more memory than its own."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a weight looks like. Smallest, largest and mean are those of its finite numbers."""

    weight: str
    head: int | None
    shape: tuple[int, int]
    axes: tuple[str, str]  # what rows and columns count; "" where that has no name
    parameter: str | None  # that it is a part of, as Hugging Face calls it; None: it is not stored
    dtype: str | None  # as stored
    smallest: float | None  # None: no number is finite
    largest: float | None
    mean: float | None
    nan: int
    infinite: int
    bytes_read: int  # as stored
    bytes_stored: int  # of all weights of the model


def summarize(checkpoint: Checkpoint, weight: str, head: int | None = None) -> Summary:
    """Read one weight, or a head's part of it, and no other bytes.

    Args:
        checkpoint: The model.
        weight: As in `Model.weight`.
        head: A query head; None for all.

    Raises:
        SourceError: as `Model.weight`.
    """
    of_decoder = weight.startswith("decoder.") and "decoder" in stacks_of(checkpoint.config, str(checkpoint.where))
    model = Model(checkpoint, device="cpu", stack="decoder" if of_decoder else "")
    before = checkpoint.bytes_read
    part = model.weight(weight, head)
    rows, columns = part.shape
    parameter = None if weight == STRETCH else Lookup(model.config, checkpoint).place(weight, head).parameter
    smallest, largest, mean = _finite(part)
    return Summary(
        weight=weight,
        head=head,
        shape=(rows, columns),
        axes=model.weight_axes(weight, head),
        parameter=parameter,
        dtype=None if parameter is None else checkpoint.dtype(parameter),
        smallest=smallest,
        largest=largest,
        mean=mean,
        nan=sum(int(chunk.isnan().sum()) for chunk in _chunks(part)),
        infinite=sum(int(chunk.isinf().sum()) for chunk in _chunks(part)),
        bytes_read=checkpoint.bytes_read - before,
        bytes_stored=sum(checkpoint.stored_bytes(name) for name in checkpoint.names),
    )


def _finite(part: Tensor) -> tuple[float | None, float | None, float | None]:
    """The smallest, the largest and the mean of the finite numbers."""
    smallest, largest, total, count = float("inf"), float("-inf"), 0.0, 0
    for chunk in _chunks(part):
        finite = chunk[chunk.isfinite()]
        if finite.numel():
            smallest, largest = min(smallest, finite.min().item()), max(largest, finite.max().item())
            total += finite.sum(dtype=torch.float64).item()
            count += finite.numel()
    return (smallest, largest, total / count) if count else (None, None, None)


def _chunks(part: Tensor) -> Iterator[Tensor]:
    """(rows, columns) -> several rows at a time."""
    rows = max(1, AT_ONCE // max(1, part.shape[1]))
    return (part[first : first + rows] for first in range(0, part.shape[0], rows))
