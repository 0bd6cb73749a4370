"""What is written while the camera moves: never mirrored, never huge, not flickering, and the same however asked."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.camera import Camera
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList
from mmviz.picture.pacing import Film, Moment
from mmviz.picture.placement import Vector
from mmviz.picture.writing import LARGEST_SEEN

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


def keys(drawing: DrawList) -> set[str]:
    return {label.key for label in drawing.labels} | {ticks.key for ticks in drawing.ticks}


def frames(scene: Scene) -> Iterator[tuple[DrawList, Camera]]:
    return (drawn(scene.composition, moment) for moment in scene.film(15))


def test_texts_are_never_mirrored_and_never_huge(scene: Scene) -> None:
    for drawing, camera in frames(scene):
        for label in drawing.labels:
            assert np.cross(label.along, label.up) @ (camera.position - label.center) > 0
            depth = float((camera.position - label.center) @ camera.axes()[2])
            seen = label.height / (2 * depth * np.tan(np.radians(camera.view_angle) / 2))
            assert depth < 0 or seen < LARGEST_SEEN * (1 + 1e-9)


def test_no_text_flashes_or_blinks(scene: Scene) -> None:
    shown = [keys(drawing) for drawing, _ in frames(scene)]
    own = [keys_of_camera(scene.composition, moment) for moment in scene.film(15)]
    assert brief(own) > 0  # a choice in every frame would flicker
    assert brief(shown) <= 0.25 * brief(own)


def keys_of_camera(composition: Composition, moment: Moment) -> set[str]:
    """What would be written if nothing but this camera counted."""
    camera = composition.camera_at(moment, ASPECT)
    moved = Camera(camera.position + 1e-4, camera.target + 1e-4, camera.up)
    return keys(composition.at(moment, moved, ASPECT))


def brief(shown: list[set[str]]) -> int:
    """How many times a text comes or goes for less than 0.6 seconds."""
    count = 0
    for key in set().union(*shown):
        there = [key in texts for texts in shown]
        changes = [number for number in range(1, len(there)) if there[number] != there[number - 1]]
        count += sum(after - before < 9 for before, after in pairwise(changes))
    return count


def test_what_is_written_does_not_depend_on_what_was_drawn_before(scene: Scene) -> None:
    moments: Film = scene.film(4)
    forward = [drawn(scene.composition, moment)[0] for moment in moments]
    fresh = Scene.of(scene.document, scene.folder).composition
    backward = [drawn(fresh, moments[number])[0] for number in reversed(range(len(moments)))][::-1]
    for one, other in zip(forward, backward, strict=True):
        assert [label.key for label in one.labels] == [label.key for label in other.labels]
        for label, again in zip(one.labels, other.labels, strict=True):
            np.testing.assert_array_equal(label.center, again.center)
            np.testing.assert_array_equal([label.along, label.up], [again.along, again.up])
            assert label.height == again.height


def test_a_name_moves_only_as_far_as_the_sheet_it_stands_before(scene: Scene) -> None:
    places: dict[str, list[Vector]] = {}
    for drawing, _ in frames(scene):
        for label in drawing.labels:
            if label.key.startswith("name:"):
                places.setdefault(label.key, []).append(label.center)
    assert len(places) == 5
    for found in places.values():
        assert np.ptp(found, axis=0).max() < 2.0  # from one side of its matrix to the other


def test_a_camera_of_ones_own_reads_what_it_sees(scene: Scene) -> None:
    composition = scene.composition
    camera = composition.camera(1.0)
    direct = Scene.of(scene.document.model_copy(update={"camera": type(scene.document.camera)()}), scene.folder)
    assert keys(composition.at(3.0, camera, 1.0)) == keys(direct.composition.at(3.0, camera, 1.0))
