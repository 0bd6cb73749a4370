"""The camera's path: pure, without jumps, upright, and exactly at its keyframes."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.camera import Camera, fit, placed, project
from mmviz.picture.composition import Composition
from mmviz.picture.pacing import film
from mmviz.scene.tree import ProductNode, walk
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


@given(filmed(), aspects, st.randoms())
def test_the_camera_at_a_time_does_not_depend_on_what_was_asked_before(
    composition: Composition, aspect: float, random: Any
) -> None:
    times = [float(t) for t in np.linspace(0, composition.timeline.steps, 9)]
    forward = {t: composition.camera_at(t, aspect) for t in times}
    random.shuffle(times)
    for t in times:
        composition.camera_at(t, 1.0)
        assert same(composition.camera_at(t, aspect), forward[t])


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
    between = composition.camera_at(0.5, ASPECT)
    distances = [np.linalg.norm(np.subtract(spot, (1, 2, 3))) for spot in spots[:2]]
    assert min(distances) < np.linalg.norm(between.position - (1, 2, 3)) < max(distances), "around the target"


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
