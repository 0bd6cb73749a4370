"""The line at the bottom: always what is under the pointer, beside it the newest event; nothing that comes moves it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.controls.elided import Elided
from mmviz.viewer.controls.work import Work
from mmviz.viewer.events import Events
from mmviz.viewer.status_line import NEWEST_SHARE, StatusLine, hint
from tests.viewer.looking import opened

LEFT = Qt.MouseButton.LeftButton
LONG = "a path that goes on and on / " * 30
HOVER = "attn[12, 5] = 0.643"


@pytest.fixture
def line(qtbot: QtBot) -> StatusLine:
    made = StatusLine(Events())
    made.events.setParent(made)
    qtbot.addWidget(made)
    made.resize(900, made.height())
    made.show()
    QApplication.processEvents()
    return made


def test_an_error_hides_nothing_of_what_is_under_the_pointer(line: StatusLine) -> None:
    assert line.pointed.text() == hint()
    line.complain("drop one file at a time.")
    line.say(HOVER)
    assert (line.pointed.text(), line.newest.text()) == (HOVER, "drop one file at a time.")
    assert line.newest.foregroundRole() != line.pointed.foregroundRole()
    line.say("")
    assert line.pointed.text() == hint()


def test_a_text_that_is_too_long_ends_in_dots_and_its_tip_has_all_of_it(line: StatusLine) -> None:
    line.say(HOVER)
    line.tell(f"first line\n{LONG}")
    QApplication.processEvents()
    assert line.newest.text() == f"first line {LONG}"
    assert line.newest.seen.startswith("first line a path")
    assert line.newest.seen.endswith("…")
    assert line.newest.width() <= NEWEST_SHARE * line.width() + 1
    tip = line.newest.toolTip().splitlines()
    assert (tip[0], tip[-1]) == ("first line", "(click: all messages)")
    assert " ".join(tip[1:-1]) == LONG.rstrip()
    assert line.pointed.seen == HOVER


def test_nothing_that_is_told_moves_the_picture(qtbot: QtBot, scene: Scene) -> None:
    window = opened(qtbot, scene, (700, 500), panel=True)
    before = window.view.geometry(), window.status.height(), window.size()
    window.status.say(LONG)
    window.tell(LONG)
    window.complain(f"{LONG}\n{LONG}\n{LONG}")
    window.status.waiting.show_work(LONG)
    window.dialogs.strip.work.show_done(LONG, {"Open": lambda: None})
    QApplication.processEvents()
    assert (window.view.geometry(), window.status.height(), window.size()) == before


def test_an_error_fades_and_its_mark_stays_until_somebody_looks(line: StatusLine) -> None:
    line.complain("a")
    line.complain("b")
    line._fading.timeout.emit()
    assert not line.newest.isVisible()
    assert line.unseen.text() == "● 2"
    assert line.unseen.toolTip() == "2 messages of what went wrong; click to read"
    line.events.see()
    assert not line.unseen.isVisible()


def test_what_cannot_be_drawn_is_said_until_it_can_and_counted_once(line: StatusLine) -> None:
    line.judge("the numbers are gone.")
    line.judge("the numbers are gone.")
    line.tell("saved")
    assert line.newest.text() == "the numbers are gone."
    assert line.events.unseen == 1
    line.judge("")
    assert line.newest.text() == "saved"


def test_an_error_goes_with_the_next_work_and_what_was_done_stays(line: StatusLine) -> None:
    line.complain("no such file")
    line.wait("opening b …")
    assert line.newest.text() == ""
    line.tell("saved")
    line.wait("opening c …")
    assert line.newest.text() == "saved"


def test_the_bar_of_what_is_waited_for_says_how_far_it_is_where_that_is_told(line: StatusLine, qtbot: QtBot) -> None:
    line.go_on(1, 4)  # which was waited for no more
    line.wait("opening head.yaml …")
    qtbot.waitUntil(line.waiting.isVisible)
    assert line.waiting.bar.maximum() == 0
    line.go_on(3, 70)
    assert (line.waiting.bar.value(), line.waiting.bar.maximum()) == (3, 70)
    line.go_on(70, 70)
    assert line.waiting.bar.maximum() == 0, "what follows does not say how far it is"
    line.go_on(4, 70)
    line.wait("opening other.yaml …")
    qtbot.waitUntil(lambda: line.waiting.bar.maximum() == 0)


def test_how_much_is_read_for_what_is_waited_for_is_said_beside_it(line: StatusLine, qtbot: QtBot) -> None:
    sentence = "layer 70 needs what all 70 layers below it compute: 119.8 GB are read first"
    line.wait("opening m …")
    line.foresee("70 layers, 119.8 GB", sentence)
    assert line.waiting.isVisible()
    assert line.waiting.text.text() == "opening m … 70 layers, 119.8 GB"
    assert sentence in line.waiting.text.toolTip()
    line.go_on(3, 70)
    assert (line.waiting.text.text(), line.waiting.bar.value()) == ("opening m … 70 layers, 119.8 GB", 3)
    line.wait("head 3 …")
    qtbot.waitUntil(lambda: line.waiting.text.text() == "head 3 …")
    line.wait("")
    line.foresee("70 layers, 119.8 GB", sentence)
    qtbot.waitUntil(lambda: not line.waiting.isVisible())


def test_other_parts_of_the_window_stand_at_the_right_end(line: StatusLine) -> None:
    mark = QLabel("cpu, float32")
    line.add_permanent(mark)
    line.tell(LONG)
    line.say(LONG)
    QApplication.processEvents()
    assert mark.isVisible()
    assert mark.geometry().right() > line.newest.geometry().right()
    assert line.width() - mark.geometry().right() < 30
    assert mark.width() >= mark.sizeHint().width()


def test_a_text_asks_for_its_own_width_and_shrinks_to_none(qtbot: QtBot) -> None:
    text = Elided(120)
    qtbot.addWidget(text)
    text.say("short")
    assert text.fontMetrics().horizontalAdvance("short") <= text.sizeHint().width() < 120
    text.say(LONG)
    assert (text.sizeHint().width(), text.minimumSizeHint().width()) == (120, 0)


def test_work_shows_its_share_and_is_stopped_by_its_cross_and_is_put_away_when_it_is_done(qtbot: QtBot) -> None:
    work = Work("Stop it")
    qtbot.addWidget(work)
    asked: list[str] = []
    work.stopped.connect(lambda: asked.append("stop"))
    work.clicked.connect(lambda: asked.append("more"))
    assert work.isHidden()
    work.show_work("film.mp4: frame 3 of 8", 3, 8)
    assert (work.bar.value(), work.bar.maximum(), work.stop.toolTip()) == (3, 8, "Stop it")
    QTest.mouseClick(work.stop, LEFT, pos=QPoint(2, 2))
    QTest.mouseClick(work.text, LEFT, pos=QPoint(2, 2))
    assert asked == ["stop", "more"]
    work.show_work("opening …")
    assert work.bar.maximum() == 0
    for _ in range(2):  # those of before go
        work.show_done("film.mp4 written", {"Show in folder": lambda: asked.append("folder"), "Open": lambda: None})
    links = [link for link in work.done.findChildren(Elided) if not link.isHidden()]
    assert [link.text() for link in links] == ["Show in folder", "Open"]
    QTest.mouseClick(links[0], LEFT, pos=QPoint(2, 2))
    assert work.bar.isHidden()
    QTest.mouseClick(work.stop, LEFT, pos=QPoint(2, 2))
    assert work.isHidden()
    assert asked == ["stop", "more", "folder"]
