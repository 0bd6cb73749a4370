"""The tab "Model" of a scene that a builder made: what is picked is built as the scene was."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from mmviz.builders.again import built_again
from mmviz.builders.by_name import scene_named
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.pipeline import Scene
from mmviz.viewer.window import MainWindow
from tests.values.variants import save_variant
from tests.viewer.looking import opened
from tests.viewer.model_windows import ask_for, settled


def reading(model: Path) -> Reading:
    return Reading(str(model), tokens=(3, 1, 4, 1), device="cpu")


@pytest.fixture
def gpt2(tmp_path: Path) -> Path:
    return save_variant(tmp_path / "gpt2", "gpt2")


@pytest.fixture
def window(gpt2: Path, qtbot: QtBot) -> MainWindow:
    scene = head_scene(reading(gpt2), 0, 0).changed(camera={"direction": [1, 1, 1]})
    _ = scene.composition
    return opened(qtbot, scene, (1100, 700), panel=True, opener=scene_named, build_again=built_again)


def test_a_layer_and_a_head_that_are_picked_are_built_again_with_what_was_changed(
    window: MainWindow, gpt2: Path, qtbot: QtBot
) -> None:
    before = window.desk.scene.document
    window.model_panel.layer.picked.emit(1)
    window.model_panel.head.picked.emit(2)
    settled(window, qtbot)
    built = head_scene(reading(gpt2), 1, 2).document
    assert window.desk.scene.document == built.model_copy(update={"camera": before.camera})
    window.desk.undo.undo()
    assert window.desk.scene.document == before


def test_a_model_of_another_family_takes_the_same_scene_and_can_be_undone(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    llama = save_variant(tmp_path / "llama", "llama")
    before = window.desk.scene.document
    ask_for(window.model_panel, str(llama))
    settled(window, qtbot)
    now = window.desk.scene.document
    assert now.expr == head_scene(reading(llama), 0, 0).document.expr != before.expr
    assert now.camera == before.camera
    assert window.desk.undo.canUndo()
    assert isinstance(window.desk.scene, Scene)


def test_a_head_that_the_expression_was_changed_of_is_filled_anew(window: MainWindow, qtbot: QtBot) -> None:
    window.desk.propose("expression", lambda scene: scene.edited("out = input @ wQ"))
    settled(window, qtbot)
    window.model_panel.head.picked.emit(3)
    settled(window, qtbot)
    assert window.desk.scene.document.expr == "out = input @ wQ"
    assert window.desk.scene.document.tensors["wQ"].model_dump()["head"] == 3
