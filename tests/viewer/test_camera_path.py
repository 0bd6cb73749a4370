"""The window plays along the scene's own camera path, until the user takes the camera."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.render.offscreen import offscreen
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

pytestmark = pytest.mark.usefixtures("canvases_kept")


@pytest.fixture(scope="module")
def filmed() -> Scene:
    sources = {name: {"init": "gaussian", "shape": [6, 6]} for name in "AB"}
    keyframes = [{"direction": [0, 0, 1]}, {"at": 1, "orbit": 180}, {"at": 5, "focus": "A"}]
    return Scene("out = A @ B", sources, camera={"keyframes": keyframes})


@pytest.fixture
def window(qtbot: QtBot, filmed: Scene) -> MainWindow:
    return opened(qtbot, filmed, None, panel=True, renderers=offscreen)


def test_the_camera_goes_with_the_time_until_the_user_turns_it_and_again_after_a_reset(window: MainWindow) -> None:
    view, own = window.view, window.view.composition
    for time in (0.0, 2.5, 6.0, 1.25):
        window.player.seek(time)
        np.testing.assert_array_equal(view.camera.position, own.camera_at(time, view.aspect).position)
    view.turn(20.0, 0.0)
    chosen = view.camera.position
    window.player.seek(4.0)
    np.testing.assert_array_equal(view.camera.position, chosen)
    view.reset()
    np.testing.assert_array_equal(view.camera.position, own.camera_at(4.0, view.aspect).position)


def test_another_time_is_another_picture_though_nothing_but_the_camera_moves(window: MainWindow) -> None:
    pictures = []
    for time in (2.0, 2.4):
        window.player.seek(time)
        QApplication.processEvents()
        pictures.append(window.view.grab().toImage())
    assert pictures[0] != pictures[1]
