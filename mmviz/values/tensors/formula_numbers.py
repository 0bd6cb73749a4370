"""A formula's numbers for a whole matrix, as JavaScript would count them; never parses text."""

from collections.abc import Callable
from functools import reduce
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from mmviz.scene.language.formula import Binary, Call, Choice, Formula, Number, Unary, Variable

Numbers = NDArray[np.float64]

_BLOCK = 1 << 20  # elements computed at a time, so that a large matrix needs little besides itself


def evaluate_formula(formula: Formula, rows: int, columns: int) -> NDArray[np.float32]:
    """The matrix whose element (i, j) is the formula's value there.

    Computed in float64 and rounded once; true is 1, false is 0; too large is Infinity; nothing warns.
    === is ==, so `(i == j) === 1` holds on the diagonal, where JavaScript keeps true and 1 apart.

    Returns:
        (rows, columns).
    """
    matrix = np.empty((rows, columns), dtype=np.float32)
    height = max(1, _BLOCK // max(1, columns))
    with np.errstate(all="ignore"):
        for first in range(0, rows, height):
            last = min(first + height, rows)
            variables: dict[str, Numbers] = {
                "i": np.arange(first, last, dtype=np.float64)[:, None],  # (last - first, 1)
                "j": np.arange(columns, dtype=np.float64)[None, :],  # (1, columns)
                "h": np.array(rows, dtype=np.float64),  # ()
                "w": np.array(columns, dtype=np.float64),  # ()
            }
            matrix[first:last] = _value(formula, variables)  # (last - first, columns)
    return matrix


def _value(formula: Formula, variables: dict[str, Numbers]) -> Numbers:
    value: Any
    match formula:
        case Number(number):
            value = number
        case Variable(name):
            value = variables[name]
        case Unary(operator, argument):
            value = _UNARY[operator](_value(argument, variables))
        case Binary(operator, left, right):
            value = _BINARY[operator](_value(left, variables), _value(right, variables))
        case Choice(condition, yes, no):
            holds = _true(_value(condition, variables))
            value = np.where(holds, _value(yes, variables), _value(no, variables))
        case Call(function, arguments):
            value = _call(function, [_value(argument, variables) for argument in arguments])
        case _:
            assert_never(formula)
    return np.asarray(value, dtype=np.float64)


def _call(function: str, arguments: list[Numbers]) -> Any:
    if function in _FOLDED:
        join, of_nothing = _FOLDED[function]
        return reduce(join, arguments, np.array(of_nothing))
    return _FUNCTIONS[function](*arguments)


def _true(x: Numbers) -> NDArray[np.bool_]:
    return np.not_equal(x, 0) & np.equal(x, x)  # NaN is not true


def _power(x: Numbers, y: Numbers) -> Any:
    """The power x ** y; unlike in C, 1 or -1 to a power that is no finite number is NaN."""
    undefined = (np.abs(x) == 1) & ~np.isfinite(y)
    return np.where(undefined, np.nan, np.power(x, y))


def _round(x: Numbers) -> Any:
    """The nearest whole number, halves upward; keeps the sign of zero."""
    below = np.floor(x)
    return np.copysign(below + (x - below >= 0.5), x)


def _sign(x: Numbers) -> Any:
    """-1, 1, or zero with its own sign."""
    return np.where(x == 0, x, np.sign(x))


def _integer(x: Numbers) -> NDArray[np.int32]:
    """JavaScript's ToInt32: the whole part modulo 2**32, with 0 for NaN and the infinities."""
    whole = np.trunc(np.where(np.isfinite(x), x, 0.0))
    return np.fmod(whole, 2.0**32).astype(np.int64).astype(np.int32)


def _shift(x: Numbers) -> NDArray[np.int32]:
    return _integer(x) & np.int32(31)


_UNARY: dict[str, Callable[[Numbers], Any]] = {
    "-": np.negative,
    "+": np.positive,
    "!": lambda x: ~_true(x),
    "~": lambda x: ~_integer(x),
}
_BINARY: dict[str, Callable[[Numbers, Numbers], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,  # the sign of the dividend
    "**": _power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "&&": lambda x, y: np.where(_true(x), y, x),
    "||": lambda x, y: np.where(_true(x), x, y),
    "&": lambda x, y: _integer(x) & _integer(y),
    "|": lambda x, y: _integer(x) | _integer(y),
    "<<": lambda x, y: _integer(x) << _shift(y),
    ">>": lambda x, y: _integer(x) >> _shift(y),
    ">>>": lambda x, y: _integer(x).astype(np.uint32) >> _shift(y).astype(np.uint32),
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "abs": np.abs,
    "sign": _sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": _round,
    "trunc": np.trunc,
    "pow": _power,
}
# Functions of any number of arguments, joined two by two, and their value without any.
_FOLDED: dict[str, tuple[Callable[[Numbers, Numbers], Any], float]] = {
    "min": (np.minimum, np.inf),
    "max": (np.maximum, -np.inf),
    "hypot": (np.hypot, 0.0),
}
