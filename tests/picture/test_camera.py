"""The camera: everything is in the picture, and nothing is farther away than it must be."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import ArrayLike, NDArray

from mmviz.errors import MmvizError
from mmviz.picture.eye.camera import CLEARANCE, VIEW_ANGLE, WIDEST, Camera, fit, placed, project

coordinates = st.floats(-100, 100).map(lambda x: round(x, 3))
clouds = st.integers(2, 12).flatmap(lambda n: arrays(float, (n, 3), elements=coordinates))
directions = arrays(float, 3, elements=st.floats(-1, 1).map(lambda x: round(x, 2))).filter(np.any)
aspects = st.floats(0.3, 3.5)
borders = st.tuples(st.floats(0, 0.3), st.floats(0, 0.3))


def on_screen(camera: Camera, points: NDArray[np.float64], aspect: float) -> NDArray[np.float64]:
    """(n, 2): where points are seen; the picture's edges are at -1 and 1."""
    right, up, toward = camera.axes()
    seen = points - camera.position
    depth = -(seen @ toward)
    assert (depth > 0).all()
    slope = np.tan(np.radians(camera.view_angle) / 2)
    return np.stack([seen @ right / (depth * slope * aspect), seen @ up / (depth * slope)], axis=-1)


@given(clouds, directions, aspects, borders)
def test_every_point_is_inside_and_the_picture_is_filled_from_side_to_side(
    points: NDArray[np.float64], direction: NDArray[np.float64], aspect: float, border: tuple[float, float]
) -> None:
    camera = fit(points, direction, aspect, border=border)
    seen = on_screen(camera, points, aspect) / (1 - 2 * np.array(border))
    assert abs(seen).max() < 1 + 1e-6
    gap = np.maximum(abs(seen.min(axis=0) + 1), abs(seen.max(axis=0) - 1))  # to both edges, across and up
    _, _, toward = camera.axes()
    nearest = float(((camera.position - points) @ toward).min())
    assert gap.min() < 1e-6 or nearest == pytest.approx(CLEARANCE)
    assert nearest > CLEARANCE - 1e-9


@given(clouds, directions)
def test_the_camera_looks_along_the_direction_with_upright_axes(
    points: NDArray[np.float64], direction: NDArray[np.float64]
) -> None:
    camera = fit(points, direction, 1.5)
    axes = np.stack(camera.axes())
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)
    np.testing.assert_allclose(axes[2], direction / np.linalg.norm(direction), atol=1e-9)
    np.testing.assert_allclose(axes[1], camera.up, atol=1e-9)
    if direction[2] >= 0 or abs(axes[2][1]) < 0.999:  # straight above or below the front decides
        assert axes[1][1] >= -1e-9  # the world's up is never down in the picture


def test_the_view_angle_does_not_depend_on_the_scene() -> None:
    assert fit(np.eye(3), (0, 0, 1), 1.0).view_angle == VIEW_ANGLE


def test_zoom_comes_nearer_to_the_same_target() -> None:
    far, near = (fit(np.eye(3), (1, 2, 3), 1.5, zoom=zoom) for zoom in (1.0, 4.0))
    np.testing.assert_allclose(near.target, far.target)
    np.testing.assert_allclose((near.position - near.target) * 4, far.position - far.target)


