"""The expression as it was written: a small immutable tree with Python operators, and its text; no shapes, no numbers.

    Q, K, V, wO = names("Q K V wO")
    out = (sdpa(Q @ K.T) @ V @ wO).named("out")

builds the same tree as the text "out = sdpa(Q @ K.T) @ V @ wO". Every tree that exists can be written and read
again: names, numbers, depth and size are checked where a node is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, Literal, get_args

from mmviz.errors import ExpressionError
from mmviz.scene.language.call_checks import check_vectors, checked_axis, checked_parameters
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.plain_words import check_name, scaled_text, write_name, write_number
from mmviz.scene.language.spans import WHOLE_AXIS, Span, spans_of

MAX_DEPTH = 100
"""Deepest nesting of an expression: a chain of n products is n deep."""
MAX_SIZE = 5000
"""Most names, functions and operators in one expression."""
MAX_ROOTS = 12
"""Most expressions that stand side by side."""

Sign = Literal["+", "-", "*", "/"]
"""How two matrices are combined element by element."""

Reduction = Literal["sum", "mean", "max", "min", "argmax"]
"""What makes one number of a whole row or column."""
REDUCTIONS: tuple[Reduction, ...] = get_args(Reduction)
TAKING = "embed"
"""What takes rows of a table is called."""
Along = Literal["rows", "columns"]
"""The axis on which matrices are joined."""
JOINING: dict[Along, str] = {"columns": "concat", "rows": "stack"}
"""What joins matrices is called."""
CALLED = (*FUNCTIONS, *JOINING.values(), *REDUCTIONS, TAKING)
"""All that an expression may call, functions that keep the shape of their matrix first."""
FEWEST_PARTS = 2
"""Matrices that are joined, at least."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A node of the written tree; `@`, `*`, `+`, `-` and `.T` build larger ones."""

    depth: int = field(init=False, repr=False, compare=False)
    size: int = field(init=False, repr=False, compare=False)

    __array_ufunc__ = None  # so that a numpy array beside an expression is a TypeError, not an array of objects

    def __post_init__(self) -> None:
        arguments = children(self)
        for argument in arguments:
            if not isinstance(argument, Expression):
                raise ExpressionError(f"an expression is needed, for example names('A B'), got {argument!r}.")
            if isinstance(argument, Beside):
                raise ExpressionError(f"{argument} are several expressions side by side, and no part of another one.")
        depth = 1 + max((argument.depth for argument in arguments), default=0)
        size = 1 + sum(argument.size for argument in arguments)
        if depth > MAX_DEPTH:
            raise nested_too_deep()
        if size > MAX_SIZE:
            raise ExpressionError(f"the expression has more than {MAX_SIZE} names, functions and operators.")
        object.__setattr__(self, "depth", depth)
        object.__setattr__(self, "size", size)

    def __matmul__(self, right: "Expression") -> "Product":
        return Product(self, right) if isinstance(right, Expression) else NotImplemented

    def __mul__(self, right: "Expression | float") -> "Elementwise | Call":
        return Elementwise(self, right, "*") if isinstance(right, Expression) else self.__rmul__(right)

    def __rmul__(self, factor: float) -> "Call":
        return Call("scale", self, (factor,), sign="*") if _is_number(factor) else NotImplemented

    def __truediv__(self, right: "Expression | float") -> "Elementwise | Call":
        if isinstance(right, Expression):
            return Elementwise(self, right, "/")
        return divided(self, right) if _is_number(right) else NotImplemented

    def __neg__(self) -> "Call":
        return Call("scale", self, (-1.0,), sign="-")

    __iter__ = None  # or else Python would ask for x[0], x[1] ... without an end

    def __getitem__(self, key: Any) -> "Cut":
        """Some rows and columns: x[0:4], x[:, 8:16], x[-1]."""
        return Cut(self, *spans_of(key))

    def sum(self, axis: int) -> "Reduced":
        """The sum of every column (axis 0) or row (axis 1)."""
        return Reduced("sum", self, axis)

    def mean(self, axis: int) -> "Reduced":
        """The mean of every column (axis 0) or row (axis 1)."""
        return Reduced("mean", self, axis)

    def max(self, axis: int) -> "Reduced":
        """The largest element of every column (axis 0) or row (axis 1)."""
        return Reduced("max", self, axis)

    def min(self, axis: int) -> "Reduced":
        """The least element of every column (axis 0) or row (axis 1)."""
        return Reduced("min", self, axis)

    def argmax(self, axis: int) -> "Reduced":
        """Where the largest element of every column (axis 0) or row (axis 1) is."""
        return Reduced("argmax", self, axis)

    def __add__(self, right: "Expression") -> "Elementwise":
        return Elementwise(self, right, "+") if isinstance(right, Expression) else NotImplemented

    def __sub__(self, right: "Expression") -> "Elementwise":
        return Elementwise(self, right, "-") if isinstance(right, Expression) else NotImplemented

    def __or__(self, right: "Expression") -> "Beside":
        return Beside((*beside(self), *beside(right))) if isinstance(right, Expression) else NotImplemented

    @property
    def T(self) -> "Transpose":  # noqa: N802  (as in numpy and torch)
        """The transpose."""
        return Transpose(self)

    def named(self, name: str) -> "Named":
        """The same matrix under a name of its own: `name = expression`."""
        return Named(name, self)

    def __str__(self) -> str:
        return write(self)


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """A matrix known by its name."""

    name: str

    def __post_init__(self) -> None:
        check_name(self.name)
        Expression.__post_init__(self)


