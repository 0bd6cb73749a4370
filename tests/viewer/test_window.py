"""The window without a screen: mouse, keys, playback, status line, and that it leaves nothing behind."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.errors import MmvizError
from mmviz.picture.cell.picking import Picked
from mmviz.picture.composition import Composition
from mmviz.picture.eye.handling import FARTHEST
from mmviz.picture.eye.orbit import distance
from mmviz.render.offscreen import offscreen
from mmviz.render.renderer import Renderers
from mmviz.viewer.canvas import view as view_module
from mmviz.viewer.canvas.view import View
from mmviz.viewer.status_line import hint
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.looking import move, opened, seen_at

pytestmark = pytest.mark.usefixtures("canvases_kept")

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def renderers() -> Renderers:
    return Dabber


@pytest.fixture
def window(qtbot: QtBot, scene: Scene, renderers: Renderers) -> MainWindow:
    return opened(qtbot, scene, (700, 560), renderers=renderers)


class Drawn:
    """Counts pictures."""

    def __init__(self, view: View) -> None:
        self.count = 0
        view.drawn.connect(self._add)

    def _add(self) -> None:
        self.count += 1


def drag(
    view: View,
    way: tuple[float, float],
    button: Qt.MouseButton = LEFT,
    modifier: Qt.KeyboardModifier = NONE,
    steps: int = 4,
) -> list[int]:
    """Press in the middle, move by `way` pixels in steps, release; returns the pictures drawn after each step."""
    begin = QPointF(view.width() / 2, view.height() / 2)
    drawn = Drawn(view)
    counts = []
    QTest.mousePress(view, button, modifier, begin.toPoint())
    for step in range(1, steps + 1):
        spot = begin + QPointF(*way) * step / steps
        move(view, spot, button, modifier)
        QApplication.processEvents()
        counts.append(drawn.count)
    QTest.mouseRelease(view, button, modifier, spot.toPoint())
    QApplication.processEvents()
    return counts


def wheel(view: View, notches: int, spot: QPointF | None = None) -> None:
    middle = QPointF(view.rect().center()) if spot is None else spot
    event = QWheelEvent(
        middle,
        view.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    QApplication.processEvents()


def spot_of(view: View, path: str, i: int, j: int) -> QPointF:
    """Where the view shows the centre of an element, in its own pixels."""
    camera, aspect = view.camera, view.width() / view.height()
    right, up, toward = camera.axes()
    away = view.composition.layout[path].element(i, j) - camera.position
    reach = np.tan(np.radians(camera.view_angle) / 2) * -(away @ toward)
    return QPointF(
        (away @ right / (reach * aspect) + 1) / 2 * view.width(), (1 - away @ up / reach) / 2 * view.height()
    )


def picture(view: View) -> NDArray[np.uint8]:
    image = view.grab().toImage().convertToFormat(view.grab().toImage().Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def is_playing(window: MainWindow) -> bool:
    return window.player.playing


@pytest.mark.parametrize("renderers", [offscreen])
def test_the_title_and_the_first_picture(window: MainWindow) -> None:
    assert window.windowTitle() == "One matrix product is a cube[*] - mmviz"
    assert window.transport.counter.text() == "step 24 / 24"
    assert window.status.text() == hint()
    assert picture(window.view).max() > 100


@pytest.mark.parametrize("renderers", [offscreen])
def test_the_picture_fills_the_view_and_is_not_stretched(window: MainWindow, composition: Composition) -> None:
    view = window.view
    shown = picture(view)
    lit = np.argwhere(shown.max(axis=2) > 40)
    spots = [spot_of(view, "", i, j) for i in (0, 31) for j in (0, 31)]
    ratio = view.devicePixelRatioF()
    for spot in spots:
        near = np.abs(lit - np.array([spot.y(), spot.x()]) * ratio).max(axis=1).min()
        assert near <= 3


def test_a_left_drag_turns_the_scene(window: MainWindow) -> None:
    view = window.view
    before, middle = view.camera, QPointF(view.width() / 2, view.height() / 2)
    held = view.point_on(middle)
    assert held is not None
    drag(view, (80, 40))
    after = view.camera
    assert seen_at(view, held) == pytest.approx(middle.toTuple(), abs=1)  # where it was pressed, it is turned about
    assert distance(after) == pytest.approx(distance(before))
    assert (after.position - before.position) @ before.axes()[0] < 0  # the scene follows the pointer to the right
    assert after.position[1] > before.position[1]  # and its top comes forward


def test_every_step_of_a_drag_is_drawn_once(window: MainWindow) -> None:
    assert drag(window.view, (90, 10), steps=6) == [1, 2, 3, 4, 5, 6]


def test_many_changes_between_two_pictures_are_drawn_once(window: MainWindow) -> None:
    drawn = Drawn(window.view)
    for _ in range(10):
        window.view.turn(1.0, 0.0)
    QApplication.processEvents()
    assert drawn.count == 1


def test_what_does_not_change_is_not_drawn_again(window: MainWindow) -> None:
    drawn = Drawn(window.view)
    window.view.update()
    QApplication.processEvents()
    assert drawn.count == 0


@pytest.mark.parametrize(("button", "modifier"), [(LEFT, SHIFT), (RIGHT, NONE), (MIDDLE, NONE)])
def test_other_drags_move_the_scene_with_the_pointer(
    window: MainWindow, button: Qt.MouseButton, modifier: Qt.KeyboardModifier
) -> None:
    view = window.view
    before = spot_of(view, "", 16, 16)
    target = view.camera.target
    drag(view, (60, -30), button, modifier)
    assert not np.array_equal(view.camera.target, target)
    moved = spot_of(view, "", 16, 16) - before
    assert moved.x() == pytest.approx(60, rel=0.25)
    assert moved.y() == pytest.approx(-30, rel=0.25)


@pytest.mark.slow
def test_the_wheel_zooms_toward_what_is_under_the_pointer(window: MainWindow) -> None:
    view = window.view
    before, spot = view.camera, spot_of(view, "left", 31, 0)  # a corner of the cube
    point = view.composition.layout["left"].element(31, 0)
    for notches in (14, -14):
        for _ in range(14):
            wheel(view, notches // 14, spot)
            assert seen_at(view, point) == pytest.approx(spot.toTuple(), abs=1)
    assert view.camera.position == pytest.approx(before.position)


def test_the_scene_cannot_be_lost_in_the_distance(window: MainWindow) -> None:
    own = distance(window.view.camera)
    wheel(window.view, -200)
    assert distance(window.view.camera) == pytest.approx(FARTHEST * own)


@pytest.mark.parametrize("by_key", [True, False])
def test_the_camera_can_be_reset(window: MainWindow, by_key: bool) -> None:
    own = window.view.camera.position
    drag(window.view, (80, 40))
    assert window.view.camera.position != pytest.approx(own)
    if by_key:
        QTest.keyClick(window, Key.Key_R)
    else:
        QTest.mouseDClick(window.view, LEFT, pos=QPoint(2, 2))  # on empty ground
    window.navigation.flying.finish()
    assert window.view.camera.position == pytest.approx(own)


def test_the_scenes_own_camera_fits_every_size_and_a_chosen_one_stays(window: MainWindow, qtbot: QtBot) -> None:
    own = window.view.camera.position
    window.resize(900, 500)
    qtbot.waitUntil(lambda: window.view.width() == 900)
    assert window.view.camera.position != pytest.approx(own)
    window.view.turn(10.0, 0.0)
    chosen = window.view.camera.position
    window.resize(700, 600)
    qtbot.waitUntil(lambda: window.view.width() == 700)
    assert window.view.camera.position == pytest.approx(chosen)


@pytest.mark.parametrize(("path", "i", "j"), [("", 3, 5), ("", 30, 1), ("left", 7, 2), ("right", 20, 3)])
def test_the_status_line_says_what_is_under_the_pointer(
    window: MainWindow, composition: Composition, path: str, i: int, j: int
) -> None:
    move(window.view, spot_of(window.view, path, i, j))
    name = {"": "(L @ R)", "left": "L", "right": "R"}[path]
    full = {"": 24, "left": 1, "right": 1}[path]
    assert window.status.text() == (
        f"{name}[{i}, {j}] = {composition.values[path][i, j]:.4g}   ·   "
        f"full size at |x| = {full}, the largest; square root"
    )
    move(window.view, QPointF(2, 2))
    assert window.status.text() == hint()


def test_the_value_under_a_resting_pointer_follows_the_time(window: MainWindow) -> None:
    move(window.view, spot_of(window.view, "", 3, 5))
    assert window.status.text().startswith("(L @ R)[3, 5] = 24   ·   ")
    window.player.seek(9)
    QApplication.processEvents()
    assert window.status.text().startswith("(L @ R)[3, 5] = 10 so far   ·   ")


@pytest.mark.parametrize("renderers", [offscreen])
def test_an_error_while_drawing_is_shown_and_the_next_picture_clears_it(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, steady: bool, over: object) -> None:
        raise MmvizError("the numbers are gone.")

    with monkeypatch.context() as patch:
        patch.setattr(type(window.view.composition), "at", fail)
        with qtbot.waitSignal(window.view.failed):
            window.view.turn(3.0, 0.0)
        assert window.status.text() == "the numbers are gone."
        move(window.view, QPointF(2, 2))
        assert window.status.text() == "the numbers are gone."
    window.view.turn(3.0, 0.0)
    QApplication.processEvents()
    assert window.status.text() == hint()


def test_an_error_in_a_mouse_handler_is_shown(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "pick", lambda *_, **__: 1 / 0)
    move(window.view, QPointF(50, 50))
    assert window.status.text() == "ZeroDivisionError: division by zero"


def test_a_slow_picture_is_coarse_while_it_moves_and_sharp_at_rest(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, drawing = window.view, window.view._renderer
    assert isinstance(drawing, Dabber)
    monkeypatch.setattr(view_module, "FLUENT", 1e-9)
    view.turn(1.0, 0.0)
    QApplication.processEvents()  # the second full picture: now its time is known
    sharp, told = view._pixels.shape, []
    QTest.mousePress(view, LEFT, NONE, QPoint(100, 100))
    move(view, QPointF(120, 100), LEFT)
    QApplication.processEvents()
    told.append(drawing.coarse)
    QTest.mouseRelease(view, LEFT, NONE, QPoint(120, 100))
    QApplication.processEvents()
    told.append(drawing.coarse)
    window.player.seek(3)
    window.player.play()
    window.player.seek(4)
    QApplication.processEvents()
    told.append(drawing.coarse)
    window.player.pause()
    QApplication.processEvents()
    told.append(drawing.coarse)
    assert told == [view_module.COARSEST, 1, view_module.COARSEST, 1]
    assert view._pixels.shape == sharp  # texts are as sharp as ever


def test_on_a_fine_screen_every_pixel_is_drawn(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    view = window.view
    monkeypatch.setattr(view, "devicePixelRatioF", lambda: 1.5)
    view.turn(1.0, 0.0)
    QApplication.processEvents()
    assert view._pixels.shape == (round(1.5 * view.height()), round(1.5 * view.width()), 3)


def test_escape_does_nothing(window: MainWindow) -> None:
    QTest.keyClick(window, Key.Key_Escape)
    assert window.isVisible()
    assert window.player.time == 24


@pytest.mark.parametrize("key", [Key.Key_Q, Key.Key_W])
def test_ctrl_and_q_or_w_closes_and_q_alone_does_not(window: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    window.player.play()
    QTest.keyClick(window, key)
    assert window.isVisible()
    with qtbot.waitSignal(window.closed):
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()
    assert not is_playing(window)


def test_a_click_counts_without_the_pointer_having_moved_there(window: MainWindow) -> None:
    seen: list[Picked | None] = []
    window.view.clicked.connect(seen.append)
    QTest.mouseClick(window.view, LEFT, pos=spot_of(window.view, "left", 7, 2).toPoint())
    assert [(one.path, one.i, one.j) for one in seen if one is not None] == [("left", 7, 2)]
