"""The tour: what its bubble says and points at, its keys, and that it is played once by itself and never more."""

import re

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer import settings
from mmviz.viewer.commands import COMMANDS
from mmviz.viewer.start.stops import AWAY, STOPS, beside
from mmviz.viewer.start.tour import Tour, tip
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

Key = Qt.Key
ROOM = QRect(0, 0, 1000, 700)
SIZE = QSize(340, 150)


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene, (1100, 760), panel=True)


def begun(window: MainWindow) -> Tour:
    window.actions_by_name["tour"].trigger()
    assert window.starts.tour is not None
    return window.starts.tour


@pytest.mark.parametrize(
    ("target", "side"),
    [
        (QRect(10, 0, 40, 24), "below"),
        (QRect(0, 640, 700, 50), "above"),
        (QRect(660, 60, 340, 640), "left"),
        (QRect(0, 20, 340, 680), "right"),
        (QRect(0, 60, 1000, 600), "over"),
        (QRect(500, 350, 1, 1), "below"),
    ],
)
def test_a_bubble_stands_in_the_window_and_beside_what_it_speaks_of(target: QRect, side: str) -> None:
    found = beside(target, SIZE, ROOM)
    assert ROOM.adjusted(AWAY, AWAY, -AWAY, -AWAY).contains(found)
    assert found.size() == SIZE
    is_there = {
        "below": found.top() > target.bottom(),
        "above": found.bottom() < target.top(),
        "left": found.right() < target.left(),
        "right": found.left() > target.right(),
        "over": target.contains(found),
    }
    assert is_there[side]
    if side != "over":
        assert not found.intersects(target)
        ends = [point.toPoint() for point in tip(found, target).toList()]
        assert min(_distance(end, target) for end in ends) < min(_distance(end, target) for end in _corners(found))


def _distance(point: QPoint, box: QRect) -> int:
    across = max(box.left() - point.x(), 0, point.x() - box.right())
    down = max(box.top() - point.y(), 0, point.y() - box.bottom())
    return across + down


def _corners(box: QRect) -> list[QPoint]:
    return [box.topLeft(), box.topRight(), box.bottomLeft(), box.bottomRight()]


def test_every_key_that_the_tour_names_is_that_of_a_command() -> None:
    named = {name for stop in STOPS for name in re.findall(r"\{(\w+)\}", stop.text)}
    assert named <= {command.name for command in COMMANDS if command.keys}
    assert 5 <= len(STOPS) <= 7


def test_every_stop_points_at_something_that_is_seen_and_stays_in_the_window(window: MainWindow) -> None:
    tour = begun(window)
    before = window.tabs.currentIndex()
    for number, stop in enumerate(STOPS):
        assert (tour.title.text(), tour.count.text()) == (stop.title, f"{number + 1} of {len(STOPS)}")
        assert window.rect().contains(tour.geometry()), stop
        assert not tour.veil.target.isEmpty(), stop
        assert window.rect().contains(tour.veil.target), stop
        assert "{" not in tour.text.text()
        if stop.place in ("Model", "Explain", "Matrices"):
            assert window.tabs.tabText(window.tabs.currentIndex()) == stop.place
        assert tour.isVisible()
        tour.on.click()
    assert not tour.isVisible()
    assert window.tabs.currentIndex() == before, "the window is as it was"


def test_keys_go_on_and_back_and_end_it_and_reach_the_window_again_afterwards(window: MainWindow) -> None:
    time = window.player.time
    tour = begun(window)
    for key, number in (
        (Key.Key_Right, 1),
        (Key.Key_Return, 2),
        (Key.Key_Left, 1),
        (Key.Key_Left, 0),
        (Key.Key_Left, 0),
    ):
        QTest.keyClick(tour, key)
        assert tour.number == number
    assert window.player.time == time, "the arrows are the tour's"
    QTest.keyClick(tour, Key.Key_Escape)
    assert not tour.isVisible()
    assert not tour.veil.isVisible()

    begun(window)
    window.view.setFocus()
    QTest.keyClick(window.view, Key.Key_Escape)
    assert not tour.isVisible(), "also where the picture has the keyboard"
    QTest.keyClick(window.view, Key.Key_Left)
    assert window.player.time < time


def test_it_follows_the_window_and_finds_room_in_a_small_one_without_a_panel(window: MainWindow) -> None:
    tour = begun(window)
    window.panel.hide()
    window.resize(480, 360)
    QApplication.processEvents()
    for _ in STOPS[:-1]:
        assert tour.veil.geometry() == window.rect()
        assert window.rect().contains(tour.geometry())
        tour.go(1)


def test_it_is_played_once_by_itself_and_one_click_skips_it_for_good(window: MainWindow, qtbot: QtBot) -> None:
    assert not settings.tour_seen()
    question = QDialog(window)
    question.setModal(True)
    question.show()
    window.starts.welcome()
    assert window.findChildren(Tour) == [], "not over a question"
    question.close()
    qtbot.waitUntil(lambda: window.findChildren(Tour) != [])
    (tour,) = window.findChildren(Tour)
    assert tour.isVisible()
    tour.skip.click()
    assert not tour.isVisible()
    assert settings.tour_seen()
    window.starts.welcome()
    assert not tour.isVisible()
    assert begun(window).isVisible(), "but whoever asks sees it again"
    window.close()
    assert not tour.isVisible()
