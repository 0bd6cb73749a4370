"""The reference of the functions of expressions as Markdown, from what the parser knows of them."""

from mmviz.scene.language.functions import FunctionSpec, Parameter

_ALONG = {"elements": "elements", "rows": "rows", "columns": "columns", "places": "rows and columns"}


def functions_page(functions: dict[str, FunctionSpec]) -> str:
    """The whole page: how each is written, what it computes and what it works on."""
    intro = (
        "# Functions\n\nA function is worn by the matrix that it is applied to, and keeps its shape. What stands in "
        "brackets may be left out; `x` is the matrix, what follows it are vectors, each as long as a row, and then "
        "numbers. In Python each is there under the same name: `mmviz.relu(x)`.\n"
    )
    lines = [intro, "| function | computes | works on |", "|---|---|---|"]
    lines += [f"| `{written(name, one)}` | {one.meaning} | {_ALONG[one.along]} |" for name, one in functions.items()]
    return "\n".join(lines) + "\n"


def written(name: str, function: FunctionSpec) -> str:
    """How a function is called: `rmsnorm(x[, weight][, eps=1e-06])`."""
    vectors = [
        f", {vector}" if number < function.needed else f"[, {vector}]" for number, vector in enumerate(function.vectors)
    ]
    axis = ["[, axis=1]"] if function.either_axis else []
    return f"{name}(x{''.join([*vectors, *map(_number, function.parameters), *axis])})"


def _number(parameter: Parameter) -> str:
    if parameter.default is None:
        return f", {parameter.name}"
    default = parameter.default if isinstance(parameter.default, str) else f"{parameter.default:g}"
    return f"[, {parameter.name}={default}]"
