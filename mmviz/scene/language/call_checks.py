"""What a function may be given besides its matrix: vectors, numbers and an axis, as its table says; calls none."""

import math
from collections.abc import Callable
from numbers import Real

from mmviz.errors import ExpressionError
from mmviz.scene.language.functions import FUNCTIONS, FunctionSpec, Parameter
from mmviz.scene.language.plain_words import write_number


def known_functions() -> str:
    """The names of all functions, in alphabetical order, for messages."""
    return ", ".join(sorted(FUNCTIONS))


def _spec(function: str) -> FunctionSpec:
    if function not in FUNCTIONS:
        raise ExpressionError(f"unknown function '{function}'; known functions: {known_functions()}.")
    return FUNCTIONS[function]


def check_vectors(function: str, vectors: tuple[object, ...], is_name: Callable[[object], bool]) -> None:
    """Refuse vectors of a function that are too many or too few, or no names.

    Raises:
        ExpressionError: they are.
    """
    spec = _spec(function)
    for place, vector in enumerate(vectors):
        if place >= len(spec.vectors):
            raise ExpressionError(f"{function} takes {_accepted(spec)}, got {_count(len(vectors), 'vector')}.")
        if not is_name(vector):
            raise ExpressionError(f"{function}, {spec.vectors[place]}: must be the name of a vector, got {vector}.")
    if function == "batchnorm" and len(vectors) == 3:
        raise ExpressionError(f"batchnorm takes {_accepted(spec)}; a mean needs a variance beside it.")
    if len(vectors) < spec.needed:
        raise ExpressionError(f"{function} takes {_accepted(spec)}, got no {spec.vectors[len(vectors)]}.")


def checked_axis(function: str, axis: object) -> int:
    """1 or 0, as numpy counts axes.

    Raises:
        ExpressionError: it is another one, or the function works along rows alone.
    """
    spec = _spec(function)
    if not isinstance(axis, bool) and axis in (1, -1):
        return 1
    if not isinstance(axis, bool) and axis in (0, -2):
        if not spec.either_axis:
            raise ExpressionError(f"{function} takes {_accepted(spec)}, and no axis.")
        return 0
    raise ExpressionError(f"{function}, axis: must be 1 (along rows) or 0 (along columns), got {axis!r}.")


def checked_parameters(function: str, parameters: tuple[object, ...]) -> tuple[float, ...]:
    """The numbers of a function, each within its range.

    Raises:
        ExpressionError: there are too many or too few, or one is out of its range.
    """
    spec = _spec(function)
    needed = sum(parameter.default is None for parameter in spec.parameters)
    if not needed <= len(parameters) <= len(spec.parameters):
        found = _count(len(parameters), "number")
        raise ExpressionError(f"{function} takes {_accepted(spec)}, got {found} after the matrix.")
    checked = tuple(
        _checked_parameter(f"{function}, {parameter.name}", value, parameter)
        for parameter, value in zip(spec.parameters, parameters, strict=False)
    )
    if function == "pad" and checked[0] <= sum(checked[1:]):
        end, begin = map(write_number, (checked[0], sum(checked[1:])))
        raise ExpressionError(f"pad: end must be more than begin, got end {end} and begin {begin}.")
    if function == "clip" and checked[0] > checked[1]:
        low, high = map(write_number, checked)
        raise ExpressionError(f"clip: low must not be more than high, got low {low} and high {high}.")
    return checked


def _accepted(spec: FunctionSpec) -> str:
    numbers = [parameter.name for parameter in spec.parameters]
    return f"({', '.join(('x', *spec.vectors, *numbers, *['axis'] * spec.either_axis))})"


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def _checked_parameter(where: str, value: object, parameter: Parameter) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ExpressionError(f"{where}: must be a number, got {value!r}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ExpressionError(f"{where}: must be a finite number.")
    if parameter.whole:
        least = 1 if parameter.positive else 0
        if not (number >= least and number.is_integer()):
            raise ExpressionError(f"{where}: must be a whole number, {least} or more, got {write_number(number)}.")
    elif parameter.share and not 0 <= number < 1:
        raise ExpressionError(f"{where}: must be 0 or more, and less than 1, got {write_number(number)}.")
    elif parameter.positive and number <= 0:
        raise ExpressionError(f"{where}: must be more than 0, got {write_number(number)}.")
    return number
