"""Formula values: mm's and JavaScript's own numbers, and Python's own precedence."""

import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.errors import ExpressionError
from mmviz.scene.language.formula import (
    FUNCTIONS,
    BinaryOperator,
    Call,
    Formula,
    Number,
    Unary,
    UnaryOperator,
    parse_formula,
)
from mmviz.scene.language.formula import Binary as BinaryNode
from mmviz.values.tensors.formula_numbers import evaluate_formula

ORACLE = json.loads(Path(__file__).with_name("formula_oracle.json").read_text(encoding="utf-8"))


def evaluated(text: str, rows: int = 1, columns: int = 1) -> NDArray[np.float32]:
    return evaluate_formula(parse_formula(text), rows, columns)


def assert_same_bits(actual: NDArray[np.float32], values: list[float | str]) -> None:
    expected = np.array([float(value) for value in values], dtype=np.float32).reshape(actual.shape)
    np.testing.assert_array_equal(actual, expected)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(actual[numbers]), np.signbit(expected[numbers]))


@pytest.mark.parametrize(("text", "rows", "columns", "values"), ORACLE["mm"])
def test_a_formula_has_the_values_measured_in_mm(text: str, rows: int, columns: int, values: list[float | str]) -> None:
    assert_same_bits(evaluated(text, rows, columns), values)


@pytest.mark.parametrize(("text", "rows", "columns", "values"), ORACLE["javascript"])
def test_a_formula_has_the_values_of_javascript(text: str, rows: int, columns: int, values: list[float | str]) -> None:
    assert_same_bits(evaluated(text, rows, columns), values)


DIFFERENCES = {
    "i +* j": "a syntax error, which mm shows as zeros",
    '"2"': "a text, which mm takes for the number in it",
    "i, j+1": "a comma, after which mm drops what stood before",
    "({})": "an object, which mm shows as NaN",
    "i+j // x": "a comment, which swallows mm's own closing bracket: zeros",
}


@pytest.mark.parametrize(("text", "rows", "columns", "values"), ORACLE["refused"])
def test_unlike_mm_a_text_that_is_no_arithmetic_is_refused(
    text: str, rows: int, columns: int, values: list[float | str]
) -> None:
    assert text in DIFFERENCES
    assert len(values) == rows * columns  # mm shows something
    with pytest.raises(ExpressionError):
        parse_formula(text)


def test_unlike_mm_an_unknown_name_is_refused_and_not_zero() -> None:
    with pytest.raises(ExpressionError, match="unknown name 'q'"):
        parse_formula("i == 0 ? q : 1")  # in mm an exception makes the element 0


def test_unlike_mm_a_chain_of_comparisons_is_refused() -> None:
    with pytest.raises(ExpressionError, match="between two comparisons"):
        parse_formula("0 < i < 2")  # in mm (0 < i) < 2, which is always true


def test_unlike_javascript_three_equal_signs_compare_numbers_only() -> None:
    np.testing.assert_array_equal(evaluated("(i == j) === 1", 2, 2), np.eye(2))


def test_unlike_javascript_a_sign_before_a_power_is_read_as_in_python() -> None:
    assert evaluated("-3 ** 2") == -9  # in mm a syntax error


@pytest.mark.parametrize("text", ["3", "i", "j", "i < j", "h", "true", "i ? 1 : j", "max(i, 1)", "i & j"])
def test_every_formula_fills_the_whole_matrix(text: str) -> None:
    matrix = evaluated(text, 3, 5)
    assert matrix.shape == (3, 5)
    assert matrix.dtype == np.float32
    assert matrix.flags.writeable
    assert matrix.flags.c_contiguous


def test_a_matrix_of_several_blocks_is_the_same_as_one_of_whole_numbers() -> None:
    rows, columns = 3, (1 << 19) + 7
    expected = np.arange(rows)[:, None] * 10 + np.arange(columns)[None, :] % 10
    np.testing.assert_array_equal(evaluated("i * 10 + j % 10", rows, columns), expected)


@pytest.mark.parametrize("text", ["1 / 0", "0 / 0", "log(-1)", "1e300 * 1e300", "5 % 0", "1e39", "exp(1e6)"])
def test_nothing_is_raised_even_where_numpy_errors_are(text: str) -> None:
    with np.errstate(all="raise"):
        evaluated(text)


def every_node() -> list[Formula]:
    number = Number(1.0)
    unary = [Unary(operator, number) for operator in get_args(UnaryOperator)]
    binary = [BinaryNode(operator, number, number) for operator in get_args(BinaryOperator)]
    calls = [Call(function, (number,) * fewest) for function, (fewest, _) in FUNCTIONS.items()]
    return [*unary, *binary, *calls]


