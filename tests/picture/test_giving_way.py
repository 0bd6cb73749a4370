"""What stands close before the eye gives way, what is looked at never does, and what is not seen cannot be clicked."""

from dataclasses import replace

import numpy as np
import pytest

from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.picture.cell.picking import pick
from mmviz.picture.cell.targets import met
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import Label, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.giving_way import FEW, is_seen, of_texts, presence, reach_of
from mmviz.picture.eye.orbit import approach
from mmviz.picture.marks.near_marks import texts_left, ticks_left
from mmviz.picture.space.item_key import BEHIND, ItemKey
from mmviz.picture.space.placement import Vector, distance
from tests.picture.sweep_scenes import SIZE, made, without_numbers

ASPECT = SIZE[0] / SIZE[1]


def looking(eye: Vector, target: Vector) -> Camera:
    return Camera(eye, target, np.array([0.0, 1.0, 0.0]))


def test_what_is_looked_at_is_there_however_near_and_things_go_steadily() -> None:
    for far in (0.2, 2.0, 9.0, 11.9, 12.1, 500.0):
        camera = looking(np.zeros(3), np.array([0.0, 0.0, -far]))
        assert presence(far, reach_of(camera)) == 1
        assert reach_of(camera) <= FEW
    shares = presence(np.linspace(0, FEW, 50), FEW)
    assert (np.diff(shares) >= 0).all()
    assert (shares[0], shares[-1]) == (0, 1)
    assert presence(FEW / 2, FEW) == 0
    assert presence(0.0, 0.0) == 1
    assert (is_seen(0.74 * FEW, FEW), is_seen(0.76 * FEW, FEW)) == (False, True)


@pytest.mark.parametrize("name", scene_names())
def test_from_a_scenes_own_camera_no_matrix_gives_way(name: str) -> None:
    composition = without_numbers(Scene.load(name))
    camera = composition.camera(ASPECT)
    nearest = min(distance(place, camera.position[None]) for place in composition.layout.values())
    assert nearest > composition.at(0, camera, ASPECT).near == reach_of(camera)
    assert len(list(composition.behind.seen_from(camera))) == len(composition.behind.placements)


def between() -> tuple[Composition, Camera]:
    """An eye close behind the left matrix of a product, that looks through it at the right one."""
    composition = without_numbers(made("square"))
    left, right = composition.layout["left"], composition.layout["right"]
    target = right.center()
    spot = left.center()
    return composition, looking(spot + 2.0 * (spot - target) / np.linalg.norm(spot - target), target)


def test_a_click_goes_through_what_gives_way_to_what_is_seen() -> None:
    composition, camera = between()
    frame = composition.timeline.frame(composition.timeline.steps)
    found = pick(composition, frame, camera, 0.5, 0.5, ASPECT)
    assert found is not None
    assert found.path == "right"
    point = met(composition, frame, camera, 0.5, 0.5, ASPECT)
    assert point is not None
    assert composition.layout["right"].normal @ (point - composition.layout["right"].center()) == pytest.approx(0)
    back = replace(camera, position=camera.position + 20 * camera.axes()[2])
    farther = pick(composition, frame, back, 0.5, 0.5, ASPECT)
    assert farther is not None
    assert farther.path == "left"


def test_texts_fade_before_the_eye_and_where_they_would_fill_the_picture() -> None:
    camera = looking(np.zeros(3), np.array([0.0, 0.0, -60.0]))
    depths = np.array([2.0, 4.5, 7.0, 50.0])
    there = of_texts(camera, -depths[:, None] * np.eye(3)[2], np.full(4, 0.2))
    assert there[0] == 0
    assert 0 < there[1] < there[2] == there[3] == 1
    assert of_texts(camera, np.array([[0.0, 0.0, -20.0]]), np.array([2.5])) == 0  # a quarter of the picture's height
    made_of = ItemKey("name", ""), "n", np.zeros(3), np.eye(3)[0], np.eye(3)[1]
    key, text, _, along, up = made_of
    near, far = (
        Label(key, text, np.array([0.0, 0.0, -away]), along, up, 0.2, (1.0, 1.0, 1.0), 0.8) for away in (4.5, 50.0)
    )
    first, second = texts_left((near, far), camera)
    assert first.opacity == pytest.approx(0.8 * there[1])
    assert second is far
    assert texts_left((far,), camera)[0] is far
    assert texts_left((), camera) == ()


def test_right_before_a_matrix_the_sheet_behind_it_is_gone_with_its_border_and_from_the_side_it_is_there() -> None:
    composition = without_numbers(made("head with scores"))
    path = next(iter(composition.behind.placements))
    front, behind = composition.layout[path], composition.behind.placements[path]
    way = front.center() - behind.center()
    before = looking(front.center() + 50 * way / np.linalg.norm(way), front.center())
    aside = looking(before.position + 60 * front.ways[1], front.center())
    for camera, there in ((before, False), (aside, True), (approach(before, before.target, 0.3), True)):
        assert (dict(composition.behind.seen_from(camera)).get(path, 0) > 0) is there
        drawn = composition.at(0, camera, ASPECT)
        assert any(line.key.part == BEHIND for line in drawn.lines) is there


def test_texts_of_a_row_fade_one_by_one_and_far_rows_stay_the_same_objects() -> None:
    camera = looking(np.zeros(3), np.array([0.0, 0.0, -60.0]))
    depths = np.array([2.0, 4.5, 7.0, 50.0])
    places = -depths[:, None] * np.eye(3)[2]
    row = TickLabels(
        ItemKey("tokens", "t"), ("a", "b", "c", "d"), places, np.eye(3)[0], np.eye(3)[1], 0.2, (1.0, 1.0, 1.0)
    )
    (left,) = ticks_left((row,), camera)
    assert left.texts == ("b", "c", "d"), "what is not there at all is not drawn"
    assert left.opacities == tuple(of_texts(camera, places[1:], np.full(3, 0.2)))
    assert np.array_equal(left.places, places[1:])
    far, near = replace(row, places=places - 50 * np.eye(3)[2]), replace(row, places=places / 50)
    assert ticks_left((far, near), camera) == (far,)
