"""Films that are ordered with a camera of their own, or without some matrices; the pictures are only looked at."""

from dataclasses import replace

import numpy as np
import pytest

from mmviz import Scene
from mmviz.filming.studio import Studio
from mmviz.orders.order import FilmOrder
from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.render.film.formats import film_of
from tests.fake_renderer import Dabber

ORDER = FilmOrder("x/", 64, 48, 2)
FRONT = Camera(np.array([0.0, 0.0, 60.0]), np.zeros(3), np.array([0.0, 1.0, 0.0]))


@pytest.fixture(scope="module")
def scene() -> Scene:
    tensors = {"A": {"init": "rows", "shape": [3, 2]}, "B": {"init": "cols", "shape": [2, 3]}}
    keyframes = [{"direction": [0, 0, 1]}, {"at": 2, "orbit": 90}]
    return Scene("A @ B", tensors, camera={"keyframes": keyframes})


def shown(scene: Scene, order: FilmOrder) -> tuple[list[list[float]], set[str]]:
    """From where some frames are seen, and the paths of the matrices in them."""
    eyes: list[list[float]] = []
    paths: set[str] = set()

    class Watching(Dabber):
        def show(self, drawing: DrawList, camera: Camera) -> None:
            eyes.append(camera.position.tolist())
            paths.update(sheet.key.path for sheet in drawing.sheets)

    with Studio(scene, film_of(order), Watching) as studio:
        studio.samples(4)
    return eyes, paths


def test_a_film_is_seen_all_the_time_from_the_camera_that_is_ordered(scene: Scene) -> None:
    own, paths = shown(scene, ORDER)
    assert len(set(map(tuple, own))) > 1
    fixed, same_paths = shown(scene, replace(ORDER, camera=FRONT))
    assert fixed == [FRONT.position.tolist()] * len(own)
    assert paths == same_paths == {"", "left", "right"}


def test_a_film_leaves_out_the_matrices_that_are_ordered_away(scene: Scene) -> None:
    own, _ = shown(scene, ORDER)
    eyes, paths = shown(scene, replace(ORDER, hidden=frozenset({"left"})))
    assert eyes == own, "no camera moves for that"
    assert paths == {"", "right"}
