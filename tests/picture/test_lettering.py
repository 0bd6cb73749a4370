"""What is written while the camera moves: never mirrored, never huge, not flickering, and the same however asked."""

from dataclasses import replace
from itertools import pairwise
from typing import cast

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList, Label, TickLabels
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.eye.camera_path import CameraPath, Stop
from mmviz.picture.eye.flight import View
from mmviz.picture.marks.writing import LARGEST_SEEN, Texts, Writing
from mmviz.picture.shots import naming_shots
from mmviz.picture.shots.camera_work import CameraWork
from mmviz.picture.shots.lettering import Lettering
from mmviz.picture.shots.naming_shots import PAUSE
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Vector
from mmviz.picture.time.chapters import Chapter
from mmviz.picture.time.pacing import Film, Moment

ASPECT = 16 / 9


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Twelve seconds once around an attention head, then close to the values."""
    sources = {name: {"init": "gaussian", "shape": [24, 8], "seed": n} for n, name in enumerate("QKV")}
    camera = {"keyframes": [{"orbit": 360}, {"at": 20, "focus": "V"}, {"at": 30, "focus": "V"}, {"at": 36, "zoom": 1}]}
    return Scene("z = (attn = softmax(Q @ K.T)) @ V", sources, camera=camera, animation={"speed": 2.0, "hold": 0.0})


def drawn(composition: Composition, moment: Moment) -> tuple[DrawList, Camera]:
    camera = composition.camera_at(moment, ASPECT)
    return composition.at(moment, camera, ASPECT), camera


def keys(drawing: DrawList) -> set[ItemKey]:
    return {label.key for label in drawing.labels} | {ticks.key for ticks in drawing.ticks}


@pytest.fixture(scope="module")
def film(scene: Scene) -> list[tuple[DrawList, Camera]]:
    return [drawn(scene.composition, moment) for moment in scene.film(15)]


@pytest.fixture(scope="module")
def frames(film: list[tuple[DrawList, Camera]]) -> list[tuple[DrawList, Camera]]:
    return film[60:240]


@pytest.mark.slow
def test_texts_are_never_mirrored_and_never_huge(frames: list[tuple[DrawList, Camera]]) -> None:
    for drawing, camera in frames:
        for label in drawing.labels:
            assert np.cross(label.along, label.up) @ (camera.position - label.center) > 0
            depth = float((camera.position - label.center) @ camera.axes()[2])
            seen = label.height / (2 * depth * np.tan(np.radians(camera.view_angle) / 2))
            assert depth < 0 or seen < LARGEST_SEEN * (1 + 1e-9)


@pytest.mark.slow
def test_no_text_flashes_or_blinks(scene: Scene, film: list[tuple[DrawList, Camera]]) -> None:
    shown = [keys(drawing) for drawing, _ in film]
    own = [keys_of_camera(scene.composition, moment) for moment in scene.film(15)]
    assert brief(own) > 0  # a choice in every frame would flicker
    assert brief(shown) <= 0.25 * brief(own)


def keys_of_camera(composition: Composition, moment: Moment) -> set[ItemKey]:
    """What would be written if nothing but this camera counted."""
    camera = composition.camera_at(moment, ASPECT)
    moved = Camera(camera.position + 1e-4, camera.target + 1e-4, camera.up)
    return keys(composition.at(moment, moved, ASPECT))


def brief(shown: list[set[ItemKey]]) -> int:
    """How many times a text comes or goes for less than 0.6 seconds."""
    count = 0
    for key in set().union(*shown):
        there = [key in texts for texts in shown]
        changes = [number for number in range(1, len(there)) if there[number] != there[number - 1]]
        count += sum(after - before < 9 for before, after in pairwise(changes))
    return count


@pytest.mark.slow
@pytest.mark.parametrize("longest", [naming_shots.LONGEST, 7])
def test_what_is_written_does_not_depend_on_what_was_drawn_before(
    scene: Scene, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming_shots, "LONGEST", longest)
    scene = Scene.of(scene.document, scene.folder)
    moments: Film = scene.film(2)
    forward = [drawn(scene.composition, moment)[0] for moment in moments]
    fresh = Scene.of(scene.document, scene.folder).composition
    backward = [drawn(fresh, moments[number])[0] for number in reversed(range(len(moments)))][::-1]
    for one, other in zip(forward, backward, strict=True):
        assert [label.key for label in one.labels] == [label.key for label in other.labels]
        for label, again in zip(one.labels, other.labels, strict=True):
            np.testing.assert_array_equal(label.center, again.center)
            np.testing.assert_array_equal([label.along, label.up], [again.along, again.up])
            assert label.height == again.height


@pytest.mark.slow
def test_no_name_jumps_it_glides_to_where_it_stands_next(frames: list[tuple[DrawList, Camera]]) -> None:
    """Between two of 15 frames a second a name goes no farther than a glide of six frames, and seldom glides."""
    places: dict[ItemKey, Vector] = {}
    farthest: list[float] = []
    named: set[ItemKey] = set()
    for drawing, camera in frames:
        names = {label.key: label for label in drawing.labels if label.key.kind == "name" and label.opacity > 0.5}
        seen = {key: project(camera, label.center[None], ASPECT)[0] for key, label in names.items()}
        farthest += [float(np.linalg.norm(seen[key] - places[key])) for key in seen.keys() & places.keys()]
        places, named = seen, named | set(seen)
    assert len(named) == 5
    assert max(farthest) < 0.25
    assert np.mean(np.array(farthest) > 0.03) < 0.1


def test_a_camera_of_ones_own_reads_what_it_sees(scene: Scene) -> None:
    composition = scene.composition
    camera = composition.camera(1.0)
    direct = Scene.of(scene.document.model_copy(update={"camera": type(scene.document.camera)()}), scene.folder)
    assert keys(composition.at(3.0, camera, 1.0)) == keys(direct.composition.at(3.0, camera, 1.0))


# which choices count


class Told:
    """Texts by the number of their choice, which the camera's place tells; their height tells it again."""

    def __init__(self, shown: dict[str, set[int]]) -> None:
        self.shown = shown

    def view(self, camera: Camera, aspect: float) -> None:
        """Nothing has to be kept off."""

    def toward(self, camera: Camera, view: None, taken: Vector) -> Texts:
        number = round(float(camera.target[0]) / PAUSE)
        there = [key for key, numbers in self.shown.items() if number in numbers]
        right, up = np.array([1.0, 0, 0]), np.array([0.0, 1, 0])
        size, white = 0.001 * (number + 1), (1.0, 1.0, 1.0)
        places = np.zeros((1, 3))
        return Texts(
            tuple(
                Label(ItemKey("name", key), key, places[0], right, up, size, white) for key in there if key[0] == "n"
            ),
            tuple(
                TickLabels(ItemKey("tokens", key), (key,), places, right, up, size, white)
                for key in there
                if key[0] == "t"
            ),
        )


