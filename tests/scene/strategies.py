"""Random expressions for hypothesis: all node kinds, odd names in quotes, numbers."""

from typing import Literal

from hypothesis import strategies as st

from mmviz.scene.language.expression import Call, Elementwise, Expression, Name, Named, Product, Transpose
from mmviz.scene.language.functions import FUNCTIONS, Parameter
from mmviz.scene.language.plain_words import MAX_NAME

PLAIN_NAMES = st.sampled_from(["A", "B", "wQ", "K_t", "_x1", "relu", "T", "é", "矩阵"])
ODD_NAMES = st.text(
    st.characters(exclude_characters="'", exclude_categories=("C", "Z")), min_size=1, max_size=MAX_NAME
) | st.sampled_from(["wQ-0/2", "a b", "A @ B", "(", "A.T", "2", '"', "softmax(x)", "=", "\\"])
NAMES = PLAIN_NAMES | ODD_NAMES
SIGNS = st.sampled_from(["+", "-", "*"])


@st.composite
def calls(draw: st.DrawFn, arguments: st.SearchStrategy[Expression]) -> Call:
    function = draw(st.sampled_from(sorted(FUNCTIONS)))
    spec = FUNCTIONS[function]
    vectors = draw(st.lists(st.builds(Name, NAMES), min_size=spec.needed, max_size=len(spec.vectors)))
    if function == "batchnorm" and len(vectors) == 3:
        vectors.pop()  # a mean without a variance
    needed = sum(parameter.default is None for parameter in spec.parameters)
    given = spec.parameters[: draw(st.integers(needed, len(spec.parameters)))]
    numbers = [draw(_number(parameter)) for parameter in given]
    if function == "pad":
        numbers = [max(numbers) + 1, *[min(numbers)][: len(numbers) - 1]]
    elif function == "clip":
        numbers.sort()
    signs: tuple[Literal["", "*", "/", "-"], ...] = ("", "*", "/", "-") if function == "scale" else ("",)
    axis = draw(st.sampled_from([1, 0])) if spec.either_axis else 1
    return Call(function, draw(arguments), tuple(numbers), tuple(vectors), axis, draw(st.sampled_from(signs)))


def _number(parameter: Parameter) -> st.SearchStrategy[float]:
    if parameter.whole:
        return st.integers(1 if parameter.positive else 0, 1 << 40).map(float)
    if parameter.share:
        return st.floats(0, 1, exclude_max=True)
    return st.floats(5e-324 if parameter.positive else None, allow_nan=False, allow_infinity=False)


def _larger(arguments: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return (
        st.builds(Product, arguments, arguments)
        | st.builds(Elementwise, arguments, arguments, SIGNS)
        | st.builds(Transpose, arguments)
        | st.builds(Named, NAMES, arguments)
        | calls(arguments)
    )


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(st.builds(Name, NAMES), _larger, max_leaves=12)


@st.composite
def reuses(draw: st.DrawFn) -> Expression:
    """An expression over S and Z in which x and y may be assigned once each, and used anywhere."""
    free = ["x", "y"]
    kinds = st.sampled_from(["leaf", "product", "sum", "transpose", "call", "named", "named"])

    def grow(depth: int) -> Expression:
        match draw(kinds) if depth else "leaf":
            case "product":
                return Product(grow(depth - 1), grow(depth - 1))
            case "sum":
                return Elementwise(grow(depth - 1), grow(depth - 1), "+")
            case "transpose":
                return Transpose(grow(depth - 1))
            case "call":
                return Call("relu", grow(depth - 1))
            case "named" if free:
                return Named(free.pop(), grow(depth - 1))
            case _:
                return Name(draw(st.sampled_from(["S", "Z", "x", "y"])))

    first, second = grow(4), grow(3)
    return Product(first, second) if draw(st.booleans()) else Elementwise(first, second, "-")
