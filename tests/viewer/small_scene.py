"""A scene that lies in a file; a change of it in a window, others that are pasted there, and answers; no tests."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.window import MainWindow


def small(path: Path, title: str = "Small") -> Scene:
    """A scene that lies in a file."""
    tensors = {"A": {"init": "rows", "shape": [4, 3]}, "B": {"init": "cols", "shape": [3, 2]}}
    Scene("P = A @ B", tensors, title=title).save(path)
    return Scene.load(path)


def change(window: MainWindow, qtbot: QtBot, title: str = "Changed") -> None:
    with qtbot.waitSignal(window.desk.shown):
        window.desk.propose("the title", lambda scene: scene.changed(title=title))
    assert window.isWindowModified()


def answering(monkeypatch: pytest.MonkeyPatch, question: str, *given: object) -> list[str]:
    """Let the user answer a question by these, one after the other; gives the names of what was asked for.

    Args:
        monkeypatch: Takes the question back after the test.
        question: The function that asks it, as "package.module.name".
        given: The answers.
    """
    asked: list[str] = []
    answers = list(given)

    def ask(_: MainWindow, name: str) -> object:
        asked.append(name)
        return answers.pop(0)

    monkeypatch.setattr(question, ask)
    return asked


def paste(window: MainWindow, text: str) -> None:
    """Copy a text, and press Ctrl+V."""
    QGuiApplication.clipboard().setText(text)
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