@pytest.mark.parametrize("formula", every_node(), ids=str)
def test_every_operator_and_function_that_is_read_is_computed(formula: Formula) -> None:
    assert evaluate_formula(formula, 1, 1).shape == (1, 1)


class JsNumber:
    """A number under Python's operators, so that Python's own parser decides what belongs together."""

    def __init__(self, value: Any) -> None:
        self.value: np.float64 = np.float64(value.value if isinstance(value, JsNumber) else value)

    def __bool__(self) -> bool:
        return bool(self.value != 0 and self.value == self.value)

    def __neg__(self) -> "JsNumber":
        return JsNumber(-self.value)

    def __add__(self, other: "JsNumber") -> "JsNumber":
        return JsNumber(self.value + other.value)

    def __sub__(self, other: "JsNumber") -> "JsNumber":
        return JsNumber(self.value - other.value)

    def __mul__(self, other: "JsNumber") -> "JsNumber":
        return JsNumber(self.value * other.value)

    def __truediv__(self, other: "JsNumber") -> "JsNumber":
        return JsNumber(self.value / other.value)

    def __mod__(self, other: "JsNumber") -> "JsNumber":
        return JsNumber(np.fmod(self.value, other.value))

    def __pow__(self, other: "JsNumber") -> "JsNumber":
        if not np.isfinite(other.value):
            reject()  # 1 ** Infinity, where JavaScript differs, has its place among the cases above
        return JsNumber(np.power(self.value, other.value))

    def __lt__(self, other: "JsNumber") -> "JsNumber":
        return JsNumber(self.value < other.value)

    def __ge__(self, other: "JsNumber") -> "JsNumber":
        return JsNumber(self.value >= other.value)

    def __eq__(self, other: object) -> "JsNumber":  # type: ignore[override]
        assert isinstance(other, JsNumber)
        return JsNumber(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]


Spelling = tuple[str, str]  # a formula, and the same for Python's eval
Spellings = st.SearchStrategy[Spelling]


def joined(operands: Spellings, operators: dict[str, str], longest: int) -> Spellings:
    """Operands with operators between them and no parentheses."""
    link = st.tuples(st.sampled_from(sorted(operators)), operands)

    def write(first: Spelling, links: list[tuple[str, Spelling]]) -> Spelling:
        text, python = first
        for operator, operand in links:
            text += f" {operator} {operand[0]}"
            python += f" {operators[operator]} {operand[1]}"
        return text, python

    return st.builds(write, operands, st.lists(link, max_size=longest))


def question(condition: Spelling, yes: Spelling, no: Spelling) -> Spelling:
    python = f"{yes[1]} if {condition[1]} else {no[1]}"
    return f"{condition[0]} ? {yes[0]} : {no[0]}", python


def question_as_in_python(condition: Spelling, yes: Spelling, no: Spelling) -> Spelling:
    return f"{yes[0]} if {condition[0]} else {no[0]}", f"{yes[1]} if {condition[1]} else {no[1]}"


def preceded(operator: str, operands: Spellings) -> Spellings:
    return operands | operands.map(lambda s: (f"{operator}{s[0]}", f"{operator}{s[1]}"))


def spellings(atoms: Spellings) -> Spellings:
    """Formulas of atoms, with every operator that Python has, too."""
    sums = joined(preceded("-", atoms), {operator: operator for operator in ("+", "-", "*", "/", "%", "**")}, 3)
    compared = joined(sums, {"<": "<", ">=": ">=", "==": "==", "===": "=="}, 1)  # Python reads two as a chain
    logic = joined(preceded("not ", compared), {"&&": "and", "and": "and", "||": "or", "or": "or"}, 2)
    choice = st.builds(question, logic, logic, logic)
    return logic | choice | st.builds(question_as_in_python, logic, logic, logic | choice)


ATOMS = st.sampled_from([*((name, name) for name in "ijhw"), *((digit, f"N({digit})") for digit in "0123")])
GROUPS = joined(ATOMS, {"+": "+", "<": "<", "&&": "and"}, 1).map(lambda s: (f"({s[0]})", f"N({s[1]})"))


@given(spellings(ATOMS | GROUPS))
@example(("-h ** 2", "-h ** N(2)"))
@settings(deadline=None)
def test_operators_bind_as_in_python(spelling: Spelling) -> None:
    text, python = spelling
    rows, columns = 3, 2
    sizes = {"h": JsNumber(rows), "w": JsNumber(columns), "N": JsNumber, "__builtins__": {}}
    expected = np.empty((rows, columns), dtype=np.float32)
    with np.errstate(all="ignore"):
        for i, j in np.ndindex(rows, columns):
            value = eval(python, {**sizes, "i": JsNumber(i), "j": JsNumber(j)})
            expected[i, j] = JsNumber(value).value
    np.testing.assert_array_equal(evaluated(text, rows, columns), expected)
