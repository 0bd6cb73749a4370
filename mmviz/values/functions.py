"""The functions that matrices wear, computed by torch; masked elements travel beside the numbers."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmviz.errors import ShapeError
from mmviz.scene.functions import FUNCTIONS
from mmviz.scene.shapes import Shape
from mmviz.scene.tree import Worn
from mmviz.values.transformer import rotary_angles, rotate

Masked = tuple[Tensor, Tensor | None]
"""Numbers (rows, columns) and, where there is one, a mask of the same shape: True where an element is forbidden."""


def wear(worn: Worn, x: Tensor, mask: Tensor | None, inner: int | None) -> Masked:
    """Apply one function.

    Args:
        worn: The function, its parameters and whether its rows run along the columns of `x`.
        x: (rows, columns), floating point.
        mask: (rows, columns), True where an element is forbidden, or None.
        inner: k of the product whose result x is, where it is one.

    Returns:
        The result and its mask; a forbidden element is 0.

    Raises:
        ShapeError: as `check_shape`.
    """
    check_shape(worn, (x.shape[0], x.shape[1]))
    parameters = _parameters(worn, inner)
    if worn.turned:
        result, forbidden = _compute(worn.function, x.mT, None if mask is None else mask.mT, parameters)
        return result.mT, None if forbidden is None else forbidden.mT
    return _compute(worn.function, x, mask, parameters)


def check_shape(worn: Worn, shape: Shape) -> None:
    """Refuse a function that cannot take its matrix.

    Args:
        worn: The function.
        shape: Rows and columns of the matrix that wears it.

    Raises:
        ShapeError: rope on an odd number of columns.
    """
    rows, columns = reversed(shape) if worn.turned else shape
    if worn.function == "rope" and columns % 2:
        raise ShapeError(f"rope: its matrix is {rows}x{columns}; the number of columns must be even.")


def softmax(x: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax of each row over the elements that are not forbidden; these are 0. Same shape as `x`."""
    if mask is None:
        return x.softmax(dim=-1)
    return x.masked_fill(mask, float("-inf")).softmax(dim=-1).masked_fill(mask, 0.0)


def rope(x: Tensor, theta: float) -> Tensor:
    """Rotary position embedding of one head's queries or keys; same shape as `x`.

    Args:
        x: (tokens, head_size), head_size even; row i is position i.
        theta: Base of the wavelengths.
    """
    tokens, size = x.shape
    angles = rotary_angles(tokens, size, theta).to(x.device)  # (tokens, head_size / 2)
    return rotate(x[:, None], angles)[:, 0]  # (tokens, head_size)


def _parameters(worn: Worn, inner: int | None) -> tuple[float, ...]:
    defaults = FUNCTIONS[worn.function].defaults
    given = worn.parameters + defaults[len(worn.parameters) :]
    by_size = (inner or 1) ** -0.5
    return tuple(by_size if value is None else value for value in given) or (by_size,)


def _compute(function: str, x: Tensor, mask: Tensor | None, parameters: tuple[float, ...]) -> Masked:
    if function in ("sdpa", "tril"):
        mask = _above_diagonal(x, mask)
    match function:
        case "sdpa":
            result = softmax(x * parameters[0], mask)
        case "softmax":
            result = softmax(x, mask)
        case "tril":
            result = x
        case "rope":
            result = rope(x, parameters[0])
        case "scale":
            result = x * parameters[0]
        case "layernorm":
            result = torch.nn.functional.layer_norm(x, x.shape[-1:], eps=parameters[0])
        case "rmsnorm":
            result = x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + parameters[0])
        case _:
            result = POINTWISE[function](x)
    return result if mask is None else result.masked_fill(mask, 0.0), mask


def _above_diagonal(x: Tensor, mask: Tensor | None) -> Tensor:
    above = torch.ones(x.shape, dtype=torch.bool, device=x.device).triu(1)
    return above if mask is None else above | mask


def _gelu_tanh(x: Tensor) -> Tensor:
    return torch.nn.functional.gelu(x, approximate="tanh")


POINTWISE: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "gelu": torch.nn.functional.gelu,
    "gelu_tanh": _gelu_tanh,
    "silu": torch.nn.functional.silu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "square": torch.square,
}
