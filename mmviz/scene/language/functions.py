"""The functions an expression may call: their vectors and parameters; how they are computed is in mmviz.values."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that follows the matrix and its vectors."""

    name: str
    default: float | Literal["1 / sqrt(k)"] | None = None  # k: of the product that is the argument; None: must be given
    positive: bool = False  # must be more than 0


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function of one matrix that keeps its shape."""

    meaning: str  # one line, for help texts
    vectors: tuple[str, ...] = ()  # what the rows mean that may follow the matrix, each as long as one of its rows
    needed: int = 0  # how many of the vectors must be given
    parameters: tuple[Parameter, ...] = ()  # the numbers that may follow the vectors
    along: Literal["elements", "rows", "triangle"] = "elements"  # what it looks at; rows and triangles turn with .T
    of_product: bool = False  # needs a product as its argument, for its inner size k


PATTERNS = ("softmax", "sdpa")
"""Functions that make attention weights of scores: none is negative, and those of a row add up to 1."""
FUNCTIONS: dict[str, FunctionSpec] = {
    "sdpa": FunctionSpec("causal attention weights: softmax(tril(x / sqrt(k)))", along="triangle", of_product=True),
    "softmax": FunctionSpec(
        "softmax of every row of x / temperature, masked elements left out",
        parameters=(Parameter("temperature", 1.0, positive=True),),
        along="rows",
    ),
    "tril": FunctionSpec(
        "mask the elements right of the diagonal; in sums they stay masked until a softmax", along="triangle"
    ),
    "relu": FunctionSpec("max(x, 0)"),
    "leaky_relu": FunctionSpec("x, or slope * x where x < 0", parameters=(Parameter("slope", 0.01),)),
    "gelu": FunctionSpec("x * Phi(x), exact (erf)"),
    "gelu_tanh": FunctionSpec("gelu by its tanh approximation, as in GPT-2"),
    "silu": FunctionSpec("x * sigmoid(x)"),
    "sigmoid": FunctionSpec("1 / (1 + exp(-x))"),
    "tanh": FunctionSpec("hyperbolic tangent"),
    "softcap": FunctionSpec("cap * tanh(x / cap)", parameters=(Parameter("cap", positive=True),)),
    "clip": FunctionSpec("x, but at least low and at most high", parameters=(Parameter("low"), Parameter("high"))),
    "square": FunctionSpec("x * x"),
    "power": FunctionSpec("x to the power of p", parameters=(Parameter("p"),)),
    "add": FunctionSpec("x + c", parameters=(Parameter("c"),)),
    "scale": FunctionSpec("x times a factor, 1 / sqrt(k) by default", parameters=(Parameter("factor", "1 / sqrt(k)"),)),
    "bias": FunctionSpec("the vector added to every row", vectors=("bias",), needed=1),
    "layernorm": FunctionSpec(
        "each row to mean 0 and variance 1, times the weight, plus the bias",
        vectors=("weight", "bias"),
        parameters=(Parameter("eps", 1e-5, positive=True),),
        along="rows",
    ),
    "rmsnorm": FunctionSpec(
        "each row to mean square 1, times the weight",
        vectors=("weight",),
        parameters=(Parameter("eps", 1e-6, positive=True),),
        along="rows",
    ),
    "rope": FunctionSpec(
        "rotary position embedding; row i is position i, wavelengths times the stretch",
        vectors=("stretch",),
        parameters=(Parameter("theta", 10000.0, positive=True),),
        along="rows",
    ),
}
MASKS = tuple(name for name, spec in FUNCTIONS.items() if spec.along == "triangle")
"""Functions that leave nothing right of the diagonal."""


def keeps_apart(function: str) -> bool:
    """True for a function that makes each element of that element alone, or of where it stands."""
    return FUNCTIONS[function].along == "elements" or (function in MASKS and function not in PATTERNS)
