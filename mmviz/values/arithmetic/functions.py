"""The functions that matrices wear, computed by torch; masked elements travel beside the numbers."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from mmviz.errors import ShapeError
from mmviz.scene.language.dropped import dropped
from mmviz.scene.language.functions import FUNCTIONS, HIDING, MASKING, ROTARY
from mmviz.scene.language.masks import Masking
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import Worn
from mmviz.values.arithmetic.masking import forbidden
from mmviz.values.arithmetic.primitives import position_factors, rms_norm, rotary_angles, rotate
from mmviz.values.arithmetic.rotary import plain_frequencies

Masked = tuple[Tensor, Tensor | None]
"""Numbers (rows, columns) and, where there is one, a mask of the same shape: True where an element is forbidden."""


def wear(
    worn: Worn,
    x: Tensor,
    mask: Tensor | None,
    inner: int | None,
    vectors: tuple[Tensor, ...] = (),
    first: tuple[int, int] = (0, 0),
) -> Masked:
    """Apply one function.

    Args:
        worn: The function, its parameters and whether its rows run along the columns of `x`.
        x: (rows, columns), floating point.
        mask: (rows, columns), True where an element is forbidden, or None.
        inner: k of the product whose result x is, where it is one.
        vectors: Of the function, such as a norm's weight; each as long as a row of the function's argument.
        first: Row and column of x[0, 0], where x is a part of a matrix.

    Returns:
        The result and its mask; a forbidden element is 0.

    Raises:
        ShapeError: as `check_shape`.
    """
    check_shape(worn, (x.shape[0], x.shape[1]))
    if worn.turned:
        turned = x.mT, None if mask is None else mask.mT
        result, forbidden = _masked(worn, *turned, numbers_of(worn, inner), vectors, first[::-1])
        return result.mT, None if forbidden is None else forbidden.mT
    return _masked(worn, x, mask, numbers_of(worn, inner), vectors, first)


def check_shape(worn: Worn, shape: Shape) -> None:
    """Refuse a function that cannot take its matrix.

    Args:
        worn: The function.
        shape: Rows and columns of the matrix that wears it.

    Raises:
        ShapeError: rope on an odd number of columns, or on more than there are; topk of more than there are.
    """
    rows, columns = reversed(shape) if worn.turned else shape
    if worn.function == "topk" and worn.parameters[0] > columns:
        told = f"{rows}x{columns}" if worn.axis == 1 else f"{columns}x{rows}"
        all_of = "columns" if worn.axis == 1 else "rows"
        raise ShapeError(
            f"topk: its matrix is {told}, and its k {worn.parameters[0]:.0f}; at most all {all_of} are needed."
        )
    if worn.function not in ROTARY:
        return
    size = int(numbers_of(worn, None)[1])
    if not size and columns % 2:
        raise ShapeError(f"{worn.function}: its matrix is {rows}x{columns}; the number of columns must be even.")
    if size % 2 or size > columns:
        raise ShapeError(
            f"{worn.function}: its matrix is {rows}x{columns}, and its size {size}; an even number of columns, at most "
            "all, is needed."
        )


def softmax(x: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax of each row over the elements that are not forbidden; these are 0. Same shape as `x`."""
    if mask is None:
        return x.softmax(dim=-1)
    return x.masked_fill(mask, float("-inf")).softmax(dim=-1).masked_fill(mask, 0.0)


def softmax_sink(x: Tensor, sink: Tensor, mask: Tensor | None = None) -> Tensor:
    """As `softmax`, but every row has one element more, of which nothing is given back; same shape as `x`.

    Args:
        x: (rows, columns).
        sink: (1,): the element that all rows have.
        mask: (rows, columns), True where an element is forbidden.
    """
    allowed = x if mask is None else x.masked_fill(mask, float("-inf"))
    with_sink = torch.cat((allowed, sink.expand(len(x), 1)), 1)  # (rows, columns + 1)
    return with_sink.softmax(dim=-1)[:, :-1]


def logits(worn: Worn, x: Tensor, mask: Tensor | None, inner: int | None) -> Tensor:
    """What softmax or sdpa takes the exponentials of, -inf where an element is forbidden; arguments as of `wear`."""
    if worn.turned:
        return logits(replace(worn, turned=False), x.mT, None if mask is None else mask.mT, inner).mT
    if worn.function == "sdpa":
        mask = _also(mask, forbidden(Masking("tril"), (x.shape[0], x.shape[1]), device=x.device))
    scaled = _scaled(worn.function, x, numbers_of(worn, inner))
    return scaled if mask is None else scaled.masked_fill(mask, float("-inf"))


