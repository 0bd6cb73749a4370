"""Sizes that fit: every product of what can give way is one, and what counts more stays."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mmviz.errors import ShapeError
from mmviz.scene.language.fitting import SIDE, Side, Sides, Weight, fit
from mmviz.scene.language.parsed import tree_of
from mmviz.scene.language.shapes import infer
from mmviz.scene.language.tree import tensors

NEW, BEFORE, KNOWN, FIXED = Weight.NEW, Weight.BEFORE, Weight.KNOWN, Weight.FIXED


def sides(rows: int | None, columns: int | None, weight: Weight = KNOWN) -> Sides:
    return Side(rows, weight if rows else NEW), Side(columns, weight if columns else NEW)


def fitted(expr: str, results: Mapping[str, Sides] | None = None, **known: Sides) -> dict[str, tuple[int, int]]:
    return fit(tree_of(expr), known, results)


@pytest.mark.parametrize(
    ("expr", "known", "found"),
    [
        ("A @ B", {"A": (None, None, NEW), "B": (None, None, NEW)}, {"A": (SIDE, SIDE), "B": (SIDE, SIDE)}),
        ("A @ B", {"A": (None, None, NEW), "B": (3, 4, KNOWN)}, {"A": (SIDE, 3), "B": (3, 4)}),
        ("A @ B", {"A": (2, 5, KNOWN), "B": (3, 4, KNOWN)}, {"A": (2, 3), "B": (3, 4)}),  # the left one gives way
        ("A @ B", {"A": (2, 5, FIXED), "B": (3, 4, KNOWN)}, {"A": (2, 5), "B": (5, 4)}),
        ("A @ B", {"A": (2, 5, KNOWN), "B": (3, 4, BEFORE)}, {"A": (2, 5), "B": (5, 4)}),
        ("A @ B", {"A": (2, 5, FIXED), "B": (3, 4, FIXED)}, {"A": (2, 5), "B": (3, 4)}),  # it cannot fit
        ("A.T @ B", {"A": (5, 2, FIXED), "B": (None, 4, KNOWN)}, {"A": (5, 2), "B": (5, 4)}),
        ("A + B", {"A": (5, 2, KNOWN), "B": (None, None, NEW)}, {"A": (5, 2), "B": (5, 2)}),
        ("A + B", {"A": (5, 2, KNOWN), "B": (6, 3, KNOWN)}, {"A": (6, 3), "B": (6, 3)}),
        ("A @ A", {"A": (5, 2, KNOWN)}, {"A": (5, 5)}),
        ("(A @ B) @ C", {"A": (2, 3, FIXED), "B": (None, None, NEW), "C": (7, 1, FIXED)},
         {"A": (2, 3), "B": (3, 7), "C": (7, 1)}),
        ("bias(A @ B, b)", {"A": (2, 3, FIXED), "B": (3, 4, FIXED), "b": (None, None, NEW)},
         {"A": (2, 3), "B": (3, 4), "b": (1, 4)}),
        ("bias(A, b).T", {"A": (2, 3, FIXED), "b": (9, None, KNOWN)}, {"A": (2, 3), "b": (1, 3)}),
        ("bias(A.T, b)", {"A": (2, 3, FIXED), "b": (None, None, NEW)}, {"A": (2, 3), "b": (1, 2)}),
    ],
)  # fmt: skip
def test_the_side_that_counts_less_gives_way(
    expr: str, known: dict[str, tuple[int | None, int | None, Weight]], found: dict[str, tuple[int, int]]
) -> None:
    assert fit(tree_of(expr), {name: sides(*said) for name, said in known.items()}) == found


def test_a_product_that_was_a_matrix_keeps_its_shape_where_nothing_else_says_one() -> None:
    was = sides(6, 7, BEFORE)
    new = sides(None, None)
    assert fitted("A @ B", {"": was}, A=new, B=new) == {"A": (6, SIDE), "B": (SIDE, 7)}
    assert fitted("A @ B", {"": was}, A=sides(2, 3), B=new) == {"A": (2, 3), "B": (3, 7)}


def test_a_reference_has_the_sides_of_what_it_shows() -> None:
    found = fitted("(A @ B) @ ((C = D @ E) + C)", A=sides(2, 3, FIXED), B=sides(3, 5, FIXED), D=sides(None, None),
                   E=sides(4, 6, FIXED))  # fmt: skip
    assert found == {"A": (2, 3), "B": (3, 5), "D": (5, 4), "E": (4, 6)}


EXPRESSIONS = [
    "A @ B",
    "A @ B @ C",
    "(A + B) @ C",
    "A.T @ (B * C)",
    "softmax(A @ B.T) @ B",
    "A @ (B @ C) - D",
    "A @ A.T",
]


@given(expr=st.sampled_from(EXPRESSIONS), draw=st.data())
def test_what_can_give_way_always_fits(expr: str, draw: st.DataObject) -> None:
    root = tree_of(expr)
    size = st.one_of(st.none(), st.integers(1, 9))
    known: dict[str, Any] = {
        name: sides(draw.draw(size), draw.draw(size), draw.draw(st.sampled_from([BEFORE, KNOWN])))
        for name in sorted(tensors(root))
    }
    found = fit(root, known)
    infer(root, found)  # raises where a product is none
    sizes = {side.size for pair in known.values() for side in pair} - {None}
    assert {size for shape in found.values() for size in shape} <= sizes | {SIDE}


@given(expr=st.sampled_from(EXPRESSIONS), draw=st.data())
def test_what_is_fixed_keeps_its_size_and_what_fits_already_is_left_alone(expr: str, draw: st.DataObject) -> None:
    root = tree_of(expr)
    shapes = {name: (draw.draw(st.integers(1, 3)), draw.draw(st.integers(1, 3))) for name in sorted(tensors(root))}
    fixed = {name: sides(*shape, FIXED) for name, shape in shapes.items()}
    assert fit(root, fixed) == shapes
    try:
        infer(root, shapes)
    except ShapeError:
        assume(False)
    assert fit(root, {name: sides(*shape, KNOWN) for name, shape in shapes.items()}) == shapes
