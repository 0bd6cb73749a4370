"""Moving the camera keeps the laws of a turntable; a ray meets what the camera projects."""

import numpy as np
import pytest

from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.eye.orbit import NEAREST, approach, distance, orbit, pan, ray
from mmviz.picture.space.placement import Vector

POINTS = np.array([[x, y, z] for x in (-3.0, 5.0) for y in (-2.0, 4.0) for z in (-1.0, 2.0)])
DIRECTIONS = [(-1.0, 1.0, 1.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.3, -0.8, -0.5), (0.0, 1.0, 0.0)]


@pytest.fixture(params=DIRECTIONS)
def camera(request: pytest.FixtureRequest) -> Camera:
    return fit(POINTS, request.param, 1.5)


def project(camera: Camera, point: Vector, aspect: float) -> tuple[float, float]:
    """Shares of the picture from left and top, by a view matrix and a perspective matrix as OpenGL writes them."""
    toward = (camera.position - camera.target) / np.linalg.norm(camera.position - camera.target)
    side = np.cross(camera.up, toward)
    view = np.eye(4)
    view[:3, :3] = [side / np.linalg.norm(side), np.cross(toward, side) / np.linalg.norm(side), toward]
    view[:3, 3] = -view[:3, :3] @ camera.position
    f = 1 / np.tan(np.radians(camera.view_angle) / 2)
    lens = np.array([[f / aspect, 0, 0, 0], [0, f, 0, 0], [0, 0, -1, -0.2], [0, 0, -1, 0]])
    clip = lens @ view @ [*point, 1.0]
    return (clip[0] / clip[3] + 1) / 2, (1 - clip[1] / clip[3]) / 2


def elevation(camera: Camera) -> float:
    return float(np.degrees(np.arcsin((camera.position - camera.target)[1] / distance(camera))))


def test_orbit_keeps_the_target_and_the_distance(camera: Camera) -> None:
    turned = orbit(camera, 33.0, -12.0)
    assert np.array_equal(turned.target, camera.target)
    assert distance(turned) == pytest.approx(distance(camera))


@pytest.mark.parametrize("right", [-200.0, -30.0, 0.0, 45.0, 170.0])
@pytest.mark.parametrize("up", [-170.0, -20.0, 0.0, 20.0, 170.0])
def test_the_horizon_stays_level_and_the_picture_is_never_upside_down(camera: Camera, right: float, up: float) -> None:
    turned = orbit(camera, right, up)
    rightward, upward, _ = turned.axes()
    assert rightward[1] == pytest.approx(0.0, abs=1e-9)
    assert upward[1] >= -1e-9
    assert elevation(turned) == pytest.approx(np.clip(elevation(camera) + up, -90, 90), abs=1e-4)


def test_orbit_by_nothing_is_the_same_view(camera: Camera) -> None:
    still = orbit(camera, 0.0, 0.0)
    assert still.position == pytest.approx(camera.position)
    assert np.array(still.axes()) == pytest.approx(np.array(camera.axes()))


def test_the_eye_goes_to_its_right_and_up(camera: Camera) -> None:
    right, _, _ = camera.axes()
    assert (orbit(camera, 5.0, 0.0).position - camera.position) @ right >= 0
    low = orbit(camera, 0.0, -120.0)
    assert orbit(low, 0.0, 5.0).position[1] > low.position[1]


def test_a_way_and_the_way_back_end_where_they_began() -> None:
    camera = fit(POINTS, (-1.0, 1.0, 1.0), 1.5)
    assert orbit(orbit(camera, 70.0, 20.0), -70.0, -20.0).position == pytest.approx(camera.position)


def test_over_the_pole_the_eye_stops_and_still_turns() -> None:
    above = orbit(fit(POINTS, (-1.0, 1.0, 1.0), 1.5), 0.0, 500.0)
    assert elevation(above) == pytest.approx(90.0)
    turned = orbit(above, 90.0, 0.0)
    assert np.dot(turned.up, above.up) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("factor", [1.15**14, 1.15**-14, 3.0, 0.4])
