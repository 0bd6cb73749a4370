"""What is pointed at is lit in every matrix that shares it, and told at the pointer; one picture for many moves."""

from math import inf

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.cell.cell_words import CellWords, shortened, words
from mmviz.picture.cell.picking import Picked
from mmviz.picture.marks.shared_axes import line
from mmviz.viewer.canvas import lighting
from mmviz.viewer.canvas.cell_tip import AWAY, EDGE, CellTip, beside
from mmviz.viewer.canvas.lighting import Lighting
from mmviz.viewer.settings import switched
from mmviz.viewer.tokens.pointing import Pointing
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import LEFT, attention, move, opened, spot_of

Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(lighting, "FRAME", inf)  # however busy this machine is
    return opened(qtbot, attention())


def pointed(window: MainWindow) -> dict[str, tuple[object, ...]]:
    for _ in range(3):  # a picture, what is under the pointer in it, and what that lights
        QApplication.processEvents()
    return dict(window.view.emphasis.pointed)


def seen(window: MainWindow, path: str) -> QPointF:
    """A spot of a matrix in which nothing lies before it, once the eye has flown there."""
    window.selection.select(path)
    window.navigation.fly()
    window.navigation.flying.finish()
    QApplication.processEvents()
    return spot_of(window.view, path, 2, 3)


def test_the_row_and_the_column_of_a_cell_are_lit_wherever_they_go_on(window: MainWindow) -> None:
    move(window.view, seen(window, "right.left"))  # attn
    assert pointed(window) == {
        "right.left": (line(0, 2), line(1, 3)),
        "right.left.left": (line(0, 2),),
        "right.left.right": (line(1, 3),),
        "right.right": (line(0, 3),),
        "right": (line(0, 2),),
        "left": (line(0, 2),),
        "": (line(0, 2),),
    }
    move(window.view, QPointF(1, 1))
    assert pointed(window) == {}


def test_moves_within_a_cell_cost_no_picture_and_moves_before_it_one(window: MainWindow, qtbot: QtBot) -> None:
    spot, view = seen(window, "right.left"), window.view
    drawn: list[None] = []
    view.drawn.connect(lambda: drawn.append(None))
    for number in range(8):  # no event is handled in between
        move(view, spot + QPointF(number, number))
    assert drawn == []
    move(view, spot)
    qtbot.waitUntil(lambda: len(drawn) == 1)
    for number in range(3):
        move(view, spot + QPointF(number, 0))
        QApplication.processEvents()
    assert len(drawn) == 1


def test_where_a_picture_takes_long_it_waits_until_the_pointer_rests(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lighting, "FRAME", -1.0)
    spot = seen(window, "right.left")
    move(window.view, spot)
    assert pointed(window) == {}
    qtbot.waitUntil(lambda: "right.left" in window.view.emphasis.pointed, timeout=1000)


def test_pictures_of_the_same_cell_do_not_put_its_light_off(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lighting, "FRAME", -1.0)
    spot = seen(window, "right.left")
    move(window.view, spot)
    for _ in range(6):  # each tells what is under the pointer
        qtbot.wait(20)
        window.view.pointed.emit(window.view.under_pointer())
    assert window.view.emphasis.pointed


