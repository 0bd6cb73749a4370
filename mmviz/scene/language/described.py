"""What is said of everything an expression may call, to people and to scripts, in one place; computes nothing."""

from dataclasses import dataclass
from difflib import get_close_matches

from mmviz.errors import ExpressionError
from mmviz.scene.language.expression import CALLED
from mmviz.scene.language.functions import FUNCTIONS, FunctionSpec, Parameter

_ALONG = {"elements": "elements", "rows": "rows", "columns": "columns", "places": "rows and columns"}


@dataclass(frozen=True, slots=True)
class Described:
    """One function as it is told."""

    name: str
    call: str  # what stands in brackets may be left out
    meaning: str
    works_on: str
    example: str  # an expression that can be read
    vectors: tuple[tuple[str, str], ...] = ()  # each with what it must be
    numbers: tuple[tuple[str, str], ...] = ()  # each with its range and default


_REDUCED = "one number for every column (axis 0) or row (axis 1)"
_OTHERS = (
    Described("concat", "concat(a, b, ...)", "matrices edge to edge, along the columns", "matrices", "concat(A, B)"),
    Described("stack", "stack(a, b, ...)", "matrices one below the other, along the rows", "matrices", "stack(A, B)"),
    Described("sum", "sum(x, axis)", f"the sum: {_REDUCED}", "rows or columns", "sum(A, 1)"),
    Described("mean", "mean(x, axis)", f"the mean: {_REDUCED}", "rows or columns", "mean(A, 1)"),
    Described("max", "max(x, axis)", f"the largest element: {_REDUCED}", "rows or columns", "max(A, 1)"),
    Described("min", "min(x, axis)", f"the least element: {_REDUCED}", "rows or columns", "min(A, 1)"),
    Described(
        "argmax", "argmax(x, axis)", f"where the largest element is: {_REDUCED}", "rows or columns", "argmax(A, 1)"
    ),
    Described(
        "embed",
        "embed(ids, table)",
        "the rows of a table that ids name, whole numbers in one column or row",
        "rows of the table",
        "embed(ids, E)",
    ),
)


def described() -> list[Described]:
    """All that an expression may call, those first that keep the shape of their matrix."""
    return [*(_of_spec(name, spec) for name, spec in FUNCTIONS.items()), *_OTHERS]


def described_one(name: str) -> Described:
    """What is said of one function.

    Raises:
        ExpressionError: there is none of that name.
    """
    for one in described():
        if one.name == name:
            return one
    close = get_close_matches(name, CALLED, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    raise ExpressionError(f"unknown function '{name}'; {hint}`mmviz functions` lists all.")


def written(name: str, function: FunctionSpec) -> str:
    """How a function is called: `rmsnorm(x[, weight][, eps=1e-06])`."""
    vectors = [
        f", {vector}" if number < function.needed else f"[, {vector}]" for number, vector in enumerate(function.vectors)
    ]
    axis = ["[, axis=1]"] if function.either_axis else []
    return f"{name}(x{''.join([*vectors, *map(_number, function.parameters), *axis])})"


def _of_spec(name: str, spec: FunctionSpec) -> Described:
    kind = "one number" if spec.single else "as long as a row"
    vectors = tuple(
        (vector, f"{kind}, {'needed' if number < spec.needed else 'may be left out'}")
        for number, vector in enumerate(spec.vectors)
    )
    numbers = [(one.name, f"{_range(one)}, {_default(one)}") for one in spec.parameters]
    if spec.either_axis:
        numbers.append(("axis", "1: along rows, 0: along columns, 1 by default"))
    return Described(
        name, written(name, spec), spec.meaning, _ALONG[spec.along], _example(name, spec), vectors, tuple(numbers)
    )


def _example(name: str, spec: FunctionSpec) -> str:
    """A call with all that is needed and nothing else."""
    numbers = [
        "0.5" if one.share else str(number) for number, one in enumerate(spec.parameters, 1) if one.default is None
    ]
    matrix = "Q @ K.T" if spec.of_product or any(isinstance(one.default, str) for one in spec.parameters) else "A"
    return f"{name}({', '.join([matrix, *spec.vectors[: spec.needed], *numbers])})"


def _range(parameter: Parameter) -> str:
    if parameter.share:
        return "a number, 0 or more and less than 1"
    if parameter.whole:
        return f"a whole number, {1 if parameter.positive else 0} or more"
    return "a number, more than 0" if parameter.positive else "any number"


def _default(parameter: Parameter) -> str:
    return "needed" if parameter.default is None else f"{_shown(parameter.default)} by default"


def _number(parameter: Parameter) -> str:
    if parameter.default is None:
        return f", {parameter.name}"
    return f"[, {parameter.name}={_shown(parameter.default)}]"


def _shown(default: float | str) -> str:
    return default if isinstance(default, str) else f"{default:g}"