@dataclass(frozen=True, slots=True)
class Product(Expression):
    """left @ right."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Elementwise(Expression):
    """left + right, left - right, left * right or left / right, element by element."""

    left: Expression
    right: Expression
    sign: Sign


@dataclass(frozen=True, slots=True)
class Join(Expression):
    """concat(parts...), edge to edge along the columns, or stack(parts...), one below the other along the rows."""

    parts: tuple[Expression, ...]
    along: Along = "columns"

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        if len(self.parts) < FEWEST_PARTS:
            raise ExpressionError(f"{JOINING[self.along]} takes {FEWEST_PARTS} matrices or more.")
        Expression.__post_init__(self)


@dataclass(frozen=True, slots=True)
class Cut(Expression):
    """argument[rows, columns]: some of its rows and columns."""

    argument: Expression
    rows: Span
    columns: Span = WHOLE_AXIS

    def __post_init__(self) -> None:
        if self.rows.whole and self.columns.whole:
            raise ExpressionError("a slice of all rows and columns is the matrix itself; leave it out.")
        for span in (self.rows, self.columns):
            if span.length(None) is not None and (span.length(None) or 0) < 1:
                raise ExpressionError(f"the slice {span} is empty.")
        Expression.__post_init__(self)


@dataclass(frozen=True, slots=True)
class Reduced(Expression):
    """function(argument, axis): one number for every column (axis 0) or row (axis 1)."""

    function: Reduction
    argument: Expression
    axis: int

    def __post_init__(self) -> None:
        if isinstance(self.axis, bool) or self.axis not in (0, 1):
            must = "must be 0 (of every column) or 1 (of every row)"
            raise ExpressionError(f"{self.function}, axis: {must}, got {self.axis!r}.")
        object.__setattr__(self, "axis", int(self.axis))
        Expression.__post_init__(self)


@dataclass(frozen=True, slots=True)
class Taken(Expression):
    """embed(ids, table): the rows of a table that ids name, whole numbers in one column or row."""

    ids: Expression
    table: Expression


@dataclass(frozen=True, slots=True)
class Transpose(Expression):
    """argument.T."""

    argument: Expression


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """function(argument, vectors..., parameters...)."""

    function: str
    argument: Expression
    parameters: tuple[float, ...] = ()
    vectors: tuple[Name, ...] = ()  # such as the weight of a norm: each as long as a row of the argument
    axis: int = 1  # as in numpy: 1 along its rows, 0 along its columns, where it works along either
    sign: Literal["", "*", "/", "-"] = field(default="", compare=False)  # of a scale that is written 2 * x, x / 2, -x

    def __post_init__(self) -> None:
        object.__setattr__(self, "axis", checked_axis(self.function, self.axis))
        check_vectors(self.function, self.vectors, lambda vector: isinstance(vector, Name))
        object.__setattr__(self, "parameters", checked_parameters(self.function, self.parameters))
        Expression.__post_init__(self)


@dataclass(frozen=True, slots=True)
class Named(Expression):
    """name = argument."""

    name: str
    argument: Expression

    def __post_init__(self) -> None:
        check_name(self.name)
        Expression.__post_init__(self)


@dataclass(frozen=True, slots=True)
class Statements(Expression):
    """Named parts, one below the other, of which later ones use those before; the last one is the whole."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Beside(Expression):
    """first | second | ...: whole expressions that are shown side by side; never a part of another one."""

    parts: tuple[Expression, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.parts) <= MAX_ROOTS:
            raise ExpressionError(f"2 to {MAX_ROOTS} expressions can stand side by side, got {len(self.parts)}.")
        Expression.__post_init__(self)


