"""The functions an expression may call: their names and parameters; how they are computed is in mmviz.values."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function of one matrix that keeps its shape."""

    meaning: str  # one line, for help texts
    parameters: tuple[str, ...] = ()  # names of the numbers that may follow the matrix
    defaults: tuple[float | None, ...] = ()  # one a parameter; None: taken from the product (see `scale`)
    along: Literal["elements", "rows", "triangle"] = "elements"  # what it looks at; rows and triangles turn with .T
    of_product: bool = False  # needs a product as its argument, for its inner size k
    positive: bool = False  # its parameters must be more than 0


FUNCTIONS: dict[str, FunctionSpec] = {
    "sdpa": FunctionSpec("causal attention weights: softmax(tril(x / sqrt(k)))", along="triangle", of_product=True),
    "softmax": FunctionSpec("softmax of every row, masked elements left out", along="rows"),
    "tril": FunctionSpec("mask the elements right of the diagonal", along="triangle"),
    "relu": FunctionSpec("max(x, 0)"),
    "gelu": FunctionSpec("x * Phi(x), exact (erf)"),
    "gelu_tanh": FunctionSpec("gelu by its tanh approximation, as in GPT-2"),
    "silu": FunctionSpec("x * sigmoid(x)"),
    "sigmoid": FunctionSpec("1 / (1 + exp(-x))"),
    "tanh": FunctionSpec("hyperbolic tangent"),
    "square": FunctionSpec("x * x"),
    "scale": FunctionSpec("x times a factor, 1 / sqrt(k) by default", ("factor",), (None,)),
    "layernorm": FunctionSpec("each row to mean 0 and variance 1", ("eps",), (1e-5,), along="rows", positive=True),
    "rmsnorm": FunctionSpec("each row to mean square 1", ("eps",), (1e-6,), along="rows", positive=True),
    "rope": FunctionSpec(
        "rotary position embedding; row i is position i", ("theta",), (10000.0,), along="rows", positive=True
    ),
}
