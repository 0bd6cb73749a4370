"""How an element came about, and what is said of it, in the page as in Python."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.picture.cell.element_names import short
from mmviz.picture.cell.explanation import explain, lit
from tests.examples import examples
from tests.page.engine import call
from tests.page.explained import Explained, check_said, explanation_told
from tests.page.random_scenes import Made, squares
from tests.page.timed import shipped, sweep_told

CELLS = 50
"""Elements of each scene that are explained."""


def check_cell(page: Explained, path: str, i: int, j: int) -> None:
    expected = explain(page.composition, path, i, j)
    found = page.explanation(path, i, j)
    cells = dict(found.pop("lit"))
    where = f"[{i}, {j}] at {path!r}"
    check_said(found, explanation_told(expected), where, rounding=1e-6)
    assert cells == {own: sweep_told(sweep) for own, (sweep,) in lit(expected, page.composition).items()}, where


@pytest.mark.parametrize("name", scene_names())
def test_elements_of_a_shipped_scene_are_explained_alike(name: str) -> None:
    page = Explained(shipped(name))
    chance = np.random.default_rng(7)
    shapes = [(path, *values.shape) for path, values in page.composition.values.items()]
    for number in range(CELLS):
        path, rows, columns = shapes[number % len(shapes) if len(shapes) < CELLS else chance.integers(len(shapes))]
        check_cell(page, path, int(chance.integers(rows)), int(chance.integers(columns)))


@given(squares(), st.integers(0, 1 << 20))
@examples(10)
def test_any_functions_and_strange_numbers_are_explained_alike(made: Made, seed: int) -> None:
    page = Explained(made.scene().composition)
    chance = np.random.default_rng(seed)
    for path, values in page.composition.values.items():
        check_cell(page, path, *(int(chance.integers(side)) for side in values.shape))


def test_rows_are_scaled_by_positions_that_begin_anywhere() -> None:
    page = Explained(Scene("position_scale(A, 0.5, 2, 3) @ A", {"A": np.eye(4)}).composition)
    for row in range(4):
        check_cell(page, "left", row, row)


def test_the_latest_explanation_is_kept_and_no_other_is_taken_for_it() -> None:
    page = Explained(shipped("matmul"))
    same = "testing.explainer.of('', 1, 2) === testing.explainer.of({})"
    assert page.page.asked(same.format("'', 1, 2"))
    for other in ("'', 2, 2", "'', 1, 3", "'left', 1, 2"):
        assert not page.page.asked(same.format(other))


def test_an_element_that_is_not_there_is_not_explained() -> None:
    page = Explained(shipped("matmul"))
    script = "(() => { try { testing.explain('left', 99, 0) } catch (error) { return error.message } })()"
    assert page.page.asked(script) == "there is no element [99, 0] at path 'left'."


@example(100000.0)
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-4096, 4096).map(lambda n: n / 1024))
@examples(60)
def test_numbers_are_written_as_python_writes_them(number: float) -> None:
    assert call("short", number) == short(number)
    assert call("general", number) == f"{number:g}"
