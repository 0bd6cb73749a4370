"""Standard views, flights, kept views, and what is left out, by keys and mouse."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.eye.camera import Camera, same
from mmviz.picture.eye.handling import FLIGHT, STANDARD
from mmviz.picture.eye.orbit import distance
from mmviz.picture.shots.framing import Look
from mmviz.viewer import own_keys
from mmviz.viewer.canvas.flying import Flying
from mmviz.viewer.canvas.navigation import Navigation
from mmviz.viewer.canvas.view import View
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import CONTROL, LEFT, attention, gaussian, move, opened, seen_wholly, spot_of

Key = Qt.Key
PATHS = ("", "left", "right", "right.left", "right.right", "right.left.left", "right.left.right")


@pytest.fixture(scope="module")
def tree() -> Scene:
    return attention()


@pytest.fixture
def window(qtbot: QtBot, tree: Scene) -> MainWindow:
    return opened(qtbot, tree)


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def press(window: MainWindow, key: Qt.Key) -> None:
    """Press a key, and be where the flight leads."""
    QTest.keyClick(window, key)
    window.navigation.flying.finish()
    QApplication.processEvents()


@pytest.mark.parametrize(
    ("key", "toward"),
    [(Key.Key_1, (0, 0, 1)), (Key.Key_3, (-1, 0, 0)), (Key.Key_7, (0, 1, 0)), (Key.Key_V, (-1, 1, 1))],
)
def test_keys_fly_to_views_of_the_whole_scene(window: MainWindow, key: Qt.Key, toward: tuple[int, int, int]) -> None:
    press(window, key)
    navigation: Navigation = window.navigation
    view = window.view
    assert navigation.flying.goal is None
    assert view.camera.axes()[2] == pytest.approx(np.array(toward) / np.linalg.norm(toward))
    assert seen_wholly(view, view.camera, PATHS)


def test_the_side_is_that_on_which_the_scenes_own_camera_stands(qtbot: QtBot) -> None:
    window = opened(qtbot, Scene.load("matmul").changed(camera={"direction": [1, 1, 1]}))
    press(window, Key.Key_3)
    assert window.view.camera.axes()[2] == pytest.approx([1, 0, 0])


def test_a_flight_takes_its_time_and_ends_exactly_there(window: MainWindow) -> None:
    clock, view = Clock(), window.view
    flight = Flying(view, clock)
    begin = view.camera
    goal = view.composition.camera_at(0.0, view.aspect)
    view.turn(40.0, 0.0)
    turned = view.camera
    flight.to(begin)
    assert same(view.camera, turned)
    clock.now = FLIGHT / 2
    flight.tick()
    way = [distance_between(view, turned), distance_between(view, goal)]
    assert way[0] == pytest.approx(way[1], rel=0.05)
    clock.now = FLIGHT
    flight.tick()
    assert view.camera is begin
    assert flight.goal is None


def distance_between(view: View, camera: Camera) -> float:
    return float(np.linalg.norm(view.camera.position - camera.position))


@pytest.mark.slow
def test_the_flight_goes_on_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Key.Key_1)
    assert window.navigation.flying.goal is not None
    qtbot.waitUntil(lambda: window.navigation.flying.goal is None, timeout=10_000)
    assert window.view.camera.axes()[2] == pytest.approx([0, 0, 1])
    assert not window.view.hurried


def test_the_mouse_takes_over_from_a_flight(window: MainWindow) -> None:
    QTest.keyClick(window, Key.Key_1)
    QTest.mousePress(window.view, LEFT)
    assert window.navigation.flying.goal is None
    there = window.view.camera
    window.navigation.flying.tick()
    assert window.view.camera is there
    QTest.mouseRelease(window.view, LEFT)


def test_keys_wheels_and_pinches_take_over_from_a_flight_from_where_the_eye_is(window: MainWindow) -> None:
    view, flight, middle = window.view, window.navigation.flying, QPointF(window.view.rect().center())
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        *(middle, middle, view.mapToGlobal(middle)),
        0.2,
        QPointF(),
    )
    for take_over in (
        lambda: QTest.keyClick(view, Key.Key_Plus),
        lambda: QApplication.sendEvent(view, pinch),
        lambda: view.turn(5.0, 0.0),
    ):
        QTest.keyClick(window, Key.Key_3)
        flight.tick()
        before = view.camera
        take_over()
        there = view.camera
        assert float(np.linalg.norm(there.position - before.position)) < 0.5 * distance(before)
        flight.tick()
        assert flight.goal is None
        assert same(view.camera, there)


def test_a_reset_takes_over_from_a_flight_and_flies_home(window: MainWindow) -> None:
    own = window.view.camera
    window.view.turn(50.0, 0.0)
    QTest.keyClick(window, Key.Key_1)
    QTest.keyClick(window, Key.Key_R)
    assert window.navigation.flying.goal is own
    window.navigation.flying.finish()
    assert window.view.camera is own
    window.resize(800, 500)
    assert window.view.camera is not own  # it fits any size again


def test_a_double_click_flies_before_the_matrix_then_to_the_cell_and_keeps_explaining_it(window: MainWindow) -> None:
    view, flying = window.view, window.navigation.flying
    own, place = view.camera, view.composition.layout[""]
    for _ in range(2):
        spot = spot_of(view, "", 2, 3).toPoint()
        QTest.mouseClick(view, LEFT, pos=spot)
        QTest.mouseDClick(view, LEFT, pos=spot)
        assert flying.goal is not None
        assert window.pinning.cell is not None
        assert (window.pinning.cell.path, window.pinning.cell.i, window.pinning.cell.j) == ("", 2, 3)
        flying.finish()
        assert abs(view.camera.axes()[2] @ place.normal) == pytest.approx(1)
        assert window.selection.path == ""
    assert view.camera.target == pytest.approx(place.element(2, 3))
    QTest.mouseDClick(view, LEFT, pos=QPoint(1, 1))
    flying.finish()
    assert same(view.camera, own) == (view.under_pointer() is None)


def test_a_click_selects_the_matrix_and_beside_everything_nothing(window: MainWindow) -> None:
    spot = spot_of(window.view, "", 2, 3)
    move(window.view, spot)
    QTest.mouseClick(window.view, LEFT, pos=spot.toPoint())
    assert window.selection.path == ""
    corner = QPoint(1, 1)  # not (0, 0): see findings/qtest-click-at-zero.sh
    move(window.view, corner.toPointF())
    QTest.mouseClick(window.view, LEFT, pos=corner)
    assert window.selection.path is None


@pytest.mark.parametrize("path", PATHS)
def test_the_eye_flies_before_the_selected_matrix(window: MainWindow, path: str) -> None:
    window.selection.select(path)
    press(window, Key.Key_F)
    view, place = window.view, window.view.composition.layout[path]
    assert seen_wholly(view, view.camera, [path])
    assert abs(view.camera.axes()[2] @ place.normal) == pytest.approx(1.0)
    assert distance(view.camera) < 2.5 * max(place.reach) / np.tan(np.radians(view.camera.view_angle) / 2)


def test_the_eye_stays_on_its_side_of_a_matrix_unless_something_stands_there(qtbot: QtBot, scene: Scene) -> None:
    window = opened(qtbot, scene)
    view = window.view
    for path, axis, side in (("left", 0, -1), ("", 2, 1), ("right", 1, 1)):
        window.view.reset()
        window.selection.select(path)
        press(window, Key.Key_F)
        away = view.camera.position - view.composition.layout[path].center()
        assert np.sign(away[axis]) == side
    # From inside its cube nothing stands before the left matrix, either.
    view.look(view.composition.camera_toward(Look(np.array([1.0, 0.0, 0.0])), view.aspect, "left"))
    window.selection.select("left")
    press(window, Key.Key_F)
    assert view.camera.position[0] > view.composition.layout["left"].center()[0]


def test_the_eye_goes_around_what_stands_before_a_matrix(qtbot: QtBot) -> None:
    window = opened(qtbot, Scene("A + B", {"A": gaussian(9, 9), "B": gaussian(9, 9)}))
    view = window.view
    for path, side in (("", 1), ("right", -1)):
        window.view.reset()
        window.selection.select(path)
        press(window, Key.Key_F)
        toward = view.composition.layout[""].center() - view.composition.layout["right"].center()
        assert np.sign(view.camera.axes()[2] @ toward) == side


@pytest.mark.parametrize("key", [Key.Key_F, Key.Key_I, Key.Key_X])
def test_without_a_selection_the_window_says_so(window: MainWindow, key: Qt.Key) -> None:
    before = window.view.camera
    QTest.keyClick(window, key)
    assert window.status.text() == "No matrix is selected: click one in the picture, or find it with Ctrl+F"
    assert window.view.camera is before
    assert not window.navigation.hiding.hidden


def test_i_shows_a_matrix_and_what_it_is_made_of_alone_and_a_everything(window: MainWindow) -> None:
    window.selection.select("right.left")
    camera = window.view.camera
    QTest.keyClick(window, Key.Key_I)
    assert window.navigation.hiding.hidden == {"", "left", "right", "right.right"}
    assert "Only attn" in window.status.text()
    assert window.view.camera is camera
    QTest.keyClick(window, Key.Key_A)
    assert not window.navigation.hiding.hidden


def test_x_hides_more_and_more(window: MainWindow) -> None:
    window.selection.select("right.left")
    QTest.keyClick(window, Key.Key_X)
    window.selection.select("left")
    QTest.keyClick(window, Key.Key_X)
    assert window.navigation.hiding.hidden == {"left", "right.left", "right.left.left", "right.left.right"}


def test_nothing_is_under_the_pointer_where_a_matrix_is_hidden(window: MainWindow) -> None:
    spot = spot_of(window.view, "", 1, 1)
    move(window.view, spot)
    assert window.status.text().startswith("out[1, 1]")
    window.navigation.hiding.set(PATHS)
    QApplication.processEvents()
    move(window.view, spot)
    assert "[" not in window.status.text()


def test_flying_to_a_hidden_matrix_shows_it(window: MainWindow) -> None:
    window.navigation.hiding.isolate("left")
    window.selection.select("right.right")
    press(window, Key.Key_F)
    assert "right.right" not in window.navigation.hiding.hidden


def test_a_standard_view_of_what_is_left_sees_it_large(window: MainWindow) -> None:
    press(window, Key.Key_1)
    whole = distance(window.view.camera)
    window.navigation.hiding.isolate("right.left.right")
    press(window, Key.Key_1)
    assert seen_wholly(window.view, window.view.camera, ["right.left.right"])
    assert distance(window.view.camera) < whole


def test_what_is_hidden_stays_hidden_where_the_changed_scene_still_has_it(window: MainWindow, qtbot: QtBot) -> None:
    window.navigation.hiding.set({"left", "right.left.left"})
    window.selection.select("right.left.left")
    with qtbot.waitSignal(window.desk.shown, timeout=20_000):
        window.desk.propose("change", lambda scene: scene.edited("x + V"))
    assert window.navigation.hiding.hidden == {"left"}
    assert window.selection.path is None


def test_another_scene_begins_with_everything_and_no_kept_view(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Key.Key_B, CONTROL)
    window.navigation.hiding.set({"left"})
    with qtbot.waitSignal(window.desk.shown, timeout=20_000):
        window.desk.open("open", lambda: Scene.load("matmul"))
    assert not window.navigation.hiding.hidden
    assert not window.navigation.kept_views.all


def test_kept_views_are_flown_through_in_turn(window: MainWindow) -> None:
    view, kept = window.view, []
    for _ in range(3):
        view.turn(25.0, 5.0)
        QTest.keyClick(window, Key.Key_B, CONTROL)
        kept.append(view.camera)
    assert "3 views kept" in window.status.text()
    QTest.keyClick(window, Key.Key_B, CONTROL)
    assert "already" in window.status.text()
    for number in (0, 1, 2, 0):
        press(window, Key.Key_B)
        assert same(view.camera, kept[number])
        assert window.status.text() == f"Kept view {number + 1} of 3"


def test_without_a_kept_view_the_window_says_how_to_keep_one(window: MainWindow) -> None:
    QTest.keyClick(window, Key.Key_B)
    assert "Ctrl+B" in window.status.text()


def test_every_standard_view_is_a_command_with_a_key() -> None:
    assert all(own_keys.keys_by_name()[name] for name in STANDARD)
