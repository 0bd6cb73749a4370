"""Functions as Python calls them: softmax(x), scale(x, 0.5) ...; every one makes a part of an expression."""

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise, takewhile
from typing import Any

from mmviz.errors import ExpressionError
from mmviz.scene.language.expression import Call, Cut, Expression, Join, Product, Taken
from mmviz.scene.language.functions import FUNCTIONS


def _caller(function: str) -> Callable[..., Call]:
    most = len(FUNCTIONS[function].parameters)

    def call(argument: Expression, *rest: Any, axis: int = 1) -> Call:
        vectors = tuple(takewhile(lambda entry: isinstance(entry, Expression), rest))
        numbers = rest[len(vectors) :]
        if FUNCTIONS[function].either_axis and len(numbers) == most + 1:
            numbers, axis = numbers[:-1], numbers[-1]
        return Call(function, argument, numbers, vectors, axis)

    call.__name__ = function
    call.__doc__ = (
        f"{FUNCTIONS[function].meaning[:1].upper()}{FUNCTIONS[function].meaning[1:]}.\n\n{_example(function)}"
    )
    return call


def _example(function: str) -> str:
    """How a function is called, as an example of its docstring."""
    spec = FUNCTIONS[function]
    vectors = [vector[0] for vector in spec.vectors[: spec.needed]]
    numbers = [
        str(n + 1) if not parameter.share else "0.5"
        for n, parameter in enumerate(spec.parameters)
        if parameter.default is None
    ]
    call = f"{function}({', '.join(('x @ y', *vectors, *numbers))})"
    listed = ", ".join(("x", "y", *vectors))
    return (
        f"Example:\n    >>> from mmviz import names, {function}\n"
        f"    >>> {listed} = names({' '.join(('x', 'y', *vectors))!r})\n    >>> print({call})\n    {call}\n"
    )


softmax = _caller("softmax")
softmax_sink = _caller("softmax_sink")
tril = _caller("tril")
triu = _caller("triu")
window = _caller("window")
local = _caller("local")
chunk = _caller("chunk")
prefix = _caller("prefix")
pad = _caller("pad")
topk = _caller("topk")
share = _caller("share")
xielu = _caller("xielu")
cumsum = _caller("cumsum")
onehot = _caller("onehot")
dropout = _caller("dropout")
exp = _caller("exp")
float16 = _caller("float16")
bfloat16 = _caller("bfloat16")
log = _caller("log")
abs = _caller("abs")  # noqa: A001  (as in numpy: it is called as mmviz.abs)
relu = _caller("relu")
relu2 = _caller("relu2")
leaky_relu = _caller("leaky_relu")
gelu = _caller("gelu")
gelu_tanh = _caller("gelu_tanh")
silu = _caller("silu")
swish = _caller("swish")
sigmoid = _caller("sigmoid")
tanh = _caller("tanh")
softcap = _caller("softcap")
minimum = _caller("minimum")
maximum = _caller("maximum")
clip = _caller("clip")
square = _caller("square")
power = _caller("power")
add = _caller("add")
scale = _caller("scale")
bias = _caller("bias")
layernorm = _caller("layernorm")
batchnorm = _caller("batchnorm")
rmsnorm = _caller("rmsnorm")
rope = _caller("rope")
rope_pairs = _caller("rope_pairs")
position_scale = _caller("position_scale")


def sdpa(argument: Expression, keys: Expression | None = None) -> Call:
    """Causal attention weights of the scores `argument`, or of the product `argument @ keys`.

    Example:
        >>> from mmviz import names, sdpa
        >>> Q, K = names("Q K")
        >>> print(sdpa(Q @ K.T))
        sdpa(Q @ K.T)
    """
    return Call("sdpa", argument if keys is None else Product(argument, keys))


def concat(*parts: Expression) -> Join:
    """Matrices side by side: their columns one after the other, as torch.cat with dim=1.

    Example:
        >>> from mmviz import concat, names
        >>> a, b, wO = names("a b wO")
        >>> print(concat(a, b) @ wO)
        concat(a, b) @ wO
    """
    return Join(parts, "columns")


def stack(*parts: Expression) -> Join:
    """Matrices one below the other: their rows one after the other, as torch.cat with dim=0.

    Example:
        >>> from mmviz import names, stack
        >>> a, b = names("a b")
        >>> print(stack(a, b))
        stack(a, b)
    """
    return Join(parts, "rows")


def split(x: Expression, sizes: Sequence[int], axis: int = 0) -> tuple[Cut, ...]:
    """Slices of a matrix, one behind the other: so many rows each (axis 0) or columns (axis 1), as torch.split.

    Raises:
        ExpressionError: a size is no whole number of 1 or more, or the axis is another one.

    Example:
        >>> from mmviz import names, split
        >>> (qkv,) = names("qkv")
        >>> print(*split(qkv, [8, 8, 4], axis=1), sep="; ")
        qkv[:, 0:8]; qkv[:, 8:16]; qkv[:, 16:20]
    """
    if axis not in (0, 1):
        raise ExpressionError(f"split: axis must be 0 for rows or 1 for columns, got {axis!r}.")
    if not isinstance(sizes, list | tuple) or not sizes:
        raise ExpressionError(f"split: sizes must be a list of whole numbers such as [64, 64], got {sizes!r}.")
    for place, size in enumerate(sizes):
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ExpressionError(f"split, size {place}: must be a whole number, 1 or more, got {size!r}.")
    spans = [slice(begin, end) for begin, end in pairwise(accumulate(sizes, initial=0))]
    return tuple(x[:, span] if axis else x[span] for span in spans)


def embed(ids: Expression, table: Expression) -> Taken:
    """The rows of a table that ids name: whole numbers in one column or row.

    Example:
        >>> from mmviz import embed, names
        >>> ids, E = names("ids E")
        >>> print(embed(ids, E))
        embed(ids, E)
    """
    return Taken(ids, table)
