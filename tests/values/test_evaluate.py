"""Trees against numpy: float64 sums, rounded to float32 once a matrix."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Expression, write
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import ProductNode, walk
from mmviz.values.tensors.evaluate import Values, evaluate
from tests.examples import examples
from tests.scene.strategies import reuses

SHAPES = {"A": (5, 7), "B": (7, 6), "C": (6, 4), "D": (5, 6), "Q": (6, 4), "K": (6, 4), "V": (6, 3), "S": (4, 4)}
Matrix = NDArray[np.float32]


@pytest.fixture
def tensors(rng: np.random.Generator) -> dict[str, Matrix]:
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def values_of(expression: str, tensors: dict[str, Matrix]) -> Values:
    numbers = {name: torch.from_numpy(matrix) for name, matrix in tensors.items()}
    return evaluate(build(parse(expression)), numbers, torch.device("cpu"))


def times(left: Matrix, right: Matrix) -> Matrix:
    """The product in double precision, rounded to float32 once."""
    return (left.astype(np.float64) @ right.astype(np.float64)).astype(np.float32)


def same(found: Matrix, expected: Matrix) -> None:
    assert found.dtype == np.float32
    np.testing.assert_array_max_ulp(found, expected)  # the order of a sum in float64 may round the other way


def test_a_chain_is_rounded_to_float32_at_each_product(tensors: dict[str, Matrix]) -> None:
    found = values_of("A @ B @ C", tensors)
    ab = times(tensors["A"], tensors["B"])
    assert set(found.of) == {"", "left", "right", "left.left", "left.right"}
    same(found.of["left"], ab)
    same(found.of[""], times(ab, tensors["C"]))
    assert found.masked == {}


def test_parentheses_change_the_order(tensors: dict[str, Matrix]) -> None:
    found = values_of("A @ (B @ C)", tensors)
    same(found.of["right"], times(tensors["B"], tensors["C"]))
    same(found.of[""], times(tensors["A"], found.of["right"]))


def test_a_sum_that_cancels_in_float32_does_not_in_float64() -> None:
    row = np.array([[1e8, 1.0, -1e8]], np.float32)
    ones = np.ones((3, 1), np.float32)
    assert values_of("L @ R", {"L": row, "R": ones}).of[""].item() == 1.0


def test_transposed_matrices_are_shown_as_they_stand(tensors: dict[str, Matrix]) -> None:
    found = values_of("Q @ K.T", tensors)
    same(found.of["right"], tensors["K"].T)
    same(found.of[""], times(tensors["Q"], tensors["K"].T))


def test_the_transpose_of_a_product_is_the_product_of_the_transposes(tensors: dict[str, Matrix]) -> None:
    found = values_of("(A @ B).T", tensors)
    same(found.of["left"], tensors["B"].T)
    same(found.of["right"], tensors["A"].T)
    same(found.of[""], times(tensors["A"], tensors["B"]).T)


@pytest.mark.parametrize("sign", ["+", "-"])
def test_sums_and_differences(tensors: dict[str, Matrix], sign: str) -> None:
    found = values_of(f"D {sign} A @ B", tensors)
    product = times(tensors["A"], tensors["B"])
    same(found.of["right"], product)
    same(found.of[""], tensors["D"] + product if sign == "+" else tensors["D"] - product)


def test_an_elementwise_product_is_that_of_numpy(tensors: dict[str, Matrix]) -> None:
    found = values_of("silu(A @ B) * (D - A @ B)", tensors)
    gate, values = found.of["left"], found.of["right"]
    same(found.of[""], (gate.astype(np.float64) * values).astype(np.float32))
    same(values, tensors["D"] - times(tensors["A"], tensors["B"]))


FLAT = st.lists(st.sampled_from(["S", "Z", "S.T", "(S + Z)"]), min_size=1, max_size=6).flatmap(
    lambda items: st.lists(st.sampled_from("@*+-"), min_size=len(items) - 1, max_size=len(items) - 1).map(
        lambda signs: " ".join([items[0], *(f"{sign} {item}" for sign, item in zip(signs, items[1:], strict=True))])
    )
)


@given(FLAT)
def test_a_text_has_the_value_that_python_gives_it_on_arrays_of_numpy(text: str) -> None:
    whole = np.random.default_rng(3)
    arrays = {name: whole.integers(-3, 4, (3, 3)).astype(np.float32) for name in "SZ"}  # exact in float32
    np.testing.assert_array_equal(values_of(text, arrays).of[""], eval(text, dict(arrays)))


@given(reuses())
@examples(100)
def test_a_name_that_is_used_again_has_the_value_that_python_gives_it(expression: Expression) -> None:
    whole = np.random.default_rng(3)
    arrays = {name: whole.integers(-2, 3, (2, 2)).astype(np.float32) for name in "SZ"}
    names = {name: matrix.astype(np.float64) for name, matrix in arrays.items()} | {"relu": partial(np.maximum, 0)}
    text = write(expression)
    try:
        expected = eval(f"({text.replace('=', ':=')})", dict(names))
    except NameError:
        assume(False)
    found = values_of(text, arrays)
    assume(all(np.abs(matrix).max() < 1 << 24 for matrix in found.of.values()))  # exact in float32
    np.testing.assert_array_equal(found.of[""], expected)


@pytest.mark.parametrize(
    ("text", "written_out"),
    [
        ("(x = Q @ K.T) + sdpa(x)", "(Q @ K.T) + sdpa(Q @ K.T)"),
        ("(x = Q @ K.T) + scale(x.T)", "(Q @ K.T) + scale((Q @ K.T).T)"),
        ("sdpa(x = Q @ K.T) + rmsnorm(x.T).T", "sdpa(Q @ K.T) + rmsnorm((Q @ K.T).T).T"),
        ("rope(y = relu(x = A @ B)) + y - softmax(x)", "rope(relu(A @ B)) + relu(A @ B) - softmax(A @ B)"),
        ("((x = Q @ K.T) @ softmax(tril(x))).T", "((Q @ K.T) @ softmax(tril(Q @ K.T))).T"),
        ("(x = tril(Q @ K.T)) + softmax(x)", "tril(Q @ K.T) + softmax(tril(Q @ K.T))"),
        ("(x = tril(Q @ K.T)).T @ softmax(x.T)", "tril(Q @ K.T).T @ softmax(tril(Q @ K.T).T)"),
    ],
)
def test_functions_of_a_name_are_those_of_what_it_stands_for(
    tensors: dict[str, Matrix], text: str, written_out: str
) -> None:
    found, expected = (values_of(expression, tensors) for expression in (text, written_out))
    np.testing.assert_allclose(found.of[""], expected.of[""], rtol=1e-5, atol=1e-6)


def test_a_name_shows_what_it_was_given_to_whatever_is_worn_around_it(tensors: dict[str, Matrix]) -> None:
    found = values_of("rmsnorm(y = relu(x = A @ B)) + y + x.T.T", tensors)
    product = times(tensors["A"], tensors["B"])
    same(found.of["right"], product)
    same(found.of["left.right"], np.maximum(product, 0))
    assert np.abs(found.of["left.left"] - product).max() > 0.1


def test_a_mask_goes_with_a_matrix_to_where_it_is_used_again(tensors: dict[str, Matrix]) -> None:
    found = values_of("(x = sdpa(Q @ K.T)) + x + x.T + scale(x, 2)", tensors)
    above = np.triu(np.ones((6, 6), bool), 1)
    for path in ("left.left.left", "left.left.right", "right"):
        np.testing.assert_array_equal(found.masked[path], above)
    np.testing.assert_array_equal(found.masked["left.right"], above.T)
    assert set(found.masked) == {"left.left.left", "left.left.right", "left.right", "right"}
    bare = values_of("sdpa(x = Q @ K.T) + x", tensors)
    assert set(bare.masked) == {"left"}


@pytest.mark.parametrize(
    ("expression", "turned"), [("rmsnorm(A @ B, w)", "rmsnorm((B.T @ A.T).T, w)"), ("bias(A, b).T", "bias(A, b).T")]
)
def test_vectors_go_with_the_rows_of_what_they_are_applied_to(
    tensors: dict[str, Matrix], expression: str, turned: str
) -> None:
    vectors = {"w": np.arange(6, dtype=np.float32)[None], "b": np.arange(7, dtype=np.float32)[None]}
    found = values_of(expression, tensors | vectors)
    same(found.of[""], values_of(turned, tensors | vectors).of[""])
    if "bias" in expression:
        same(found.of[""], (tensors["A"] + vectors["b"]).T)


def test_finish_applies_the_weight_of_a_norm(tensors: dict[str, Matrix]) -> None:
    weight = {"w": np.arange(6, dtype=np.float32)[None]}
    found = values_of("rmsnorm(A @ B, w)", tensors | weight)
    sums = tensors["A"].astype(np.float64) @ tensors["B"].astype(np.float64)
    same(found.finish("", sums), found.of[""])


def test_a_tensor_that_is_used_twice_has_the_same_numbers_in_both_places(tensors: dict[str, Matrix]) -> None:
    found = values_of("S @ S @ S.T", tensors)
    same(found.of["left.left"], tensors["S"])
    same(found.of["left.right"], tensors["S"])
    same(found.of["right"], tensors["S"].T)


def test_a_single_matrix_is_an_expression_too(tensors: dict[str, Matrix]) -> None:
    found = values_of("relu(A)", tensors)
    same(found.of[""], np.maximum(tensors["A"], 0))


def test_attention_is_that_of_torch(tensors: dict[str, Matrix]) -> None:
    found = values_of("sdpa(Q @ K.T) @ V", tensors)
    q, k, v = (torch.from_numpy(tensors[name])[None].double() for name in "QKV")
    expected = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)[0]
    np.testing.assert_allclose(found.of[""], expected, rtol=1e-6, atol=1e-6)


def test_a_mask_lies_where_the_matrix_that_wears_it_stands(tensors: dict[str, Matrix]) -> None:
    found = values_of("sdpa(Q @ K.T) @ V", tensors)
    assert set(found.masked) == {"left"}
    np.testing.assert_array_equal(found.masked["left"], np.triu(np.ones((6, 6), bool), 1))
    assert not found.of["left"][found.masked["left"]].any()


def test_a_transposed_pattern_is_masked_below_the_diagonal(tensors: dict[str, Matrix]) -> None:
    straight = values_of("sdpa(Q @ K.T)", tensors)
    turned = values_of("sdpa(Q @ K.T).T", tensors)
    same(turned.of[""], straight.of[""].T)
    np.testing.assert_array_equal(turned.masked[""], straight.masked[""].T)


@pytest.mark.parametrize("function", ["softmax", "rope", "layernorm", "rmsnorm", "tril", "sdpa", "scale", "gelu"])
def test_a_function_of_a_transpose_is_not_the_transpose_of_a_function(
    tensors: dict[str, Matrix], function: str
) -> None:
    inside = values_of(f"{function}((Q @ K.T).T)", tensors).of[""]
    by_hand = values_of(f"{function}(K @ Q.T)", tensors).of[""]
    outside = values_of(f"{function}(Q @ K.T).T", tensors).of[""]
    same(inside, by_hand)
    same(outside, values_of(f"{function}(Q @ K.T)", tensors).of[""].T)


@pytest.mark.parametrize("expression", ["sdpa(Q @ K.T) @ V", "relu(A @ B) @ C", "scale(A @ B)", "softmax((A @ B).T)"])
def test_finish_on_partial_sums_ends_at_the_result(tensors: dict[str, Matrix], expression: str) -> None:
    found = values_of(expression, tensors)
    for node in walk(build(parse(expression))):
        if not isinstance(node, ProductNode):
            continue
        sums = np.zeros(found.of[node.path].shape)
        for k in range(found.of[node.left.path].shape[1]):
            sums += np.outer(found.of[node.left.path][:, k].astype(float), found.of[node.right.path][k])
            partial = found.finish(node.path, sums)
            assert partial.shape == sums.shape
        np.testing.assert_allclose(partial, found.of[node.path], rtol=1e-6, atol=1e-7)


def test_finish_does_not_change_the_sums(tensors: dict[str, Matrix]) -> None:
    sums = np.ones((5, 6))
    values_of("relu(A @ B)", tensors).finish("", sums)
    np.testing.assert_array_equal(sums, 1)


def test_infinite_and_missing_numbers_are_passed_on() -> None:
    left = np.array([[np.inf, 0], [np.nan, 1], [3e38, 3e38]], np.float32)
    found = values_of("L @ R", {"L": left, "R": np.ones((2, 1), np.float32)}).of[""]
    np.testing.assert_array_equal(found[:, 0], [np.inf, np.nan, np.inf])


def test_what_comes_out_belongs_to_nobody_else(tensors: dict[str, Matrix]) -> None:
    before = tensors["A"].copy()
    found = values_of("A", tensors)
    with pytest.raises(ValueError, match="read-only"):
        found.of[""][:] = 0
    np.testing.assert_array_equal(tensors["A"], before)


def added_up(*terms: Matrix) -> NDArray[np.float64]:
    """The sum in double precision, where -inf is what a mask forbids and stays so whatever is added."""
    total: NDArray[np.float64] = np.sum(terms, axis=0, dtype=np.float64)
    return np.where(np.isinf(terms).any(axis=0), -np.inf, total)


def softmax_of(scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Of every row; a row of which nothing is allowed is 0."""
    largest = scores.max(axis=1, keepdims=True)
    exponentials = np.exp(scores - np.where(np.isinf(largest), 0, largest))
    shares: NDArray[np.float64] = exponentials / np.maximum(exponentials.sum(axis=1, keepdims=True), 1e-300)
    return shares


