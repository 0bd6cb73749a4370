"""Windows with the tab Model in front, and what tests do with them."""

from functools import cache
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.builders.by_name import scene_named
from mmviz.viewer.tabs.model.model_panel import ModelPanel
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened, settle


@cache
def shipped(name: str) -> Scene:
    """A shipped scene, computed once for all windows: none of them changes it."""
    return Scene.load(name)


def shown(qtbot: QtBot, name: str = "attention_head", **parts: Any) -> MainWindow:
    """A window on a shipped scene, with other parts of its document."""
    scene = shipped(name).changed(**parts) if parts else shipped(name)
    _ = scene.composition
    window = opened(qtbot, scene, (1100, 700), panel=True, opener=scene_named)
    window.tabs.setCurrentWidget(window.model_panel)
    QApplication.processEvents()
    return window


def settled(window: MainWindow, qtbot: QtBot) -> None:
    settle(window, qtbot)
    QApplication.processEvents()


def picked(window: MainWindow) -> tuple[int | None, int | None]:
    """The layer and head that the scene's numbers come from."""
    source = window.desk.scene.document.tensors["wQ"].model_dump()
    return int(source["weight"].split(".")[1]), source["head"]


def type_prompt(panel: ModelPanel, text: str) -> None:
    panel.prompt.editor.setFocus()
    panel.prompt.editor.selectAll()
    QTest.keyClicks(panel.prompt.editor, text)


def ask_for(panel: ModelPanel, name: str) -> None:
    panel.model.line.clear()
    QTest.keyClicks(panel.model.line, name)
    QTest.keyClick(panel.model.line, Qt.Key.Key_Return)
