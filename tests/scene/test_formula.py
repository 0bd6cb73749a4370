"""Formula texts: which are read, as what, and what is said of the others."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import ExpressionError
from mmviz.scene.language.formula import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    Binary,
    Call,
    Choice,
    Formula,
    Number,
    Unary,
    Variable,
    parse_formula,
)

I, J, H = Variable("i"), Variable("j"), Variable("h")  # noqa: E741
ONE, TWO = Number(1.0), Number(2.0)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("i", I),
        ("  ( (i) )\n", I),
        (".5", Number(0.5)),
        ("1.", ONE),
        ("1e-3", Number(0.001)),
        ("2E+2", Number(200.0)),
        ("0x10", Number(16.0)),
        ("0Xff", Number(255.0)),
        ("1e999", Number(math.inf)),
        ("0x" + "f" * 300, Number(math.inf)),
        ("pi", Number(math.pi)),
        ("Math.E", Number(math.e)),
        ("true", ONE),
        ("i - j - 1", Binary("-", Binary("-", I, J), ONE)),
        ("i + j * 2", Binary("+", I, Binary("*", J, TWO))),
        ("2 ** i ** j", Binary("**", TWO, Binary("**", I, J))),
        ("-i ** 2", Unary("-", Binary("**", I, TWO))),
        ("2 ** -i", Binary("**", TWO, Unary("-", I))),
        ("-i % 2", Binary("%", Unary("-", I), TWO)),
        ("!i == j", Binary("==", Unary("!", I), J)),
        ("not i == j", Unary("!", Binary("==", I, J))),
        ("i < j == h", Binary("==", Binary("<", I, J), H)),
        ("i || j && h", Binary("||", I, Binary("&&", J, H))),
        ("i & 1 == 2", Binary("&", I, Binary("==", ONE, TWO))),
        ("i | j & 1 << 2", Binary("|", I, Binary("&", J, Binary("<<", ONE, TWO)))),
        ("i ? 1 : j ? 2 : h", Choice(I, ONE, Choice(J, TWO, H))),
        ("i ? j ? 1 : 2 : h", Choice(I, Choice(J, ONE, TWO), H)),
        ("i?.5:1", Choice(I, Number(0.5), ONE)),
        ("1 if i else 2 if j else h", Choice(I, ONE, Choice(J, TWO, H))),
        ("Math.max(i, j, 1)", Call("max", (I, J, ONE))),
        ("atan2(i + 1, j)", Call("atan2", (Binary("+", I, ONE), J))),
    ],
)
def test_a_formula_is_read_as_the_tree_it_means(text: str, tree: Formula) -> None:
    assert parse_formula(text) == tree


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Math.sin(i)", "sin(i)"),
        ("Math . trunc ( i )", "trunc(i)"),
        ("Math.PI", "pi"),
        ("i === j", "i == j"),
        ("i !== j", "i != j"),
        ("i and j or not h", "i && j || !h"),
        ("1 if i < j else 2", "i < j ? 1 : 2"),
        ("1 if i or j else 2", "i || j ? 1 : 2"),
        ("i < h / 2\n  ? 1\n  : -1", "i<h/2?1:-1"),
        ("false", "0"),
    ],
)
def test_two_spellings_are_one_formula(text: str, same: str) -> None:
    assert parse_formula(text) == parse_formula(same)


KNOWN_NAMES = "nown names: e, false, h, i, Infinity, j, Math.E, Math.PI, NaN, pi, true, w"
KNOWN_FUNCTIONS = (
    "nown functions: abs, acos, asin, atan, atan2, cbrt, ceil, cos, cosh, exp, expm1, floor, hypot, "
    "log, log10, log1p, log2, max, min, pow, round, sign, sin, sinh, sqrt, tan, tanh, trunc"
)
WANTS_OPERAND = "expected a number, a name or '(', found"
WANTS_OPERATOR = "expected an operator or the end, found"
CHAINED = "expected '&&' or parentheses between two comparisons, found"


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("", 1, f"{WANTS_OPERAND} the end"),
        ("i +", 4, f"{WANTS_OPERAND} the end"),
        ("i +* j", 4, f"{WANTS_OPERAND} '*'"),
        ("i and", 6, f"{WANTS_OPERAND} the end"),
        ("i + and j", 5, f"{WANTS_OPERAND} 'and'"),
        ("i++", 4, f"{WANTS_OPERAND} the end"),
        ("min(1,)", 7, f"{WANTS_OPERAND} ')'"),
        ("i ?? j", 4, f"{WANTS_OPERAND} '?'"),
        ("i)", 2, f"{WANTS_OPERATOR} ')'"),
        ("2i", 2, f"{WANTS_OPERATOR} 'i' (a product is written with *)"),
        ("i (j)", 1, "'i' is no function (a product is written with *)"),
        ("2 (j)", 3, f"{WANTS_OPERATOR} '(' (a product is written with *)"),
        ("i ^ 2", 3, f"{WANTS_OPERATOR} '^' (a power is written with **)"),
        ("f = i", 1, f"unknown name 'f'; k{KNOWN_NAMES}"),
        ("i = j", 3, f"{WANTS_OPERATOR} '=' (a comparison is written with ==)"),
        ("i, j", 2, f"{WANTS_OPERATOR} ',' (a comma only separates the arguments of a function)"),
        (
            "i // 2",
            3,
            f"{WANTS_OPERATOR} '//' (a whole quotient is written floor(a / b), and comments are not read)",
        ),
        ("0 < i < 5", 7, f"{CHAINED} '<'"),
        ("i == j != h", 8, f"{CHAINED} '!='"),
        ("(i + j", 7, "expected ')' for the '(' at column 1, found the end"),
        ("sin(i j)", 7, "expected ')' for the '(' at column 4, found 'j' (a product is written with *)"),
        ("i ? 1", 6, "expected ':' for the '?' at column 3, found the end"),
        ("1 if i", 7, "expected 'else' for the 'if' at column 3, found the end"),
        ("1 if i ? 1 : 2 else 3", 8, "expected 'else' for the 'if' at column 3, found '?'"),
        ("i + 010", 5, "expected a number without a leading zero, found '010'"),
        ('"2"', 1, "'\"' means nothing here (text is not a number)"),
        ("i + '2'", 5, '"\'" means nothing here (text is not a number)'),
        ("i − 1", 3, "'−' means nothing here (minus is written with -)"),
        ("i; j", 2, "';' means nothing here"),
        ("[i]", 1, "'[' means nothing here"),
        ("i +\u200b j", 4, "the character U+200B means nothing here"),
        ("k", 1, f"unknown name 'k'; k{KNOWN_NAMES}"),
        ("i + PI", 5, f"unknown name 'PI'; did you mean 'pi'? K{KNOWN_NAMES}"),
        ("True", 1, f"unknown name 'True'; did you mean 'true'? K{KNOWN_NAMES}"),
        ("i.real", 1, f"unknown name 'i.real'; k{KNOWN_NAMES}"),
        ("Math.pi", 1, f"unknown name 'Math.pi'; did you mean 'pi'? K{KNOWN_NAMES}"),
        ("quux(i)", 1, f"unknown function 'quux'; k{KNOWN_FUNCTIONS}"),
        ("np.sine(i)", 1, f"unknown function 'np.sine'; did you mean 'sin'? K{KNOWN_FUNCTIONS}"),
        ("sin + 1", 1, "'sin' is a function: write sin(...)"),
        ("sin()", 1, "sin takes 1 argument, got 0"),
        ("1 + round(i, 2)", 5, "round takes 1 argument, got 2"),
        ("Math.atan2(i)", 1, "atan2 takes 2 arguments, got 1"),
        ("max()", 1, "max takes 1 argument or more, got 0"),
        (
            "Math.random() * 2",
            1,
            "random numbers would change at every look; use the initializer uniform with a seed",
        ),
    ],
)
def test_a_refused_formula_says_where_and_why(text: str, column: int, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_formula(text)
    line = text.replace("\u200b", " ")
    assert str(caught.value) == f"formula, column {column}: {problem}.\n  {line}\n  {' ' * (column - 1)}^"
    assert caught.value.position == column - 1


def test_an_error_in_a_formula_of_several_lines_shows_its_line() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_formula("i < h\n  ? (1 +\n\t2 : 3")
    problem = "expected ')' for the '(' at line 2, column 5, found ':'"
    assert str(caught.value) == f"formula, line 3, column 4: {problem}.\n   2 : 3\n     ^"  # the tab as a space


def test_of_a_long_line_only_what_is_near_the_error_is_shown() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_formula("i + " * 50 + "$" + " + j" * 50)
    assert str(caught.value) == (
        f"formula, column 201: '$' means nothing here.\n  {'i + ' * 15}${' + j' * 9} + \n  {' ' * 60}^"
    )


@pytest.mark.parametrize(
    ("before", "middle", "after"),
    [
        ("(", "i", ")"),
        ("-", "i", ""),
        ("not ", "i", ""),
        ("sin(", "i", ")"),
        ("2 ** ", "i", ""),
        ("i ? 1 : ", "i", ""),
    ],
)
def test_deep_nesting_is_refused_with_a_message(before: str, middle: str, after: str) -> None:
    most = MAX_DEPTH - 1
    parse_formula(before * most + middle + after * most)
    with pytest.raises(ExpressionError, match="this is nested more than 100 deep"):
        parse_formula(before * (most + 1) + middle + after * (most + 1))


def test_a_long_chain_of_operators_is_refused_and_a_grouped_one_is_not() -> None:
    parse_formula("+".join(["i"] * MAX_DEPTH))
    parse_formula("+".join([f"({'+'.join(['i'] * 50)})"] * 10))
    with pytest.raises(ExpressionError, match="more than 100 operators hang on one another; group them"):
        parse_formula("+".join(["i"] * (MAX_DEPTH + 1)))


def test_a_formula_that_is_too_long_is_refused() -> None:
    parse_formula("i" + " " * (MAX_LENGTH - 1))
    with pytest.raises(ExpressionError, match="a formula has at most 2000 characters, found 2001"):
        parse_formula("i" + " " * MAX_LENGTH)


PIECES = [
    "i",
    "j",
    "2",
    ".5",
    "(",
    ")",
    "+",
    "-",
    "**",
    "<",
    "==",
    "&&",
    "not",
    "?",
    ":",
    "if",
    "else",
    ",",
    "sin",
    "max(",
    "Math.",
]


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
def test_every_text_is_read_or_refused_at_a_place_inside_it(text: str) -> None:
    place, message = refusal(text)
    assert 0 <= place <= len(text)
    assert message.count("\n") in (0, 2)


def refusal(text: str) -> tuple[int, str]:
    try:
        parse_formula(text)
    except ExpressionError as error:
        return -1 if error.position is None else error.position, str(error)
    return 0, ""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_may_be_written_with_and_without_math(function: str) -> None:
    arguments = ", ".join("i" * FUNCTIONS[function][0])
    expected = Call(function, (I,) * FUNCTIONS[function][0])
    assert parse_formula(f"{function}({arguments})") == expected
    assert parse_formula(f"Math.{function}({arguments})") == expected
