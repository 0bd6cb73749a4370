"""What is read from where is told in few bytes, and says of every view which names stand at which of their places."""

import json
import zlib

import numpy as np
import pytest

from mmviz import Scene
from mmviz.page.arrays import Arrays
from mmviz.page.cameras_section import ASPECTS
from mmviz.page.looks_found import looks_of
from mmviz.page.marks_section import marks_section
from mmviz.page.readings import APART, FEW, LOW, LOW_BELOW, MANY, NOWHERE, directions, readings_section
from mmviz.picture.eye.orbit import turntable
from mmviz.picture.marks.name_places import PLACES
from mmviz.picture.marks.token_labels import USUAL_HEIGHT
from mmviz.picture.marks.writing import READABLE
from tests.page.composed import composed, shipped
from tests.page.engine import engine
from tests.page.test_composition import check_drawn

pytestmark = pytest.mark.slow

MOVING = {
    "direction": [-0.5, 0.7, 1.0],
    "keyframes": [{"at": 0, "zoom": 1}, {"at": 4, "focus": "A"}, {"at": 8, "direction": [1, 0.2, 0.4]}],
}


def test_a_library_looks_at_a_scene_from_faces_edges_and_corners_between_them_too_where_that_is_quick() -> None:
    for count, views, farthest in ((FEW, 66, 19), (FEW + 1, 26, 36), (MANY, 14, 46)):
        found = np.array([way / np.linalg.norm(way) for way in directions(count)])
        assert len(found) == views
        degrees = np.degrees(np.arccos(np.clip(found @ found.T, -1, 1)))
        assert degrees[~np.eye(views, dtype=bool)].min() > APART - 1e-9
        sides = [turntable(turn, climb)[0] for turn in np.linspace(0, 6.3, 40) for climb in np.linspace(-0.4, 1.2, 9)]
        assert np.degrees(np.arccos((np.array(sides) @ found.T).max(axis=1))).max() < farthest


def test_the_marks_of_a_scene_take_a_few_thousand_bytes() -> None:
    arrays = Arrays()
    composition, _ = shipped("lora")
    told = marks_section(composition, arrays, looks_of(composition).index)
    assert len(zlib.compress(json.dumps(told).encode(), 9)) + sum(map(len, arrays.packed().parts)) < 25_000


def test_every_name_has_a_place_from_its_own_camera_and_each_choice_is_told_once() -> None:
    arrays = Arrays()
    told = readings_section(Scene.load("matmul").composition, arrays)
    places = arrays.stored[told["places"]["array"]]
    assert places.shape[1] == 3
    assert ((places < PLACES) | (places == NOWHERE)).all()
    assert (places[[one["names"] for one in told["usual"]["standing"]]] < PLACES).all()
    rows = np.concatenate([places, arrays.stored[told["heights"]["array"]]], axis=1)
    assert len(np.unique(rows, axis=0)) == len(rows)
    assert len(told["library"]) == len(told["usual"]["views"]) == len(told["low"]["views"]) == 66
    assert [one is None for one in told["usual"]["moving"]] == [True] * len(ASPECTS)


LEAST = """(() => {
  const { composition } = testing;
  const [moment, aspect] = [composition.moment(0), 16 / 9];
  const seen = [];
  for (const height of [720, LOW_BELOW, LOW_BELOW - 1, 300, 720]) {
    composition.readings.fit(height);
    for (const read of [composition.filmed(moment, aspect), composition.readings.nearest(mmvizPage.orbit(
      composition.cameraAt(moment, aspect), 40, 10))]) {
      const there = composition.readings.choices(read.now).filter(Boolean).map((one) => one.height);
      seen.push([height, Math.min(...there)]);
    }
  }
  composition.readings.fit(720);
  return JSON.stringify(seen);
})()"""


def test_names_of_low_pictures_are_large_enough_to_be_read() -> None:
    composed("transformer_layer")
    found = json.loads(str(engine().eval(LEAST.replace("LOW_BELOW", str(LOW_BELOW)))))
    low = [least for height, least in found if height < LOW_BELOW]
    usual = [least for height, least in found if height >= LOW_BELOW]
    assert len(low) == 4
    assert min(low) >= READABLE / LOW * 0.999
    assert READABLE / USUAL_HEIGHT <= min(usual) < READABLE / LOW * 0.8


def test_names_fly_from_place_to_place_as_in_a_film_while_the_camera_moves() -> None:
    tensors = {"A": {"init": "gaussian", "shape": [8, 6]}, "B": {"init": "gaussian", "shape": [6, 9]}}
    page = composed(Scene("p = A @ B", tensors, camera=MOVING, animation={"speed": 8.0, "hold": 1.0}).composition)
    for share in (0.0, 0.1, 0.33, 0.52, 0.7, 0.93, 1.0):
        check_drawn(page, share, None)
    check_drawn(page, 0.4, None, ASPECTS[2])
    check_drawn(page, 0.4, (1, 1, 1))


TURNING = """(() => {
  const { composition } = testing;
  const [moment, aspect] = [composition.moment(0), 16 / 9];
  const own = composition.cameraAt(moment, aspect);
  const [film, follower] = [composition.filmed(moment, aspect), composition.follower()];
  const told = [[0, 0], [2, 0.1], [70, 0.2], [70, 0.35], [70, 0.51], [71, 2], [73, 2.1], [0, 3], [0, 3.15], [0, 3.4],
    [73, 5], [73, 6, true], [73, 7], [2, 8], [2, 9, true]];
  const arrived = mmvizPage.orbit(own, 73, 0);
  const found = told.map(([degrees, seconds, settled]) => {
    const camera = degrees === 0 ? own : mmvizPage.orbit(own, degrees, 0);
    const nearest = composition.readings.nearest(camera).now;
    return { ...follower.read(film, degrees === 0 ? null : own, camera, seconds, settled), film: film.now, nearest };
  });
  return JSON.stringify([...found, composition.follower().read(film, own, arrived, 0, true)]);
})()"""


def test_names_go_to_the_places_of_a_nearer_view_while_a_person_turns_the_scene_and_back_to_those_of_the_film() -> None:
    composed("lora")
    first, little, leaves, way, there, still, more, home, back, end, *rest = json.loads(str(engine().eval(TURNING)))
    assert first["nearest"] != first["film"]
    for shown in (first, little, end):  # where it is turned by a little they stay
        assert (shown["now"], shown["share"]) == (shown["film"], 0)
    assert (leaves["before"], leaves["now"], leaves["share"]) == (first["film"], leaves["nearest"], 0)
    assert way["share"] == pytest.approx(0.5)
    assert (there["now"], there["share"]) == (still["now"], still["share"]) == (leaves["nearest"], 0)
    assert more["now"] == still["now"]  # no other view is clearly nearer
    assert (home["before"], home["now"], home["share"]) == (there["now"], first["film"], 0)
    assert back["share"] == pytest.approx(0.5)
    _, settled, stays, _, returned, arrived = rest  # where it is at rest, only the camera counts
    assert settled["now"] == stays["now"] == arrived["now"] == settled["nearest"]
    assert arrived["share"] == 0
    assert returned["now"] == first["film"]