def test_what_the_eye_comes_nearer_to_stays_where_it_is_in_the_picture(camera: Camera, factor: float) -> None:
    for point in POINTS:
        nearer = approach(camera, point, factor)
        assert project(nearer, point, 1.5) == pytest.approx(project(camera, point, 1.5), abs=1e-9)
        assert nearer.axes() == pytest.approx(np.array(camera.axes()), abs=1e-12)
        assert camera.depths(nearer.position) == pytest.approx(camera.depths(point) - distance(nearer))


def test_the_eye_comes_nearer_by_the_factor_where_it_is_far_and_back_by_as_much(camera: Camera) -> None:
    far = approach(camera, camera.target, 1e-3)
    assert distance(far) == pytest.approx(1e3 * (distance(camera) - NEAREST) + NEAREST)
    assert distance(approach(far, far.target, 2.0)) == pytest.approx(distance(far) / 2, rel=1e-3)
    assert approach(approach(camera, POINTS[0], 1.6), POINTS[0], 1 / 1.6).position == pytest.approx(camera.position)


def test_the_eye_slows_down_before_a_point_and_never_gets_through_and_comes_away_again(camera: Camera) -> None:
    near = camera
    for _ in range(200):
        before, near = distance(near), approach(near, POINTS[3], 1.15)
        assert NEAREST <= distance(near) <= before or before == distance(camera)
    assert distance(near) == pytest.approx(NEAREST)
    for _ in range(12):
        near = approach(near, POINTS[3], 1 / 1.15)
    assert distance(near) > 2 * NEAREST


def test_the_eye_goes_no_farther_than_it_may_and_behind_it_nothing_is_approached(camera: Camera) -> None:
    away = approach(camera, POINTS[1], 1e-6, farthest=70.0)
    assert away.depths(POINTS[1]) == pytest.approx(70.0)
    assert approach(away, POINTS[1], 0.5, farthest=60.0).position == pytest.approx(away.position)
    behind = 2 * camera.position - camera.target
    assert approach(camera, behind, 2.0) is camera


@pytest.mark.parametrize(("right", "up"), [(33.0, -12.0), (-170.0, 20.0), (5.0, 300.0)])
def test_what_the_eye_goes_around_stays_where_it_is_in_the_picture(camera: Camera, right: float, up: float) -> None:
    for point in POINTS:
        turned = orbit(camera, right, up, about=point)
        assert project(turned, point, 1.5) == pytest.approx(project(camera, point, 1.5), abs=1e-9)
        assert turned.axes() == pytest.approx(np.array(orbit(camera, right, up).axes()))
        assert distance(turned) == pytest.approx(distance(camera))


def test_what_lies_at_a_depth_moves_with_the_hand(camera: Camera) -> None:
    for point in POINTS:
        moved = pan(camera, 0.3, -0.2, float(camera.depths(point)))
        x, y = project(camera, point, 1.5)
        assert project(moved, point, 1.5) == pytest.approx((x - 0.3 / 1.5, y - 0.2))


def test_pan_moves_the_target_by_shares_of_the_height(camera: Camera) -> None:
    moved = pan(camera, 0.3, -0.2)
    x, y = project(moved, camera.target, 1.5)
    assert (x, y) == pytest.approx((0.5 - 0.3 / 1.5, 0.5 - 0.2))
    assert distance(moved) == pytest.approx(distance(camera))


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_a_ray_through_the_picture_of_a_point_meets_the_point(camera: Camera, aspect: float) -> None:
    for point in POINTS:
        origin, direction = ray(camera, *project(camera, point, aspect), aspect)
        away = point - origin
        assert np.linalg.norm(direction) == pytest.approx(1.0)
        assert np.linalg.norm(np.cross(away, direction)) == pytest.approx(0.0, abs=1e-6)
        assert away @ direction > 0
