"""The cameras of a scene: found anew for each shape of pictures, and never moved where one is fixed."""

from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import project, same
from mmviz.picture.shots.cameras import Cameras

WIDE, HIGH = 16 / 9, 9 / 16
TENSORS = {"A": {"init": "rows", "shape": [5, 3]}, "B": {"init": "cols", "shape": [3, 4]}}


def composed(**camera: Any) -> Composition:
    return Scene("p = A @ B", TENSORS, camera=camera, animation={"spin": 20}).composition


@pytest.fixture(scope="module")
def moving() -> Composition:
    return composed(inset="p", keyframes=[{"direction": [0, 0, 1]}, {"at": 2, "orbit": 90}])


@pytest.fixture
def cameras(moving: Composition) -> Cameras:
    return moving.cameras


def test_what_was_found_for_the_latest_shape_of_pictures_is_kept_and_found_alike_again(cameras: Cameras) -> None:
    wide = cameras.shots(WIDE)
    assert cameras.shots(WIDE) is wide
    assert not same(cameras.shots(HIGH).own, wide.own)
    again = cameras.shots(WIDE)
    assert again is not wide
    assert same(again.own, wide.own)


def test_a_fixed_camera_never_moves_whatever_keyframes_and_spin_say(moving: Composition) -> None:
    assert not moving.cameras.work(WIDE).stands
    there = moving.camera_at(1, WIDE)
    fixed = moving.filmed_from(there).cameras.work(WIDE)
    assert fixed.stands
    assert same(fixed.own, there)


def test_texts_are_chosen_anew_while_matrices_are_left_out_and_keep_off_the_inset(cameras: Cameras) -> None:
    whole = cameras.lettering(WIDE, frozenset())
    assert cameras.lettering(WIDE, frozenset({"left"})) is not whole
    assert cameras.lettering(WIDE, frozenset()) is whole
    inset = cameras.shots(WIDE).inset
    assert inset is not None
    assert [*map(tuple, cameras._taken(WIDE))] == [*cameras.over(WIDE), inset.box]


def test_names_keep_off_what_a_window_shows_over_the_picture(moving: Composition, cameras: Cameras) -> None:
    box = (1.4, 0.7, 1.6, 0.9)
    covered = cameras.lettering(WIDE, frozenset(), (box,))
    assert covered is not cameras.lettering(WIDE, frozenset())
    assert covered is cameras.lettering(WIDE, frozenset(), (box,))
    assert box in map(tuple, cameras._taken(WIDE, (box,)))
    camera = moving.camera(WIDE)
    free = moving.at(0, camera, WIDE).labels
    name = next(label for label in free if label.text == "p")
    (x, y), half = project(camera, name.center[None], WIDE)[0], 0.05
    on_it = (WIDE * x - half, y - half, WIDE * x + half, y + half)
    moved = next(label for label in moving.at(0, camera, WIDE, over=(on_it,)).labels if label.text == "p")
    assert not np.allclose(moved.center, name.center)
    assert [label.text for label in moving.at(0, camera, WIDE).labels] == [label.text for label in free]
