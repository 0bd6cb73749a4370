"""Cameras that a person asks for in the page are those that the window gives."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.page.arrays import Arrays
from mmviz.page.cameras_section import ASPECTS, cameras_section
from mmviz.page.items import camera as camera_record
from mmviz.picture.composition import Composition
from mmviz.picture.eye import compass, orbit
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.eye.flight import View, between
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.picture.shots.framing import Look
from tests.page.composed import check_alike, composed
from tests.page.engine import call, engine

WIDE = ASPECTS[0]
numbers = st.floats(-100, 100)
points = st.tuples(numbers, numbers, numbers).map(np.array)
factors = st.floats(0.1, 10)


@st.composite
def cameras(draw: st.DrawFn) -> Camera:
    """Upright cameras that look at something some cells away."""
    toward, up = orbit.turntable(draw(st.floats(-3, 3)), draw(st.floats(-1.5, 1.5)))
    target = draw(points)
    return Camera(target + draw(st.floats(1, 500)) * toward, target, up, draw(st.floats(10, 60)))


def check_camera(found: dict[str, Any], camera: Camera) -> None:
    """Compare a camera of the page with one of Python."""
    far = max(1.0, float(np.abs(camera.position).max()))
    for name in ("position", "target", "up"):
        np.testing.assert_allclose(found[name], getattr(camera, name), rtol=0, atol=1e-9 * far, err_msg=name)
    assert found["viewAngle"] == pytest.approx(camera.view_angle)


def rules() -> dict[str, Any]:
    """What the page is told of the rules of cameras."""
    tensors = {"A": {"init": "eye", "shape": [2, 2]}}
    told: dict[str, Any] = cameras_section(Scene("A @ A", tensors).composition, Arrays())["rules"]
    return told


RULES = rules()


@given(cameras(), st.floats(-200, 200), st.floats(-200, 200), st.none() | points)
def test_an_eye_goes_around_a_point_alike(camera: Camera, right: float, up: float, about: Any) -> None:
    told = None if about is None else about.tolist()
    check_camera(call("orbit", camera_record(camera), right, up, told), orbit.orbit(camera, right, up, about))


@given(cameras(), points, factors, st.floats(10, 1e4))
def test_an_eye_comes_nearer_to_a_point_alike(
    camera: Camera, point: NDArray[np.float64], factor: float, farthest: float
) -> None:
    found = call("approach", RULES, camera_record(camera), point.tolist(), factor, farthest)
    check_camera(found, orbit.approach(camera, point, factor, farthest))


@given(cameras(), st.floats(-1, 1), st.floats(-1, 1), st.none() | st.floats(1, 500))
def test_an_eye_goes_sideways_alike(camera: Camera, right: float, up: float, depth: float | None) -> None:
    check_camera(call("pan", camera_record(camera), right, up, depth), orbit.pan(camera, right, up, depth))


@given(cameras(), cameras(), st.floats(0, 1))
def test_an_eye_flies_from_view_to_view_alike(first: Camera, last: Camera, share: float) -> None:
    begin = View.of(first)
    end = View.of(last).wound(begin.turn)
    script = f"""(() => {{
      const begin = mmvizPage.viewOf({json.dumps(camera_record(first))});
      const end = mmvizPage.wound(mmvizPage.viewOf({json.dumps(camera_record(last))}), begin.turn);
      return JSON.stringify(mmvizPage.cameraOf(mmvizPage.between(begin, end, {share})));
    }})()"""
    check_camera(json.loads(str(engine().eval(script))), between(begin, end, share).camera())


@given(cameras())
def test_the_cube_of_views_is_seen_alike(camera: Camera) -> None:
    told = camera_record(camera)
    own = [
        {"name": side.name, "direction": list(side.direction), "corners": side.corners.tolist(), "facing": side.facing}
        for side in compass.sides(camera)
    ]
    check_alike(call("sidesSeen", RULES, told), own, "sides")
    corners = [{"direction": list(one.direction), "place": one.place.tolist()} for one in compass.corners(camera)]
    check_alike(call("cornersSeen", RULES, told), corners, "corners")
    for direction in ((0, 0, 1), (1, -1, 1)):
        assert call("chosenFrom", RULES, told, direction) == list(compass.chosen(camera, direction))


def asked(script: str) -> Any:
    """What the composition of the page says."""
    return json.loads(str(engine().eval(f"JSON.stringify(testing.composition.views.{script})")))


@pytest.fixture(scope="module")
def head() -> Composition:
    return composed("attention_head").composition


@pytest.mark.parametrize("aspect", [WIDE, 1.0, 2.2, 0.5])
def test_the_eye_flies_before_a_matrix_alike(head: Composition, aspect: float) -> None:
    shape = min(ASPECTS, key=lambda told: abs(told - aspect)) if aspect not in (2.2, 0.5) else aspect
    for path, place in head.layout.items():
        look = Look(-place.normal, 0.8)
        told = {"direction": look.direction.tolist(), "zoom": 0.8, "up": None}
        found = asked(f"focused({json.dumps(path)}, {json.dumps(told)}, {aspect})")
        if shape in ASPECTS:
            check_camera(found, head.camera_toward(look, aspect, path))
        assert_inside(found, place.corners(0.5), aspect)


def assert_inside(found: dict[str, Any], spots: NDArray[np.float64], aspect: float) -> None:
    """All of it is in the picture."""
    position, target, up = (np.array(found[name]) for name in ("position", "target", "up"))
    camera = Camera(position, target, up, found["viewAngle"])
    assert (camera.depths(spots) > 0).all()
    seen = project(camera, spots, aspect)
    assert (seen > -1e-9).all()
    assert (seen < 1 + 1e-9).all()


def test_standard_views_are_those_of_the_window(head: Composition) -> None:
    at_the_left = head.camera(WIDE).axes()[2][0] < 0
    for name, (x, y, z) in RULES["standard"].items():
        look = Look(np.array([-x if at_the_left else x, y, z], float))
        check_camera(asked(f"standard('{name}', {WIDE})"), head.camera_toward(look, WIDE))


def test_what_is_not_hidden_is_in_the_picture_and_as_large_as_in_the_window(head: Composition) -> None:
    hidden = frozenset(["left", "left.left", "left.left.left", "left.left.right"])
    look = Look(np.array([1.0, 0.5, 1.0]))
    told = json.dumps({"direction": look.direction.tolist(), "zoom": 1, "up": None})
    found = asked(f"toward({told}, {WIDE}, new Set({json.dumps([*hidden])}))")
    own = head.camera_toward(look, WIDE, emphasis=Emphasis(hidden=hidden))
    for path in head.layout:
        if path not in hidden:
            assert_inside(found, head.layout[path].corners(0.5), WIDE)
    far = np.linalg.norm(np.subtract(found["position"], found["target"]))
    assert far == pytest.approx(orbit.distance(own), rel=0.05)


@pytest.mark.parametrize("aspect", [2.2, 1.6, 0.8, 0.5])
def test_the_scenes_own_camera_fits_pictures_of_any_shape(head: Composition, aspect: float) -> None:
    found, own = asked(f"own({aspect})"), head.camera(aspect)
    assert_inside(found, head.extent, aspect)
    far = np.linalg.norm(np.subtract(found["position"], found["target"]))
    assert far == pytest.approx(orbit.distance(own), rel=0.1)
