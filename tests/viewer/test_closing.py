"""Closing the window while an export is under way: it is asked, in whichever way it is closed."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.orders.order import FilmOrder
from mmviz.viewer.application import heed_session_end
from mmviz.viewer.question import Answer
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened
from tests.viewer.small_scene import answering

Key, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> Iterator[MainWindow]:
    """A window that believes that it exports a film."""
    made = opened(qtbot, scene)
    made.dialogs.exporter.order = FilmOrder("film.mp4", 64, 48)
    yield made
    made.dialogs.exporter.order = None


def answer(monkeypatch: pytest.MonkeyPatch, *given: bool) -> list[str]:
    """Answer the question for the export; gives the names of what was asked for."""
    return answering(monkeypatch, "mmviz.viewer.dialogs.ask_stop", *given)


WAYS: dict[str, Callable[[MainWindow], object]] = {
    "key": lambda window: QTest.keyClick(window.view, Key.Key_Q, CONTROL),
    "menu": lambda window: window.actions_by_name["close"].trigger(),
    "x": MainWindow.close,
}


@pytest.mark.parametrize("way", WAYS)
def test_closing_while_an_export_is_under_way_is_asked(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    asked = answer(monkeypatch, False, True)
    WAYS[way](window)
    assert window.isVisible()
    assert window.dialogs.exporter.running
    WAYS[way](window)
    assert not window.isVisible()
    assert asked == ["film.mp4", "film.mp4"]


def test_an_export_in_a_hidden_dialog_goes_on_when_q_is_pressed_and_nothing_is_asked(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answer(monkeypatch)
    QTest.keyClick(window.view, Key.Key_E, CONTROL)
    dialog = window.dialogs.export
    assert dialog is not None
    QApplication.processEvents()
    QTest.keyClick(dialog, Key.Key_Escape)
    assert not dialog.isVisible()
    QTest.keyClick(window.view, Key.Key_Q)
    assert window.isVisible()
    assert window.dialogs.exporter.running
    assert asked == []


def test_the_question_says_what_is_lost_and_enter_keeps_it(window: MainWindow) -> None:
    seen = []

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.extend([box.text(), box.informativeText()])
        default = box.defaultButton()
        seen.extend([default.text(), box.button(Answer.Discard).text()])
        default.click()

    QTimer.singleShot(0, look)
    assert not window.close()
    assert seen == [
        "An export is running: film.mp4",
        "If it is stopped, nothing is left of it.",
        "&Keep going",
        "&Stop the export and close",
    ]


class Session:
    """A session that ends."""

    def __init__(self, asks: bool) -> None:
        self.asks, self.told = asks, ""

    def allowsInteraction(self) -> bool:  # noqa: N802  (so Qt calls it)
        return self.asks

    def release(self) -> None:
        self.told += "asked "

    def cancel(self) -> None:
        self.told += "cancelled"


@pytest.mark.parametrize(
    ("asks", "stops", "told"), [(True, False, "asked cancelled"), (True, True, "asked "), (False, False, "")]
)
def test_a_session_that_ends_is_stayed_where_an_export_is_to_go_on(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, asks: bool, stops: bool, told: str
) -> None:
    answer(monkeypatch, stops)
    session = Session(asks)
    heed_session_end(window, session)
    assert session.told == told
    assert window.isVisible()
