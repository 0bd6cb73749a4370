"""The cube in the corner of the picture flies to its sides; where nothing is in sight a line says how to come back."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz.picture.drawlist import DrawList
from mmviz.viewer import own_keys
from mmviz.viewer.canvas.out_of_sight import ANYHOW
from mmviz.viewer.canvas.view_cube import ViewCube
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import LEFT, attention, opened


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot, attention())


def click(cube: ViewCube, direction: tuple[int, int, int]) -> None:
    spot = cube.spot(direction)
    assert spot is not None
    QTest.mouseClick(cube, LEFT, pos=spot.toPoint())


def test_a_click_on_a_side_flies_there_and_again_to_the_other_side(window: MainWindow) -> None:
    cube, flying = window.navigation.view_cube, window.navigation.flying
    for direction, reached in (((0, 0, 1), (0, 0, 1)), ((0, 0, 1), (0, 0, -1)), ((1, 1, -1), (1, 1, -1))):
        click(cube, direction)
        assert flying.goal is not None
        flying.finish()
        assert window.view.camera.axes()[2] * max(map(abs, reached)) == pytest.approx(
            [one / sum(map(abs, reached)) ** 0.5 for one in reached], abs=1e-9
        )
    before = window.view.camera
    QTest.mousePress(cube, LEFT, pos=QPoint(1, 1))  # beside it
    QTest.mouseMove(cube, QPoint(40, 40))
    QTest.mouseRelease(cube, LEFT, pos=QPoint(40, 40))
    assert window.view.camera is before  # it is no part of the picture
    assert flying.goal is None


def test_what_is_under_the_pointer_is_told_and_it_can_be_hidden_for_good(window: MainWindow, qtbot: QtBot) -> None:
    cube = window.navigation.view_cube
    spot = cube.spot((0, 1, 0))
    assert spot is not None
    QTest.mouseMove(cube, spot.toPoint())
    assert cube.toolTip() == "Look from the top"
    corner = cube.spot((1, 1, 1))
    assert corner is not None
    QTest.mouseMove(cube, corner.toPoint())
    assert cube.toolTip() == "Look from the front, right, top"
    QTest.mouseMove(cube, QPoint(1, 1))
    assert cube.toolTip() == ""
    assert window.actions_by_name["view_cube"].isChecked()
    QTest.keyClick(window.view, Qt.Key.Key_C)
    assert cube.isHidden()
    assert opened(qtbot, attention()).navigation.view_cube.isHidden()
    window.actions_by_name["view_cube"].trigger()
    assert cube.isVisible()


def test_where_nothing_is_in_sight_it_is_said_how_to_come_back(window: MainWindow) -> None:
    hint, own = window.navigation.out_of_sight, window.view.camera
    assert hint.isHidden()
    window.player.seek(2.0)
    for key in (Qt.Key.Key_R, Qt.Key.Key_Home, None):
        window.view.pan(30.0, 0.0)
        QApplication.processEvents()
        assert hint.isVisible()
        assert hint.text() == "Nothing in sight.   R: back to the scene"
        if key is None:
            QTest.mouseClick(hint, LEFT)
        else:
            QTest.keyClick(window.view, key)
        window.navigation.flying.finish()
        QApplication.processEvents()
        assert window.view.camera is own
        assert hint.isHidden()
        assert window.player.time == 2.0, "Home is the first step where the scene is in sight"
    for keys, told in (((), ANYHOW), (("J",), "Nothing in sight.   J: back to the scene")):
        own_keys.keep("reset", keys)
        window.view.pan(30.0, 0.0)
        QApplication.processEvents()
        assert hint.text() == told
        window.view.reset()
        QApplication.processEvents()
    own_keys.forget_all()


def test_names_keep_off_it_in_the_window_and_in_no_picture_that_is_made_there(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, cube = window.view, window.navigation.view_cube
    (box,) = view.over
    place, high = cube.geometry(), view.height()
    left, right = place.x() / high, (place.x() + cube.width()) / high
    assert box == pytest.approx((left, 1 - (place.y() + cube.height()) / high, right, 1 - place.y() / high))
    covered: list[object] = []
    composition = view._sized()
    at = composition.at

    def noted(*seen: Any, over: Any = (), **how: Any) -> DrawList:
        covered.append(over)
        return at(*seen, over=over, **how)

    monkeypatch.setattr(type(composition), "at", lambda _self, *seen, **how: noted(*seen, **how))
    view.picture()
    view._draw()
    assert covered == [(), (box,)]
    cube.toggle()
    assert view.over == ()
