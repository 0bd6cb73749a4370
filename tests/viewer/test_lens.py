"""The lens shows what a picture so much larger would show there, and leaves the picture and the mouse as they were."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.eye.camera import same
from mmviz.render.offscreen import offscreen
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.renderer import Renderers
from mmviz.viewer.canvas import lens as lens_module
from mmviz.viewer.canvas.lens import Lens
from mmviz.viewer.gestures import LENS_DIAMETER as DIAMETER
from mmviz.viewer.gestures import LENS_PATIENCE as PATIENCE
from mmviz.viewer.gestures import LENS_POWER as POWER
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.looking import CONTROL, LEFT, move, opened, spot_of

pytestmark = pytest.mark.usefixtures("canvases_kept")

Key = Qt.Key


@pytest.fixture
def renderers() -> Renderers:
    return Dabber


@pytest.fixture
def window(qtbot: QtBot, scene: Scene, renderers: Renderers) -> MainWindow:
    made = opened(qtbot, scene, (700, 560), renderers=renderers)
    made.pointing.lighting.switch(False)  # or the picture would change with the pointer
    return made


@pytest.fixture
def lens(window: MainWindow) -> Lens:
    """The lens, with the pointer on a cell in the middle."""
    move(window.view, spot_of(window.view, "", 15, 9))
    return window.navigation.lens


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def large_picture(window: MainWindow, ratio: float) -> NDArray[np.uint8]:
    """What the view shows, as a picture POWER times larger; from a canvas of its own."""
    view = window.view
    size = round(POWER * ratio * view.width()), round(POWER * ratio * view.height())
    with Canvas(*size) as canvas:
        canvas.show(view.composition.at(view.time, view.camera, view.aspect), view.camera)
        return canvas.draw()


@pytest.mark.slow
@pytest.mark.parametrize("renderers", [offscreen])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_the_lens_shows_a_part_of_a_larger_picture(
    window: MainWindow, lens: Lens, ratio: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.view, "devicePixelRatioF", lambda: ratio)
    lens.toggle()
    settle()
    assert lens.pixels is not None
    side = round(DIAMETER * ratio)
    assert lens.pixels.shape == (side, side, 3)
    spot = spot_of(window.view, "", 15, 9)
    whole = large_picture(window, ratio)
    left, top = (round(POWER * ratio * place - side / 2) for place in (spot.x(), spot.y()))
    there = whole[top : top + side, left : left + side].astype(float)
    far = whole[top : top + side, left + 9 : left + side + 9].astype(float)
    difference = np.abs(lens.pixels - there).mean()
    assert difference < 6  # half a pixel by rounding
    assert difference < np.abs(lens.pixels - far).mean() / 4
    assert lens.geometry().center().x() == pytest.approx(spot.x(), abs=1.5)
    assert lens.geometry().center().y() == pytest.approx(spot.y(), abs=1.5)


def test_m_holds_the_lens_open(window: MainWindow, lens: Lens, qtbot: QtBot) -> None:
    QTest.keyPress(window.view, Key.Key_M)
    assert lens.is_open
    assert lens.isVisible()
    assert window.actions_by_name["lens"].isChecked()
    QTest.keyRelease(window.view, Key.Key_M)
    qtbot.waitUntil(lambda: not lens.isVisible())
    assert not window.actions_by_name["lens"].isChecked()


def test_a_key_that_repeats_while_it_is_held_closes_and_opens_nothing(
    window: MainWindow, lens: Lens, qtbot: QtBot
) -> None:
    toggled: list[bool] = []
    lens.toggled.connect(toggled.append)
    QTest.keyPress(window.view, Key.Key_M)
    for _ in range(30):  # as it is told by Qt on X: let go and pressed again, and not that this is a repetition
        QTest.keyRelease(window.view, Key.Key_M)
        QTest.keyPress(window.view, Key.Key_M)
        QTest.qWait(lens_module.REPEATED // 5)
        assert lens.isVisible()
    QTest.keyRelease(window.view, Key.Key_M)
    qtbot.waitUntil(lambda: not lens.isVisible())
    assert toggled == [True, False]


def test_m_opens_no_lens_while_text_is_typed(window: MainWindow, lens: Lens) -> None:
    QTest.keyClick(window, Key.Key_F, CONTROL)
    QTest.keyPress(window.navigation.finder.field, Key.Key_M)
    assert not lens.is_open
    assert window.navigation.finder.field.text() == "m"


def test_the_command_opens_it_until_it_is_given_again(window: MainWindow, lens: Lens) -> None:
    window.actions_by_name["lens"].trigger()
    assert lens.isVisible()
    assert window.actions_by_name["lens"].isChecked()
    window.actions_by_name["lens"].trigger()
    assert not lens.isVisible()
    assert not window.actions_by_name["lens"].isChecked()


def test_a_long_press_opens_it_and_then_the_mouse_moves_it(
    window: MainWindow, lens: Lens, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicks: list[object] = []
    window.view.clicked.connect(clicks.append)
    before, begin = window.view.camera, QPoint(300, 250)
    move(window.view, QPointF(begin))
    QTest.mousePress(window.view, LEFT, pos=begin)
    qtbot.waitUntil(lambda: lens.is_open, timeout=10 * PATIENCE)
    move(window.view, QPointF(360, 280), LEFT)
    assert lens.geometry().center().x() == pytest.approx(360, abs=1.5)
    assert same(window.view.camera, before)
    assert window.status.text().startswith("(L @ R)[")
    assert "   ·   full size at |x| = " in window.status.text()
    QTest.mouseRelease(window.view, LEFT, pos=QPoint(360, 280))
    assert not lens.is_open
    assert not clicks


def test_a_drag_opens_no_lens(window: MainWindow, lens: Lens, qtbot: QtBot) -> None:
    before = window.view.camera
    QTest.mousePress(window.view, LEFT, pos=QPoint(300, 250))
    move(window.view, QPointF(340, 250), LEFT)
    assert not lens._patience.isActive()
    assert not same(window.view.camera, before)
    QTest.mouseRelease(window.view, LEFT, pos=QPoint(340, 250))
    assert not lens.is_open


def test_a_short_press_is_a_click(window: MainWindow, lens: Lens, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.view.clicked):
        QTest.mouseClick(window.view, LEFT, pos=QPoint(300, 250))
    assert not lens._patience.isActive()
    assert not lens.is_open


def test_the_lens_is_drawn_once_a_picture_however_many_moves_there_are(window: MainWindow, lens: Lens) -> None:
    lens.toggle()
    settle()
    before = lens.renders
    for number in range(8):
        move(window.view, QPointF(300 + 3 * number, 250))
    settle()
    assert lens.renders == before + 1
    settle()
    window.view.update()
    settle()
    assert lens.renders == before + 1


@pytest.mark.slow
@pytest.mark.parametrize("renderers", [offscreen])
def test_the_lens_follows_time_and_camera(window: MainWindow, lens: Lens) -> None:
    lens.toggle()
    settle()
    shown = lens.pixels
    window.player.seek(3)
    settle()
    later = lens.pixels
    assert shown is not None
    assert later is not None
    assert np.abs(shown.astype(float) - later).mean() > 1
    window.view.turn(20.0, 0.0)
    settle()
    assert lens.pixels is not None
    assert np.abs(later.astype(float) - lens.pixels).mean() > 1


@pytest.mark.parametrize("renderers", [offscreen])
def test_the_picture_is_the_same_after_the_lens(window: MainWindow, lens: Lens) -> None:
    before = window.view._pixels.copy()
    lens.toggle()
    settle()
    lens.toggle()
    window.view.redraw()
    settle()
    assert np.array_equal(window.view._pixels, before)


@pytest.mark.parametrize("corner", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_at_the_border_the_lens_shows_what_there_is(window: MainWindow, lens: Lens, corner: tuple[int, int]) -> None:
    view = window.view
    lens.toggle()
    move(view, QPointF(corner[0] * (view.width() - 1), corner[1] * (view.height() - 1)))
    settle()
    assert lens.pixels is not None
    assert lens.pixels.shape[0] == pytest.approx(DIAMETER / 2, abs=4)
    assert lens.pixels.shape[1] == pytest.approx(DIAMETER / 2, abs=4)


def test_an_error_in_the_lens_is_shown_in_the_status_line(
    window: MainWindow, lens: Lens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.view, "magnified", lambda *_: 1 / 0)
    lens.toggle()
    settle()
    assert "division by zero" in window.status.text()
