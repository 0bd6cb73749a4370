"""Which pieces of lines are seen behind blocks of pixels that hide them, against what geometry says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.render.vector.visible import STEP, before_the_eye, hiding, lenient, visible_pieces

Depths = NDArray[np.float64]
WIDE, HIGH = 40, 30


def nothing() -> Depths:
    return np.full((HIGH, WIDE), np.inf)


def wall(near: float) -> Depths:
    """In the columns from 10 to 20."""
    depths = nothing()
    depths[:, 10:20] = near
    return depths


def line(x: float, y: float, near: float, u: float, v: float, far: float) -> Depths:
    return np.array([[[x, y, near], [u, v, far]]])


def test_a_line_before_a_wall_is_seen_and_one_behind_it_in_two_pieces() -> None:
    level = line(2, 15, 8, 32, 15, 8)
    np.testing.assert_allclose(visible_pieces(level, wall(9))[0], [[[2, 15], [32, 15]]])
    np.testing.assert_allclose(
        visible_pieces(level, wall(7))[0], [[[2, 15], [10, 15]], [[20, 15], [32, 15]]], atol=STEP
    )


def test_only_a_line_that_is_seen_from_end_to_end_is_whole() -> None:
    lines = np.concatenate([line(2, 15, 8, 9, 15, 8), line(2, 20, 8, 15, 20, 8), line(30, 15, 8, 60, 15, 8)])
    pieces, whole = visible_pieces(lines, wall(7))
    assert (len(pieces), whole.tolist()) == (3, [True, False, False])


def test_a_line_on_what_is_drawn_is_seen() -> None:
    assert len(visible_pieces(line(2, 15, 8, 32, 15, 8), wall(8))[0]) == 1


def test_a_line_through_a_wall_is_cut_where_perspective_says() -> None:
    """Distances are not even along the picture, but their inverses are: 4 to 12 is 6 in the middle."""
    pieces, _ = visible_pieces(line(0, 15, 4, 40, 15, 12), np.full((HIGH, WIDE), 6.0))
    np.testing.assert_allclose(pieces, [[[0, 15], [20, 15]]], atol=2 * STEP)


@given(
    *(st.floats(-100, 140) for _ in range(4)),
    st.floats(1, 50),
    st.floats(1, 50),
)
def test_without_anything_before_it_a_line_is_one_piece_that_is_cut_at_the_picture(
    x: float, y: float, u: float, v: float, near: float, far: float
) -> None:
    pieces, _ = visible_pieces(line(x, y, near, u, v, far), nothing())
    shares = np.linspace(0, 1, 4001)[:, None]
    places = np.array([x, y]) + shares * np.array([u - x, v - y])
    inside = places[((places >= 0) & (places <= [WIDE, HIGH])).all(axis=1)]
    if len(inside) < 2 or np.hypot(*(inside[-1] - inside[0])) < 1:
        return
    assert len(pieces) == 1
    np.testing.assert_allclose(pieces[0], inside[[0, -1]], atol=0.1)


def test_no_lines_have_no_pieces() -> None:
    assert visible_pieces(np.empty((0, 2, 3)), nothing())[0].shape == (0, 2, 2)


def test_a_hole_of_a_pixel_shows_a_pixel() -> None:
    depths = np.full((HIGH, WIDE), 2.0)
    depths[15, 12] = np.inf
    (piece,), _ = visible_pieces(line(0, 15.5, 8, 40, 15.5, 8), depths)
    assert piece[:, 0] == pytest.approx([12, 13], abs=STEP)


def test_what_lies_before_hides_and_is_wider_by_a_pixel_where_there_is_nothing_behind() -> None:
    behind, front = nothing(), nothing()
    behind[5:15, 5:15] = 9.0  # an arrow
    front[8:12, 10:25] = 4.0  # a matrix over its right half, and beyond
    hidden = hiding(front, behind)
    expected = np.zeros((HIGH, WIDE), bool)
    expected[8:12, 10:15] = True
    expected[7:13, 15] = True  # beside the arrow's edge, which is smooth
    np.testing.assert_array_equal(hidden, expected)
    assert not hiding(behind, front).any()


def test_segments_are_cut_where_they_come_too_near_the_eye() -> None:
    segments = np.array([[[0.0, 0, 0], [10, 0, 0]], [[0, 1, 0], [10, 1, 0]], [[0, 2, 0], [10, 2, 0]]])
    depth = np.array([[5.0, 15], [-5, 15], [-5, 0.5]])
    cut, there = before_the_eye(segments, depth, 1.0)
    assert there.tolist() == [True, True, False]
    np.testing.assert_allclose(cut, [[[0, 0, 0], [10, 0, 0]], [[3, 1, 0], [10, 1, 0]]])


def test_a_slanted_face_is_farther_by_two_steps_and_nothing_stays_nothing() -> None:
    depths = nothing()
    rows, columns = np.mgrid[5:15, 5:15]
    depths[5:15, 5:15] = 4 + 0.25 * columns + 0.5 * rows
    farther = lenient(depths)
    np.testing.assert_allclose(farther[5:14, 5:14], depths[5:14, 5:14] + 2 * 0.75, rtol=1e-6)
    np.testing.assert_array_equal(np.isfinite(farther), np.isfinite(depths))
    level = nothing()
    level[7, 7] = 3.0
    np.testing.assert_array_equal(lenient(level), level)
