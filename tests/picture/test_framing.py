"""Fit to view: no matrix is outside the picture, or under the inset; what is focused on is wholly there."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.drawlist import INSET_BOTTOM, INSET_MARGIN
from mmviz.picture.eye.camera import fit, project
from mmviz.picture.eye.orbit import distance
from mmviz.picture.marks.inset import InsetView
from mmviz.picture.shots.framing import BORDER, Framing
from mmviz.picture.shots.keyframe_cameras import in_flight
from mmviz.picture.space.placement import Vector
from mmviz.picture.time.schedule import Run
from mmviz.scene.keys.options import CameraOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import root_of, walk
from tests.picture.compositions import aspects, composed, directions, seen_corners
from tests.picture.trees import Tree, trees

TINY = 1e-6
STILL = {"hold": 0}
"""The animation ends with its last step, and an orbit with it."""


@given(trees(3), directions, aspects)
def test_no_matrix_is_outside_the_free_area_of_the_picture(
    tree: Tree, direction: tuple[float, float, float], aspect: float
) -> None:
    composition = composed(tree, {"direction": direction})
    across, up = seen_corners(composition, composition.camera(aspect), aspect).T
    assert BORDER[0] - TINY <= across.min()
    assert across.max() <= 1 - BORDER[0] + TINY
    assert BORDER[1] - TINY <= up.min()
    assert up.max() <= 1 - BORDER[1] + TINY


@given(trees(2), directions, aspects, st.data())
def test_no_matrix_is_under_the_inset_in_pictures_of_any_format(
    tree: Tree, direction: tuple[float, float, float], aspect: float, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(tree.shapes)))
    composition = composed(tree, {"direction": direction, "inset": path})
    camera = composition.camera(aspect)
    across, up = seen_corners(composition, camera, aspect).T
    (inset,) = composition.at(0, camera, aspect).insets
    covered = (across * aspect < INSET_MARGIN + inset.side) & (up < INSET_BOTTOM + inset.side)
    assert not covered.any()
    assert ((across > 0) & (across < 1) & (up > 0) & (up < 1)).all()


@pytest.mark.parametrize("aspect", [1.5, 1.8, 2.0])
def test_no_half_of_a_large_cell_is_under_the_inset(aspect: float) -> None:
    root = root_of(build(parse("out = (X = A + B) + (Y = C + D)")))
    composition = composed(
        Tree(root, {node.path: (1, 3) for node in walk(root)}), {"direction": [0, 0, 1], "inset": ""}
    )
    camera = composition.camera(aspect)
    across, up = seen_corners(composition, camera, aspect).T
    (inset,) = composition.at(0, camera, aspect).insets
    assert not ((across * aspect < INSET_MARGIN + inset.side) & (up < INSET_BOTTOM + inset.side)).any()


@given(trees(2), st.none() | directions, aspects, st.booleans(), st.data())
def test_the_matrix_in_focus_is_wholly_inside(
    tree: Tree, direction: tuple[float, float, float] | None, aspect: float, with_inset: bool, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(tree.shapes)))
    told = {} if direction is None else {"direction": direction}
    inset = {"inset": ""} if with_inset else {}
    composition = composed(tree, {"keyframes": [{"focus": path, **told}], **inset})
    camera = composition.camera_at(0.0, aspect)
    across, up = project(camera, composition.layout[path].corners(0.5), aspect).T
    assert ((across > 0.02) & (across < 0.98) & (up > 0.05) & (up < 0.95)).all()
    if with_inset:
        (shown,) = composition.at(0, camera, aspect).insets
        assert not ((across * aspect < shown.side) & (up < shown.side)).any()


@given(trees(2), directions, aspects, st.sampled_from([-360.0, -90.0, 45.0, 360.0, 720.0]))
def test_no_matrix_leaves_the_picture_during_an_orbit(
    tree: Tree, direction: tuple[float, float, float], aspect: float, degrees: float
) -> None:
    composition = composed(tree, {"direction": direction, "keyframes": [{"orbit": degrees}]}, {"hold": 0})
    for t in np.linspace(0.3, 1.0, 8) * composition.timeline.steps:
        seen = seen_corners(composition, composition.camera_at(float(t), aspect), aspect)
        assert ((seen > 0) & (seen < 1)).all()


@pytest.mark.parametrize("aspect", [0.5, 16 / 9])
def test_a_zoomed_orbit_stays_as_near_as_it_was_told(aspect: float) -> None:
    tree = matmul()
    cameras = [
        composed(tree, {"keyframes": [{"zoom": zoom}, {"at": 1, "orbit": 360}]}).camera_at(2.0, aspect)
        for zoom in (1.0, 3.0)
    ]
    far, near = (float(np.linalg.norm(camera.position)) for camera in cameras)
    assert near < 0.5 * far


def matmul() -> Tree:
    root = root_of(build(parse("out = A @ B")))
    shapes = {"": (4, 5), "left": (4, 6), "right": (6, 5)}
    assert {node.path for node in walk(root)} == set(shapes)
    return Tree(root, shapes)


# how near


def corner(beyond: float = 0.0) -> Vector:
    """(8, 3): corners of a box of 8 x 6 x 4 cells."""
    return np.array([[x, y, z] for x in (-4.0 - beyond, 4.0) for y in (-3.0 - beyond, 3.0) for z in (-2.0, 2.0)])


def slack(seen: Vector, border: tuple[float, float]) -> float:
    """How far the outermost point, (n, 2), is from the border inside of which all of them are."""
    return float(min((seen - border).min(), (1 - np.array(border) - seen).min()))


def framed(texts: list[Vector] | None = None, sides: tuple[float, ...] = ()) -> Framing:
    """A box of points around one matrix, with these texts, and insets of these sides, best first."""
    layout = composed(matmul()).layout
    views = tuple(InsetView(side, fit(corner(), (0, 0, 1), 1.0)) for side in sides)
    return Framing(corner(), [layout["left"]] if sides else [], lambda _: texts or [], lambda _: views)


def eye(**said: Any) -> CameraOptions:
    return CameraOptions.model_validate(said)


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.5])
@pytest.mark.parametrize("direction", [[0, 0, 1], [-1, 1, 1], [2, -1, 3]])
def test_the_whole_scene_just_fits_and_a_zoom_divides_the_distance(aspect: float, direction: list[float]) -> None:
    camera, view = framed().own(eye(direction=direction), aspect)
    assert view is None
    assert slack(project(camera, corner(), aspect), (0.03, 0.10)) == pytest.approx(0.0, abs=1e-9)
    near, _ = framed().own(eye(direction=direction, zoom=2.5), aspect)
    assert distance(near) == pytest.approx(distance(camera) / 2.5)


def test_texts_are_in_the_picture_and_not_under_the_inset() -> None:
    text = np.array([[-12.0, -9, 2], [-9, -9, 2], [-9, -8, 2], [-12, -8, 2]])
    for aspect in (0.7, 1.0, 16 / 9):
        for sides in ((), (0.38,)):
            camera, _ = framed([text], sides).own(eye(direction=[0, 0, 1]), aspect)
            seen = project(camera, text, aspect)
            assert slack(seen, (0.03, 0.10)) >= -1e-9
            assert not sides or not ((seen[:, 0] * aspect < 0.38) & (seen[:, 1] < 0.38)).any()


def test_an_inset_is_enlarged_only_where_the_rest_hardly_gets_smaller_for_it() -> None:
    shown = set()
    for aspect in np.linspace(0.6, 3.5, 30).tolist():
        camera, view = framed(sides=(0.62, 0.38)).own(eye(direction=[0, 0, 1]), aspect)
        plain, _ = framed(sides=(0.38,)).own(eye(direction=[0, 0, 1]), aspect)
        assert view is not None
        shown.add(view.side)
        assert distance(camera) <= (1.1 if view.side > 0.38 else 1.0) * distance(plain) + 1e-9
        seen = project(camera, composed(matmul()).layout["left"].corners(), aspect)
        assert not ((seen[:, 0] * aspect < view.side) & (seen[:, 1] < view.side)).any()
    assert shown == {0.62, 0.38}


def test_an_inset_that_covers_nothing_changes_nothing_and_one_in_a_wide_picture_stands_beside_the_rest() -> None:
    for aspect in (3.0, 3.5):
        alone, beside = (framed(sides=sides).own(eye(direction=[0, 0, 1]), aspect)[0] for sides in ((), (0.38,)))
        np.testing.assert_allclose(beside.position, alone.position)
    for aspect in np.linspace(1.4, 2.5, 12).tolist():
        alone, beside = (composed(matmul(), said).camera(aspect) for said in ({}, {"inset": "out"}))
        assert distance(beside) < 1.6 * distance(alone)  # above the inset only half of the height is free


def test_from_a_fixed_place_an_inset_is_enlarged_only_where_it_covers_nothing() -> None:
    shown = set()
    for x in np.linspace(-30, 30, 31).tolist():
        camera, view = framed(sides=(0.62, 0.38)).own(eye(position=[x, 0, 60], target=[x, 0, 0]), 16 / 9)
        assert view is not None
        shown.add(view.side)
        np.testing.assert_array_equal(camera.position, [x, 0, 60])
        border = composed(matmul()).layout["left"].corners()
        seen = project(camera, border, 16 / 9)
        if view.side > 0.38:
            assert not ((seen[:, 0] * 16 / 9 < view.side) & (seen[:, 1] < view.side)).any()
    assert shown == {0.62, 0.38}


@pytest.mark.parametrize("aspect", [0.6, 1.0, 2.5])
@pytest.mark.parametrize("direction", [[0, 0, 1], [-1, 1, 1], [1, 2, 0]])
def test_a_matrix_in_focus_just_fits_inside_its_border(aspect: float, direction: list[float]) -> None:
    composition = composed(matmul(), {"keyframes": [{"focus": "A", "direction": direction}]})
    corners = composition.layout["left"].corners(0.5)
    seen = project(composition.camera_at(0.0, aspect), corners, aspect)
    assert slack(seen, (0.10, 0.15)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("aspect", [0.6, 0.8, 1.0, 1.3])
def test_no_side_of_a_matrix_in_focus_that_stands_on_its_corner_crosses_the_inset(aspect: float) -> None:
    composition = composed(matmul(), {"inset": "out", "keyframes": [{"focus": "B", "direction": [1, 2, 1]}]})
    camera = composition.camera_at(0.0, aspect)
    i, j = (along.ravel() for along in np.meshgrid(np.linspace(0, 5, 26), np.linspace(0, 4, 21)))
    across, up = project(camera, composition.layout["right"].element(i, j), aspect).T
    (inset,) = composition.at(0, camera, aspect).insets
    assert not ((across * aspect < INSET_MARGIN + inset.side) & (up < INSET_BOTTOM + inset.side)).any()


@pytest.mark.parametrize("aspect", [0.5, 1.0, 16 / 9, 3.0, 4.5])
def test_what_is_in_flight_just_fits_in_the_middle_of_what_the_inset_leaves_free(aspect: float) -> None:
    said = {"inset": "out", "keyframes": [{"follow": "out"}]}
    composition = composed(matmul(), said)
    camera = composition.camera_at(0.0, aspect)
    corners = in_flight(composition.timeline.schedule.runs[""], composition.layout.cubes[""], 0.0)
    (inset,) = composition.at(0, camera, aspect).insets
    left = max(0.12, (inset.side + 2 * INSET_MARGIN) / aspect)
    beside = left <= 0.52
    low = np.array([left, 0.22]) if beside else np.array([0.12, inset.side + INSET_BOTTOM + INSET_MARGIN])
    high = np.array([0.88, 0.78])
    (middle,) = project(camera, corners.mean(axis=0)[None], aspect)
    np.testing.assert_allclose(middle, (low + high) / 2, atol=1e-9)
    seen = project(camera, corners, aspect)
    assert min((seen - low).min(), (high - seen).min()) == pytest.approx(0.0, abs=1e-9)
    later = in_flight(composition.timeline.schedule.runs[""], composition.layout.cubes[""], 1.3).mean(axis=0)
    np.testing.assert_allclose(project(composition.camera_at(1.3, aspect), later[None], aspect)[0], middle, atol=1e-9)
    near = composed(matmul(), {**said, "keyframes": [{"follow": "out", "zoom": 2}]}).camera_at(0.0, aspect)
    assert distance(near) == pytest.approx(distance(camera) / 2)


# what keyframes look at


@pytest.mark.parametrize("aspect", [0.6, 1.0, 16 / 9])
@pytest.mark.parametrize("direction", [[0, 0, 1], [-1, 1, 1], [1, 3, 0]])
def test_a_direction_leaves_room_for_the_inset_too(aspect: float, direction: list[int]) -> None:
    composition = composed(matmul(), {"inset": "out", "keyframes": [{"direction": direction}]})
    camera = composition.camera_at(0.0, aspect)
    (inset,) = composition.at(0, camera, aspect).insets
    across, up = seen_corners(composition, camera, aspect).T
    assert not ((across * aspect < INSET_MARGIN + inset.side) & (up < INSET_BOTTOM + inset.side)).any()


def test_an_orbit_goes_around_the_middle_of_the_matrix_that_was_in_focus() -> None:
    composition = composed(matmul(), {"inset": "out", "keyframes": [{"focus": "B"}, {"at": 1, "orbit": 200}]})
    center = composition.layout["right"].center()
    cameras = [composition.camera_at(float(t), 16 / 9) for t in np.linspace(1, 4, 9)]
    places = project(cameras[0], center[None], 16 / 9)
    for camera in cameras:
        np.testing.assert_allclose(project(camera, center[None], 16 / 9), places, atol=1e-9)
        assert np.linalg.norm(camera.position - center) == pytest.approx(np.linalg.norm(cameras[0].position - center))


def test_an_orbit_of_the_scenes_own_camera_goes_around_the_middle_of_the_scene() -> None:
    composition = composed(matmul(), {"inset": "out", "direction": [0, 1, 2], "keyframes": [{"orbit": 300}]}, STILL)
    middle = (composition.extent.min(axis=0) + composition.extent.max(axis=0)) / 2
    cameras = [composition.camera_at(float(t), 16 / 9) for t in np.linspace(1.3, 4, 9)]
    eyes = np.array([camera.position - middle for camera in cameras])
    np.testing.assert_allclose(np.linalg.norm(eyes, axis=1), np.linalg.norm(eyes[0]))
    np.testing.assert_allclose([project(camera, middle[None], 16 / 9)[0] for camera in cameras],
                               [project(cameras[0], middle[None], 16 / 9)[0]] * 9, atol=1e-9)  # fmt: skip


def test_a_keyframe_without_a_direction_keeps_that_of_the_one_before_and_one_without_a_zoom_just_fits() -> None:
    told: list[dict[str, Any]] = [{"direction": [3, 2, 1]}, {"at": 1, "focus": "A"}, {"at": 2, "zoom": 1}]
    composition = composed(matmul(), {"zoom": 4, "keyframes": told})
    toward = np.array([3, 2, 1]) / np.sqrt(14)
    for t in (0.0, 1.0, 2.0):
        np.testing.assert_allclose(composition.camera_at(t, 1.0).axes()[2], toward, atol=1e-9)
    first, last = (composition.camera_at(t, 1.0) for t in (0.0, 2.0))
    np.testing.assert_allclose(first.position, last.position)


@pytest.mark.parametrize("direction", [[0.02, 1, -0.03], [0.001, -1, 0], [-1e-6, 1, 1e-6]])
def test_a_direction_that_is_nearly_right_above_or_below_is_hit_exactly(direction: list[float]) -> None:
    camera = composed(matmul(), {"keyframes": [{"direction": direction}]}).camera_at(0.0, 1.0)
    np.testing.assert_allclose(camera.axes()[2], np.array(direction) / np.linalg.norm(direction), atol=1e-9)


@pytest.mark.parametrize("way", [1, -1])
def test_right_above_and_below_the_picture_is_turned_as_at_the_keyframe_before(way: int) -> None:
    told: list[dict[str, Any]] = [{"direction": [2, 0, 1]}, {"at": 1, "direction": [0, way, 0]}]
    before, above = (composed(matmul(), {"keyframes": told}).camera_at(t, 1.0) for t in (0.0, 1.0))
    np.testing.assert_allclose(above.axes()[2], [0, way, 0], atol=1e-9)
    np.testing.assert_allclose(above.axes()[0], before.axes()[0], atol=1e-9)
    placed = composed(matmul(), {"keyframes": [told[0], {"at": 1, "position": [0, 50 * way, 0]}]}).camera_at(1.0, 1.0)
    np.testing.assert_allclose(placed.axes()[0], before.axes()[0], atol=1e-9)


def test_a_position_looks_at_the_centre_with_the_scenes_angle_unless_it_says_more() -> None:
    said = {"position": [1, 2, 90], "target": [3, 3, 3], "view_angle": 55}
    camera = composed(matmul(), {**said, "keyframes": [{"position": [60, 20, 30]}]}).camera_at(0.0, 16 / 9)
    np.testing.assert_allclose(camera.target, [0, 0, 0], atol=1e-9)
    assert camera.view_angle == 55


@pytest.mark.parametrize("zoom", [0.5, 3.0])
def test_an_orbit_is_as_near_as_the_zoom_of_the_scene_or_of_the_keyframe_before_it_says(zoom: float) -> None:
    def far(scene: float, *before: dict[str, Any]) -> float:
        keyframes = [*before, {"at": 1, "orbit": 360}]
        return distance(composed(matmul(), {"zoom": scene, "keyframes": keyframes}, STILL).camera_at(4.0, 1.0))

    expected = far(1.0) / zoom
    assert far(zoom) == pytest.approx(expected)
    assert far(2.0, {"zoom": zoom}) == pytest.approx(expected)
    assert far(2.0, {"zoom": zoom}, {"at": 0.5, "orbit": 9}) == pytest.approx(expected, rel=1e-3)  # other sides asked


def test_an_orbit_of_a_placed_eye_stays_where_it_is_told() -> None:
    composition = composed(matmul(), {"position": [0, 0, 9], "keyframes": [{"orbit": 360}]}, STILL)
    middle = (composition.extent.min(axis=0) + composition.extent.max(axis=0)) / 2
    far = [np.linalg.norm(composition.camera_at(t, 1.0).position - middle) for t in (0.0, 1.0, 2.0, 4.0)]
    assert far == pytest.approx([far[0]] * 4)


@pytest.mark.parametrize(
    ("clock", "rows"), [(0.0, (0, 3)), (0.5, (0.5, 3)), (1.0, (1, 3)), (2.0, (2, 3)), (9.0, (2, 3))]
)
def test_of_a_product_in_blocks_what_is_in_flight_in_all_of_them_is_followed(
    clock: float, rows: tuple[float, float]
) -> None:
    cube = replace(composed(matmul()).layout.cubes[""], blocks=(3, 0, 0))  # rows 0 to 2, and row 3
    found = in_flight(Run("vmprod", 0, 3), cube, clock)
    expected = [
        cube.element(*(np.array([float(n)]) for n in (i, k, j)))[0] for i in rows for k in (0, 5) for j in (0, 4)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("aspect", [0.5, 0.8, 1.0])
def test_a_short_orbit_comes_no_nearer_and_keeps_the_scene_in_the_middle_of_what_is_free(aspect: float) -> None:
    said = {"direction": [0, 0, 1], "inset": "out", "keyframes": [{"orbit": 5}]}
    composition = composed(matmul(), said, STILL)
    middle = (composition.extent.min(axis=0) + composition.extent.max(axis=0)) / 2
    start, camera = (composition.camera_at(t, aspect) for t in (0.0, 2.0))
    away = [(one.position - middle) @ one.axes()[2] for one in (start, camera)]
    assert away[1] >= away[0] * (1 - 1e-9)
    (inset,) = composition.at(2.0, camera, aspect).insets
    expected = [0.5, (inset.side + INSET_BOTTOM + INSET_MARGIN + 1 - BORDER[1]) / 2]
    np.testing.assert_allclose(project(camera, middle[None], aspect)[0], expected, atol=1e-9)


def test_before_its_run_a_product_is_followed_at_its_beginning_and_after_it_at_its_end() -> None:
    root = root_of(build(parse("out = (X = A @ B) @ C")))
    shapes = {node.path: (4, 4) for node in walk(root)}
    composition = composed(Tree(root, shapes), {}, {"algorithm": "vmprod"})
    cube, run = composition.layout.cubes[""], composition.timeline.schedule.runs[""]
    assert (run.start, run.end) == (4, 8)
    for clock, row in ((0.0, 0), (4.0, 0), (5.0, 1), (6.5, 2.5), (7.0, 3), (8.0, 3), (99.0, 3)):
        expected = [cube.element(*(np.array([float(n)]) for n in (row, k, j)))[0] for k in (0, 3) for j in (0, 3)]
        found = in_flight(run, cube, clock)
        np.testing.assert_allclose(found.min(axis=0), np.min(expected, axis=0), atol=1e-9)
        np.testing.assert_allclose(found.max(axis=0), np.max(expected, axis=0), atol=1e-9)


@pytest.mark.parametrize("degrees", [-180.0, 180.0])
@pytest.mark.parametrize("direction", [[0, 0, 1], [1, 0, 0], [1, 1, 1]])
@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_nothing_leaves_the_picture_in_the_middle_of_an_orbit_nor_in_one_that_goes_on_from_another(
    degrees: float, direction: list[int], aspect: float
) -> None:
    first: list[dict[str, Any]] = [{"direction": direction}, {"at": 0.1, "orbit": degrees / 36}]
    around = {"at": 0.5, "orbit": degrees}
    for told in ([first[0], around, {"at": 3.5, "direction": direction}], [*first, around], [around]):
        composition = composed(matmul(), {"direction": direction, "keyframes": told}, STILL)
        for t in np.linspace(1.6, 2.4, 33):
            seen = project(composition.camera_at(float(t), aspect), composition.extent, aspect)
            assert slack(seen, (0.03, 0.10)) >= -0.003  # between the sides of which it is asked
