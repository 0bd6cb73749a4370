"""Films: chapters one after the other, at their speed, held as long as they say, with their captions and cameras."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz import Scene
from mmviz.errors import OutputError, SceneError
from mmviz.picture.composition import Composition
from mmviz.picture.easing import cruise, eased, smooth
from mmviz.picture.eye.camera import placed, same
from mmviz.picture.eye.camera_path import CameraPath, Stop
from mmviz.picture.eye.flight import View
from mmviz.picture.shots.camera_work import CameraWork
from mmviz.picture.time.chapters import Chapter
from mmviz.picture.time.pacing import Moment, film
from tests.picture.compositions import composed
from tests.picture.test_camera_path import ASPECT, largest_jump
from tests.picture.test_framing import matmul

TENSORS = {name: {"init": "gaussian", "shape": [6, 6]} for name in ("A", "B", "C")}


def chain(chapters: list[dict[str, Any]], **parts: Any) -> Scene:
    """X = A @ B in steps 0 to 6, out = X @ C in steps 6 to 12."""
    animation = {"speed": 2.0, "hold": 1.0, "chapters": chapters} | parts.pop("animation", {})
    return Scene("out = (X = A @ B) @ C", TENSORS, animation=animation, **parts)


def caption(composition: Composition, moment: Moment | float) -> str:
    shown = composition.at(moment, composition.camera(ASPECT), ASPECT).captions
    return next((line.text for line in shown if line.key == "caption"), "")


# which moments


starts = st.integers(0, 20).map(float)
parts = st.builds(
    lambda first, steps, speed, hold: Chapter(first, first + steps, speed, hold),
    starts, st.integers(0, 9).map(float), st.sampled_from([0.5, 1.0, 3.0, 8.0]), st.sampled_from([0.0, 0.33, 2.0]),
)  # fmt: skip


@given(st.lists(parts, min_size=1, max_size=4), st.sampled_from([1, 24, 30, 60]))
def test_every_chapter_runs_evenly_from_its_first_to_its_last_step_and_is_held(
    chapters: list[Chapter], fps: int
) -> None:
    moments = film(chapters, fps)
    assert sorted(set(moments.chapters)) == list(range(len(chapters)))
    assert (np.diff(moments.chapters) >= 0).all()
    for number, chapter in enumerate(chapters):
        mine = moments.chapters == number
        times, held = moments.times[mine], moments.held[mine]
        assert (times[0], times[-1]) == (chapter.first, chapter.last)
        moving = times[: np.argmax(times == chapter.last) + 1]
        np.testing.assert_allclose(np.diff(moving[:-1]), chapter.speed / fps)
        assert (np.diff(moving) > 0).all()
        assert len(times) - len(moving) == round(chapter.hold * fps)
        np.testing.assert_allclose(held[len(moving) - 1 :], np.arange(round(chapter.hold * fps) + 1) / fps)


def test_a_film_can_be_cut_into_parts_that_are_films() -> None:
    moments = film((Chapter(0.0, 4.0, 2.0, 1.0), Chapter(1.0, 2.0, 1.0, 0.0)), 10)
    assert [*moments[:7], *moments[7:30], *moments[30:]] == list(moments)
    assert moments[5] == Moment(1.0, 0, 0.0)
    assert moments[-1] == Moment(2.0, 1, 0.0)


def test_names_stand_for_the_steps_of_their_matrices() -> None:
    scene = chain([{"from": "X", "to": "X"}, {"from": "out", "speed": 4}, {"from": 3, "to": "end", "hold": 0.5}])
    told = [(one.first, one.last, one.speed, one.hold, one.start) for one in scene.composition.chapters]
    assert told == [(0, 6, 2, 0, 0), (6, 12, 4, 0, 3), (3, 12, 2, 0.5, 4.5)]


def test_where_a_chapter_goes_on_no_frame_is_shown_twice() -> None:
    whole, cut = chain([]), chain([{"to": 5}, {"from": 5, "to": "out"}])
    np.testing.assert_allclose(cut.times(10), whole.times(10))


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize(
    ("first", "last", "speed", "fps", "frames"),
    [(6.1, 7.3, 1.5, 60, 48), (27.0, 52.2, 0.5, 10, 504), (0.0, 2.7, 0.3, 12, 108), (40.0, 54.77, 0.7, 30, 633)],
)
def test_the_end_of_a_chapter_is_one_frame_however_its_steps_are_rounded(
    first: float, last: float, speed: float, fps: int, frames: int, joined: bool
) -> None:
    times = film((Chapter(first, last, speed, 0.0, joined=joined),), fps).times
    assert len(times) == frames + (not joined)
    assert (np.diff(times) > 1e-6).all()
    assert (times[-1] == last) != joined


@pytest.mark.parametrize("begins", [4, 7])
def test_where_a_chapter_does_not_go_on_the_end_of_the_one_before_is_shown(begins: int) -> None:
    moments = chain([{"to": 5}, {"from": begins}]).film(10)
    assert list(moments.times[moments.chapters == 0]) == pytest.approx(np.arange(26) / 5)
    assert moments.times[moments.chapters == 1][0] == begins


def test_a_time_alone_is_in_the_first_chapter_that_goes_on_from_it_or_else_that_ends_with_it() -> None:
    composition = chain([{"from": 1, "to": 6}, {"from": 6, "to": 9}, {"from": 3, "to": 9}]).composition
    found = [composition.moment(time).chapter for time in (0.5, 1.0, 4.0, 6.0, 8.9, 9.0, 9.5)]
    assert found == [None, 0, 0, 1, 1, 1, None]


def test_without_chapters_the_whole_animation_is_one() -> None:
    (whole,) = chain([]).composition.chapters
    assert (whole.first, whole.last, whole.start, whole.title, whole.seconds) == (0, 12, 0, "", 7)


def test_a_film_may_have_as_many_frames_as_are_said_and_no_more() -> None:
    most = Chapter(0.0, float(1 << 20), 24.0, 0.0, joined=True)
    assert len(film((most,), 24)) == 1 << 20
    with pytest.raises(OutputError, match=r"^film: 1048577 steps at 24 steps and 24 frames a second are more than"):
        film((replace(most, last=most.last + 1),), 24)


def test_a_film_of_chapters_that_is_too_long_is_refused() -> None:
    chapters = [Chapter(0.0, 12.0, 0.01, 0.0)] * 20
    with pytest.raises(OutputError) as caught:
        film(chapters, 240)
    assert str(caught.value) == (
        "film: its 20 chapters at 240 frames a second are more than 1,048,576 frames; "
        "raise animation.speed, or the speed of the chapters."
    )


# what they show


def test_a_chapter_has_its_own_caption_or_those_of_the_scene() -> None:
    scene = chain(
        [{"to": "X", "caption": "First"}, {"from": "out"}, {"from": 0, "to": 3, "caption": "Again"}],
        captions=[{"start": "X", "text": "X comes"}, {"start": "out", "text": "out comes"}],
    )
    shown = [caption(scene.composition, Moment(time, number)) for time, number in ((1.0, 0), (7.0, 1), (1.0, 2))]
    assert shown == ["First", "out comes", "Again"]
    assert caption(scene.composition, 1.0) == "First"  # a time alone: the first chapter that shows it
    assert [chapter.title for chapter in scene.composition.chapters] == ["First", "", "Again"]


def test_the_same_moment_may_be_seen_from_two_sides() -> None:
    front, side = {"direction": [0, 0, 1]}, {"direction": [1, 0, 0]}
    scene = chain([{"camera": [front]}, {"camera": [side]}])
    first, second = (scene.composition.camera_at(Moment(9.0, number), ASPECT) for number in (0, 1))
    np.testing.assert_allclose([first.axes()[2], second.axes()[2]], [[0, 0, 1], [1, 0, 0]], atol=1e-9)


def test_the_end_in_a_chapter_is_its_end_and_an_orbit_goes_on_while_it_is_held() -> None:
    camera = [{"direction": [0, 0, 1]}, {"at": "end", "orbit": 90}]
    composition = chain([{"from": 2, "to": 4, "hold": 3, "speed": 5, "camera": camera}]).composition
    toward = [composition.camera_at(Moment(4.0, 0, held), ASPECT).axes()[2] for held in (0.0, 1.5, 3.0)]
    root = np.sqrt(0.5)
    np.testing.assert_allclose(toward, [[0, 0, 1], [root, 0, root], [1, 0, 0]], atol=1e-9)


def test_the_camera_flies_from_one_chapter_to_the_next_without_a_jump() -> None:
    scene = chain(
        [
            {"to": 6, "camera": [{"direction": [0, 0, 1]}, {"at": 3, "orbit": 300}], "hold": 1},
            {"from": 6, "camera": [{"focus": "C"}, {"at": "end", "orbit": -100}]},
            {"from": 0, "to": 5, "camera": [{"follow": "X"}]},
            {"from": 0},
        ]
    )
    cameras = {fps: [scene.composition.camera_at(m, ASPECT) for m in scene.film(fps)] for fps in (30, 120)}
    fine, coarse = largest_jump(cameras[120], 40.0), largest_jump(cameras[30], 40.0)
    assert fine < 0.45 * coarse


def test_what_stands_still_is_known_to() -> None:
    turns = {"from": 6, "hold": 1, "camera": [{"at": "end", "orbit": 90}]}
    composition = chain([{"to": 6, "hold": 1}, turns]).composition
    assert composition.still(Moment(6.0, 0, 0.0), Moment(6.0, 0, 1.0), ASPECT)
    assert not composition.still(Moment(6.0, 0, 1.0), Moment(6.1, 0), ASPECT)
    assert not composition.still(Moment(12.0, 1, 0.2), Moment(12.0, 1, 0.3), ASPECT)
    assert same(composition.camera_at(Moment(6.0, 1), ASPECT), composition.camera_at(Moment(7.0, 1), ASPECT))


# the camera from chapter to chapter


def sides(composition: Composition, moments: list[Moment]) -> list[float]:
    """How far the eye has gone around to its right, in degrees."""
    return [float(np.degrees(np.arctan2(*composition.camera_at(m, ASPECT).axes()[2][[0, 2]]))) for m in moments]


@pytest.mark.parametrize(("steps", "flight"), [(6, 1.0), (2, 0.5)])
def test_the_flight_to_a_chapter_takes_a_second_or_half_of_it_and_starts_and_stops_softly(
    steps: int, flight: float
) -> None:
    front, side = ({"camera": [{"direction": direction}]} for direction in ([0, 0, 1], [1, 0, 0]))
    composition = chain([{"to": 6, **front}, {"from": 6, "to": 6 + steps, "hold": 0, **side}]).composition
    shares = np.array([0.0, 0.01, 0.5, 0.99, 1.0, 1.01])
    seen = sides(composition, [Moment(6 + 2 * flight * share, 1) for share in shares])
    assert [seen[n] for n in (0, 2, 4, 5)] == pytest.approx([0, 45, 90, 90], abs=1e-9)
    assert 0 < seen[1] < 0.003 * 90  # an even speed would have gone 0.01
    assert 0 < 90 - seen[3] < 0.003 * 90


def test_the_first_chapter_begins_where_it_says_and_one_of_no_time_is_seen_from_its_own_side() -> None:
    front, side = ({"camera": [{"direction": direction}]} for direction in ([0, 0, 1], [1, 0, 0]))
    composition = chain([{"to": 6, **front}, {"from": 6, "to": 6, "hold": 0, **side}, {"from": 6, **side}]).composition
    assert sides(composition, [Moment(0.0, 0), Moment(6.0, 1), Moment(6.0, 2)]) == pytest.approx([0, 90, 90])


def test_a_flight_to_a_chapter_that_goes_around_fast_does_not_jump() -> None:
    scene = chain([{"to": 6, "camera": [{"direction": [0, 0, 1]}]}, {"from": 6, "camera": [{"orbit": 1700}]}])
    cameras = {fps: [scene.composition.camera_at(m, ASPECT) for m in scene.film(fps)] for fps in (120, 480)}
    assert largest_jump(cameras[480], 40.0) < 0.45 * largest_jump(cameras[120], 40.0)


def test_a_chapter_without_a_camera_is_led_by_that_of_the_scene_and_only_its_end_goes_on_while_it_is_held() -> None:
    camera = {"direction": [0, 0, 1], "keyframes": [{"orbit": 160}]}
    chapters = [{"to": 8, "hold": 2}, {"from": 8}]
    composition = chain(chapters, camera=camera, animation={"hold": 2.0}).composition
    held = sides(composition, [Moment(8.0, 0, seconds) for seconds in (0.0, 1.0, 2.0)])
    assert held == pytest.approx([80.0] * 3)  # 4 of 8 seconds: half of the way
    at_the_end = sides(composition, [Moment(12.0, 1, seconds) for seconds in (0.0, 1.0, 2.0)])
    assert at_the_end[0] < at_the_end[1] < at_the_end[2] == pytest.approx(160.0)


def test_a_camera_stops_following_by_the_clock_however_fast_a_chapter_is_played() -> None:
    camera = [{"follow": "out"}, {"at": "end", "direction": [1, 0, 0]}]
    chapter = {"from": 6, "hold": 0}
    for speed in (1.0, 2.0):  # 6 or 3 seconds: it leaves 1.5 seconds before the end
        led, alone = (
            chain([{**chapter, "speed": speed, "camera": keyframes}]).composition for keyframes in (camera, camera[:1])
        )
        follows, leaves = ([Moment(12 - speed * (1.5 + more), 0)] for more in (0.001, -0.2))
        assert sides(led, follows) == pytest.approx(sides(alone, follows), abs=1e-9)
        assert abs(sides(led, leaves)[0] - sides(alone, leaves)[0]) > 0.5


def test_a_flight_to_a_chapter_takes_the_shorter_way_around_and_none_where_nothing_moves() -> None:
    around: list[dict[str, Any]] = [{"direction": [0, 0, 1]}, {"at": 1, "orbit": 760}]
    side = [{"direction": [1, 0, 0]}]
    composition = chain(
        [{"to": 6, "camera": around}, {"from": 6, "to": 10, "camera": side}, {"camera": side}]
    ).composition
    turns = sides(composition, [Moment(6 + 2 * seconds, 1) for seconds in np.linspace(0, 1, 21)])
    assert turns[0] == pytest.approx(40)
    assert turns[-1] == pytest.approx(90)
    assert (np.diff(turns) > 0).all()
    still = [composition.camera_at(Moment(2 * seconds, 2), ASPECT) for seconds in (0.1, 0.5, 0.9, 2.0)]
    assert all(camera is still[-1] for camera in still)


def test_spin_goes_on_evenly_from_chapter_to_chapter() -> None:
    chapters: list[dict[str, Any]] = [
        {"to": 6, "hold": 1},
        {"from": 3, "to": 9, "speed": 5, "hold": 0.2},
        {"from": 0, "to": 2},
    ]
    scene = chain(chapters, camera={"direction": [0, 1, 2]}, animation={"spin": 40.0})
    gone = np.unwrap(sides(scene.composition, [*scene.film(20)]), period=360)
    changes = np.flatnonzero(np.diff(scene.film(20).chapters))
    even = np.delete(np.diff(gone), changes)  # between chapters the last moment of one is the first of the next, too
    np.testing.assert_allclose(even[np.flatnonzero(abs(even) > 1e-9)], -2.0, atol=1e-6)
    begins = sides(
        scene.composition, [Moment(chapter.first, n) for n, chapter in enumerate(scene.composition.chapters)]
    )
    starts = [chapter.start for chapter in scene.composition.chapters]
    assert starts == pytest.approx([0, 4, 5.4])
    np.testing.assert_allclose(np.unwrap(begins, period=360), -40.0 * np.array(starts), atol=1e-6)


WHOLE = Chapter(0.0, 12.0, 2.0, 1.5)
TWO = (Chapter(3.0, 9.0, 4.0, 0.5), Chapter(2.0, 2.0, 1.0, 2.0, start=2.0))


def work(path: CameraPath | None = None, *paths: CameraPath | None, spin: float = 0.0) -> CameraWork:
    return CameraWork(placed((0, 0, 9), (0, 0, 0), 30, 1.0), WHOLE, path, TWO, paths or (None, None), spin)


@pytest.mark.parametrize("number", [None, 0, 1])
def test_a_moment_after_some_seconds_is_that_many_seconds_after_the_first_one(number: int | None) -> None:
    chapter = WHOLE if number is None else TWO[number]
    first, last = Moment(chapter.first, number), Moment(chapter.last, number, chapter.hold)
    assert work().after(number, -3.0) == work().after(number, 0.0) == first
    assert work().after(number, chapter.seconds) == work().after(number, 99.0) == last
    for seconds in np.linspace(0, chapter.seconds, 21):
        moment = work().after(number, float(seconds))
        assert work().seconds(moment) == pytest.approx(seconds)
        assert moment.held == 0 or moment.time == chapter.last
        assert first.time <= moment.time <= last.time


def test_a_camera_stands_where_nothing_leads_it() -> None:
    leads = CameraPath([Stop(0.0, View.of(work().own))], 1.0, 1.0)
    assert work().stands
    moving = [work(leads), work(None, leads, None), work(None, None, leads), work(spin=1.0)]
    assert not any(one.stands for one in moving)


@pytest.mark.parametrize(
    ("chapters", "message"),
    [
        (
            [{"to": 3}, {"from": "out", "to": 2}],
            "animation.chapters.1: goes from step 6 (out) to step 2; it must end where it begins, or later.",
        ),
        ([{"from": 13}], "animation.chapters.0.from: must be a step from 0 to 12, the last one, got 13."),
        (
            [{"from": "out", "camera": [{"at": 3, "focus": "X"}]}],
            "animation.chapters.0.camera.0.at: step 3 is not within steps 6 to 12.",
        ),
        (
            [{"to": 4, "camera": [{"at": "out", "focus": "X"}]}],
            "animation.chapters.0.camera.0.at: step 6 (out) is not within steps 0 to 4.",
        ),
        (
            [{"camera": [{"at": 6, "focus": "X"}, {"at": "out", "orbit": 9}]}],
            "animation.chapters.0.camera.1.at: step 6 (out) is not after step 6 of animation.chapters.0.camera.0; "
            "put the keyframes in the order of their steps.",
        ),
    ],
)
def test_chapters_that_do_not_fit_the_steps_are_refused(chapters: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        chain(chapters).check_film()
    assert str(caught.value) == f"scene, {message}"


def test_keyframes_beyond_the_end_are_refused_before_any_number_is_computed() -> None:
    scene = Scene("A @ B", {"A": {"file": "no.npy", "shape": [3, 3]}, "B": TENSORS["B"] | {"shape": [3, 3]}}, camera={
        "keyframes": [{"at": 4, "orbit": 90}]
    })  # fmt: skip
    with pytest.raises(SceneError) as caught:
        scene.check_film()
    assert str(caught.value) == "scene, camera.keyframes.0.at: must be a step from 0 to 3, the last one, got 4."


# easing


@pytest.mark.parametrize("ease", [smooth, cruise])
def test_what_is_eased_starts_and_stops_softly_and_never_goes_back(ease: Any) -> None:
    way = [ease(share) for share in np.linspace(0, 1, 1001)]
    speeds = np.diff(way) * 1000
    assert (way[0], way[-1]) == (0, pytest.approx(1))
    assert (speeds >= 0).all()
    assert max(speeds[0], speeds[-1]) < 0.02
    assert max(abs(b - a) for a, b in pairwise(speeds)) < 0.02  # and its speed has no jumps


@pytest.mark.parametrize(("easing", "at_a_quarter"), [("smooth", 0.15625), ("linear", 0.25), ("none", 0.0)])
def test_planes_go_from_step_to_step_as_the_scene_says(easing: Any, at_a_quarter: float) -> None:
    composition = composed(matmul(), animation={"easing": easing})
    cube = composition.layout.cubes[""]
    (before,), (plane,) = (composition.timeline.frame(t).planes for t in (1.0, 1.25))
    assert (plane.placement.origin - before.placement.origin) @ cube.down == pytest.approx(at_a_quarter)
    assert eased(0.25, easing) == at_a_quarter
