"""Which results of a sum are 0 but for rounding: those that are no larger than the error that they can have.

Each bound holds whatever the order of the sum: |computed - exact| <= k * u * sum of |terms|, u the unit roundoff.
Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, section 3.1.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

CHUNK = 1 << 20
"""Elements that are looked at together, so that little memory is needed."""
STORED = torch.finfo(torch.float32).eps / 2
"""Of a number that was rounded to float32, at most this share of it is lost."""


def of_product(left: Tensor, right: Tensor, found: Tensor, rounded: Sequence[bool]) -> Tensor | None:
    """Where left @ right is 0 but for rounding; None where it is nowhere.

    Args:
        left: (i, k), as it was multiplied.
        right: (k, j).
        found: (i, j), their product as it was computed.
        rounded: Of left and right, whether they were rounded to float32 themselves.

    Returns:
        (i, j), float64 on the CPU: the largest error that the product can have there, and 0 elsewhere.
    """
    share = left.shape[1] * torch.finfo(found.dtype).eps / 2 + STORED * sum(rounded)
    lengths, other = left.norm(dim=1), right.norm(dim=0)
    step = max(1, CHUNK // found.shape[1])
    least = torch.cat([found[first : first + step].abs().amin(dim=1) for first in range(0, len(found), step)])
    # No sum of |products| is larger than the product of the two lengths: the inequality of Cauchy and Schwarz.
    near = (~(least > share * other.max() * lengths)).nonzero()[:, 0]  # rows with NaN among them
    bounds: Tensor | None = None
    for first in range(0, len(near), step):
        some = near[first : first + step]
        rows = some[_within(found[some], share * torch.outer(lengths[some], other)).any(dim=1)]
        if len(rows):
            bounds = torch.zeros(found.shape, dtype=torch.float64) if bounds is None else bounds
            errors = share * (left[rows].abs() @ right.abs())
            bounds[rows.cpu()] = errors.where(_within(found[rows], errors), 0.0).double().cpu()
    return None if bounds is None or not bounds.any() else bounds


def of_sum(left: Tensor, right: Tensor, found: Tensor, rounded: Sequence[bool]) -> Tensor | None:
    """Where left + right or left - right is 0 but for the rounding of the two; else as `of_product`."""
    if not any(rounded):
        return None
    sides = [STORED * side.abs() for side, lost in zip((left, right), rounded, strict=True) if lost]
    errors = sum(sides[1:], sides[0])
    within = _within(found, errors)
    return errors.where(within, 0.0).double().cpu() if within.any() else None


def nothing(left: Tensor, right: Tensor, found: Tensor, rounded: Sequence[bool]) -> None:
    """Of a product of elements nothing cancels; arguments as of `of_sum`."""


CANCELLED: dict[str, Callable[[Tensor, Tensor, Tensor, Sequence[bool]], Tensor | None]] = {
    "@": of_product,
    "+": of_sum,
    "-": of_sum,
    "*": nothing,
    "/": nothing,
}
"""By the sign of what was computed."""


def _within(found: Tensor, errors: Tensor) -> Tensor:
    return (found.abs() <= errors) & (found != 0) & found.isfinite()
