"""How much of a scene a camera sees, and when it may stay before another one."""

import numpy as np
import pytest

from mmviz.picture.cell.rays import Target, hits
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.eye.in_view import in_sight, may_stay, share_seen
from mmviz.picture.eye.orbit import approach, orbit, pan, ray
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import infer

ASPECT = 1.5


def layout(rows: int, inner: int, columns: int) -> Layout:
    root = build(parse("A @ B"))
    return lay_out(root, infer(root, {"A": (rows, inner), "B": (inner, columns)}).of, LayoutOptions())


def camera(of: Layout) -> Camera:
    corners = np.concatenate([placement.corners() for placement in of.values()])
    return fit(corners, (-1.0, 0.8, 1.2), ASPECT)


def test_a_camera_that_fits_a_scene_sees_all_of_it() -> None:
    scene = layout(32, 24, 16)
    assert share_seen(camera(scene), scene, ASPECT) == 1.0


def test_a_camera_that_looks_away_sees_nothing() -> None:
    scene = layout(32, 24, 16)
    own = camera(scene)
    away = Camera(own.position, 2 * own.position - own.target, own.up)
    assert share_seen(away, scene, ASPECT) == 0.0
    assert share_seen(pan(own, 5.0, 0.0), scene, ASPECT) == 0.0


@pytest.mark.parametrize("turned", [0.0, 40.0, 170.0])
def test_a_camera_stays_before_a_scene_of_the_same_size(turned: float) -> None:
    scene = layout(32, 24, 16)
    for chosen in (orbit(camera(scene), turned, 5.0), approach(camera(scene), camera(scene).target, 3.0)):
        assert may_stay(chosen, scene, layout(32, 24, 16), ASPECT)


def test_a_camera_stays_where_a_scene_grows_or_shrinks_a_little() -> None:
    scene = layout(32, 24, 16)
    own = camera(scene)
    assert may_stay(own, scene, layout(40, 24, 16), ASPECT)
    assert may_stay(own, scene, layout(8, 24, 16), ASPECT)


def test_a_camera_does_not_stay_inside_a_scene_that_has_outgrown_it() -> None:
    scene = layout(32, 24, 16)
    assert not may_stay(camera(scene), scene, layout(400, 300, 400), ASPECT)


def test_a_camera_does_not_stay_beside_what_it_looked_at() -> None:
    large, small = layout(300, 300, 300), layout(4, 4, 4)
    near = pan(approach(camera(large), camera(large).target, 8.0), 2.5, 0.0)
    assert share_seen(near, large, ASPECT) > 0
    assert not may_stay(near, large, small, ASPECT)


def test_in_sight_is_what_a_ray_of_the_picture_meets() -> None:
    scene = layout(6, 5, 4)
    own, random = camera(scene), np.random.default_rng(5)
    answers = []
    for _ in range(20):
        near = approach(pan(own, *random.uniform(-1.5, 1.5, 2)), own.target, random.uniform(0.5, 12.0))
        place = scene[("", "left", "right")[random.integers(3)]]
        rays = [ray(near, x, y, ASPECT) for x in np.linspace(0, 1, 13) for y in np.linspace(0, 1, 13)]
        met = any(hit.within for eye, way in rays for hit in hits([Target("", place)], eye, way))
        seen = in_sight(near, [place], ASPECT)
        assert seen or not met
        answers.append((seen, met))
    assert {(True, True), (False, False)} <= set(answers)
    assert sum(seen and not met for seen, met in answers) <= 3  # a sliver between two rays


def test_the_middle_of_a_cell_that_fills_the_picture_is_in_sight_and_what_is_behind_the_eye_is_not() -> None:
    scene = layout(32, 24, 16)
    place = scene["left"]
    eye = place.spot(4.2, 9.1) + 0.01 * place.normal
    near = Camera(eye, eye - place.normal, place.ways[0])
    assert in_sight(near, [place], ASPECT)
    assert not in_sight(Camera(eye, eye + place.normal, place.ways[0]), [place], ASPECT)
    assert not in_sight(near, [], ASPECT)
