"""Names in the picture: upright, beside what they name, never over another one, and out of the way of what flies."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList, Label
from mmviz.picture.eye.camera import Camera, fit, project
from mmviz.picture.eye.orbit import orbit
from mmviz.picture.marks.faces_seen import ROWS, faces_seen
from mmviz.picture.marks.name_places import PLACES, spots
from mmviz.picture.marks.names import PASSED
from mmviz.picture.space.item_key import BEHIND, ItemKey, of_matrix
from mmviz.picture.space.placement import Placement
from mmviz.scene.keys.options import StyleOptions
from tests.examples import examples
from tests.picture import legibility
from tests.picture.sweep_scenes import made, without_numbers

ASPECT = 16 / 9
directions = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array).filter(lambda v: bool(np.linalg.norm(v) > 0.1))
KEPT = {name: without_numbers(made(name)) for name in ("square", "sum of four", "head with scores", "one token")}


def labels_of(drawing: DrawList, kind: str) -> dict[ItemKey, Label]:
    return {label.key: label for label in drawing.labels if label.key.kind == kind}


def drawn(composition: Composition, direction: NDArray[np.float64], t: float = 0.0) -> tuple[DrawList, Camera]:
    camera = fit(composition.extent, direction, ASPECT)
    return composition.at(t, camera, ASPECT), camera


@given(st.sampled_from(sorted(KEPT)), directions)
@examples(20)
def test_a_name_is_upright_and_faces_the_reader_wherever_one_looks_from(
    scene: str, direction: NDArray[np.float64]
) -> None:
    drawing, camera = drawn(KEPT[scene], direction)
    right, upward, _ = camera.axes()
    for label in labels_of(drawing, "name").values():
        np.testing.assert_array_equal(label.along, right)
        np.testing.assert_array_equal(label.up, upward)


@given(st.sampled_from(sorted(KEPT)), directions)
@examples(10)
def test_no_two_texts_lie_over_each_other(scene: str, direction: NDArray[np.float64]) -> None:
    composition = KEPT[scene]
    drawing, camera = drawn(composition, direction)
    found = legibility.legibility(
        drawing, composition.layout, dict.fromkeys(composition.layout, ""), camera, (1280, 720)
    )
    assert found.overlaps == ()


def test_what_is_seen_is_the_nearest_matrix_as_rays_find_it() -> None:
    """The grid and rays through the middles of its places say the same, but right at the borders of matrices."""
    composition = KEPT["sum of four"]
    camera = fit(composition.extent, (-1.0, 0.7, 0.9), ASPECT)
    faces = {of_matrix(path): place for path, place in composition.layout.items()}
    seen = faces_seen(faces, [], composition.extent, camera, ASPECT)
    rows, columns = (index.ravel() for index in np.indices(seen.number.shape))
    places = np.stack([columns + 0.5, rows + 0.5], axis=1) / ROWS
    right, up, toward = camera.axes()
    half = np.tan(np.radians(camera.view_angle) / 2)
    flat = 2 * (places - (ASPECT / 2, 0.5)) * half
    points = camera.position - toward + flat[:, :1] * right + flat[:, 1:] * up
    number, _ = legibility.first_hit(legibility.faces_of(list(faces.values())), camera, points)
    differ = seen.at(places) != number
    assert (number >= 0).mean() > 0.2
    assert differ.mean() < 0.02


def test_a_matrix_thinner_than_the_grid_is_seen_where_nothing_hides_it() -> None:
    line = Placement((1, 200), np.array([-100.0, 0, 0]), np.array([0.0, -1, 0]), np.array([1.0, 0, 0]))
    before = Placement((9, 100), np.array([0.0, 4, 5]), np.array([0.0, -1, 0]), np.array([1.0, 0, 0]))
    faces = {ItemKey("matrix", "line"): line, ItemKey("matrix", "before"): before}
    camera = Camera(np.array([0.0, 0, 800]), np.zeros(3), np.array([0.0, 1, 0]))
    seen = faces_seen(faces, [], np.concatenate([line.corners(), before.corners()]), camera, ASPECT)
    in_cells = (seen.number == 0).sum() / ROWS * 2 * 800 * np.tan(np.radians(camera.view_angle) / 2)
    assert in_cells == pytest.approx(100, rel=0.1)


def test_all_places_of_a_name_are_told_by_numbers_that_mean_the_same_from_every_camera() -> None:
    composition = KEPT["square"]
    names = composition.writing.names()
    first, second = (
        spots(names, np.full(len(names), 0.02), fit(composition.extent, direction, ASPECT), ASPECT).boxes
        for direction in ((-1.0, 1.0, 1.0), (-0.95, 1.0, 1.0))
    )
    assert first.shape == (len(names), PLACES, 4)
    assert np.abs(second - first).max() < 0.05  # a place goes with its matrix


def test_a_name_fades_behind_what_flies_before_it() -> None:
    composition = KEPT["square"]
    drawing, camera = drawn(composition, np.array((-1.0, 1.0, 1.0)))
    (key, label), *_ = labels_of(drawing, "name").items()
    lettering = composition.cameras.lettering(ASPECT, frozenset())
    wide = 40 * np.stack(
        [-label.along - label.up, label.along - label.up, label.along + label.up, label.up - label.along]
    )
    names, lines = lettering.names(composition.moment(0.0), camera, [label.center + wide])
    assert {one.key: one.opacity for one in names}[key] == pytest.approx((1 - PASSED) * label.opacity)
    clear, _ = lettering.names(composition.moment(0.0), camera, [label.center + 1000 * label.along + wide])
    assert {one.key: one.opacity for one in clear}[key] == label.opacity == 1.0
    assert all(line.opacity <= 1.0 for line in lines)


def test_a_name_goes_while_the_camera_comes_within_a_few_cells() -> None:
    composition = KEPT["square"]
    place = composition.layout[""]
    shown = []
    for far in (12.0, 6.0, 3.0, 1.2):
        eye = Camera(place.center() + far * place.normal, place.center(), np.array([0.0, 1, 0]))
        name = labels_of(composition.at(0.0, eye, ASPECT), "name").get(ItemKey("name", ""))
        shown.append(0.0 if name is None else name.opacity)
    assert shown[0] == 1.0
    assert shown == sorted(shown, reverse=True)
    assert shown[-1] == 0.0


def test_a_line_leads_from_a_matrix_to_a_name_that_stands_off_it() -> None:
    composition = KEPT["one token"]
    drawing, camera = drawn(composition, np.array((-1.0, 1.0, 1.0)))
    leaders = [line for line in drawing.lines if line.key.kind == "leader"]
    assert leaders
    for line in leaders:
        label = next(one for one in drawing.labels if one.key == line.key.part)
        start, end, middle = project(camera, np.array([*line.points, label.center]), ASPECT)
        assert np.linalg.norm((end - middle) * (ASPECT, 1)) < 0.1
        assert np.linalg.norm(start - end) > 0
        corners = project(camera, composition.layout[line.key.path].corners(0.8), ASPECT)
        assert (start >= corners.min(axis=0) - 1e-6).all()
        assert (start <= corners.max(axis=0) + 1e-6).all()


def test_a_sheet_behind_a_matrix_has_its_name_too() -> None:
    drawing, _ = drawn(KEPT["head with scores"], np.array((-1.0, 0.5, 1.0)))
    assert labels_of(drawing, "name")[ItemKey("name", "left.left", BEHIND)].text == "scores"


def test_without_names_there_are_none_and_no_lines_to_them() -> None:
    composition = replace(KEPT["one token"], style=StyleOptions(names=False))
    drawing, _ = drawn(composition, np.array((-1.0, 1.0, 1.0)))
    assert {label.key.kind for label in drawing.labels} == {"size"}
    assert not [line for line in drawing.lines if line.key.kind == "leader"]


def test_a_long_name_is_cut_off() -> None:
    long = "abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz"
    scene = made("square").changed(expr=f"{long} = A @ B")
    drawing, _ = drawn(without_numbers(scene), np.array((-1.0, 1.0, 1.0)))
    assert labels_of(drawing, "name")[ItemKey("name", "")].text == "abcdefghijklmnopqrstuvwxyz_ab…"


@pytest.mark.slow
def test_while_a_person_turns_the_scene_names_stay_where_they_are() -> None:
    """By steps of two degrees: they jump less than half as often as where every camera chooses for itself."""
    composition = KEPT["one token"]
    start = fit(composition.extent, np.array((-1.0, 0.7, 0.9)), ASPECT)
    steps = [orbit(start, 2.0 * number, 0.0) for number in range(45)]
    steady = [positions(composition.at(0.0, camera, ASPECT, steady=True), camera) for camera in steps]
    alone = [positions(composition.at(0.0, camera, ASPECT), camera) for camera in steps]
    assert 2 * jumps(steady) < jumps(alone)
    assert jumps([alone[-1], positions(replace(composition).at(0.0, steps[-1], ASPECT), steps[-1])]) == 0


def test_where_names_stand_does_not_depend_on_what_was_looked_at_before_once_nobody_turns_the_scene() -> None:
    composition = KEPT["one token"]
    start = fit(composition.extent, np.array((-1.0, 0.7, 0.9)), ASPECT)
    first = positions(composition.at(0.0, start, ASPECT), start)
    for turned in (20.0, 40.0, 2.0, 0.0):
        composition.at(0.0, orbit(start, turned, 0.0), ASPECT, steady=True)
    again = positions(composition.at(0.0, start, ASPECT), start)
    assert first
    assert {key: tuple(place) for key, place in again.items()} == {key: tuple(place) for key, place in first.items()}


def positions(drawing: DrawList, camera: Camera) -> dict[ItemKey, NDArray[np.float64]]:
    return {key: project(camera, one.center[None], 1.0)[0] for key, one in labels_of(drawing, "name").items()}


def jumps(found: list[dict[ItemKey, NDArray[np.float64]]]) -> int:
    return sum(
        float(np.linalg.norm(one[key] - other[key])) > 0.06
        for one, other in pairwise(found)
        for key in one.keys() & other.keys()
    )


@pytest.mark.parametrize("pixels", [240, 480, 720, 2160])
def test_all_letters_can_be_read_in_pictures_of_any_height(pixels: int) -> None:
    composition = KEPT["square"].for_height(pixels)
    camera = composition.camera(ASPECT)
    drawing = composition.at(0.0, camera, ASPECT)
    size = round(ASPECT * pixels), pixels
    found = legibility.legibility(drawing, composition.layout, {"": "y", "left": "A", "right": "B"}, camera, size)
    assert len(found.named) == len(found.visible) == 3
    assert found.smallest >= legibility.LEGIBLE
