"""What is meant at a place of the picture lies there, on what is seen there, and stays there while one comes nearer."""

from dataclasses import replace

import numpy as np
import pytest

from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.picture.cell.picking import pick
from mmviz.picture.cell.rays import Target, hits
from mmviz.picture.cell.targets import meant, met, targets_of
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.eye.orbit import approach, distance, pan, ray
from mmviz.picture.shots.framing import Look
from mmviz.picture.space.placement import Vector
from tests.picture.sweep_scenes import SIZE, made, without_numbers

ASPECT = SIZE[0] / SIZE[1]
NOTCH = 1.15


def any_camera(composition: Composition, random: np.random.Generator) -> Camera:
    """From any side, near or far, not always on the scene."""
    camera = composition.camera_toward(Look(random.normal(size=3)), ASPECT)
    return approach(pan(camera, *random.uniform(-0.6, 0.6, 2)), camera.target, random.uniform(0.3, 6.0))


def away(camera: Camera, point: Vector, x: float, y: float) -> float:
    """How far from a place of the picture a point is seen, in pixels."""
    seen = project(camera, point[None], ASPECT)[0]
    return float(np.hypot(*((seen - (x, 1 - y)) * SIZE)))


@pytest.mark.slow
@pytest.mark.parametrize("name", scene_names())
def test_what_is_under_the_pointer_stays_there_over_fourteen_notches_and_back(name: str) -> None:
    composition = without_numbers(Scene.load(name))
    frame = composition.timeline.frame(composition.timeline.steps)
    random = np.random.default_rng(len(name))
    for _ in range(3):
        camera = first = any_camera(composition, random)
        x, y = random.uniform(0.05, 0.95, 2)
        point = meant(composition, frame, camera, x, y, ASPECT)
        for factor in [NOTCH] * 14 + [1 / NOTCH] * 14:
            camera = approach(camera, meant(composition, frame, camera, x, y, ASPECT), factor)
            assert away(camera, point, x, y) < 0.5
        assert distance(first) > 0


def test_what_is_meant_is_the_element_that_a_click_would_explain() -> None:
    composition = without_numbers(made("head with scores"))
    frame = composition.timeline.frame(composition.timeline.steps)
    camera = composition.camera(ASPECT)
    seen = 0
    for x, y in np.random.default_rng(3).uniform(0, 1, (200, 2)).tolist():
        picked = pick(composition, frame, camera, x, y, ASPECT)
        point = met(composition, frame, camera, x, y, ASPECT)
        if picked is None:
            continue
        seen += 1
        assert point is not None
        place = (composition.behind.placements if picked.before else composition.layout)[picked.path]
        offset = np.abs(np.stack(place.ways) @ (point - place.element(picked.i, picked.j)))
        assert offset.max() <= 0.5 + 1e-9
        assert away(camera, point, x, y) < 1e-6
    assert seen > 30


def test_where_no_element_is_there_yet_its_matrix_is_meant_and_beside_everything_the_nearest_one() -> None:
    composition = without_numbers(made("square"))
    camera = composition.camera(ASPECT)
    frame = composition.timeline.frame(composition.timeline.steps)
    result = composition.layout[""].center()
    x, y = project(camera, result[None], ASPECT)[0]
    bare = replace(frame, states={path: state for path, state in frame.items() if path != ""})
    assert meant(composition, frame, camera, x, 1 - y, ASPECT) == pytest.approx(result)
    assert met(composition, bare, camera, x, 1 - y, ASPECT) != pytest.approx(result)
    corner = meant(composition, frame, camera, 0.999, 0.001, ASPECT)
    assert met(composition, frame, camera, 0.999, 0.001, ASPECT) is None
    depths = camera.depths(np.concatenate([place.corners(0.5) for place in composition.layout.values()]))
    assert depths.min() <= camera.depths(corner) <= depths.max()


def test_where_nothing_is_in_front_of_the_eye_the_target_says_how_far() -> None:
    composition = without_numbers(made("square"))
    frame = composition.timeline.frame(composition.timeline.steps)
    own = composition.camera(ASPECT)
    lost = Camera(own.position, own.position + 7 * own.axes()[2], own.up)
    assert lost.depths(meant(composition, frame, lost, 0.3, 0.6, ASPECT)) == pytest.approx(7.0)


def test_a_ray_meets_nearer_planes_first_and_knows_rows_and_columns() -> None:
    composition = without_numbers(made("square"))
    frame = composition.timeline.frame(composition.timeline.steps)
    camera = composition.camera(ASPECT)
    found = list(hits(targets_of(composition, frame, camera), *ray(camera, 0.5, 0.5, ASPECT)))
    assert [hit.reach for hit in found] == sorted(hit.reach for hit in found)
    place = composition.layout["left"]
    eye = place.element(4, 9) + 5 * place.normal
    (hit,) = hits([Target("left", place)], eye, -place.normal)
    assert (hit.row, hit.column, hit.reach) == pytest.approx((4, 9, 5))
    assert hit.element == (4, 9)
    assert hit.within
