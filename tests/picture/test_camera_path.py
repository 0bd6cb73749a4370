"""The camera's path: pure, without jumps, upright, and exactly at its keyframes."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import INSET_BOTTOM, INSET_MARGIN
from mmviz.picture.eye.camera import Camera, fit, placed, project
from mmviz.picture.eye.flight import View, between
from mmviz.picture.eye.orbit import distance
from mmviz.picture.marks.inset import InsetView, covers
from mmviz.picture.shots.framing import BORDER, Framing, Look
from mmviz.picture.shots.keyframe_cameras import in_flight
from mmviz.picture.space.cube import Cube
from mmviz.picture.space.placement import Placement
from mmviz.picture.time.pacing import Moment, film
from mmviz.picture.time.schedule import Run
from mmviz.scene.language.tree import ProductNode, walk
from tests.picture.compositions import aspects, composed, directions
from tests.picture.test_framing import matmul
from tests.picture.trees import Tree, trees

ASPECT = 16 / 9


@st.composite
def keyframes(draw: st.DrawFn, tree: Tree) -> list[dict[str, Any]]:
    """Some keyframes of all kinds, at whole steps that grow."""
    products = [node.path for node in walk(tree.root) if isinstance(node, ProductNode)]
    paths = st.sampled_from(sorted(tree.shapes))
    kinds: list[st.SearchStrategy[dict[str, Any]]] = [
        st.fixed_dictionaries({"direction": directions}, optional={"zoom": st.sampled_from([0.5, 1.0, 2.0])}),
        st.fixed_dictionaries({"position": st.sampled_from([(60.0, 10.0, 40.0), (-9.0, 70.0, 0.0)])}),
        st.fixed_dictionaries({"focus": paths}, optional={"direction": directions}),
        st.fixed_dictionaries({"orbit": st.sampled_from([-200.0, 90.0, 400.0])}),
    ]
    if products:
        kinds.append(st.fixed_dictionaries({"follow": st.sampled_from(products)}))
    steps = sorted(draw(st.sets(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=4)))
    return [{"at": step, **draw(st.one_of(kinds))} for step in steps]


@st.composite
def filmed(draw: st.DrawFn) -> Composition:
    tree = draw(trees(2))
    return composed(tree, {"keyframes": draw(keyframes(tree))}, {"speed": 1.0, "hold": 0.5})


def same(one: Camera, other: Camera) -> bool:
    return bool(
        np.array_equal(one.position, other.position)
        and np.array_equal(one.target, other.target)
        and np.array_equal(one.up, other.up)
        and one.view_angle == other.view_angle
    )


def pose(camera: Camera) -> NDArray[np.float64]:
    """(13,): everything that a camera's picture depends on."""
    return np.concatenate([camera.position, *camera.axes(), [camera.view_angle]])


def largest_jump(cameras: list[Camera], size: float) -> float:
    """The largest change from one to the next: of the position as a share of `size`, of axes, of the view angle."""
    scale = np.concatenate([np.full(3, 1 / size), np.ones(9), [0.1]])
    return max(float(abs((pose(b) - pose(a)) * scale).max()) for a, b in pairwise(cameras))


@pytest.mark.slow
@given(filmed(), aspects, st.randoms())
def test_the_camera_at_a_time_does_not_depend_on_what_was_asked_before(
    composition: Composition, aspect: float, random: Any
) -> None:
    times = [float(t) for t in np.linspace(0, composition.timeline.steps, 9)]
    forward = {t: composition.camera_at(t, aspect) for t in times}
    random.shuffle(times)
    for number, t in enumerate(times):
        if number in (0, 5):  # pictures of another format in between
            composition.camera_at(t, 1.0)
        assert same(composition.camera_at(t, aspect), forward[t])


@pytest.mark.slow
@given(filmed(), aspects)
def test_the_camera_never_jumps_and_never_rolls(composition: Composition, aspect: float) -> None:
    moments = list(film(composition.chapters, 120))
    cameras = [composition.camera_at(moment, aspect) for moment in moments]
    assert max(abs(float(camera.axes()[0][1])) for camera in cameras) < 1e-9
    size = float(np.ptp(composition.extent, axis=0).max()) + 100
    fine, coarse = largest_jump(cameras, size), largest_jump(cameras[::4], size)
    assert fine < 0.45 * coarse + 1e-6  # a jump is as large however closely one looks


