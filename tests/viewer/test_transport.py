"""The bar below the picture: where its slider stands, what a click there seeks, and what it says."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from mmviz.picture.time.chapters import Chapter
from mmviz.viewer.canvas.player import Player
from mmviz.viewer.controls import theme
from mmviz.viewer.gestures import RATES
from mmviz.viewer.transport import FINENESS, ScrubBar, Transport

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CHAPTERS = (
    Chapter(0, 4, 1, 0, title="Scores"),
    Chapter(4, 7.5, 1, 0),
    Chapter(4, 10, 1, 0, title="Mixture"),
)


@pytest.fixture
def bar(qtbot: QtBot) -> ScrubBar:
    made = ScrubBar(10)
    qtbot.addWidget(made)
    made.resize(300, 24)
    return made


def sought(bar: ScrubBar) -> list[float]:
    found: list[float] = []
    bar.sought.connect(found.append)
    return found


def test_a_drag_seeks_any_moment_and_standing_somewhere_seeks_none(bar: ScrubBar) -> None:
    found = sought(bar)
    bar.show_time(7.5)
    assert (bar.value(), found) == (750, [])
    bar.setValue(333)
    assert found == [3.33]
    assert (bar.minimum(), bar.maximum()) == (0, 10 * FINENESS)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_a_click_takes_the_handle_under_the_pointer(share: float, bar: ScrubBar) -> None:
    found = sought(bar)
    room = bar.width() - bar._handle().width()
    QTest.mouseClick(bar, LEFT, pos=QPoint(round(bar._handle().width() / 2 + share * room), 12))
    expected = 10 * share
    assert (found[-1] if found else 0.0) == pytest.approx(expected, abs=2 * 10 / room), "to two pixels"


def test_another_button_seeks_nothing(bar: ScrubBar) -> None:
    found = sought(bar)
    QTest.mouseClick(bar, RIGHT, pos=QPoint(200, 12))
    assert found == []


def test_chapters_are_marked_once_each_where_they_begin_and_named_in_the_tip(bar: ScrubBar) -> None:
    for chapters, marks, tip in ((CHAPTERS, (4,), "\n0: Scores\n4: Mixture"), ((), (), "")):
        bar.take(10, chapters)
        assert (bar.marks, bar.toolTip()) == (marks, f"Drag to any moment{tip}"), "the beginning needs no mark"


def quiet_columns(bar: ScrubBar) -> list[int]:
    """Where a thin line of the marks' colour goes down from the upper edge."""
    image = bar.grab().toImage()
    return [
        x
        for x in range(image.width())
        if all(QColor(image.pixel(x, y)).name() == theme.of(bar).quiet for y in range(2, 6))
    ]


def test_a_mark_is_drawn_where_the_handle_would_be_at_its_time(bar: ScrubBar) -> None:
    assert quiet_columns(bar) == []
    bar.take(10, (Chapter(0, 5, 1, 0), Chapter(5, 10, 1, 0)))
    (column,) = quiet_columns(bar)
    assert column == pytest.approx(bar.width() / 2, abs=1)


def test_another_animation_seeks_nothing_even_where_it_is_shorter(bar: ScrubBar) -> None:
    bar.show_time(9)
    found = sought(bar)
    bar.take(3, ())
    assert (bar.maximum(), found) == (300, [])


@pytest.fixture
def player(qtbot: QtBot) -> Player:
    return Player(8, 2.0)


@pytest.fixture
def transport(player: Player, qtbot: QtBot) -> Transport:
    made = Transport(player, [QAction("play"), QAction("next")], QAction("loop"))
    qtbot.addWidget(made)
    return made


def test_it_says_which_step_is_shown(transport: Transport, player: Player) -> None:
    assert transport.counter.text() == "step 8 / 8"
    for time, step in ((0, 0), (2.999, 2), (3 - 1e-9, 3), (3.5, 3)):
        player.seek(time)
        assert transport.counter.text() == f"step {step} / 8"
        assert transport.slider.value() == round(100 * time)


def test_the_slider_moves_the_player(transport: Transport, player: Player) -> None:
    transport.slider.setValue(250)
    assert player.time == 2.5


def test_the_speed_is_chosen_and_shown(transport: Transport, player: Player) -> None:
    texts = [transport.speed.itemText(number) for number in range(transport.speed.count())]
    assert texts == ["0.125×", "0.25×", "0.5×", "1×", "2×", "4×", "8×"]
    assert transport.speed.currentText() == "1×"
    transport.speed.activated.emit(RATES.index(4.0))
    assert (player.rate, transport.speed.currentText()) == (4.0, "4×")
    player.set_rate(0.5)
    assert transport.speed.currentText() == "0.5×"


def test_another_animation_is_gone_over(transport: Transport, player: Player) -> None:
    before = transport.counter.minimumWidth()
    player.take(12345, (Chapter(0, 100, 1, 0), Chapter(100, 12345, 1, 0, title="Rest")))
    assert transport.counter.text() == "step 12345 / 12345"
    assert (transport.slider.maximum(), transport.slider.marks) == (1234500, (100,))
    assert transport.counter.minimumWidth() > before, "so that nothing moves while the numbers grow"


def test_buttons_stand_before_the_slider_and_the_loop_behind(transport: Transport) -> None:
    buttons = transport.findChildren(QToolButton)
    assert [button.defaultAction().text() for button in buttons] == ["play", "next", "loop"]
    assert all(button.focusPolicy() == Qt.FocusPolicy.NoFocus for button in buttons), "keys stay the picture's"
