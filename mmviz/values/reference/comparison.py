"""How far our numbers are from those of transformers, and how far they may be; draws and prints nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmviz.values.arithmetic.device import full_precision
from mmviz.values.families.names import in_which_layer
from mmviz.values.model.model import Model
from mmviz.values.reference.recording import Reference

TOLERANCES: Mapping[str, float] = {
    # Both sides add in float32, but not always in the same order. Measured on a CPU: 0 for Llamas, the 30 layers of
    # SmolLM2 among them; 6e-6 for GPT-2, 24 layers of wild random weights among them. Other kernels may need more. The
    # mistake that is hardest to see, the exact GELU in place of its approximation, is off by 3e-5.
    "float32": 2e-5,
    # Transformers computes RMSNorm, and the softmax of a Llama or a GPT-NeoX, in float32 even then, so no more than
    # that can agree: measured 2e-6. Rotary angles are float32 on both sides.
    "float64": 1e-5,
}
"""How far an activation may be off, as a share of the largest entry of what transformers computes."""
WHOLLY_FLOAT64 = 1e-9
"""The same of GPT-2 in float64, of which transformers computes all in it: measured 2e-14."""

ABSOLUTE = ("attn.hook_pattern", "cross_attn.hook_pattern")
"""What is between 0 and 1 by itself: its differences are held against 1."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far one tensor of ours is from that of transformers."""

    largest: float  # largest |ours - theirs|; inf where only one of them is NaN or infinite, or shapes differ
    relative: float  # the same as a share of the largest finite |theirs|, or of 1
    nans: int  # entries that are NaN on both sides, which counts as equal


@dataclass(frozen=True, slots=True)
class Row:
    """An activation in the layer in which it is furthest off."""

    hook: str  # without "blocks.{i}.", or without the number where there are two stacks: decoder.attn.hook_pattern
    layer: int | None  # None for what the model has once
    largest: float  # |ours - theirs| of the entry that is furthest off
    relative: float  # as a share of the layer's largest |theirs|; of 1 where `absolute`
    absolute: bool
    tolerance: float  # most that `relative` may be
    nans: int  # entries of all layers that are NaN on both sides

    @property
    def exceeds(self) -> bool:
        """Whether the difference is larger than it may be."""
        return not self.relative <= self.tolerance


@dataclass(frozen=True, slots=True)
class Comparison:
    """All activations of a model on a prompt, held against those of transformers."""

    rows: tuple[Row, ...]  # of each activation the layer that is furthest off, in the order of computation
    every: tuple[Row, ...]  # each activation in each layer, in that order
    tokens: int
    dtype: str  # what both sides compute with
    device: str
    reference: str  # "transformers 5.23.0"
    note: str = ""  # what is to be told of how the adapter was applied
    handed_over: str = ""  # why transformers has our weights, as we decode them; "" where it read them itself
    first: str = ""  # the name of the first activation, as they are computed, that exceeds; "" if none does

    @property
    def exceeding(self) -> tuple[Row, ...]:
        """The rows whose difference is larger than it may be."""
        return tuple(row for row in self.rows if row.exceeds)


def compare(model: Model, token_ids: Sequence[int], tolerance: float | None = None) -> Comparison:
    """Run a model and that of transformers side by side, and hold every activation of one against the other's.

    All weights are in memory, because transformers has them there, but for those that it is handed as we decode them,
    which are a layer's; of the activations one layer's.

    Args:
        model: Ours.
        token_ids: One prompt.
        tolerance: How large a relative difference may be; `tolerance_of` says it otherwise. More than 0.

    Raises:
        SourceError: the prompt is impossible, or transformers is not there, or cannot load or run the model.
    """
    model.check_tokens(token_ids)
    names = model.activation_names
    model.check_parameters()
    allowed = tolerance_of(model) if tolerance is None else tolerance
    reference = Reference(model)
    found: dict[str, Difference] = {}
    with full_precision():
        ours = model.steps(token_ids, names)

        def take(theirs: Mapping[str, Tensor]) -> None:
            for _ in theirs:
                name, value = next(ours)
                found[name] = difference(value, theirs[name], is_absolute(name))

        reference.each(token_ids, names, take)
    return Comparison(
        rows=_rows(found, allowed),
        every=tuple(_row(name, off, allowed) for name, off in found.items()),
        tokens=len(token_ids),
        dtype=str(model.dtype).removeprefix("torch."),
        device=str(model.device),
        reference=reference.name,
        note=reference.note,
        handed_over=reference.handed_over,
        first=next((name for name, off in found.items() if not off.relative <= allowed), ""),
    )