@given(trees(2), directions, st.sampled_from([0.5, 1.0, 3.0]), aspects)
def test_a_direction_is_hit_exactly_and_kept_before_and_after(
    tree: Tree, direction: tuple[float, float, float], zoom: float, aspect: float
) -> None:
    said = {"direction": direction, "zoom": zoom}
    composition = composed(tree, {"keyframes": [{"at": 0.5, **said}]})
    camera = composition.camera_at(0.5, aspect)
    toward = np.array(direction) / np.linalg.norm(direction)
    np.testing.assert_allclose(camera.axes()[2], toward, atol=1e-9)
    assert composition.camera_at(0.0, aspect) is camera
    assert composition.camera_at(float(composition.timeline.steps), aspect) is camera
    still = composed(tree, said).camera(aspect)
    if abs(toward[1]) < 0.9:  # straight above there is more than one upright
        np.testing.assert_allclose(camera.position, still.position, atol=1e-6 * float(np.linalg.norm(still.position)))


def test_a_position_is_hit_exactly_between_two_others() -> None:
    spots = [(50.0, 20.0, 30.0), (-40.0, 5.0, 60.0), (0.0, 60.0, 30.0)]
    told = [{"at": n, "position": spot, "target": [1, 2, 3], "view_angle": 20 + n} for n, spot in enumerate(spots)]
    composition = composed(matmul(), {"keyframes": told})
    for n, spot in enumerate(spots):
        camera, expected = composition.camera_at(float(n), ASPECT), placed(spot, (1, 2, 3), 20 + n, ASPECT)
        np.testing.assert_allclose(pose(camera), pose(expected), atol=1e-9)
    halfway = composition.camera_at(0.5, ASPECT)
    distances = [np.linalg.norm(np.subtract(spot, (1, 2, 3))) for spot in spots[:2]]
    assert min(distances) < np.linalg.norm(halfway.position - (1, 2, 3)) < max(distances), "around the target"


@pytest.mark.parametrize(
    ("algorithm", "axes"),
    [("vmprod", "ikj"), ("mvprod", "ikj"), ("vvprod", "ikj"), ("dotprod", "i"), ("axpy", "j")],
)
def test_what_is_in_flight_stays_in_the_middle(algorithm: str, axes: str) -> None:
    composition = composed(matmul(), {"keyframes": [{"follow": "out"}]}, {"algorithm": algorithm, "easing": "linear"})
    cube = composition.layout.cubes[""]
    ways = {"i": cube.down, "k": cube.inward, "j": cube.across}
    for t in np.linspace(0, composition.timeline.steps - 0.001, 40):
        camera = composition.camera_at(float(t), ASPECT)
        (plane,) = composition.timeline.frame(float(t)).planes
        off = plane.placement.center() - camera.target
        # Of a single element or of a part of a column the row or the column is followed, which goes on evenly.
        assert max(abs(off @ ways[axis]) for axis in axes) <= (1e-9 if axes == "ikj" else 1.0)


def test_a_camera_follows_until_shortly_before_the_next_keyframe() -> None:
    told = [{"follow": "out"}, {"at": 4, "direction": [0, 0, 1]}]
    composition = composed(matmul(), {"keyframes": told}, {"speed": 1.0})
    alone = composed(matmul(), {"keyframes": told[:1]}, {"speed": 1.0})
    for t in (0.0, 1.0, 2.0, 2.5):
        np.testing.assert_allclose(pose(composition.camera_at(t, ASPECT)), pose(alone.camera_at(t, ASPECT)), atol=1e-9)
    assert not same(composition.camera_at(3.3, ASPECT), alone.camera_at(3.3, ASPECT))


