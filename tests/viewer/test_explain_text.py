"""An explanation in words: every sentence, with numbers worked out by hand, and names that look like markup."""

import re

import pytest

from mmviz import Scene
from mmviz.picture.cell.element_names import short
from mmviz.picture.cell.explanation import Explanation, explain
from mmviz.viewer.tabs.explain.explain_text import heading, origin_lines, stage_lines, story

A, B = [[1.0, -2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, -8.0]]


def explained(expr: str, path: str = "", i: int = 0, j: int = 1) -> Explanation:
    scene = Scene(expr, {name: {"values": rows} for name, rows in (("A", A), ("B", B)) if name in expr})
    return explain(scene.composition, path, i, j)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


GIVEN = "Row 0, column 1 of A: numbers written in the scene Its number: -2"


@pytest.mark.parametrize(
    ("expr", "told", "origin"),
    [
        ("A @ B", "the sum of 2 products", "Sum of all products: 22"),  # 1 * 6 + -2 * -8
        ("A + B", "a sum", "A[0, 1] + B[0, 1] = (-2) + 6 = 4"),
        ("A - B", "a difference", "A[0, 1] - B[0, 1] = (-2) - 6 = -8"),
        ("A * B", "a product of two elements", "A[0, 1] * B[0, 1] = (-2) * 6 = -12"),
        ("tril(A) + B", "a sum", "tril(A)[0, 1] + B[0, 1] = masked + 6 = masked"),
        ("softmax(tril(A)) + B", "a sum", "softmax(tril(A))[0, 1] + B[0, 1] = 0 + 6 = 6"),
        ("relu(A)", "given, then relu", GIVEN),
        (
            "relu(square(A))",
            "given, then square, relu",
            GIVEN,
        ),
    ],
)
def test_it_says_in_a_line_how_a_number_comes_about(expr: str, told: str, origin: str) -> None:
    explanation = explained(expr)
    assert story(explanation) == told
    assert plain(origin_lines(explanation)).replace(": values", "") == origin


def test_a_matrix_that_is_shown_again_names_the_one_that_it_shows() -> None:
    explanation = explained("(x = relu(A)) + x @ B", "right.left", 1, 0)
    assert story(explanation).startswith("shown here once more")
    assert plain(origin_lines(explanation)) == "The same number as x[1, 0]: 3"


def test_the_heading_has_the_number_or_says_that_it_is_masked() -> None:
    assert heading(explained("A @ B")) == "(A @ B)[0, 1] = <b>22</b>"
    assert heading(explained("softmax(tril(A))", "", 0, 1)).endswith("= <b>masked</b>")


def test_every_function_tells_what_it_makes_of_the_number() -> None:
    lines = plain(stage_lines(explained("scale(square(A), 10)", "", 1, 1).stages))
    assert lines.startswith("square : x = 4 → 16")
    assert "scale : x = 16 → " in lines
    assert stage_lines(()) == ""


@pytest.mark.parametrize(
    ("number", "text"), [(0.1234567, "0.1235"), (-1e-9, "-1e-09"), (22.0, "22"), (-0.0, "0"), (12345.6, "1.235e+04")]
)
def test_numbers_have_four_digits(number: float, text: str) -> None:
    assert short(number) == text