def beside(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that stand side by side; an expression alone is one."""
    return expression.parts if isinstance(expression, Beside) else (expression,)


def divided(dividend: Expression, divisor: float) -> Call:
    """A matrix by a number, as its product with one over it.

    Raises:
        ExpressionError: the number is 0.
    """
    if divisor == 0:
        raise ExpressionError("a matrix cannot be divided by 0.")
    return Call("scale", dividend, (1 / float(divisor),), sign="/")


def names(text: str) -> tuple[Name, ...]:
    """Several matrices at once; the text "A B" stands for A and B.

    Raises:
        ExpressionError: this is no text, or a name in it is none.

    Example:
        >>> from mmviz import names
        >>> Q, K = names("Q K")
        >>> print((Q @ K.T).named("scores"))
        scores = Q @ K.T
    """
    if not isinstance(text, str):
        raise ExpressionError(f'names: must be text such as "A B", got {text!r}.')
    return tuple(Name(name) for name in text.replace(",", " ").split())


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct arguments of a node, from left to right."""
    match expression:
        case Product(left, right) | Elementwise(left, right):
            return (left, right)
        case Call(_, argument, _, vectors):
            return (argument, *vectors)
        case Transpose(argument) | Named(_, argument) | Cut(argument) | Reduced(_, argument):
            return (argument,)
        case Taken(ids, table):
            return (ids, table)
        case Statements(parts) | Join(parts) | Beside(parts):
            return parts
        case _:
            return ()


def rebuilt(expression: Expression, arguments: Sequence[Expression]) -> Expression:
    """The same node of other arguments, as many as `children` gives."""
    match expression:
        case Product() | Elementwise():
            return replace(expression, left=arguments[0], right=arguments[1])
        case Call():
            vectors = tuple(vector for vector in arguments[1:] if isinstance(vector, Name))
            return replace(expression, argument=arguments[0], vectors=vectors)
        case Taken():
            return replace(expression, ids=arguments[0], table=arguments[1])
        case Transpose() | Named() | Cut() | Reduced():
            return replace(expression, argument=arguments[0])
        case Statements() | Join() | Beside():
            return replace(expression, parts=tuple(arguments))
        case _:
            return expression


def write(expression: Expression) -> str:
    """The text of an expression; parsing it gives the same tree."""
    match expression:
        case Named(name, argument):
            text = f"{write_name(name)} = {_grouped(argument, 1)}"
        case Elementwise(left, right, sign):
            level = binding(expression)
            text = f"{_grouped(left, level)} {sign} {_grouped(right, level + 1)}"
        case Product(left, right):
            text = f"{_grouped(left, 2)} @ {_grouped(right, 3)}"
        case Transpose(argument):
            text = f"{_grouped(argument, 3)}.T"
        case Name(name):
            text = write_name(name)
        case Statements(parts):
            text = "\n".join(map(write, parts)).replace("\n-", ";\n-")  # or else it would go on with the line above
        case Beside(parts):
            text = " | ".join(map(write, parts))
        case _:
            text = _written_call(expression)
    return text


def _written_call(expression: Expression) -> str:
    match expression:
        case Call(argument=argument, parameters=(factor,), sign=sign) if sign:
            return scaled_text(sign, factor, _grouped(argument, 2 if sign == "/" else 3))
        case Call(function, argument, parameters, vectors, axis):
            along = [] if axis == 1 else [f"axis={axis}"]
            words = [*map(write, (argument, *vectors)), *map(write_number, parameters), *along]
            return f"{function}({', '.join(words)})"
        case Join(parts, side):
            return f"{JOINING[side]}({', '.join(map(write, parts))})"
        case Cut(argument, rows, columns):
            return f"{_grouped(argument, 3)}[{write_spans(rows, columns)}]"
        case Reduced(function, argument, over):
            return f"{function}({write(argument)}, {over})"
        case Taken(ids, table):
            return f"{TAKING}({write(ids)}, {write(table)})"
        case _:
            raise TypeError(f"not an expression: {expression!r}")


def binding(expression: Expression) -> int:
    """How tightly the parts of an expression hold together, as in Python: 0 =, 1 + and -, 2 @ and *, 3 one item."""
    match expression:
        case Named():
            return 0
        case Elementwise(sign="+" | "-"):
            return 1
        case Product() | Elementwise():
            return 2
        case Call(sign=sign) if sign:
            return 2
        case _:
            return 3


def write_spans(rows: Span, columns: Span) -> str:
    """What stands in the brackets of a slice."""
    return str(rows) if columns.whole else f"{rows}, {columns}"


def nested_too_deep() -> ExpressionError:
    """What is said of an expression that is nested deeper than it may be."""
    return ExpressionError(f"the expression is nested more than {MAX_DEPTH} deep; every operator counts.")


def _grouped(expression: Expression, level: int) -> str:
    """The text of an operand, in parentheses where it holds together less tightly than `level`."""
    text = write(expression)
    return f"({text})" if binding(expression) < level else text


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
