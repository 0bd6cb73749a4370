"""How much of what is written can be read: counted over forty scenes and six cameras each."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.drawlist import DrawList, Label
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.scene.language.tree import walk
from tests.picture.legibility import LEGIBLE, Legibility, legibility
from tests.picture.sweep_scenes import SIZE, cameras, made, scenes, without_numbers

CROWDED = ("all_heads", "experts", "heads_one_by_one", "transformer_layer")
"""Scenes of 60 matrices and more, under an expression of many lines."""
QUICK = ("sum of four", "one token", "vector", "head with scores")


def counted(scene: Scene) -> Iterable[Legibility]:
    composition = without_numbers(scene)
    repeated = composition.layout.repeated  # in heads like another one
    names = {node.path: node.name for node in walk(composition.root) if node.path not in repeated}
    for camera in cameras(composition):
        drawing = composition.at(0.0, camera, SIZE[0] / SIZE[1])
        yield legibility(drawing, composition.layout, names, camera, SIZE)


@pytest.mark.parametrize("name", QUICK)
def test_nearly_every_visible_matrix_of_a_scene_is_named(name: str) -> None:
    frames = list(counted(made(name)))
    visible, named = sum(len(one.visible) for one in frames), sum(len(one.named) for one in frames)
    assert visible > 12
    assert named >= 0.94 * visible
    assert [one.overlaps for one in frames] == [()] * 6
    assert min(one.smallest for one in frames) >= LEGIBLE


def test_names_keep_off_what_is_written_over_the_column_of_a_sink() -> None:
    assert [one.overlaps for one in counted(Scene.load("sink"))] == [()] * 6


@pytest.mark.slow
def test_nearly_every_visible_matrix_is_named_no_text_is_over_another_and_all_can_be_read() -> None:
    """Before names stood beside their matrices: 66 % named, 474 overlaps, 922 over other matrices, 0.02 pixels."""
    frames = {name: list(counted(scene)) for name, scene in scenes()}
    share = {name: share_named(found) for name, found in frames.items()}
    every = [one for found in frames.values() for one in found]
    assert len(every) == 258
    assert share_named(every) >= 0.89
    assert share_named([one for name, found in frames.items() if name not in CROWDED for one in found]) >= 0.985
    assert min(share.values()) >= 0.42
    assert sum(len(one.overlaps) for one in every) == 0
    assert sum(len(one.over_others) for one in every) <= 14
    assert min(one.smallest for one in every) >= LEGIBLE
    assert max(one.over_own for one in every) < 0.05


def share_named(frames: Sequence[Legibility]) -> float:
    visible = sum(len(one.visible) for one in frames)
    assert visible > 0
    return sum(len(one.named) for one in frames) / visible


# the counter itself


X, Y = np.array([1.0, 0, 0]), np.array([0.0, 1, 0])
EYE = Camera(np.array([0.0, 0, 100]), np.zeros(3), Y)
NEAR = Placement((20, 20), np.array([-10.0, 10, 10]), -Y, X)
FAR = Placement((10, 10), np.array([-5.0, 5, 0]), -Y, X)
ASIDE = Placement((10, 10), np.array([15.0, 5, 0]), -Y, X)


def written(*texts: tuple[str, str, tuple[float, float], float]) -> DrawList:
    """Labels by path, text, place and height, upright."""
    return DrawList(
        labels=tuple(
            Label(ItemKey("name", path), text, np.array([x, y, 20.0]), X, Y, height, (1, 1, 1))
            for path, text, (x, y), height in texts
        )
    )


def count(drawing: DrawList) -> Legibility:
    layout = {"near": NEAR, "far": FAR, "aside": ASIDE}
    return legibility(drawing, layout, {path: path for path in layout}, EYE, SIZE)


def test_a_matrix_that_another_one_hides_is_not_visible() -> None:
    assert count(written()).visible == {"near", "aside"}


def test_a_matrix_is_named_by_its_own_name_where_that_can_be_read() -> None:
    assert count(written(("aside", "aside", (18.0, 8.0), 1.0))).named == {"aside"}
    assert count(written(("aside", "other", (18.0, 8.0), 1.0))).named == set()
    assert count(written(("near", "aside", (18.0, 8.0), 1.0))).named == set()
    tiny = count(written(("aside", "aside", (18.0, 8.0), 0.01)))
    assert tiny.named == set()
    assert tiny.smallest == pytest.approx(0.01 / (2 * 80 * np.tan(np.radians(15))) * SIZE[1])


def test_texts_over_each_other_and_over_other_matrices_are_counted() -> None:
    found = count(written(("aside", "aside", (0.0, 0.0), 1.0), ("near", "near", (0.5, 0.2), 1.0)))
    assert found.overlaps == (("name:aside", "name:near"),)
    assert found.over_others == ("name:aside",)
    assert 0 < found.over_own < 0.1
    apart = count(written(("aside", "aside", (18.0, 12.0), 1.0), ("near", "near", (0.5, 0.2), 1.0)))
    assert (apart.overlaps, apart.over_others) == ((), ())