def lower(matrix: Matrix) -> Matrix:
    return np.where(np.tri(*matrix.shape) == 1, matrix, np.float32(-np.inf))


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7)])
def test_what_is_masked_stays_so_through_sums_and_products_until_a_softmax(
    shape: tuple[int, int], rng: np.random.Generator
) -> None:
    s, p, t = (rng.normal(size=size).astype(np.float32) for size in (shape, shape, shape[::-1]))
    tensors = {"S": s, "P": p, "T": t}
    masked = lower(s)
    expected = {
        "softmax(tril(S) + P)": softmax_of(added_up(masked, p)),
        "softmax(P + tril(S))": softmax_of(added_up(masked, p)),
        "softmax(P - tril(S))": softmax_of(added_up(np.where(np.isinf(masked), masked, -masked), p)),
        "softmax(P * tril(S))": softmax_of(np.where(np.isinf(masked), masked, masked * p)),
        "softmax(scale((a = tril(S)) + P + a, 3))": softmax_of(3 * added_up(masked, p, masked)),
        "softmax(tril(S) + tril(T).T)": softmax_of(added_up(masked, lower(t).T)),
        "softmax(tril(S)) + P": softmax_of(masked) + p,
        "softmax(softmax(tril(S)) + P)": softmax_of(softmax_of(masked) + p),
    }
    for expression, right in expected.items():
        found = values_of(expression, tensors)
        np.testing.assert_allclose(found.of[""], right, atol=1e-6, err_msg=expression)
        assert ("" in found.masked) == (expression[-1] == ")" and "softmax(softmax" not in expression), expression
        if "" in found.masked:
            np.testing.assert_array_equal(found.masked[""], right == 0, err_msg=expression)


def test_a_running_sum_and_a_single_element_are_masked_as_the_whole(rng: np.random.Generator) -> None:
    s, p = rng.normal(size=(2, 4, 4)).astype(np.float32)
    found = values_of("tril(S) + P", {"S": s, "P": p})
    np.testing.assert_array_equal(found.finish("", (s + p).astype(np.float64)), found.of[""])
    forbidden = found.around("", 0, 3).panes[0].masked
    assert forbidden is not None
    assert forbidden.all()
    assert not np.asarray(found.around("", 3, 0).panes[0].masked).any()