@pytest.mark.parametrize("degrees", [30.0, -90.0, 360.0, 500.0])
def test_an_orbit_goes_around_by_as_many_degrees_to_the_right(degrees: float) -> None:
    composition = composed(matmul(), {"direction": [0, 1, 1], "keyframes": [{"orbit": degrees}]}, {"hold": 1.0})
    cameras = [composition.camera_at(moment, ASPECT) for moment in film(composition.chapters, 60)]
    turns = np.unwrap([np.arctan2(*camera.axes()[2][[0, 2]]) for camera in cameras])
    assert np.degrees(turns[-1] - turns[0]) == pytest.approx(degrees)
    assert (np.diff(turns) * np.sign(degrees) >= -1e-12).all()
    climbs = [camera.axes()[2][1] for camera in cameras]
    assert np.ptp(climbs) < 1e-9


def test_an_orbit_ends_in_the_direction_of_the_next_keyframe_after_as_many_turns_as_come_nearest() -> None:
    told = [{"direction": [0, 0, 1]}, {"at": 1, "orbit": 400}, {"at": 3, "direction": [1, 0, 1]}]
    composition = composed(matmul(), {"keyframes": told})
    toward = [composition.camera_at(float(t), ASPECT).axes()[2] for t in np.linspace(1, 3, 90)]
    turns = np.unwrap([np.arctan2(x, z) for x, _, z in toward])
    assert np.degrees(turns[-1] - turns[0]) == pytest.approx(405)


def test_without_keyframes_the_camera_is_the_scenes_own() -> None:
    composition = composed(matmul(), {"direction": [1, 2, 3]})
    assert all(composition.camera_at(t, ASPECT) is composition.camera(ASPECT) for t in (0.0, 1.5, 4.0))
    expected = fit(composition.extent, (1, 2, 3), ASPECT).axes()
    np.testing.assert_allclose(composition.camera(ASPECT).axes(), expected)


def test_a_flight_to_what_is_in_the_picture_never_loses_it() -> None:
    told = [{"direction": [-1, 1, 1]}, {"at": 4, "focus": "A"}]
    composition = composed(matmul(), {"keyframes": told})
    corners = composition.layout["left"].corners(0.5)
    for t in np.linspace(0, 4, 50):
        seen = project(composition.camera_at(float(t), ASPECT), corners, ASPECT)
        assert ((seen > 0) & (seen < 1)).all()


# how it goes from one keyframe to the next

FRONT, ABOVE_FRONT, SIDE = [0, 0, 1], [0, 1, 1], [1, 0, 0]


def along(keyframes: Any, times: Any) -> list[Camera]:
    """The cameras of a product of 4 steps at 1 step a second."""
    composition = composed(matmul(), {"keyframes": keyframes}, {"speed": 1.0, "hold": 0.0})
    return [composition.camera_at(time, ASPECT) for time in times]


def turns(cameras: list[Camera]) -> NDArray[np.float64]:
    """(cameras,): how far the eye has gone to its right, in degrees."""
    return np.degrees(np.unwrap([np.arctan2(*camera.axes()[2][[0, 2]]) for camera in cameras]))


def distances(cameras: list[Camera]) -> list[float]:
    return [float(np.linalg.norm(camera.position - camera.target)) for camera in cameras]


@pytest.mark.parametrize("told", [{"direction": SIDE}, {"focus": "A", "direction": SIDE}, {"position": [9, 9, 60]}])
def test_a_flight_starts_and_stops_softly_and_is_half_way_in_the_middle_of_its_time(told: dict[str, Any]) -> None:
    first, early, middle, late, last = along([{"direction": FRONT}, {"at": 4, **told}], [0, 0.04, 2, 3.96, 4])
    way = abs(pose(last) - pose(first)).max()
    assert abs(pose(early) - pose(first)).max() < 0.003 * way  # an even speed would have gone 0.01
    assert abs(pose(last) - pose(late)).max() < 0.003 * way
    assert turns([first, middle])[1] == pytest.approx(turns([first, last])[1] / 2)


