"""An export in the status line: seen while its dialog is hidden, called back, stopped, opened when it is written."""

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.orders.order import FilmOrder
from mmviz.viewer.controls.elided import Link
from mmviz.viewer.controls.work import Work
from mmviz.viewer.export.exporter import Exporter
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene)


@pytest.fixture
def exporter(window: MainWindow) -> Exporter:
    """One that believes that it makes a film."""
    made = window.dialogs.exporter
    made.order, made.frames = FilmOrder("films/film.mp4", 64, 48), (0, 0)
    made.changed.emit()
    return made


@pytest.fixture
def work(window: MainWindow, exporter: Exporter) -> Work:
    return window.dialogs.strip.work


def end(exporter: Exporter, trouble: str = "") -> None:
    order, exporter.order = exporter.order, None
    exporter.changed.emit()
    exporter.ended.emit(order, trouble)


def test_it_says_how_far_the_export_is(exporter: Exporter, work: Work) -> None:
    assert (work.text.text(), work.bar.maximum()) == ("film.mp4: computing and drawing …", 0)
    exporter.frames = 8, 8
    exporter.changed.emit()
    assert (work.text.text(), work.bar.value(), work.bar.maximum()) == ("film.mp4: frame 8 of 8", 8, 8)
    assert work.isVisible()


def test_a_click_on_it_calls_the_hidden_dialog_back(window: MainWindow, work: Work) -> None:
    window.dialogs.show_export()
    dialog = window.dialogs.export
    assert dialog is not None
    dialog.reject()
    assert not dialog.isVisible()
    work.text.clicked.emit()
    assert dialog.isVisible()
    assert dialog.message.text() == work.text.text()


def test_its_cross_stops_the_export(
    window: MainWindow, exporter: Exporter, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[Exporter] = []
    monkeypatch.setattr(exporter, "_process", object())
    monkeypatch.setattr(exporter, "_ask", lambda: stopped.append(exporter))
    work.stop.clicked.emit()
    assert stopped == [exporter]
    assert work.text.text() == "film.mp4: stopping …"
    monkeypatch.setattr(exporter, "_process", None)
    exporter._lose_patience.stop()
    order, exporter.order = exporter.order, None
    exporter.stopped.emit(order)
    assert work.isHidden()
    assert window.status.newest.text() == "film.mp4: stopped; nothing is left of it"


def test_what_was_written_can_be_opened_and_found(
    window: MainWindow, exporter: Exporter, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_places: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened_places.append)
    end(exporter)
    assert work.text.text() == "film.mp4 written"
    place = Path("films/film.mp4").absolute()
    assert window.events.kept[-1].text == f"film.mp4 written: {place}"
    for link in work.done.findChildren(Link):
        link.clicked.emit()
    assert [url.toLocalFile() for url in opened_places] == [str(place.parent), str(place)]


def test_what_went_wrong_is_complained_of_though_the_dialog_is_hidden(
    window: MainWindow, exporter: Exporter, work: Work
) -> None:
    end(exporter, "film.mp4: no space left.")
    assert work.isHidden()
    assert window.status.newest.text() == "film.mp4: no space left."
    assert window.events.unseen == 1
