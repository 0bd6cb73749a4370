"""The functions an expression may call: their vectors and parameters; how they are computed is in mmviz.values."""

from dataclasses import dataclass
from typing import Literal

from mmviz.scene.language.masks import MASKS


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that follows the matrix and its vectors."""

    name: str
    default: float | Literal["1 / sqrt(k)"] | None = None  # k: of the product that is the argument; None: must be given
    positive: bool = False  # must be more than 0
    whole: bool = False  # must be a whole number, 0 or more, or if positive 1 or more
    share: bool = False  # must be 0 or more, and less than 1


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function of one matrix that keeps its shape."""

    meaning: str  # one line, for help texts
    vectors: tuple[str, ...] = ()  # what the rows mean that may follow the matrix, each as long as one of its rows
    needed: int = 0  # how many of the vectors must be given
    parameters: tuple[Parameter, ...] = ()  # the numbers that may follow the vectors
    along: Literal["elements", "rows", "columns", "places"] = (
        "elements"  # what it looks at; all but elements turn with .T
    )
    single: bool = False  # its vectors are one number each
    of_product: bool = False  # needs a product as its argument, for its inner size k
    either_axis: bool = False  # what it does along rows it does along columns where axis is 0


_OF_ROPE = (
    Parameter("theta", 10000.0, positive=True),
    Parameter("size", 0.0, whole=True),
    Parameter("gain", 1.0, positive=True),
)
SINKING = "softmax_sink"
PATTERNS = ("softmax", "sdpa", SINKING)
"""Functions that make attention weights of scores: none is negative, and those of a row add up to 1, or with a sink to
less."""
FUNCTIONS: dict[str, FunctionSpec] = {
    "sdpa": FunctionSpec("causal attention weights: softmax(tril(x / sqrt(k)))", along="places", of_product=True),
    "softmax": FunctionSpec(
        "softmax of every row of x / temperature, masked elements left out",
        parameters=(Parameter("temperature", 1.0, positive=True),),
        along="rows",
        either_axis=True,
    ),
    SINKING: FunctionSpec(
        "softmax of every row of x and a sink, one score more that every row has; its share is shown beside x",
        vectors=("sink",),
        needed=1,
        along="rows",
        single=True,
    ),
    "tril": FunctionSpec(
        "mask the elements right of the diagonal; in sums they stay masked until a softmax", along="places"
    ),
    "triu": FunctionSpec("mask the elements left of the diagonal", along="places"),
    "window": FunctionSpec(
        "mask as tril, and all but the last so many elements up to the diagonal: a sliding window",
        parameters=(Parameter("size", positive=True, whole=True),),
        along="places",
    ),
    "local": FunctionSpec(
        "mask the elements that are more than so many rows or columns from the diagonal",
        parameters=(Parameter("reach", whole=True),),
        along="places",
    ),
    "chunk": FunctionSpec(
        "mask as tril, and the elements of other chunks: the first so many rows and columns, the next so many ...",
        parameters=(Parameter("size", positive=True, whole=True),),
        along="places",
    ),
    "prefix": FunctionSpec(
        "mask as tril, but no element of the first so many columns",
        parameters=(Parameter("length", whole=True),),
        along="places",
    ),
    "pad": FunctionSpec(
        "mask the columns from end on, and those before begin: padding",
        parameters=(Parameter("end", whole=True), Parameter("begin", 0.0, whole=True)),
        along="places",
    ),
    "topk": FunctionSpec(
        "mask all but the k largest elements of every row, or those with which x + offset is largest; in sums the "
        "others stay masked until a softmax",
        vectors=("offset",),
        parameters=(Parameter("k", positive=True, whole=True),),
        along="rows",
        either_axis=True,
    ),
    "share": FunctionSpec("each row divided by its sum, masked elements left out", along="rows", either_axis=True),
    "cumsum": FunctionSpec(
        "the sum of a row up to each element, masked elements left out", along="rows", either_axis=True
    ),
    "onehot": FunctionSpec(
        "1 for the largest element of every row, the first of equal ones, 0 for the others; masked elements left out",
        along="rows",
        either_axis=True,
    ),
    "dropout": FunctionSpec(
        "0 in the place of about a share p of all elements, those that the seed says; the others divided by 1 - p",
        parameters=(Parameter("p", share=True), Parameter("seed", 0.0, whole=True)),
        along="places",
    ),
    "exp": FunctionSpec("e to the power of x"),
    "float16": FunctionSpec("x as half precision keeps it: 11 binary digits, infinite from 65,520 on"),
    "bfloat16": FunctionSpec("x as bfloat16 keeps it: 8 binary digits, and as far as float32"),
    "log": FunctionSpec("natural logarithm"),
    "abs": FunctionSpec("x without its sign"),
    "relu": FunctionSpec("max(x, 0)"),
    "relu2": FunctionSpec("max(x, 0), squared"),
    "leaky_relu": FunctionSpec("x, or slope * x where x < 0", parameters=(Parameter("slope", 0.01),)),
    "gelu": FunctionSpec("x * Phi(x), exact (erf)"),
    "gelu_tanh": FunctionSpec("gelu by its tanh approximation, as in GPT-2"),
    "silu": FunctionSpec("x * sigmoid(x)"),
    "swish": FunctionSpec("x * sigmoid(beta * x)", parameters=(Parameter("beta"),)),
    "xielu": FunctionSpec(
        "beta * x, plus softplus(p) * x * x where x > 0, else (beta + softplus(n)) * (exp(min(x, eps)) - 1 - x)",
        vectors=("p", "n", "beta", "eps"),
        needed=4,
        single=True,
    ),
    "sigmoid": FunctionSpec("1 / (1 + exp(-x))"),
    "tanh": FunctionSpec("hyperbolic tangent"),
    "softcap": FunctionSpec("cap * tanh(x / cap)", parameters=(Parameter("cap", positive=True),)),
    "minimum": FunctionSpec("x, but at most c", parameters=(Parameter("c"),)),
    "maximum": FunctionSpec("x, but at least c", parameters=(Parameter("c"),)),
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
        either_axis=True,
    ),
    "batchnorm": FunctionSpec(
        "each column to mean 0 and variance 1 over the rows, or by the mean and variance given, times the weight, plus "
        "the bias",
        vectors=("weight", "bias", "mean", "variance"),
        parameters=(Parameter("eps", 1e-5, positive=True),),
        along="columns",
    ),
    "rmsnorm": FunctionSpec(
        "each row to mean square 1, times the weight",
        vectors=("weight",),
        parameters=(Parameter("eps", 1e-6, positive=True),),
        along="rows",
        either_axis=True,
    ),
    "rope": FunctionSpec(
        "rotary position embedding of the first size columns (0: all), times gain; row i is position i, wavelengths "
        "times stretch",
        vectors=("stretch",),
        parameters=_OF_ROPE,
        along="rows",
    ),
    "rope_pairs": FunctionSpec(
        "as rope, but of neighbours: columns 2i and 2i + 1 turn together, as in GPT-J",
        vectors=("stretch",),
        parameters=_OF_ROPE,
        along="rows",
    ),
    "position_scale": FunctionSpec(
        "row i times 1 + rate * log(1 + floor((i + start) / length)), as queries of Ministral 3 and Llama 4",
        parameters=(Parameter("rate"), Parameter("length", positive=True), Parameter("start", 0.0, whole=True)),
        along="rows",
    ),
}
ROTARY = ("rope", "rope_pairs")
"""Functions that turn pairs of columns by the position of the row."""
MASKING = ("sdpa", *MASKS)
"""Functions that forbid elements by where they stand."""
CHOOSING = "topk"
"""The function by which a router chooses experts."""
HIDING = (*MASKING, CHOOSING)
"""Functions that forbid elements, by where they stand or by what stands beside them."""
CAUSAL = ("sdpa", *(name for name, mask in MASKS.items() if mask.causal))
"""Functions that leave nothing right of the diagonal."""


def keeps_apart(function: str) -> bool:
    """True for a function that makes each element of that element alone, or of where it stands."""
    return FUNCTIONS[function].along == "elements" or (function in MASKING and function not in PATTERNS)
