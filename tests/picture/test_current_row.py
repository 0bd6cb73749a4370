"""An inset without room for all tokens: it names the current row and what that looks at, readable at any length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.drawlist import TickLabels
from mmviz.picture.eye.camera import project
from mmviz.picture.marks import current_row, inset, token_labels
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep

X, Y = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])


def widths(ticks: TickLabels) -> Vector:
    """(texts,): how far each text reaches from its place in the direction of reading, in cells."""
    long = ticks.height * np.array([length_of(text) for text in ticks.texts])
    return -long if ticks.ends else long


def front(size: int) -> Placement:
    return Placement((size, size), np.zeros(3), -Y, X)


@pytest.mark.parametrize("size", [30, 64, 200, 1000, 4096])
@pytest.mark.parametrize("aspect", [1.0, 16 / 9])
def test_what_is_named_can_be_read_and_is_inside_the_inset(size: int, aspect: float) -> None:
    texts = ("something",) * size
    place = front(size)
    for view in inset.views("x", place, ("tokens", "tokens"), {"tokens": texts}, aspect):
        assert view.naming is not None
        named = current_row.naming(
            "x", place, (texts, texts), size - 1, [0, size - 3, size - 2, size - 1], view.naming, view.camera
        )
        for ticks in named.ticks:
            assert token_labels.seen_height(ticks, view.camera) * view.side >= 0.95 * inset.NAMED
            seen = project(view.camera, token_labels.corners(ticks), 1.0)
            assert ((seen > 0) & (seen < 1)).all()
        matrix = project(view.camera, place.corners(0.5), 1.0)
        assert np.ptp(matrix, axis=0).min() > 0.55, "the pattern itself stays large"


def test_names_stand_at_the_row_and_above_the_columns_and_cover_nothing() -> None:
    size, texts = 100, tuple(f"t{number}" for number in range(100))
    view, *_ = inset.views("x", front(size), ("tokens", "tokens"), {"tokens": texts}, 16 / 9)
    assert view.naming is not None
    named = current_row.naming("x", front(size), (texts, texts), 70, [69, 70, 5, 68], view.naming, view.camera)
    row, columns = named.ticks
    assert row.texts == ("t70",)
    assert row.ends
    assert row.places[0, 1] == pytest.approx(-70)
    assert row.places[0, 0] < -0.5
    assert columns.texts == ("t5", "t68", "t69", "t70")
    assert (columns.places[:, 1] > 0.5).all()
    ends = columns.places[:, 0] + widths(columns)
    assert (columns.places[1:, 0] > ends[:-1]).all(), "one beside the other"


@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True).map(sorted),
    st.lists(st.floats(1, 20), min_size=4, max_size=4),
)
def test_spaced_names_keep_their_order_and_their_distance_and_move_no_more_than_they_must(
    wanted: list[int], wide: list[float]
) -> None:
    wide = wide[: len(wanted)]
    middles = current_row.spaced(wanted, wide, -10.0, 110.0)
    for one, other, left, right in zip(middles, middles[1:], wide, wide[1:], strict=False):
        assert other - one >= (left + right) / 2 - 1e-9
    assert middles[0] - wide[0] / 2 >= -10 - 1e-9
    assert middles[-1] + wide[-1] / 2 <= 110 + 1e-9
    if len(wanted) == 1 and 10 <= wanted[0] <= 90:
        assert middles == pytest.approx(wanted)


def test_the_strongest_columns_are_named_but_none_that_is_masked_or_next_to_nothing() -> None:
    weights = np.array([0.5, 0.001, 0.2, -0.3, np.nan, 9.0, 0.1, 0.15], np.float32)
    allowed = np.arange(8) != 5
    assert current_row.strongest(weights, allowed) == [0, 3, 2, 7]
    assert current_row.strongest(np.zeros(8, np.float32), allowed) == []


def test_the_current_row_is_the_last_one_that_is_there_or_that_of_the_picked_cell() -> None:
    shape = (6, 6)
    assert current_row.current(shape, EVERYWHERE) == 5
    assert current_row.current(shape, NOWHERE) is None
    assert current_row.current(shape, Sweep(row_turn=1, first=0, last=2)) == 2
    assert current_row.current(shape, Sweep(row_turn=1, first=3, last=2)) is None
    assert current_row.current(shape, EVERYWHERE, [Sweep(6, 1, 15, 15)]) == 2
    assert current_row.current(shape, EVERYWHERE, [Sweep(row_turn=1, first=4, last=4)]) == 4
    assert current_row.current(shape, EVERYWHERE, [Sweep(column_turn=1, first=4, last=4)]) == 5
