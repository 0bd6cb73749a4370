"""How the window looks at a scene: saved with it, remembered without, and never a change that has to be saved."""

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.eye.camera import Camera
from mmviz.scene.document import load
from mmviz.scene.keys.view import ViewOptions
from mmviz.viewer import settings
from mmviz.viewer.canvas.seen import Seen
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import CONTROL, opened, settle

Key = Qt.Key
TEXT = """\
# what is multiplied
expr: P = relu(A @ B)
tensors:
  A: {init: rows, shape: [4, 3]}  # the left one
  B: {init: cols, shape: [3, 2]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "small.yaml"
    place.write_text(TEXT)
    return place


def close(window: MainWindow) -> None:
    assert window.close(), "nothing is asked"


def look_around(window: MainWindow) -> None:
    window.view.turn(33.0, 7.0)
    QTest.keyClick(window, Key.Key_B, CONTROL)
    window.view.turn(5.0, -3.0)
    window.navigation.hiding.hide("right")
    window.player.seek(2.25)
    window.tabs.setCurrentIndex(2)


def what_is_seen(window: MainWindow) -> tuple[object, ...]:
    navigation = window.navigation
    return (
        _numbers(window.view.camera),
        [_numbers(kept.camera) for kept in navigation.kept_views.all],
        navigation.hiding.hidden,
        window.player.time,
        window.tabs.currentIndex(),
    )


def _numbers(camera: Camera) -> list[float]:
    return [float(x) for x in np.round(np.concatenate([camera.position, camera.up, [camera.view_angle]]), 2)]


@pytest.mark.slow
def test_what_is_saved_is_seen_again_and_saved_again_as_it_is(qtbot: QtBot, file: Path) -> None:
    window = opened(qtbot, Scene.load(file), panel=True)
    look_around(window)
    assert not window.isWindowModified()
    before = what_is_seen(window)
    QTest.keyClick(window, Key.Key_S, CONTROL)
    close(window)
    said = file.read_text()
    assert said.startswith(TEXT), "what was there stays, comments and all"
    assert load(file).view.hidden == ("B",)

    settings.forget_recent()  # and with that what was remembered beside the file
    again = opened(qtbot, Scene.load(file), (640, 800), panel=True)
    assert what_is_seen(again) == before
    assert again.files.save()
    close(again)
    assert file.read_text() == said


def test_a_scene_that_was_not_touched_is_saved_byte_for_byte(qtbot: QtBot, file: Path) -> None:
    window = opened(qtbot, Scene.load(file), panel=True)
    assert window.files.save()
    assert file.read_text() == TEXT


@pytest.mark.slow
def test_without_saving_the_view_is_remembered_for_the_file_until_that_says_another(qtbot: QtBot, file: Path) -> None:
    window = opened(qtbot, Scene.load(file), panel=True)
    look_around(window)
    before = what_is_seen(window)
    with qtbot.waitSignal(window.desk.opened, timeout=20_000):
        window.desk.open("another", lambda: Scene.load("matmul"))
    assert window.view.chosen is None
    assert file.read_text() == TEXT
    window.files.open_named(str(file))
    settle(window, qtbot)
    assert what_is_seen(window) == before
    close(window)
    file.write_text(TEXT + "view: {step: 1}\n")
    again = opened(qtbot, Scene.load(file), panel=True)
    assert (again.player.time, again.view.chosen, again.navigation.hiding.hidden) == (1.0, None, frozenset())


def test_what_a_view_says_of_what_is_not_there_is_passed_over(qtbot: QtBot, file: Path) -> None:
    file.write_text(
        TEXT + "view: {step: 900, tab: Gone, hidden: [A, nobody], kept: [{position: [0, 0, 9], name: n}]}\n"
    )
    window = opened(qtbot, Scene.load(file), panel=True)
    assert (window.player.time, window.tabs.currentIndex()) == (float(window.player.steps), 0)
    assert window.navigation.hiding.hidden == {"left"}
    QTest.keyClick(window, Key.Key_B)
    assert window.status.text() == "Kept view 1 of 1: n"


@pytest.mark.parametrize("kept", ["", "[", "[]", "3", '{"own": 3, "seen": {}}', '{"own": {}, "seen": {"step": -4}}'])
def test_what_was_remembered_may_be_anything(qtbot: QtBot, file: Path, kept: str) -> None:
    settings.keep_view(file, kept)
    window = opened(qtbot, Scene.load(file))
    assert window.seen.now() == ViewOptions()


def test_of_too_many_files_some_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MOST_VIEWS", 3)
    places = [tmp_path / f"{number}.yaml" for number in range(5)]
    for place in places:
        settings.keep_view(place, json.dumps(place.stem))
    assert settings.view_of(places[-1]) == '"4"'
    assert sum(settings.view_of(place) is not None for place in places) == 3
    settings.forget_view(places[-1])
    assert settings.view_of(places[-1]) is None


def test_a_view_that_could_not_be_saved_is_still_remembered(qtbot: QtBot, file: Path) -> None:
    window = opened(qtbot, Scene.load(file))
    assert isinstance(window.seen, Seen)
    window.view.turn(30.0, 0.0)
    assert not window.desk.save(file.parent / "nowhere" / "x.yaml")
    close(window)
    assert settings.view_of(file) is not None