@pytest.mark.parametrize("leaves", [0.5, 2.5])
def test_a_camera_leaves_what_it_follows_softly_and_half_way_before_a_keyframe_that_is_near(leaves: float) -> None:
    told: list[dict[str, Any]] = [{"follow": "out"}, {"at": min(2 * leaves, 4.0), "direction": SIDE}]
    times = [leaves / 2, leaves, leaves + 0.01, told[1]["at"]]
    led, alone = (along(keyframes, times) for keyframes in (told, told[:1]))
    for one, other in zip(led[:2], alone[:2], strict=True):
        np.testing.assert_allclose(pose(one), pose(other), atol=1e-9)
    assert 0 < abs(pose(led[2]) - pose(alone[2])).max() < 0.003 * abs(pose(led[3]) - pose(alone[3])).max()


def test_an_orbit_after_following_goes_around_what_was_in_flight_then() -> None:
    told: list[dict[str, Any]] = [{"follow": "out"}, {"at": 2, "orbit": 90}]
    led, alone = along(told, [2.0, 3.0, 4.0]), along(told[:1], [2.0])[0]
    np.testing.assert_allclose(pose(led[0]), pose(alone), atol=1e-9)
    for camera in led:
        np.testing.assert_allclose(camera.target, alone.target, atol=1e-9)


@pytest.mark.parametrize("degrees", [360, -720])
def test_whole_turns_between_two_keyframes_of_one_direction_are_gone(degrees: float) -> None:
    told = [{"direction": FRONT}, {"at": 1, "orbit": degrees}, {"at": 3, "direction": FRONT}]
    cameras = along(told, np.linspace(1, 3, 81))
    assert turns(cameras)[-1] - turns(cameras)[0] == pytest.approx(degrees)


@pytest.mark.parametrize(
    ("told", "gone"),
    [({"focus": "A"}, 400), ({"follow": "out"}, 400), ({"zoom": 2}, 400), ({"position": [50, 9, 50]}, 405)],
)
def test_no_keyframe_takes_back_the_turns_of_the_orbit_before_it(told: dict[str, Any], gone: float) -> None:
    cameras = along([{"direction": FRONT}, {"at": 1, "orbit": 400}, {"at": 3, **told}], np.linspace(1, 3, 81))
    assert turns(cameras)[-1] - turns(cameras)[0] == pytest.approx(gone)


def test_an_orbit_takes_up_speed_and_goes_evenly_in_between() -> None:
    cameras = along([{"direction": FRONT}, {"at": 0.5, "orbit": 300}], [0.5, 0.535, *np.linspace(1.5, 3.0, 16), 4.0])
    gone = turns(cameras)
    assert gone[1] - gone[0] < 0.003 * 300  # 0.01 of the time
    assert np.ptp(np.diff(gone[2:-1])) == pytest.approx(0.0, abs=1e-6)
    assert gone[-1] - gone[0] == pytest.approx(300)


def test_an_orbit_keeps_the_distance_from_which_all_sides_are_seen_and_the_last_one_ends_there() -> None:
    told = [{"direction": FRONT}, {"at": 1, "orbit": 180}, {"at": 3, "direction": FRONT}]
    wide = distances(along(told, [1.0, *np.linspace(1.7, 2.3, 7), 3.0]))
    assert wide[1:-1] == pytest.approx([wide[1]] * 7)
    assert wide[1] > 1.05 * max(wide[0], wide[-1])
    to_the_end = distances(along(told[:2], [1.0, *np.linspace(2.0, 4.0, 9)]))
    assert to_the_end[1:] == pytest.approx([wide[1]] * 9)


def test_the_eye_climbs_during_an_orbit_to_where_the_next_keyframe_is() -> None:
    told = [{"direction": FRONT}, {"at": 1, "orbit": 170}, {"at": 3, "direction": ABOVE_FRONT}]
    climbs = [np.degrees(np.arcsin(camera.axes()[2][1])) for camera in along(told, [1.0, 2.0, 3.0])]
    assert climbs == pytest.approx([0.0, 22.5, 45.0], abs=1e-6)