@given(clouds, st.sampled_from([1.0, 1e-6, 1e200, 1e-200, 1e308]))
def test_the_length_of_the_direction_does_not_matter(points: NDArray[np.float64], length: float) -> None:
    direction = np.array([-0.5, 0.25, 1.0])
    expected, found = fit(points, direction, 1.5), fit(points, direction * length, 1.5)
    np.testing.assert_allclose(found.position, expected.position, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize(
    ("direction", "up"), [((0, 1, 0), (0, 0, -1)), ((0, -2, 0), (0, 0, 1)), ((0, 0, 1), (0, 1, 0))]
)
def test_seen_from_straight_above_the_back_is_up_and_from_below_the_front(
    direction: ArrayLike, up: tuple[float, ...]
) -> None:
    camera = fit(np.eye(3), direction, 1.5)
    np.testing.assert_allclose(camera.axes()[1], up, atol=1e-12)


@pytest.mark.parametrize("side", [1, -1])
def test_a_viewer_in_front_goes_over_the_top_without_a_turn(side: int) -> None:
    ups = [fit(np.eye(3), (0, side, z), 1.5).axes()[1] for z in np.linspace(0, 0.1, 11)]
    assert min(a @ b for a, b in pairwise(ups)) > 0.999


def test_what_is_up_can_be_chosen() -> None:
    camera = fit(np.eye(3), (0, 0, 1), 1.0, up=(1, 0, 5))
    right, up, toward = camera.axes()
    np.testing.assert_allclose([right, up, toward], [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-12)


@pytest.mark.parametrize("direction", [(0, 1, 0), (0, 0, 1), (-1, 1, 1)])
def test_a_single_point_is_in_the_middle_and_not_in_the_eye(direction: tuple[float, float, float]) -> None:
    point = np.array([[3.0, -2.0, 7.0]])
    camera = fit(point, direction, 1.5)
    np.testing.assert_allclose(on_screen(camera, point, 1.5), 0, atol=1e-9)
    assert np.linalg.norm(camera.position - point[0]) == pytest.approx(CLEARANCE)


@pytest.mark.parametrize(
    ("direction", "shown"),
    [((0, 0, 0), "0, 0, 0"), ((0, float("nan"), 1), "0, nan, 1"), ((1, float("inf"), 0), "1, inf, 0")],
)
def test_a_direction_that_leads_nowhere_is_refused(direction: ArrayLike, shown: str) -> None:
    with pytest.raises(MmvizError) as caught:
        fit(np.eye(3), direction, 1.5)
    assert str(caught.value) == f"camera, direction: must be three finite numbers and not all 0, got {shown}."


@pytest.mark.parametrize(("up", "shown"), [((0, 0, 0), "0, 0, 0"), ((0, -2, -4), "0, -2, -4")])
def test_up_along_the_direction_is_refused(up: ArrayLike, shown: str) -> None:
    with pytest.raises(MmvizError) as caught:
        fit(np.eye(3), (0, 1, 2), 1.5, up=up)
    assert str(caught.value) == f"camera, up: must be finite, not 0 and not along the direction 0, 1, 2, got {shown}."


@pytest.mark.parametrize(("aspect", "angle"), [(2.0, 45.0), (1.0, 45.0), (0.5, 90.0), (0.1, WIDEST)])
def test_a_placed_camera_stands_where_it_is_told_and_sees_more_of_a_portrait(aspect: float, angle: float) -> None:
    camera = placed((1, 2, 3), (1, 2, -5), 45, aspect)
    assert (camera.position.tolist(), camera.target.tolist()) == ([1, 2, 3], [1, 2, -5])
    assert camera.view_angle == angle
    np.testing.assert_allclose(camera.axes(), np.eye(3), atol=1e-12)


def test_a_placed_camera_may_look_straight_down() -> None:
    right, up, toward = placed((0, 9, 0), (0, 0, 0), 45, 1.0).axes()
    np.testing.assert_allclose((right, up, toward), [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-12)


def test_a_placed_camera_must_look_somewhere() -> None:
    with pytest.raises(MmvizError, match="must be three finite numbers and not all 0"):
        placed((1, 1, 1), (1, 1, 1), 45, 1.0)


@pytest.mark.parametrize("left", [0.0, 0.1, 0.25])
@pytest.mark.parametrize("aspect", [0.7, 16 / 9])
def test_a_share_of_the_width_stays_free_at_the_left(left: float, aspect: float) -> None:
    flat = np.array([[x, y, 0.3 * x] for x in (-60.0, 60.0) for y in (-2.0, 2.0)])  # the width decides
    across, up = project(fit(flat, (-0.4, 0.5, 1.0), aspect, border=(0.03, 0.1), left=left), flat, aspect).T
    assert across.min() == pytest.approx(0.03 + left, abs=1e-9)
    assert across.max() == pytest.approx(0.97, abs=1e-9)
    assert ((up > 0.1) & (up < 0.9)).all()


def test_points_beside_the_eye_are_far_outside_the_picture_and_no_division_by_zero() -> None:
    camera = Camera(np.array([0.0, 0, 10]), np.zeros(3), np.array([0.0, 1, 0]))
    seen = project(camera, np.array([[3.0, -2, 10], [0, 0, 0]]), 1.5)
    assert np.isfinite(seen).all()
    assert seen[0, 0] > 1e6
    assert seen[0, 1] < -1e6
    assert seen[1] == pytest.approx([0.5, 0.5])
