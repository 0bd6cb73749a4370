"""What was told is kept, with its time: bounded, copied as text, and troubles are counted until somebody looks."""

from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.event_window import NOTHING, EventWindow
from mmviz.viewer.events import MOST, Events, Kind
from mmviz.viewer.host import Host
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

NOON = datetime(2026, 5, 4, 12, 0, 0)
FAR = "layout.gap: the matrices would stand too far away:\n1,000 cells < at most."


@pytest.fixture
def events(qapp: QApplication) -> Events:
    seconds = iter(range(10_000))
    return Events(clock=lambda: NOON + timedelta(seconds=next(seconds)))


def test_events_are_kept_in_order_with_their_time_and_copied_a_line_each(events: Events) -> None:
    events.add(Kind.DONE, "saved: a.yaml")
    events.add(Kind.TROUBLE, FAR)
    assert events.text == (
        "12:00:00   saved: a.yaml\n12:00:01 ! layout.gap: the matrices would stand too far away: 1,000 cells < at most."
    )
    assert [event.text for event in events.kept] == ["saved: a.yaml", FAR]


def test_the_same_again_in_a_row_is_one_event(events: Events) -> None:
    for text in ("a", "a", "b", "a"):
        events.add(Kind.DONE, text)
    assert [(event.text, event.times) for event in events.kept] == [("a", 2), ("b", 1), ("a", 1)]
    assert events.text.splitlines()[0] == "12:00:01   a  (× 2)"


def test_no_more_are_kept_than_have_a_use(events: Events) -> None:
    for number in range(MOST + 3):
        events.add(Kind.DONE, str(number))
    assert len(events.kept) == MOST
    assert events.kept[0].text == "3"


def test_troubles_count_until_they_are_seen(events: Events) -> None:
    counts: list[int] = []
    events.changed.connect(lambda: counts.append(events.unseen))
    events.add(Kind.DONE, "saved")
    events.add(Kind.TROUBLE, "a")
    events.add(Kind.TROUBLE, "b", seen=True)
    events.add(Kind.TROUBLE, "c")
    events.see()
    events.see()
    assert counts == [0, 1, 1, 2, 0]
    events.add(Kind.TROUBLE, "d")
    events.clear()
    assert (events.kept, events.unseen) == ((), 0)


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene)


def listed(host: Host) -> EventWindow:
    made = host.dialogs.messages  # type: ignore[attr-defined]
    assert isinstance(made, EventWindow)
    return made


def test_a_click_on_the_newest_event_or_on_the_mark_shows_all_of_them_whole(window: MainWindow) -> None:
    window.complain(FAR)
    window.tell("saved: <b>.yaml")
    assert window.status.unseen.isVisible()
    window.status.unseen.clicked.emit()
    shown = listed(window)
    assert shown.isVisible()
    told = shown.list.toPlainText()
    assert FAR in told.replace("\u2028", "\n")
    assert "saved: <b>.yaml" in told
    assert not window.status.unseen.isVisible()
    shown.copy.click()
    assert QGuiApplication.clipboard().text() == window.events.text
    window.complain("while it is shown")
    assert "while it is shown" in shown.list.toPlainText()
    assert window.events.unseen == 0
    shown.close()
    window.complain("while it is not")
    assert window.status.unseen.text() == "● 1"
    window.status.newest.clicked.emit()
    assert shown.isVisible()
    shown.clear.click()
    assert shown.list.toPlainText() == NOTHING
    assert not shown.copy.isEnabled()


def test_the_menu_and_a_key_show_them_too_and_no_bare_key_clears_them(window: MainWindow) -> None:
    window.tell("saved")
    window.actions_by_name["messages"].trigger()
    shown = listed(window)
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert [event.text for event in window.events.kept] == ["saved"]
    assert window.actions_by_name["messages"].shortcut().toString() == "Ctrl+Shift+M"