def tolerance_of(model: Model) -> float:
    """How far an activation of this model may be off, as a share of the largest entry."""
    dtype = str(model.dtype).removeprefix("torch.")
    return WHOLLY_FLOAT64 if dtype == "float64" and model.config.kind == "gpt2" else TOLERANCES[dtype]


def difference(ours: Tensor, theirs: Tensor, absolute: bool = False) -> Difference:
    """How far one tensor is from another.

    Args:
        ours: Any shape.
        theirs: The same shape and dtype, or else all is infinitely far.
        absolute: Hold the difference against 1, not against the largest of `theirs`.
    """
    if ours.shape != theirs.shape or ours.numel() == 0:
        return Difference(math.inf, math.inf, 0)
    both = ours.isnan() & theirs.isnan()
    apart = torch.where((ours == theirs) | both, torch.zeros_like(theirs), (ours - theirs).abs())  # inf - inf is NaN
    largest = float(apart.nan_to_num(nan=math.inf, posinf=math.inf).max())
    scale = 1.0 if absolute else float(theirs.abs().nan_to_num(nan=0.0, posinf=0.0).max())
    relative = largest / scale if scale else math.inf if largest else 0.0
    return Difference(largest, relative, int(both.sum()))


def is_absolute(activation: str) -> bool:
    """Whether an activation is between 0 and 1 by itself, so that its differences are held against 1."""
    return in_which_layer(activation)[1] in ABSOLUTE


def drawn_tolerance() -> float:
    """How far a matrix that is drawn may be off: what is drawn is float32, whatever it was computed with."""
    return TOLERANCES["float32"]


def drawn_difference(
    drawn: NDArray[np.float32], masked: NDArray[np.bool_] | None, theirs: Tensor, name: str
) -> Difference:
    """How far a matrix that is drawn is from the activation that it shows.

    Args:
        drawn: (rows, columns).
        masked: (rows, columns), True where a mask forbids the element, which is drawn as 0 then. Theirs must have -inf
            (scores) or 0 (patterns) there.
        theirs: (rows, columns).
        name: Of the activation.
    """
    ours = torch.tensor(drawn)  # a copy: torch warns of arrays that nobody can write to
    theirs = theirs.to("cpu", torch.float32)
    if masked is not None and theirs.shape == ours.shape:
        forbidden = torch.tensor(masked) & ((theirs == -torch.inf) | (theirs == 0))
        theirs = torch.where(forbidden, ours, theirs)
    return difference(ours, theirs, is_absolute(name))


def _rows(found: Mapping[str, Difference], tolerance: float) -> tuple[Row, ...]:
    """One row for all layers, about the one in which the activation is furthest off."""
    layers: dict[str, dict[int | None, Difference]] = {}
    for name, off in found.items():
        layer, hook = _named(name)
        layers.setdefault(hook, {})[layer] = off
    rows: list[Row] = []
    for hook, by_layer in layers.items():
        layer, worst = max(by_layer.items(), key=lambda entry: entry[1].relative)
        nans = sum(off.nans for off in by_layer.values())
        rows.append(Row(hook, layer, worst.largest, worst.relative, _is_share(hook), tolerance, nans))
    return tuple(rows)


def _row(name: str, off: Difference, tolerance: float) -> Row:
    layer, hook = _named(name)
    return Row(hook, layer, off.largest, off.relative, _is_share(hook), tolerance, off.nans)


def _named(name: str) -> tuple[int | None, str]:
    """The layer of an activation, and what it is called in every layer of its stack."""
    layer, hook = in_which_layer(name)
    stack = name.partition(".")[0]
    return layer, hook if layer is None or stack == "blocks" else f"{stack}.{hook}"


def _is_share(hook: str) -> bool:
    return hook.removeprefix("encoder.").removeprefix("decoder.") in ABSOLUTE