def test_when_the_animation_moves_on_its_own_rows_are_seen_until_the_pointer_moves(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    spot = seen(window, "right.left")
    move(window.view, spot)
    assert pointed(window)
    window.player.step(-1)
    assert pointed(window) == {}
    move(window.view, spot + QPointF(1, 0))
    assert pointed(window)
    monkeypatch.setattr(lighting, "REST", 10_000)
    monkeypatch.setattr(lighting, "FRAME", -1.0)
    window.player.play()
    window.player.set_rate(0.125)
    window.player.seek(window.player.steps - 2.0)
    assert pointed(window) == {}, "with the next picture, however long one takes"
    move(window.view, spot)
    assert not window.pointing.lighting._timer.isActive(), "nothing waits to be lit"
    window.player.pause()


def test_what_is_pinned_stays_lit_while_the_pointer_goes_on(window: MainWindow) -> None:
    spot, view = seen(window, "right.left"), window.view
    QTest.mouseClick(view, LEFT, pos=spot.toPoint())
    pinned = dict(view.emphasis.lit)
    assert pinned
    move(view, spot_of(view, "right.left", 5, 1))
    assert pointed(window)["right.left"] == (line(0, 5), line(1, 1))
    assert view.emphasis.lit == pinned
    assert view.emphasis.cells("right.left") == pinned["right.left"]


def test_a_token_comes_before_the_pointer_and_another_scene_puts_all_away(window: MainWindow, qtbot: QtBot) -> None:
    move(window.view, seen(window, "right.left"))
    before = pointed(window)
    pointing: Pointing = window.pointing
    lights: Lighting = pointing.lighting
    lights.point_token(1)
    assert pointed(window) == {}  # this scene counts no tokens
    lights.point_token(None)
    assert pointed(window) == before
    with qtbot.waitSignal(window.desk.shown):
        window.desk.propose("shape", lambda scene: scene.edited("softmax(Q @ Kt)"))
    assert not set(window.view.emphasis.pointed) - set(window.view.composition.layout)


def test_a_screenshot_has_nothing_lit_that_only_the_pointer_lights(window: MainWindow) -> None:
    spot, view = seen(window, "right.left"), window.view
    plain = view.picture()
    move(view, spot)
    lit = pointed(window)
    assert lit
    seen_now = view.grab().toImage()
    assert np.array_equal(view.picture(), plain)
    assert pointed(window) == lit
    assert view.grab().toImage() == seen_now, "it is lit again"


@pytest.mark.slow
def test_the_switches_of_the_menu_are_remembered(window: MainWindow, qtbot: QtBot) -> None:
    move(window.view, seen(window, "right.left"))
    assert pointed(window)
    QTest.keyClick(window, Key.Key_L)
    assert pointed(window) == {}
    QTest.keyClick(window, Key.Key_D)
    assert (switched("lighting", default=True), switched("cell_tip", default=True)) == (False, False)
    again = opened(qtbot, attention())
    assert not again.actions_by_name["lighting"].isChecked()
    assert not again.pointing.tip.on


def test_the_plate_comes_when_the_pointer_rests_follows_and_goes(window: MainWindow, qtbot: QtBot) -> None:
    spot, view = seen(window, "right.left"), window.view
    tip: CellTip = window.pointing.tip
    tip._timer.setInterval(10)
    move(view, spot)
    assert not tip.isVisible()
    qtbot.waitUntil(tip.isVisible, timeout=1000)
    value = view.composition.values["right.left"]
    assert f"{value[2, 3]:.4g}" in tip.text()
    move(view, spot_of(view, "right.left", 4, 1))
    assert f"{value[4, 1]:.4g}" in tip.text(), "at once"
    assert not tip.geometry().contains(spot_of(view, "right.left", 4, 1).toPoint())
    QTest.keyClick(window, Key.Key_Escape)
    assert not tip.isVisible()
    move(view, spot_of(view, "right.left", 4, 1) + QPointF(1, 0))
    QTest.qWait(30)
    assert not tip.isVisible(), "put away until the pointer is on another cell"
    move(view, spot)
    qtbot.waitUntil(tip.isVisible, timeout=1000)
    move(view, QPointF(1, 1))
    assert not tip.isVisible()


def test_numbers_near_the_pointer_take_the_place_of_the_plate(window: MainWindow) -> None:
    tip = window.pointing.tip
    tip._timer.setInterval(0)
    QTest.keyClick(window, Key.Key_N)
    move(window.view, seen(window, "right.left"))
    QTest.qWait(10)
    assert not tip.isVisible()


@pytest.mark.parametrize("at", [(40, 30), (400, 300), (780, 300), (400, 590), (795, 595)])
@pytest.mark.parametrize("side", [2, 40, 120])
def test_the_plate_covers_neither_the_cell_nor_the_pointer_and_is_inside(at: tuple[int, int], side: int) -> None:
    pointer, size = QPointF(*at), QSizeF(150, 90)
    cell = QRectF(pointer.x() - side / 3, pointer.y() - side / 3, side, side)
    place = QRectF(beside(cell, pointer, size, QSizeF(800, 600)), size)
    assert not place.intersects(cell)
    assert not place.contains(pointer)
    assert QRectF(0, 0, 800, 600).adjusted(EDGE, EDGE, -EDGE, -EDGE).contains(place)


def test_a_cell_larger_than_the_picture_leaves_the_plate_off_the_pointer() -> None:
    place = QRectF(beside(QRectF(-50, -50, 900, 700), QPointF(400, 300), QSizeF(150, 90), QSizeF(800, 600)), QSizeF())
    assert (place.x(), place.y()) == (400 + AWAY, 300 + AWAY)


def test_the_words_of_a_cell_name_matrix_tokens_and_value() -> None:
    composition = Scene.load("attention_head").composition
    path = next(path for path, axes in composition.axes.items() if axes == ("tokens", "tokens"))
    assert words(Picked(path, "attn", 41, 40, 0.96551), composition) == CellWords(
        "attn", (("i  tokens", "41 “ to”"), ("j  tokens", "40 “ answer”")), "0.9655"
    )
    assert words(Picked(path, "attn", 1, 2, 0.0, masked=True, unfinished=True), composition).value == "masked"
    assert words(Picked(path, "attn", 1, 2, 0.25, unfinished=True), composition).value == "0.25 so far"
    part = words(Picked(path, "attn", 1, 2, 0.25, part=(0, 7)), composition)
    assert (part.value, part.title, part.places) == ("0.25", "", ())
    assert part.note.startswith("products k = 0 to 7 in the sum for attn[1 “")


def test_a_long_name_loses_its_middle() -> None:
    assert shortened("attn") == "attn"
    assert len(shortened("a" * 200)) < 46
