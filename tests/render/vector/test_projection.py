"""Where points are seen on a page, against the 4 x 4 matrices of textbooks and their division by w."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.eye.camera import Camera
from mmviz.render.region import Region
from mmviz.render.vector.projection import Projection
from tests.examples import examples

Floats = NDArray[np.float64]
EYE, AIM, UP = np.array([6.0, 5.0, 11.0]), np.array([1.0, -1.0, 0.5]), np.array([0.0, 1.0, 0.0])
PLACE = Region(30, 20, 320, 180)
VIEW = Projection(Camera(EYE, AIM, UP, 40.0), PLACE, 400)
near = st.tuples(*[st.floats(-3, 3)] * 3).map(np.array)


def clip_coordinates(points: Floats) -> Floats:
    """x, y, z and w after a look-at and a perspective matrix as OpenGL has them, (n, 4) of (n, 3)."""
    forward = (AIM - EYE) / np.linalg.norm(AIM - EYE)
    side = np.cross(forward, UP)
    side = side / np.linalg.norm(side)
    look = np.eye(4)
    look[:3, :3] = side, np.cross(side, forward), -forward
    look[:3, 3] = -look[:3, :3] @ EYE
    cot, nearest, farthest = 1 / np.tan(np.radians(40.0 / 2)), 0.1, 100.0
    perspective = np.zeros((4, 4))
    perspective[0, 0], perspective[1, 1], perspective[3, 2] = cot / (PLACE.width / PLACE.height), cot, -1.0
    perspective[2, 2:] = np.array([farthest + nearest, 2 * farthest * nearest]) / (nearest - farthest)
    whole: Floats = np.column_stack([points, np.ones(len(points))]) @ (perspective @ look).T
    return whole


def in_window(points: Floats) -> Floats:
    """Pixels from the picture's upper left corner, (n, 2)."""
    clip = clip_coordinates(points)
    x, y = (clip[:, :2] / clip[:, 3:]).T
    left = PLACE.left + PLACE.width * (x + 1) / 2
    from_below = PLACE.bottom + PLACE.height * (y + 1) / 2
    return np.stack([left, 400 - from_below], axis=1)


@given(st.lists(near, min_size=1, max_size=5).map(np.array))
@examples(30)
def test_points_are_seen_where_matrices_and_the_division_put_them(points: Floats) -> None:
    np.testing.assert_allclose(VIEW.on_page(points), in_window(points), atol=1e-9)
    np.testing.assert_allclose(VIEW.camera.depths(points), clip_coordinates(points)[:, 3], atol=1e-9)


def test_a_view_stands_on_its_part_of_the_page() -> None:
    middle = VIEW.on_page(AIM[None])[0]
    np.testing.assert_allclose(middle, [30 + 160, 400 - 20 - 90], atol=1e-9)
    np.testing.assert_allclose(VIEW.within(AIM[None])[0], [160, 90], atol=1e-9)
    assert VIEW.top == 200
    assert VIEW.camera.depths(AIM) == pytest.approx(np.linalg.norm(EYE - AIM))
    assert VIEW.camera.depths(EYE + (EYE - AIM)) < 0, "behind the eye"


@given(near, near)
@examples(30)
def test_letters_are_bent_as_perspective_bends_their_neighbourhood(origin: Floats, way: Floats) -> None:
    """By the quotient rule: of x / w, (x' - x w' / w) / w."""
    across, up = way, np.array([way[1], -way[0], 0.5])
    a, b, c, d, e, f = VIEW.plane(origin, across, up)
    here = clip_coordinates(origin[None])[0]
    for step, found in ((across, (a, b)), (up, (c, d))):
        change = clip_coordinates((origin + step)[None])[0] - here  # the matrices are linear
        slope = (change[:2] - here[:2] / here[3] * change[3]) / here[3]
        np.testing.assert_allclose(found, slope * (PLACE.width / 2, -PLACE.height / 2), atol=1e-3)
    np.testing.assert_allclose((e, f), in_window(origin[None])[0], atol=1e-9)
