"""Numbers near the pointer are those of the elements that are seen there, at that time."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.canvas.spotlight import RADIUS, Spotlight
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import LEFT, gaussian, move, opened, spot_of

Key = Qt.Key


@pytest.fixture(scope="module")
def product() -> Scene:
    return Scene("tril(A @ B)", {"A": gaussian(20, 12), "B": gaussian(12, 20)})


@pytest.fixture
def window(qtbot: QtBot, product: Scene) -> MainWindow:
    made = opened(qtbot, product)
    QTest.keyClick(made, Key.Key_N)
    return made


def near(window: MainWindow, path: str, height: float) -> Spotlight:
    """The spotlight, with the eye before a matrix whose cells are about so high in the view."""
    window.selection.select(path)
    window.navigation.fly()
    window.navigation.flying.finish()
    middle = [size // 2 for size in window.view.composition.layout[path].shape]
    for _ in range(3):
        spots = [spot_of(window.view, path, middle[0] + step, middle[1]) for step in (0, 1)]
        window.view.zoom(height / np.hypot(spots[1].x() - spots[0].x(), spots[1].y() - spots[0].y()))
    QApplication.processEvents()
    return window.navigation.spotlight


def test_numbers_stand_on_the_elements_around_the_pointer(window: MainWindow) -> None:
    light, view = near(window, "left", 72), window.view
    move(view, spot_of(view, "left", 10, 6))
    assert not light.table
    there = {(number.i, number.j): (number, spot) for number, spot in light.numbers}
    assert (10, 6) in there
    for (i, j), (number, spot) in there.items():
        assert float(number.text) == pytest.approx(view.composition.values["left"][i, j], rel=6e-3)
        expected = spot_of(view, "left", i, j)
        assert (spot.x(), spot.y()) == pytest.approx((expected.x(), expected.y()))
        assert np.hypot(i - 10, j - 6) <= RADIUS + 0.5
    assert {(i, j) for i in range(8, 13) for j in range(4, 9)} <= set(there)


def test_numbers_fade_with_the_distance(window: MainWindow) -> None:
    light = near(window, "left", 72)
    move(window.view, spot_of(window.view, "left", 10, 6))
    by_distance = sorted((np.hypot(n.i - 10, n.j - 6), -n.strength) for n, _ in light.numbers)
    strengths = [-strength for _, strength in by_distance]
    assert strengths[0] == 1
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[-1] < 0.5


def test_no_number_is_written_over_another(window: MainWindow) -> None:
    light = near(window, "left", 72)
    window.view.turn(20.0, 15.0)
    move(window.view, spot_of(window.view, "left", 10, 6))
    metrics = window.fontMetrics()
    boxes = [
        QRect(0, 0, metrics.horizontalAdvance(number.text) - 6, metrics.height() - 6).translated(spot.toPoint())
        for number, spot in light.numbers
    ]
    assert len(boxes) > 9
    assert not any(one.intersects(other) for at, one in enumerate(boxes) for other in boxes[:at])


def test_small_cells_have_a_table_beside_the_pointer(window: MainWindow) -> None:
    light, view = near(window, "left", 12), window.view
    move(view, spot_of(view, "left", 10, 6))
    assert not light.numbers
    assert [(number.i, number.j) for number in light.table] == [(i, j) for i in range(8, 13) for j in range(4, 9)]
    assert [number.text for number in light.table if number.strength == 1] == [
        f"{view.composition.values['left'][10, 6]:.3g}"
    ]
    assert light.title == "A"


def test_at_the_corner_of_a_matrix_the_table_is_smaller(window: MainWindow) -> None:
    light, view = near(window, "left", 12), window.view
    move(view, spot_of(view, "left", 0, 11))
    assert {(number.i, number.j) for number in light.table} == {(i, j) for i in range(3) for j in range(9, 12)}


def test_masked_elements_have_no_number(window: MainWindow) -> None:
    light, view = near(window, "", 12), window.view
    move(view, spot_of(view, "", 10, 10))
    texts = {(number.i, number.j): number.text for number in light.table}
    assert texts[9, 10] == "–"
    assert float(texts[10, 9]) == pytest.approx(view.composition.values[""][10, 9], rel=6e-3)


def test_the_numbers_follow_the_time(window: MainWindow) -> None:
    light, view = near(window, "", 12), window.view
    window.desk.scene.composition.timeline.frame(0)
    move(view, spot_of(view, "", 10, 5))
    finished = {(number.i, number.j): number.text for number in light.table}
    window.player.seek(0)
    QApplication.processEvents()
    begun = {(number.i, number.j): number.text for number in light.table}
    assert begun != finished


def test_numbers_go_with_the_pointer_and_with_the_command(window: MainWindow) -> None:
    light, view = near(window, "left", 12), window.view
    move(view, spot_of(view, "left", 10, 6))
    assert light.table
    move(view, QPointF(1, 1))
    assert not light.table
    move(view, spot_of(view, "left", 10, 6))
    QTest.keyClick(window, Key.Key_N)
    assert not light.isVisible()
    assert not window.actions_by_name["spotlight"].isChecked()
    QTest.keyClick(window, Key.Key_N)
    assert light.table
    assert light.isVisible()


def test_there_are_no_numbers_while_the_scene_is_turned(window: MainWindow) -> None:
    light, view = near(window, "left", 12), window.view
    spot = spot_of(view, "left", 10, 6)
    move(view, spot)
    QTest.mousePress(view, LEFT, pos=spot.toPoint())
    move(view, spot + QPointF(40, 0), LEFT)
    QApplication.processEvents()
    assert not light.table
    QTest.mouseRelease(view, LEFT, pos=spot.toPoint())


def test_in_an_inset_the_numbers_stand_in_the_inset(qtbot: QtBot, product: Scene) -> None:
    window = opened(qtbot, product.changed(camera={"inset": "", "zoom": 0.5}))
    QTest.keyClick(window, Key.Key_N)
    view, light = window.view, window.navigation.spotlight
    left, bottom, right, top = view.insets[0].place(view.aspect)
    middle = QPointF((left + right) / 2 * view.width(), (1 - (bottom + top) / 2) * view.height())
    for down in (6, 10):
        move(view, middle + QPointF(-20, down))
        assert light.table or light.numbers
        for number, spot in light.numbers:
            assert abs(number.i - 10) < 8
            assert left * view.width() < spot.x() < right * view.width()


def test_hovering_over_a_million_elements_always_shows_numbers(qtbot: QtBot) -> None:
    sides = {"A": {"formula": "sin(i * j)", "shape": [1000, 4]}, "B": {"formula": "cos(i + j)", "shape": [4, 1000]}}
    window = opened(qtbot, Scene("A @ B", sides))
    QTest.keyClick(window, Key.Key_N)
    view = window.view
    begin = spot_of(view, "", 500, 500)
    for number in range(40):
        move(view, begin + QPointF(number, 0))
        assert window.navigation.spotlight.table
