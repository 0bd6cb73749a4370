"""The expression as it was written: a small immutable tree with Python operators; no shapes, no numbers.

    Q, K, V, wO = names("Q K V wO")
    out = (sdpa(Q @ K.T) @ V @ wO).named("out")

builds the same tree as the text "out = sdpa(Q @ K.T) @ V @ wO".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mmviz.errors import ExpressionError
from mmviz.scene.functions import FUNCTIONS

MAX_DEPTH = 100
"""Deepest nesting of an expression; deeper ones are refused with a message."""


class Expression:
    """A node of the written tree; `@`, `+`, `-` and `.T` build larger ones."""

    __slots__ = ()

    def __matmul__(self, right: "Expression") -> "Product":
        return Product(self, right)

    def __add__(self, right: "Expression") -> "Sum":
        return Sum(self, right, "+")

    def __sub__(self, right: "Expression") -> "Sum":
        return Sum(self, right, "-")

    @property
    def T(self) -> "Transpose":  # noqa: N802  (as in numpy and torch)
        """The transpose."""
        return Transpose(self)

    def named(self, name: str) -> "Named":
        """The same matrix under a name of its own: `name = expression`."""
        return Named(name, self)

    def __str__(self) -> str:
        from mmviz.scene.grammar import write

        return write(self)


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """A matrix known by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Product(Expression):
    """left @ right."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Sum(Expression):
    """left + right or left - right."""

    left: Expression
    right: Expression
    sign: Literal["+", "-"]


@dataclass(frozen=True, slots=True)
class Transpose(Expression):
    """argument.T."""

    argument: Expression


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """function(argument, parameters...)."""

    function: str
    argument: Expression
    parameters: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        spec = FUNCTIONS.get(self.function)
        if spec is None:
            raise ExpressionError(
                f"unknown function '{self.function}'; known functions: {known_functions()}."
            )
        if len(self.parameters) > len(spec.parameters):
            accepted = ", ".join(("x", *spec.parameters))
            raise ExpressionError(
                f"{self.function} takes ({accepted}), got {len(self.parameters)} numbers after the matrix."
            )


@dataclass(frozen=True, slots=True)
class Named(Expression):
    """name = argument."""

    name: str
    argument: Expression


def known_functions() -> str:
    """The names of all functions, in alphabetical order, for messages."""
    return ", ".join(sorted(FUNCTIONS))


def names(text: str) -> tuple[Name, ...]:
    """Several matrices at once: `A, B = names("A B")`."""
    return tuple(Name(name) for name in text.replace(",", " ").split())


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct arguments of a node, from left to right."""
    match expression:
        case Product(left, right) | Sum(left, right):
            return (left, right)
        case Transpose(argument) | Call(_, argument) | Named(_, argument):
            return (argument,)
        case _:
            return ()


def check_depth(expression: Expression) -> None:
    """Refuse an expression that is nested deeper than MAX_DEPTH.

    Raises:
        ExpressionError: it is.
    """
    level: tuple[Expression, ...] = (expression,)
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} deep; split it.")
        level = tuple(child for node in level for child in children(node))


def _caller(function: str) -> Callable[..., Call]:
    def call(argument: Expression, *parameters: float) -> Call:
        return Call(function, argument, tuple(float(p) for p in parameters))

    call.__name__ = function
    call.__doc__ = FUNCTIONS[function].meaning
    return call


softmax = _caller("softmax")
tril = _caller("tril")
relu = _caller("relu")
gelu = _caller("gelu")
gelu_tanh = _caller("gelu_tanh")
silu = _caller("silu")
sigmoid = _caller("sigmoid")
tanh = _caller("tanh")
square = _caller("square")
scale = _caller("scale")
layernorm = _caller("layernorm")
rmsnorm = _caller("rmsnorm")
rope = _caller("rope")


def sdpa(argument: Expression, keys: Expression | None = None) -> Call:
    """Causal attention weights of the scores `argument`, or of the product `argument @ keys`."""
    return Call("sdpa", argument if keys is None else Product(argument, keys))
