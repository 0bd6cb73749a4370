"""The function that a matrix wears, changed in the expression as it was written; no shapes, no numbers."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mmviz.errors import ExpressionError
from mmviz.scene.language.expression import (
    Beside,
    Call,
    Cut,
    Elementwise,
    Expression,
    Join,
    Name,
    Named,
    Product,
    Reduced,
    Taken,
    Transpose,
    children,
    rebuilt,
)
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.statements import joined, parted
from mmviz.scene.language.tree import beside_path

Edit = Callable[[Expression], Expression]

WITHOUT_ARGUMENTS = tuple(
    name
    for name, spec in FUNCTIONS.items()
    if not spec.needed and all(parameter.default is not None for parameter in spec.parameters)
)
"""The functions that need nothing but their matrix."""


def outermost(expression: Expression, path: str) -> Call | None:
    """The last function that the matrix at a path wears, as it is written there.

    Raises:
        ExpressionError: there is no such path.
    """
    found: list[Call | None] = []

    def look(part: Expression) -> Expression:
        found.append(_call(part))
        return part

    _at(joined(expression), _sides(path), False, look)
    return found[0]


def wear(expression: Expression, path: str, function: str | None) -> Expression:
    """The expression in which the matrix at a path wears another function in place of its last one.

    Args:
        expression: As it was written.
        path: Of the matrix.
        function: One of WITHOUT_ARGUMENTS; None takes the last function off, and leaves those below it.

    Raises:
        ExpressionError: there is no such path or function.
    """
    return parted(_at(joined(expression), _sides(path), False, lambda part: _dressed(part, function)), expression)


def _sides(path: str) -> list[str]:
    return path.split(".") if path else []


def _at(expression: Expression, sides: Sequence[str], turned: bool, edit: Edit) -> Expression:
    """The expression with the part changed that a path leads to, through transposes as the tree is built."""
    if not sides:
        return edit(expression)
    match expression:
        case Named(name, argument):
            return Named(name, _at(argument, sides, turned, edit))
        case Transpose(argument):
            return Transpose(_at(argument, sides, not turned, edit))
        case Call(argument=argument):
            return replace(expression, argument=_at(argument, sides, turned, edit))
        case Product(left, right) | Elementwise(left, right):
            swapped = turned and isinstance(expression, Product)
            first = (sides[0] == "left") != swapped
            left, right = (
                _at(part, sides[1:], turned, edit) if chosen else part
                for part, chosen in ((left, first), (right, not first))
            )
            return (
                Product(left, right) if isinstance(expression, Product) else Elementwise(left, right, expression.sign)
            )
        case Join() | Beside() | Cut() | Reduced() | Taken() if sides[0] in (names := _sides_of(expression)):
            changed = [
                _at(part, sides[1:], turned, edit) if name == sides[0] else part
                for name, part in zip(names, children(expression), strict=True)
            ]
            return rebuilt(expression, changed)
        case _:
            raise ExpressionError(f"there is no {'.'.join(sides)} of {expression}.")


def _sides_of(expression: Expression) -> list[str]:
    """What the arguments of these are called in paths."""
    match expression:
        case Join(parts):
            return [f"part{number}" for number in range(len(parts))]
        case Taken():
            return ["ids", "table"]
        case Beside(parts):
            return [beside_path(number) for number in range(len(parts))]
        case _:
            return ["whole"]


def _call(part: Expression) -> Call | None:
    while isinstance(part, Named | Transpose):
        part = part.argument
    return part if isinstance(part, Call) else None


def _dressed(part: Expression, function: str | None) -> Expression:
    """The function goes below the name and the transpose, so that the name stands for its result."""
    match part:
        case Named(name, argument):
            return Named(name, _dressed(argument, function))
        case Transpose(argument) if not isinstance(argument, Name):
            return Transpose(_dressed(argument, function))
        case Call(_, argument):
            return argument if function is None else Call(function, argument)
        case _:
            return part if function is None else Call(function, part)