def test_where_the_camera_stays_it_is_the_same_object() -> None:
    told = [{"direction": SIDE}, {"at": 3, "direction": SIDE}, {"at": 4, "direction": FRONT}]
    cameras = along(told, [0.5, 1.7, 2.9, 3.0])
    assert all(camera is cameras[0] for camera in cameras)


def test_after_the_end_of_its_orbit_the_camera_stays() -> None:
    composition = composed(matmul(), {"keyframes": [{"orbit": 90}]}, {"hold": 0.5})
    end = composition.timeline.steps
    cameras = [composition.camera_at(Moment(end, 0, held), ASPECT) for held in (0.5, 0.53, 0.7)]
    assert all(same(camera, cameras[0]) for camera in cameras)


@pytest.mark.parametrize("factor", [3.0, 0.25, 1.05, 0.95, 1.0])
def test_an_eye_that_does_not_turn_flies_straight_on_and_its_distance_changes_by_equal_factors(factor: float) -> None:
    first = View(np.array([1.0, 2, 3]), np.array([0.5, -1]), 20.0, 0.4, 0.3, 30.0)
    last = View(np.array([-6.0, 9, 1]), np.array([2.0, 3]), 20.0 * factor, 0.4, 0.3, 50.0)
    cameras = [between(first, last, float(share)).camera() for share in np.linspace(0, 1, 11)]
    for camera, view in ((cameras[0], first), (cameras[-1], last)):
        np.testing.assert_allclose(pose(camera), pose(view.camera()), atol=1e-9)
    eyes = np.array([camera.position for camera in cameras]) - cameras[0].position
    np.testing.assert_allclose(np.cross(eyes, eyes[-1]), 0.0, atol=1e-9)
    far = np.array(distances(cameras))
    np.testing.assert_allclose(far[1:] / far[:-1], factor**0.1)
    assert [camera.view_angle for camera in cameras] == pytest.approx(np.linspace(30, 50, 11))


def test_of_a_blockwise_product_the_block_of_queries_is_followed_from_the_first_to_the_last() -> None:
    x, y, z = np.eye(3)
    cube = Cube((12, 6, 4), np.zeros(3), x, y, z, blocks=(3, 2, 0), gap=2.0)
    run = Run("blockwise", 5, 20)
    for clock, first in ((0.0, 0), (5.0, 0), (15.0, 4.5), (25.0, 9), (40.0, 9)):
        rows = in_flight(run, cube, clock)[:, 0]
        assert rows.min() == cube.element(first, 0, 0)[0]
        assert rows.max() == cube.element(first + 2, 0, 0)[0]


def test_of_a_product_that_is_computed_whole_all_is_followed() -> None:
    x, y, z = np.eye(3)
    cube = Cube((4, 3, 5), np.zeros(3), x, y, z)
    for clock in (0.0, 2.0, 2.5, 3.0):
        np.testing.assert_array_equal(in_flight(Run("whole", 2, 1), cube, clock), cube.corners())


def test_a_cross_beside_an_inset_is_larger_than_one_above_it() -> None:
    """In a square picture the arms find room at the right of the inset's upper half."""
    arms = np.array([[-50.0, 0, 0], [50, 0, 0], [0, -50, 0], [0, 50, 0]])
    view = InsetView(0.4, fit(arms, (0.0, 0.0, 1.0), 1.0))
    places = [Placement((101, 1), np.array([0.0, 50, 0]), -np.eye(3)[1], np.eye(3)[0])]
    places.append(Placement((1, 101), np.array([-50.0, 0, 0]), -np.eye(3)[1], np.eye(3)[0]))
    framing = Framing(arms, places, lambda _: [], lambda _: (view,))
    look = Look(np.array([0.0, 0.0, 1.0]))
    camera = framing.whole(look, 1.3, view)
    above = fit(arms, look.direction, 1.3, border=BORDER, bottom=0.4 + INSET_BOTTOM + INSET_MARGIN - BORDER[1])
    assert distance(camera) < 0.9 * distance(above)
    border = [place.element(i, j) for place in places for i in range(place.shape[0]) for j in range(place.shape[1])]
    assert not covers(view, camera, [np.array(border)], 1.3)
