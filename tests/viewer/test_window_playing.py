"""Playing and stepping in the window: by keys, buttons and the slider."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.looking import opened

pytestmark = pytest.mark.usefixtures("canvases_kept")

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene, (700, 560), renderers=Dabber)


def is_playing(window: MainWindow) -> bool:
    return window.player.playing


def test_space_plays_and_pauses(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Key.Key_Space)
    assert is_playing(window)
    qtbot.waitUntil(lambda: window.player.time > 0.5, timeout=10_000)
    assert window.actions_by_name["play"].toolTip() == "Pause (Space)"
    QTest.keyClick(window, Key.Key_Space)
    assert not is_playing(window)
    assert window.view.time == window.player.time < 24


def test_p_pauses_and_does_not_play(window: MainWindow) -> None:
    QTest.keyClick(window, Key.Key_P)
    assert not is_playing(window)
    window.player.play()
    QTest.keyClick(window, Key.Key_P)
    assert not is_playing(window)


def test_keys_step_both_ways_and_to_the_ends(window: MainWindow) -> None:
    steps = [
        (Key.Key_Home, 0),
        (Key.Key_Left, 0),
        (Key.Key_Right, 1),
        (Key.Key_S, 2),
        (Key.Key_Left, 1),
        (Key.Key_End, 24),
        (Key.Key_Right, 24),
        (Key.Key_Left, 23),
    ]
    for key, time in steps:
        QTest.keyClick(window, key)
        assert window.view.time == window.player.time == time
        assert window.transport.counter.text() == f"step {time} / 24"
        assert window.actions_by_name["step_back"].isEnabled() == (time > 0)
        assert window.actions_by_name["step_on"].isEnabled() == (time < 24)


def test_keys_work_whichever_child_has_the_focus(window: MainWindow) -> None:
    slider = window.transport.slider
    slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    slider.setFocus()
    assert window.focusWidget() is slider
    QTest.keyClick(slider, Key.Key_Home)
    QTest.keyClick(slider, Key.Key_Right)
    assert window.player.time == 1
    before = window.view.camera
    QTest.keyClick(slider, Key.Key_Up)
    assert before.depths(window.view.camera.position) > 1  # nearer
    assert window.player.time == 1
    QTest.keyClick(slider, Key.Key_Down)
    assert window.view.camera.position == pytest.approx(before.position)


def test_the_buttons_play_and_step(window: MainWindow) -> None:
    back, play, forward, _loop = window.transport.findChildren(QToolButton)
    QTest.mouseClick(back, LEFT)
    assert window.player.time == 23
    QTest.mouseClick(forward, LEFT)
    assert window.player.time == 24
    QTest.mouseClick(play, LEFT)
    assert is_playing(window)
    QTest.mouseClick(play, LEFT)
    assert not is_playing(window)


def test_the_slider_seeks_fractions_of_a_step(window: MainWindow) -> None:
    slider = window.transport.slider
    slider.setValue(1234)
    assert window.view.time == pytest.approx(12.34)
    assert window.transport.counter.text() == "step 12 / 24"
    QTest.mouseClick(slider, LEFT, pos=QPoint(slider.width() // 2, slider.height() // 2))
    assert window.view.time == pytest.approx(12.0, abs=0.2)
    assert slider.value() == pytest.approx(100 * window.view.time, abs=1)


def test_the_slider_follows_playback(window: MainWindow) -> None:
    window.player.seek(6.5)
    assert window.transport.slider.value() == 650
    assert window.player.time == 6.5
