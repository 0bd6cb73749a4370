"""Cameras in the words of a scene, and back; and what a scene says once a person has shown a camera."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mmviz import Scene
from mmviz.picture.eye.camera import VIEW_ANGLE, Camera, project
from mmviz.picture.eye.orbit import turntable
from mmviz.picture.eye.said import said, seen_from
from mmviz.picture.shots.new_shots import keyframes_at, own_chapter, with_keyframe, with_own_camera
from mmviz.picture.time.pacing import Moment
from mmviz.scene.keys.view import SeenFrom

TENSORS: dict[str, Any] = {"A": {"init": "rows", "shape": [4, 3]}, "B": {"init": "cols", "shape": [3, 5]}}
WIDE = 16 / 9
LEVEL_OR_NOT = st.sampled_from([-np.pi / 2, np.pi / 2]) | st.floats(-np.pi / 2, np.pi / 2)


def looking(turn: float, climb: float, distance: float, target: tuple[float, float, float]) -> Camera:
    toward, up = turntable(turn, climb)
    return Camera(np.array(target) + distance * toward, np.array(target), up)


@pytest.mark.slow
@given(
    turn=st.floats(-3.1, 3.1),
    climb=LEVEL_OR_NOT,
    distance=st.floats(1.5, 1e4),
    target=st.tuples(*[st.floats(-100, 100)] * 3),
)
@example(turn=2.0, climb=-np.pi / 2, distance=2.0, target=(1.046875, 0.0, 0.0))  # rounded, it is nearer to the pole
def test_a_camera_that_was_said_sees_the_same_also_from_right_above(
    turn: float, climb: float, distance: float, target: tuple[float, float, float]
) -> None:
    camera = looking(turn, climb, distance, target)
    words = said(camera)
    assert words is not None
    again = seen_from(words)
    around = np.array(target) + 0.1 * distance * np.vstack([np.eye(3), -np.eye(3)])
    seen, seen_again = (project(one, around, WIDE) for one in (camera, again))
    assert abs(seen - seen_again).max() < 2e-3, "shares of the picture"
    assert said(again) == words, "said again it is the same"


@pytest.mark.parametrize("aspect", [WIDE, 0.5])
def test_said_of_the_shorter_side_it_is_what_a_scene_means_by_it(aspect: float) -> None:
    camera = looking(0.4, 0.6, 50.0, (1.0, 2.0, 3.0))
    words = said(camera, aspect)
    assert words is not None
    assert words.view_angle == VIEW_ANGLE * min(aspect, 1)
    scene = plain().changed(**with_own_camera(plain().document, words))
    assert_same(scene.composition.camera(aspect), camera)


def test_what_no_scene_can_say_is_not_said() -> None:
    assert said(looking(0.0, 0.0, 2e7, (0.0, 0.0, 0.0))) is None
    assert said(replace(looking(0.0, 0.0, 9.0, (0.0, 0.0, 0.0)), view_angle=170.0)) == SeenFrom(
        position=(0, 0, 9), view_angle=150
    )


def plain(**parts: Any) -> Scene:
    return Scene("C = A @ B", TENSORS, **parts)


def assert_same(one: Camera, other: Camera) -> None:
    for mine, theirs in zip((one.position, *one.axes()), (other.position, *other.axes()), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)
    assert one.view_angle == pytest.approx(other.view_angle)


def with_frame(scene: Scene, time: float, camera: Camera, chapter: int | None = None) -> Scene:
    words = said(camera, WIDE)
    assert words is not None
    moment = Moment(time, chapter) if chapter is not None else scene.composition.moment(time)
    return scene.changed(**with_keyframe(scene.document, scene.composition, moment, words))


def test_a_keyframe_is_seen_at_its_step_and_the_others_stay_as_they_are() -> None:
    scene = plain(
        camera={"inset": "A", "keyframes": [{"direction": [0, 0, 1]}, {"at": 3, "focus": "B", "direction": [1, 0, 1]}]}
    )
    before = scene.composition
    camera = looking(0.7, 0.3, 40.0, (1.0, 0.0, 0.0))
    after = with_frame(scene, 1.5, camera)
    assert [frame.at for frame in after.document.camera.keyframes] == [None, 1.5, 3.0]
    assert after.document.camera.inset == "A"
    assert_same(after.composition.camera_at(1.5, WIDE), camera)
    for step in (0.0, 3.0):
        assert_same(after.composition.camera_at(step, WIDE), before.camera_at(step, WIDE))


def test_at_the_same_step_a_keyframe_takes_the_place_of_the_other_and_keeps_its_word_for_the_step() -> None:
    first, second = looking(0.7, 0.3, 40.0, (0.0, 0.0, 0.0)), looking(-0.7, 0.1, 30.0, (0.0, 0.0, 0.0))
    steps = float(plain().composition.timeline.steps)
    scene = plain()
    for time, camera in ((2.0, first), (0.0, first), (steps, first), (2.0, second)):
        scene = with_frame(scene, time, camera)
    assert [frame.at for frame in scene.document.camera.keyframes] == [0.0, 2.0, "end"]
    assert_same(scene.composition.camera_at(2.0, WIDE), second)
    assert len(keyframes_at(scene.composition, scene.composition.moment(0.0))) == 3


def test_a_keyframe_belongs_to_the_chapter_that_has_a_camera_of_its_own() -> None:
    chapters = [{"to": 2, "camera": [{"focus": "A"}]}, {"from": 2}]
    scene = plain(animation={"chapters": chapters})
    camera = looking(0.5, 0.5, 30.0, (0.0, 0.0, 0.0))
    assert own_chapter(scene.composition, Moment(1.0, 0)) == 0
    assert own_chapter(scene.composition, Moment(3.0, 1)) is None
    first = with_frame(scene, 1.0, camera, 0)
    assert [frame.at for frame in first.document.animation.chapters[0].camera] == [None, 1.0]
    assert first.document.camera == scene.document.camera
    assert_same(first.composition.camera_at(Moment(1.0, 0), WIDE), camera)
    second = with_frame(scene, 3.0, camera, 1)
    assert [frame.at for frame in second.document.camera.keyframes] == [3.0]
    assert second.document.animation == scene.document.animation


def test_a_scene_that_is_filmed_from_one_camera_is_seen_from_it_whatever_it_says_itself() -> None:
    scene = plain(
        camera={"keyframes": [{"direction": [0, 0, 1]}, {"at": 2, "orbit": 90}]},
        animation={"spin": 20, "chapters": [{"to": 2, "camera": [{"focus": "A"}]}, {"from": 2}]},
    )
    camera = looking(0.5, 0.5, 30.0, (0.0, 0.0, 0.0))
    filmed = scene.composition.filmed_from(camera)
    for moment in list(scene.film(4)):
        assert filmed.camera_at(moment, WIDE) is camera
    assert filmed.chapters == scene.composition.chapters
