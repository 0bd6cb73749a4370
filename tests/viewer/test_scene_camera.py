"""The window's camera becomes the scene's, or a keyframe of it, or that of a film."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.orders.order import FilmOrder
from mmviz.picture.eye.camera import Camera
from mmviz.viewer.canvas.scene_camera import TOO_FAR
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import CONTROL, opened, settle

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot: QtBot, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.chdir(tmp_path)
    return opened(qtbot, scene)


def assert_near(one: Camera, other: Camera) -> None:
    np.testing.assert_allclose(one.position, other.position, atol=1e-3)
    np.testing.assert_allclose(one.axes(), other.axes(), atol=1e-4)


def test_the_view_becomes_the_scenes_camera_and_is_undone(window: MainWindow, qtbot: QtBot) -> None:
    view, before = window.view, window.desk.scene.document.camera
    view.turn(40.0, -10.0)
    view.pan(0.1, 0.0)
    chosen = view.camera
    window.actions_by_name["own_camera"].trigger()
    settle(window, qtbot)
    assert window.status.text() == "This view is the scene's camera now; Ctrl+Z undoes it"
    assert view.camera is chosen, "nothing moves"
    view.reset()
    assert_near(view.camera, chosen)
    assert window.isWindowModified()
    QTest.keyClick(window, Key.Key_Z, CONTROL)
    settle(window, qtbot)
    assert window.desk.scene.document.camera == before


def test_keyframes_are_added_at_the_step_now_and_the_camera_flies_through_them(
    window: MainWindow, qtbot: QtBot
) -> None:
    view, player, cameras = window.view, window.player, []
    for step in (3.0, 1.0):
        player.seek(step)
        view.turn(30.0, 5.0)
        cameras.append(view.camera)
        QTest.keyClick(window, Key.Key_K)
        settle(window, qtbot)
        alone = "; add another at another step, and the camera flies from one to the next"
        assert window.status.text() == f"Keyframe of the scene's camera at step {step:g}{alone if step == 3 else ''}"
    view.reset()
    for step, camera in zip((3.0, 1.0), cameras, strict=True):
        player.seek(step)
        assert_near(view.camera, camera)
    window.actions_by_name["own_camera"].trigger()
    assert window.status.text().endswith("; in films its keyframes still lead it; Ctrl+Z undoes it")
    settle(window, qtbot)
    window.desk.undo.undo()
    window.desk.undo.undo()
    settle(window, qtbot)
    assert [frame.at for frame in window.desk.scene.document.camera.keyframes] == [3.0]


def test_what_is_too_far_away_to_be_said_is_told(window: MainWindow) -> None:
    window.view.look(Camera(np.array([0.0, 0.0, 2e7]), np.zeros(3), np.array([0.0, 1.0, 0.0])))
    for name in ("own_camera", "keyframe"):
        window.actions_by_name[name].trigger()
        assert window.status.text() == TOO_FAR.format(reset="R")
    assert not window.desk.changing


def test_a_film_from_this_view_has_its_camera_and_hides_what_it_hides(window: MainWindow) -> None:
    window.view.turn(25.0, 0.0)
    window.navigation.hiding.hide("left")
    QTest.keyClick(window, Key.Key_E, CONTROL | SHIFT)
    dialog = window.dialogs.export
    assert dialog is not None
    assert dialog.isVisible()
    order = dialog.order()
    assert isinstance(order, FilmOrder)
    assert order.camera is not None
    np.testing.assert_array_equal(order.camera.position, window.view.camera.position)
    assert order.hidden == {"left"}
    dialog.form.film_eye.setCurrentIndex(0)
    plain = dialog.order()
    assert isinstance(plain, FilmOrder)
    assert (plain.camera, plain.hidden) == (None, frozenset())
