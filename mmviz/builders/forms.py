"""In which form the weights of a head are written: whole, by singular values, cut down, or with an adapter's part."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Difference = Literal["out", "pattern"]
KINDS = ("Q", "K", "V", "O")
"""Of the weights of a head: wQ, wK, wV, wO."""
LOW = "_low"
"""What the names end in of matrices that are computed with weights that were cut down, beside the full ones."""


@dataclass(frozen=True, slots=True)
class WeightForms:
    """What is wanted of the weights of a head; by default, and of those that are not named, that they are whole."""

    svd: Mapping[str, int] = field(default_factory=dict)  # kind -> how many singular values U @ (S @ Vt) has
    ranks: Mapping[str, int] = field(default_factory=dict)  # kind -> the rank that it is cut down to
    difference: Difference | None = None  # of what: with the weights that are cut down, minus with the full ones
    scales: Mapping[str, float] = field(default_factory=dict)  # attn.W_Q ... -> factor of an adapter's B A


PLAIN = WeightForms()