def rope(
    x: Tensor,
    theta: float,
    stretch: Tensor | None = None,
    first: int = 0,
    size: int = 0,
    gain: float = 1.0,
    *,
    neighbours: bool = False,
) -> Tensor:
    """Rotary position embedding of one head's queries or keys; same shape as `x`.

    Args:
        x: (tokens, head_size); row i is position first + i.
        theta: Base of the wavelengths.
        stretch: (head_size,): what the wavelength of each column is multiplied by; the columns i and
            i + size / 2, or 2i and 2i + 1, turn together, and the first of them counts.
        first: The position of the first row.
        size: How many columns turn, the first ones, even; 0: all.
        gain: What those that turn are multiplied by, too.
        neighbours: Columns 2i and 2i + 1 turn together.
    """
    size = size or x.shape[1]
    frequencies = rope_frequencies(theta, size, stretch, neighbours=neighbours)  # (size / 2,)
    angles = rotary_angles(len(x), frequencies, first).to(x.device)  # (tokens, size / 2)
    return rotate(x[:, None], angles, gain, neighbours=neighbours)[:, 0]  # (tokens, head_size)


def rope_frequencies(theta: float, size: int, stretch: Tensor | None = None, *, neighbours: bool = False) -> Tensor:
    """By how many radians a position each pair of columns turns: (size / 2,), float32; arguments as of `rope`."""
    frequencies = plain_frequencies(theta, size)  # (size / 2,)
    if stretch is None:
        return frequencies
    firsts = stretch[:size:2] if neighbours else stretch[: size // 2]  # (size / 2,)
    return frequencies / firsts.to(frequencies)  # (size / 2,)


def batch_norm(x: Tensor, vectors: Sequence[Tensor], eps: float) -> Tensor:
    """Each row to mean 0 and variance 1, or by the mean and variance given; same shape as `x`.

    Args:
        x: (features, tokens): as `torch.nn.BatchNorm1d` has it in training, turned.
        vectors: (features,) each: weight, bias, mean and variance, as many as there are.
        eps: Added to the variance.
    """
    variance, mean = torch.var_mean(x, -1, correction=0)  # (features,)
    weight, bias = (*vectors, None, None)[:2]
    if len(vectors) > 2:
        mean, variance = vectors[2:]
    normal = (x - mean[:, None]) * torch.rsqrt(variance[:, None] + eps)  # (features, tokens)
    weighted = normal if weight is None else normal * weight[:, None]
    return weighted if bias is None else weighted + bias[:, None]


def xielu(x: Tensor, p: Tensor, n: Tensor, beta: Tensor, eps: Tensor) -> Tensor:
    """The function of an Apertus' MLP, of which each layer has learned its own; same shape as `x`.

    Args:
        x: Any shape.
        p: (1,), by whose softplus it grows where x is positive.
        n: (1,), the same of negative x.
        beta: One number, its slope at 0.
        eps: One number, a little below 0.

    Source: Huang and Schlag 2025, Deriving Activation Functions Using Integration; eps as in Hugging Face.
    """
    grows = functional.softplus(p) * x * x
    falls = (torch.expm1(torch.minimum(x, eps)) - x) * (beta + functional.softplus(n))
    return torch.where(x > 0, grows, falls) + beta * x


def _masked(
    worn: Worn,
    x: Tensor,
    mask: Tensor | None,
    numbers: tuple[float, ...],
    vectors: tuple[Tensor, ...],
    first: tuple[int, int],
) -> Masked:
    if worn.function in MASKING:
        own = Masking("tril") if worn.function == "sdpa" else Masking(worn.function, tuple(map(int, numbers)))
        mask = _also(mask, forbidden(own, (x.shape[0], x.shape[1]), first, x.device))
    if worn.function == "topk":
        by = x + vectors[0] if vectors else x  # (rows, columns)
        mask = _also(mask, _beyond_the_largest(by, mask, int(numbers[0])))
    if worn.function in ROTARY:
        stretch, pairs = vectors[0] if vectors else None, worn.function == "rope_pairs"
        theta, size, gain = numbers
        result = rope(x, theta, stretch, first[0], int(size), gain, neighbours=pairs)
    elif worn.function == "dropout":
        i, j = (torch.arange(begin, begin + size, device=x.device) for begin, size in zip(first, x.shape, strict=True))
        kept = ~dropped(i[:, None], j, numbers[0], int(numbers[1]))  # (rows, columns)
        result = torch.where(kept, x / (1 - numbers[0]), 0.0)
    elif worn.function == "position_scale":
        rate, length, start = numbers
        result = x * position_factors(len(x), rate, length, first[0] + int(start)).to(x)
    else:
        result = _compute(worn.function, x, mask, numbers, vectors)
    return result if mask is None else result.masked_fill(mask, 0.0), mask


def numbers_of(worn: Worn, inner: int | None) -> tuple[float, ...]:
    """All parameters of a function, those that were left out included; sdpa's is the factor of the scores."""
    by_size = (inner or 1) ** -0.5
    if worn.function == "sdpa":
        return (by_size,)
    left_out = FUNCTIONS[worn.function].parameters[len(worn.parameters) :]
    return *worn.parameters, *(by_size if p.default == "1 / sqrt(k)" else float(p.default or 0) for p in left_out)


def _compute(
    function: str, x: Tensor, mask: Tensor | None, numbers: tuple[float, ...], vectors: tuple[Tensor, ...]
) -> Tensor:
    match function:
        case "sdpa" | "softmax":
            result = softmax(_scaled(function, x, numbers), mask)
        case "softmax_sink":
            result = softmax_sink(x, vectors[0], mask)
        case _ if function in HIDING:
            result = x
        case "xielu":
            result = xielu(x, vectors[0], vectors[1], vectors[2], vectors[3])
        case _ if function in OF_ROWS:
            result = OF_ROWS[function](x, mask, numbers, vectors)
        case _:
            result = POINTWISE[function](x, *numbers)
    return result


def _share(x: Tensor, mask: Tensor | None, _: Sequence[float], __: Sequence[Tensor]) -> Tensor:
    return x / _allowed(x, mask).sum(-1, keepdim=True)


def _cumsum(x: Tensor, mask: Tensor | None, _: Sequence[float], __: Sequence[Tensor]) -> Tensor:
    return _allowed(x, mask).cumsum(-1)


def _onehot(x: Tensor, mask: Tensor | None, _: Sequence[float], __: Sequence[Tensor]) -> Tensor:
    return (~_beyond_the_largest(x, mask, 1)).to(x)


def _bias(x: Tensor, _: Tensor | None, __: Sequence[float], vectors: Sequence[Tensor]) -> Tensor:
    return x + vectors[0]


def _layernorm(x: Tensor, _: Tensor | None, numbers: Sequence[float], vectors: Sequence[Tensor]) -> Tensor:
    weight, bias = (*vectors, None, None)[:2]
    return functional.layer_norm(x, x.shape[-1:], weight, bias, numbers[0])


def _rmsnorm(x: Tensor, _: Tensor | None, numbers: Sequence[float], vectors: Sequence[Tensor]) -> Tensor:
    return rms_norm(x, vectors[0] if vectors else x.new_ones(x.shape[-1]), numbers[0])


def _batchnorm(x: Tensor, _: Tensor | None, numbers: Sequence[float], vectors: Sequence[Tensor]) -> Tensor:
    return batch_norm(x, vectors, numbers[0])


OF_ROWS: dict[str, Callable[[Tensor, Tensor | None, Sequence[float], Sequence[Tensor]], Tensor]] = {
    "share": _share,
    "cumsum": _cumsum,
    "onehot": _onehot,
    "bias": _bias,
    "layernorm": _layernorm,
    "rmsnorm": _rmsnorm,
    "batchnorm": _batchnorm,
}
"""Functions of whole rows: of the numbers, where they are forbidden, the function's own numbers, and its vectors."""


def _allowed(x: Tensor, mask: Tensor | None) -> Tensor:
    return x if mask is None else x.masked_fill(mask, 0.0)


def _beyond_the_largest(x: Tensor, mask: Tensor | None, k: int) -> Tensor:
    """True where k elements of the row are larger, or equal and further left; forbidden ones count as smallest."""
    allowed = x if mask is None else x.masked_fill(mask, float("-inf"))
    largest = allowed.sort(dim=-1, descending=True, stable=True).indices[:, :k]  # (rows, k)
    return torch.ones_like(x, dtype=torch.bool).scatter(-1, largest, value=False)


def _also(mask: Tensor | None, other: Tensor) -> Tensor:
    return other if mask is None else mask | other


def _scaled(function: str, x: Tensor, numbers: tuple[float, ...]) -> Tensor:
    """Before softmax: sdpa has a factor, softmax a temperature."""
    return x * numbers[0] if function == "sdpa" else x / numbers[0]


def _gelu_tanh(x: Tensor) -> Tensor:
    return functional.gelu(x, approximate="tanh")


def _relu2(x: Tensor) -> Tensor:
    return torch.relu(x).square()


def _swish(x: Tensor, beta: float) -> Tensor:
    return x * torch.sigmoid(beta * x)


def _maximum(x: Tensor, c: float) -> Tensor:
    return x.clamp(min=c)


def _minimum(x: Tensor, c: float) -> Tensor:
    return x.clamp(max=c)


def _softcap(x: Tensor, cap: float) -> Tensor:
    return cap * torch.tanh(x / cap)


def _float16(x: Tensor) -> Tensor:
    return x.half().to(x.dtype)


def _bfloat16(x: Tensor) -> Tensor:
    return x.bfloat16().to(x.dtype)


POINTWISE: dict[str, Callable[..., Tensor]] = {
    "float16": _float16,
    "bfloat16": _bfloat16,
    "exp": torch.exp,
    "log": torch.log,
    "abs": torch.abs,
    "maximum": _maximum,
    "relu": torch.relu,
    "relu2": _relu2,
    "leaky_relu": functional.leaky_relu,
    "gelu": functional.gelu,
    "gelu_tanh": _gelu_tanh,
    "silu": functional.silu,
    "swish": _swish,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softcap": _softcap,
    "minimum": _minimum,
    "clip": torch.clamp,
    "square": torch.square,
    "power": torch.pow,
    "add": torch.add,
    "scale": torch.mul,
}
"""Functions of one element and of the numbers that follow it."""
