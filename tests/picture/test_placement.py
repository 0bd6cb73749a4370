"""One matrix in space: elements one cell apart, blocks a gap apart, fractions on the way between them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import ShapeError
from mmviz.picture.space.placement import Placement, gather, spread

axes = st.tuples(st.integers(1, 40), st.integers(0, 12), st.sampled_from([0.0, 0.5, 1.0, 4.0, 24.0]))
"""Elements, elements of a block, gap."""


def placement(rows: int, columns: int, row_block: int, column_block: int) -> Placement:
    down, across = np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0])
    return Placement((rows, columns), np.zeros(3), down, across, row_block, column_block, gap=4.0)


def test_blocks_of_a_placement_are_a_gap_apart() -> None:
    place = placement(5, 6, 2, 3)
    assert place.element(0, np.arange(6))[:, 0].tolist() == [0, 1, 2, 7, 8, 9]
    assert place.element(np.arange(5), 0)[:, 1].tolist() == [0, -1, -6, -7, -12]
    assert place.blocks == (3, 2)
    assert place.reach == pytest.approx((12.0, 9.0))
    assert place.center().tolist() == [4.5, -6, 0]


@pytest.mark.parametrize(
    ("index", "place"),
    [(-1.5, -1.5), (0.5, 0.5), (1.5, 3.5), (1.25, 2.25), (2.0, 6.0), (3.5, 9.5), (4.0, 12.0), (5.0, 13.0)],
)
def test_a_fraction_lies_between_its_elements_and_beyond_the_ends_there_are_no_gaps(index: float, place: float) -> None:
    assert spread(index, 5, 2, 4.0) == place


@given(axes, st.floats(-5, 50), st.floats(0, 1))
def test_places_never_jump(axis: tuple[int, int, float], index: float, step: float) -> None:
    gap = axis[2]
    moved = float(spread(index + step, *axis)) - float(spread(index, *axis))
    assert step - 1e-9 <= moved <= (1 + gap) * step + 1e-9


@given(axes, st.data())
def test_a_place_leads_back_to_the_element_before_it(axis: tuple[int, int, float], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, axis[0] - 1))
    share = data.draw(st.floats(0, 0.999))
    assert gather(float(spread(index + share, *axis)) + 1e-9, *axis) == index


@pytest.mark.parametrize(("place", "index"), [(-3.0, 0), (0.0, 0), (100.0, 4)])
def test_beyond_the_ends_is_the_first_or_last_element(place: float, index: int) -> None:
    assert gather(place, 5, 2, 4.0) == index


@pytest.mark.parametrize(
    ("i", "j", "wrong", "last"),
    [
        (100, 100, "row 100", 4),
        (0, 6, "column 6", 5),
        (-1, 0, "row -1", 4),
        (4.5, 0, "row 4.5", 4),
        ([0, 1], [2, -3], "column -3", 5),
        (float("nan"), 0, "row nan", 4),
    ],
)
def test_elements_outside_the_matrix_are_refused(i: Any, j: Any, wrong: str, last: int) -> None:
    place = Placement((5, 6), np.zeros(3), np.array([0.0, -1, 0]), np.array([1.0, 0, 0]))
    with pytest.raises(ShapeError) as raised:
        place.element(i, j)
    assert str(raised.value) == f"element: there is no {wrong} in a matrix of 5x6; 0 to {last} are there."
    assert place.element([], []).shape == (0, 3)
    assert place.element(3.5, 5).tolist() == [5, -3.5, 0]
    assert place.spot(-1, 7).tolist() == [7, 1, 0]
