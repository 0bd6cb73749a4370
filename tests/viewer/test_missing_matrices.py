"""Links of mm whose CSV files are not here: a folder with copies, patterns in their place, or neither."""

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.builders.by_name import scene_named
from mmviz.scene.mm.importer import document_from_mm
from mmviz.viewer.browser import missing_matrices
from mmviz.viewer.browser.missing_matrices import FOLDER, PATTERNS, missing_of
from mmviz.viewer.question import Answer, Question
from mmviz.viewer.session.models_here import none_here
from mmviz.viewer.start.preparing import Preparing
from mmviz.viewer.start.start_window import StartWindow
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened
from tests.viewer.small_scene import paste, small

PARAMS = {
    "name": "P",
    "left": {"name": "A", "h": 2, "w": 3, "init": "url", "url": "https://example.org/data/a.csv"},
    "right": {"name": "B", "h": 3, "w": 2, "init": "url", "url": "https://example.org/data/b.csv"},
}
LINK = f"https://bhosmer.github.io/mm/?params={json.dumps(PARAMS)}"
A, B = np.arange(6.0).reshape(2, 3), np.ones((3, 2))
TOLD = (
    "https://example.org/data/a.csv\nhttps://example.org/data/b.csv\n\n"
    "mmviz fetches nothing. Choose the folder where copies lie, or let patterns stand in their place."
)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    return opened(qtbot, small(tmp_path / "small.yaml"), (700, 560))


def answers(monkeypatch: pytest.MonkeyPatch, *given: Answer) -> list[tuple[str, str, list[str]]]:
    """Give these answers, and note the questions."""
    asked: list[tuple[str, str, list[str]]] = []
    waiting = list(given)

    def answer(question: Question) -> Answer:
        asked.append((question.text(), question.informativeText(), [button.text() for button in question.buttons()]))
        return waiting.pop(0)

    monkeypatch.setattr(Question, "answer", answer)
    return asked


def test_copies_in_a_folder_take_their_place(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savetxt(tmp_path / "a.csv", A, delimiter=",")
    asked = answers(monkeypatch, FOLDER, FOLDER)
    (tmp_path / "full").mkdir()
    folders = iter([str(tmp_path), str(tmp_path / "full")])
    for name, numbers in (("a.csv", A), ("b.csv", B)):
        np.savetxt(tmp_path / "full" / name, numbers, delimiter=",")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(folders))
    with qtbot.waitSignal(window.desk.opened):
        paste(window, LINK)
    scene = window.desk.scene
    assert isinstance(scene, Scene)
    np.testing.assert_array_equal(scene.values()[""], A @ B)
    assert [question[:2] for question in asked] == [
        ("This link names 2 CSV files that are not here.", TOLD),
        (
            f"This link names a CSV file that is not in {tmp_path}.",
            TOLD.replace("https://example.org/data/a.csv\n", ""),
        ),
    ]
    assert set(asked[0][2]) == {"Choose a folder …", "Initializers in their place …", "Cancel"}


def test_patterns_take_their_place(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, PATTERNS, PATTERNS)
    labels: list[str] = []
    chosen = iter([("gaussian", False), ("eye", True)])  # the first time they change their mind

    def choose(_parent: object, _title: str, label: str, names: list[str], current: int, _edit: bool) -> object:
        labels.append(f"{label} {names[current]}")
        return next(chosen)

    monkeypatch.setattr(QInputDialog, "getItem", choose)
    with qtbot.waitSignal(window.desk.opened):
        paste(window, LINK)
    scene = window.desk.scene
    assert isinstance(scene, Scene)
    np.testing.assert_array_equal(scene.values()["left"], np.eye(2, 3))
    assert labels == ["Fill the 2 matrices with: gaussian"] * 2


def test_the_scene_stays_where_neither_is_wanted(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answers(monkeypatch, FOLDER, Answer.Cancel)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    paste(window, LINK)
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert window.desk.scene.document.title == "Small"
    assert not window.desk.background.waiting


def test_many_and_long_addresses_are_told_in_short(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, Answer.Cancel)
    addresses = ["", "x" * 100, *map(str, range(6))]
    missing_matrices.ask_missing(window, addresses, None)
    lines = asked[0][1].splitlines()
    assert lines[:6] == ["(an empty address)", f"{'x' * 35} … {'x' * 35}", "0", "1", "2", "and 3 more"]


def test_each_missing_address_is_told_once() -> None:
    twice = {**PARAMS, "right": {**PARAMS["left"], "name": "C", "h": 3, "w": 2}}  # type: ignore[dict-item]
    assert missing_of(document_from_mm(twice)) == ["https://example.org/data/a.csv"]


def test_the_window_before_the_window_asks_too(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mmviz view LINK`, and a link that is opened on the start page."""
    asked = answers(monkeypatch, PATTERNS)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("eye", True))
    before = StartWindow(lambda text: lambda: scene_named(text), Preparing(none_here, lambda: None))
    qtbot.addWidget(before)
    before.instead = lambda text: missing_matrices.filled(before, text, Scene, None)
    before.load(LINK, lambda: scene_named(LINK))
    with qtbot.waitSignal(before.ended):
        before.show()
    assert len(asked) == 1
    assert isinstance(before.scene, Scene)
    np.testing.assert_array_equal(before.scene.values()["left"], np.eye(2, 3))


def test_where_nothing_takes_their_place_the_reason_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, Answer.Cancel)
    before = StartWindow(lambda text: lambda: scene_named(text), Preparing(none_here, lambda: None))
    qtbot.addWidget(before)
    before.instead = lambda text: missing_matrices.filled(before, text, Scene, None)
    before.load(LINK, lambda: scene_named(LINK))
    with qtbot.waitSignal(before.ended):
        before.show()
    assert str(before.error).startswith("scene, tensors.A: its numbers lie at https://example.org/data/a.csv")
