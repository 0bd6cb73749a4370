"""The function of one matrix, changed where it is written."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mmviz.errors import ExpressionError
from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Expression, write
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import Node, root_of, walk
from mmviz.scene.language.worn_function import WITHOUT_ARGUMENTS, outermost, wear
from tests.scene.strategies import EXPRESSIONS

HEAD = "out = (attn = softmax(scale((Q = x @ wQ) @ (K = x @ wK).T))) @ V"


@pytest.mark.parametrize(
    ("text", "path", "function", "changed"),
    [
        ("A @ B", "", "relu", "relu(A @ B)"),
        ("relu(A @ B)", "", "gelu", "gelu(A @ B)"),
        ("relu(A @ B)", "", None, "A @ B"),
        ("A @ B", "", None, "A @ B"),
        ("z = A @ B", "", "tanh", "z = tanh(A @ B)"),
        ("A @ B.T", "right", "relu", "A @ relu(B.T)"),
        ("(A @ B).T", "right", "relu", "(relu(A) @ B).T"),
        ("(A + B).T", "right", "relu", "(A + relu(B)).T"),
        (HEAD, "left", None, "out = (attn = scale((Q = x @ wQ) @ (K = x @ wK).T)) @ V"),
        (HEAD, "left.right", "relu", "out = (attn = softmax(scale((Q = x @ wQ) @ (K = relu(x @ wK)).T))) @ V"),
        (HEAD, "left.right.left", "relu", "out = (attn = softmax(scale((Q = x @ wQ) @ (K = x @ relu(wK)).T))) @ V"),
        ("rmsnorm(A @ B, w, 1e-05) @ C", "left", "square", "square(A @ B) @ C"),
    ],
)
def test_a_function_is_put_on_changed_and_taken_off(text: str, path: str, function: str | None, changed: str) -> None:
    assert write(wear(parse(text), path, function)) == changed


@given(EXPRESSIONS, st.data())
def test_only_the_matrix_at_the_path_changes_and_only_its_last_function(
    expression: Expression, data: st.DataObject
) -> None:
    before = {node.path: node for node in _walk(expression)}
    path = data.draw(st.sampled_from(sorted(before)))
    function = data.draw(
        st.sampled_from([name for name in WITHOUT_ARGUMENTS if not FUNCTIONS[name].of_product and name != "scale"])
    )
    after = {node.path: node for node in _walk(wear(expression, path, function))}
    assert set(after) == set(before)
    own, old = after[path].worn, before[path].worn
    assert own[-1].function == function
    assert [worn.function for worn in own[:-1]] == [worn.function for worn in old[: len(own) - 1]]
    assert all(after[other].worn == before[other].worn for other in before if other != path)
    call = outermost(expression, path)
    assert (None if call is None else call.function) == (old[-1].function if old else None)


def test_a_path_that_is_not_there_is_refused() -> None:
    with pytest.raises(ExpressionError, match="there is no left of A"):
        wear(parse("A @ B"), "left.left", "relu")


def test_every_function_that_is_offered_can_be_worn_by_a_product() -> None:
    for function in WITHOUT_ARGUMENTS:
        assert root_of(build(wear(parse("A @ B"), "", function))).worn[-1].function == function


def _walk(expression: Expression) -> list[Node]:
    try:
        return list(walk(root_of(build(expression))))
    except ExpressionError:
        assume(False)
        raise
