"""What the mouse does in the picture."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz.picture.cell.picking import Picked
from mmviz.picture.eye.camera import same
from mmviz.viewer.canvas.guarded import guarded
from mmviz.viewer.canvas.mouse import Mouse
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import attention, move, opened, spot_of

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
    assert said == ["ZeroDivisionError: division by zero"]
