"""What the mouse does in the picture."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz.picture.cell.picking import Picked
from mmviz.picture.eye.camera import same
from mmviz.viewer.canvas.guarded import guarded
from mmviz.viewer.canvas.mouse import Mouse
from mmviz.viewer.canvas.touch import Touch
from mmviz.viewer.gestures import CLOSEST
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import CONTROL, NONE, attention, move, opened, seen_at, spot_of

SCROLLS = Qt.ScrollPhase.ScrollUpdate
RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot, attention())


def test_the_right_button_asks_what_can_be_done_and_only_where_it_was_not_dragged(window: MainWindow) -> None:
    view = window.view
    asked: list[tuple[Picked | None, QPoint]] = []
    clicked: list[object] = []
    view.asked.connect(lambda picked, place: asked.append((picked, place)))
    view.clicked.connect(clicked.append)
    spot = spot_of(view, "", 2, 3).toPoint()
    QTest.mouseClick(view, RIGHT, pos=spot)
    assert [(one.path, one.i, one.j) for one, _ in asked if one is not None] == [("", 2, 3)]
    assert asked.pop()[1] == view.mapToGlobal(spot)
    before = view.camera
    QTest.mousePress(view, RIGHT, pos=spot)
    move(view, QPointF(spot) + QPointF(60, 0), RIGHT)
    QTest.mouseRelease(view, RIGHT, pos=spot + QPoint(60, 0))
    assert not same(view.camera, before)
    QTest.mouseClick(view, RIGHT, pos=QPoint(1, 1))
    assert asked == [(None, view.mapToGlobal(QPoint(1, 1)))]
    assert clicked == []


def test_what_fails_in_a_handler_is_said_in_the_window(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    window.view.failed.connect(said.append)
    monkeypatch.setattr(Mouse, "_press", guarded(lambda _mouse, _event: 1 / 0))  # type: ignore[arg-type]
    QTest.mousePress(window.view, RIGHT, pos=QPoint(9, 9))
    QTest.mouseRelease(window.view, RIGHT, pos=QPoint(9, 9))  # Qt knows one mouse for all windows
    assert said == ["ZeroDivisionError: division by zero"]


def scroll(
    window: MainWindow, way: QPoint, modifier: Qt.KeyboardModifier = NONE, phase: Qt.ScrollPhase = SCROLLS
) -> None:
    """Two fingers slide over a trackpad, or a wheel is turned, in the middle."""
    middle = QPointF(window.view.rect().center())
    at = window.view.mapToGlobal(middle)
    event = QWheelEvent(middle, at, way, way * 2, Qt.MouseButton.NoButton, modifier, phase, False)
    QApplication.sendEvent(window.view, event)


def test_two_fingers_on_a_trackpad_move_and_with_keys_turn_and_zoom(window: MainWindow) -> None:
    view = window.view
    middle = QPointF(view.rect().center())
    point, before = view.point_at(middle), view.camera
    scroll(window, QPoint(30, -20))
    assert seen_at(view, point) == pytest.approx((middle + QPointF(30, -20)).toTuple(), abs=1e-6)
    assert view.camera.axes() == pytest.approx(np.array(before.axes()))
    before = view.camera
    scroll(window, QPoint(30, 0), Qt.KeyboardModifier.ShiftModifier)
    assert view.camera.axes()[2] != pytest.approx(before.axes()[2])
    before = view.camera
    scroll(window, QPoint(0, 60), CONTROL)
    assert before.depths(view.camera.position) > 0
    assert view.camera.axes() == pytest.approx(np.array(before.axes()))


def test_a_wheel_that_counts_pixels_zooms_all_the_same(window: MainWindow) -> None:
    before = window.view.camera
    scroll(window, QPoint(0, 60), phase=Qt.ScrollPhase.NoScrollPhase)  # 120 eighths of a degree: a notch
    assert before.depths(window.view.camera.position) > 0


def test_a_pinch_on_a_trackpad_zooms_to_where_it_is(window: MainWindow) -> None:
    view = window.view
    spot = spot_of(view, "left", 3, 4)
    point, before = view.point_at(spot), view.camera
    device, zooms = QPointingDevice.primaryPointingDevice(), Qt.NativeGestureType.ZoomNativeGesture
    for _ in range(4):
        spots = spot, spot, view.mapToGlobal(spot)
        QApplication.sendEvent(view, QNativeGestureEvent(zooms, device, 2, *spots, 0.2, QPointF()))
    assert seen_at(view, point) == pytest.approx(spot.toTuple(), abs=1e-6)
    assert view.camera.depths(point) < before.depths(point) / 1.8


def test_a_finger_taps_drags_and_presses_long_as_a_mouse_does(window: MainWindow, qtbot: QtBot) -> None:
    view, device = window.view, QTest.createTouchDevice()
    clicked: list[Picked | None] = []
    view.clicked.connect(clicked.append)
    spot = spot_of(view, "", 2, 3).toPoint()
    QTest.touchEvent(view, device).press(0, spot, view).commit()
    QTest.touchEvent(view, device).release(0, spot, view).commit()
    assert [(one.path, one.i, one.j) for one in clicked if one is not None] == [("", 2, 3)]
    before, held = view.camera, view.point_on(QPointF(spot))
    QTest.touchEvent(view, device).press(0, spot, view).commit()
    for share in (20, 40):
        QTest.touchEvent(view, device).move(0, spot + QPoint(share, 0), view).commit()
    QTest.touchEvent(view, device).release(0, spot + QPoint(40, 0), view).commit()
    assert len(clicked) == 1
    assert view.camera.axes()[2] != pytest.approx(before.axes()[2])
    assert held is not None
    assert seen_at(view, held) == pytest.approx(spot.toTuple(), abs=1)
    lens = window.navigation.lens
    QTest.touchEvent(view, device).press(0, spot, view).commit()
    qtbot.waitUntil(lambda: lens.is_open, timeout=5000)
    QTest.touchEvent(view, device).release(0, spot, view).commit()
    assert not lens.is_open
    assert len(clicked) == 1


def test_two_taps_focus_and_two_fingers_move_and_pinch_what_is_between_them(window: MainWindow) -> None:
    assert isinstance(window.navigation.touch, Touch)
    view, device = window.view, QTest.createTouchDevice()
    focused: list[Picked | None] = []
    view.focused.connect(focused.append)
    spot = spot_of(view, "", 2, 3).toPoint()
    for _ in range(2):
        QTest.touchEvent(view, device).press(0, spot, view).commit()
        QTest.touchEvent(view, device).release(0, spot, view).commit()
    assert [(one.path, one.i, one.j) for one in focused if one is not None] == [("", 2, 3)]
    window.navigation.flying.finish()
    left, right, way = spot - QPoint(50, 0), spot + QPoint(50, 0), QPoint(24, -16)
    point, before = view.point_at(QPointF(spot)), view.camera
    QTest.touchEvent(view, device).press(0, left, view).commit()
    assert window.navigation.lens._patience.isActive()
    QTest.touchEvent(view, device).move(0, left, view).press(1, right, view).commit()
    assert not window.navigation.lens._patience.isActive()  # two fingers are no long press
    for share in (1, 2):
        apart = QPoint(25 * share, 0)
        fingers = QTest.touchEvent(view, device).move(0, left - apart + way * share, view)
        fingers.move(1, right + apart + way * share, view).commit()
    assert seen_at(view, point) == pytest.approx((spot + way * 2).toTuple(), abs=1)
    assert view.camera.depths(point) == pytest.approx(before.depths(point) / 2, rel=0.1)
    close = QPoint(round(CLOSEST / 4), 0)
    QTest.touchEvent(view, device).move(0, spot - close, view).move(1, spot + close, view).commit()
    near = view.camera
    QTest.touchEvent(view, device).move(0, spot, view).move(1, spot, view).commit()
    assert same(view.camera, near)  # fingers that nearly meet do not pinch
    there = view.camera
    QTest.touchEvent(view, device).release(0, left, view).move(1, right, view).commit()
    QTest.touchEvent(view, device).release(1, right, view).commit()
    assert view.camera is there
    assert not view.dragged