def sailing() -> CameraWork:
    """A camera that goes to the right by a cell a second, in two chapters of which one begins in the other."""
    start = View(np.zeros(3), np.zeros(2), 50.0, 0.0, 0.0, 30.0)
    path = CameraPath([Stop(0.0, start, follow=lambda t: replace(start, pivot=np.array([t, 0.0, 0.0])))], 40.0, 1.0)
    chapters = Chapter(0.0, 20.0, 1.0, 0.0), Chapter(8.0, 40.0, 1.0, 0.0, start=20.0)
    return CameraWork(start.camera(), Chapter(0.0, 40.0, 1.0, 0.0), path, chapters, (None, None))


def lettering_of(writing: Writing, work: CameraWork) -> Lettering:
    return Lettering(writing, work, ASPECT, np.zeros((0, 4)))


def seen_at(lettering: Lettering, work: CameraWork, moment: Moment) -> dict[str, float]:
    """Keys of texts, and the numbers of the choices whose form they have."""
    texts = lettering.at(moment, work.at(moment))
    heights = {one.key.path: one.height for one in texts.labels} | {one.key.path: one.height for one in texts.ticks}
    return {key: round(height / 0.001) - 1 for key, height in heights.items()}


def test_a_text_is_there_where_three_of_the_five_choices_around_have_it_and_looks_as_in_the_middle_one() -> None:
    own = {"once": {25}, "twice": {24, 25}, "thrice": {24, 25, 26}, "gap": set(range(60)) - {25}}
    shown = {f"{kind}:{key}": numbers for kind in ("name", "tick") for key, numbers in own.items()}
    work = sailing()
    lettering = lettering_of(cast(Writing, Told(shown)), work)
    for number in range(18, 33):
        for later in (0.01, 0.2, 0.39):
            for moment in (Moment(number * PAUSE + later), Moment(number * PAUSE + later, 0)):
                seen = seen_at(lettering, work, moment)
                around = range(number - 2, number + 3)
                assert set(seen) == {key for key, numbers in shown.items() if len(numbers & {*around}) >= 3}
                for key, told in seen.items():
                    nearest = min(abs(other - number) for other in shown[key] if other in around)
                    assert abs(told - number) == nearest


def test_the_choices_of_a_chapter_are_counted_from_its_own_beginning() -> None:
    work = sailing()
    lettering = lettering_of(cast(Writing, Told({"name": set(range(200))})), work)
    for seconds in (2.01, 3.0, 5.7):
        number = int(seconds / PAUSE)
        first = seen_at(lettering, work, Moment(seconds, 0))
        second = seen_at(lettering, work, Moment(8.0 + seconds, 1))
        assert (first["name"], second["name"]) == (number, number + 8 / PAUSE)


def test_where_the_camera_has_come_to_rest_the_texts_of_its_way_go() -> None:
    start = View(np.zeros(3), np.zeros(2), 50.0, 0.0, 0.0, 30.0)
    rest = replace(start, pivot=np.array([1000 * PAUSE, 0, 0]))
    path = CameraPath([Stop(0.0, start), Stop(9.25 * PAUSE, rest), Stop(40.0, rest)], 40.0, 1.0)
    work = replace(sailing(), path=path)
    lettering = lettering_of(cast(Writing, Told({"name:way": set(range(1000)), "name:rest": {1000}})), work)
    shown = [seen_at(lettering, work, Moment(number * PAUSE)).keys() for number in (9.5, 12.5)]
    assert work.at(Moment(9.5 * PAUSE)) is work.at(Moment(12.5 * PAUSE))
    assert [set(keys) for keys in shown] == [{"name:way"}, {"name:rest"}]


def test_texts_are_turned_to_the_camera_of_every_frame() -> None:
    work = sailing()
    lettering = lettering_of(cast(Writing, Told({"name": set(range(200))})), work)
    moment, near = Moment(6.01), Moment(6.02)
    assert lettering.at(moment, work.at(moment)).labels[0].along @ [1, 0, 0] == 1
    seen = work.at(near)
    behind = Camera(seen.target - (seen.position - seen.target), seen.target, seen.up)
    assert lettering.at(near, behind).labels[0].along @ [1, 0, 0] == -1
    assert lettering.at(near, seen).labels[0].along @ [1, 0, 0] == 1
