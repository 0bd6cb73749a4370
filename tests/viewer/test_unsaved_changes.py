"""What is asked before changes are lost; and that nothing is asked where nothing was changed."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.question import Answer
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened
from tests.viewer.small_scene import answering, change, paste, small

Key, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def window(qtbot: QtBot, folder: Path) -> MainWindow:
    return opened(qtbot, small(folder / "small.yaml"), None, panel=True)


def answer(monkeypatch: pytest.MonkeyPatch, *given: Answer) -> list[str]:
    """Answer the question for unsaved changes; gives the names of what was asked for."""
    return answering(monkeypatch, "mmviz.viewer.file_commands.ask_unsaved", *given)


def test_a_window_whose_scene_is_unchanged_closes_without_a_question(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answer(monkeypatch)
    window.player.step(-1)
    window.view.turn(20, 0)
    assert window.close()
    assert asked == []


@pytest.mark.parametrize("given", [Answer.Save, Answer.Discard])
def test_unsaved_changes_are_asked_for_when_the_window_is_closed(
    window: MainWindow, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch, given: Answer
) -> None:
    change(window, qtbot)
    asked = answer(monkeypatch, Answer.Cancel, given)
    assert not window.close()
    assert window.isVisible()
    assert window.close()
    assert asked == ["small", "small"]
    kept = Scene.load(folder / "small.yaml").document.title
    assert kept == ("Changed" if given == Answer.Save else "Small")


def test_unsaved_changes_are_asked_for_before_another_scene_takes_their_place(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(window, qtbot)
    asked = answer(monkeypatch, Answer.Cancel, Answer.Discard)
    paste(window, "chain")
    assert window.desk.scene.document.title == "Changed"
    assert not window.desk.background.waiting
    with qtbot.waitSignal(window.desk.opened):
        paste(window, "chain")
    assert len(asked) == 2
    assert not window.isWindowModified()


def test_what_was_undone_needs_no_saving(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    change(window, qtbot)
    QTest.keyClick(window, Key.Key_Z, CONTROL)
    asked = answer(monkeypatch)
    assert window.close()
    assert asked == []


def test_the_question_is_a_box_that_escape_cancels(window: MainWindow, qtbot: QtBot) -> None:
    change(window, qtbot)
    seen = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        QTest.keyClick(box, Key.Key_Escape)

    QTimer.singleShot(100, press)
    assert not window.close()
    assert seen == ["Save the changes of small?"]
