"""Random expressions for hypothesis: all node kinds, odd names in quotes, numbers."""

from hypothesis import strategies as st

from mmviz.scene.expression import MAX_NAME, Call, Expression, Name, Named, Product, Sum, Transpose
from mmviz.scene.functions import FUNCTIONS

PLAIN_NAMES = st.sampled_from(["A", "B", "wQ", "K_t", "_x1", "relu", "T", "é", "矩阵"])
ODD_NAMES = st.text(
    st.characters(exclude_characters="'", exclude_categories=("C", "Z")), min_size=1, max_size=MAX_NAME
) | st.sampled_from(["wQ-0/2", "a b", "A @ B", "(", "A.T", "2", '"', "softmax(x)", "=", "\\"])
NAMES = PLAIN_NAMES | ODD_NAMES
SIGNS = st.sampled_from(["+", "-"])


@st.composite
def calls(draw: st.DrawFn, arguments: st.SearchStrategy[Expression]) -> Call:
    function = draw(st.sampled_from(sorted(FUNCTIONS)))
    spec = FUNCTIONS[function]
    lowest = 5e-324 if spec.positive else None
    numbers = st.floats(min_value=lowest, allow_nan=False, allow_infinity=False)
    parameters = draw(st.lists(numbers, max_size=len(spec.parameters)))
    return Call(function, draw(arguments), tuple(parameters))


def _larger(arguments: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return (
        st.builds(Product, arguments, arguments)
        | st.builds(Sum, arguments, arguments, SIGNS)
        | st.builds(Transpose, arguments)
        | st.builds(Named, NAMES, arguments)
        | calls(arguments)
    )


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(st.builds(Name, NAMES), _larger, max_leaves=12)
