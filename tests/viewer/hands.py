"""What hands do in the tab "Matrices", and what eyes see there; no tests."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.controls.fields import Choice, Number, Text
from mmviz.viewer.controls.section import Section
from mmviz.viewer.tabs.scene.scene_panel import ScenePanel
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import settle

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def type_expression(window: MainWindow, text: str) -> None:
    QTest.keyClick(window.view, Key.Key_L, CTRL)
    QTest.keyClicks(window.scene_panel.line.field, text)


def enter(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window.scene_panel.line.field, Key.Key_Return)
    settle(window, qtbot)


def expr(window: MainWindow) -> str:
    return window.desk.scene.document.expr


def underlined(panel: ScenePanel) -> list[tuple[int, str]]:
    found = []
    for mark in panel.line.field.extraSelections():
        assert mark.format.underlineStyle() == QTextCharFormat.UnderlineStyle.WaveUnderline
        found.append((mark.cursor.selectionStart(), mark.cursor.selectedText()))
    return found


def choose(panel: ScenePanel, name: str, words: str) -> None:
    """Choose in a row's list, with the keyboard, what it shows so or a scene calls so."""
    control = panel.form.settings.rows[name].control
    assert isinstance(control, Choice)
    number = control.values.index(words) if words in control.values else control.box.findText(words)
    assert number >= 0
    control.box.setCurrentIndex(number)
    control.box.activated.emit(number)


def fill(panel: ScenePanel, name: str, words: str) -> None:
    """Type into a row's field, wherever it is folded away."""
    for section in panel.form.settings.findChildren(Section):
        section.fold(False)
    control = panel.form.settings.rows[name].control
    assert isinstance(control, Number | Text)
    control.box.setFocus()
    control.box.selectAll()
    QTest.keyClicks(control.box, words)
    QTest.keyClick(control.box, Key.Key_Return)


def shown(panel: ScenePanel, name: str) -> Any:
    control = panel.form.settings.rows[name].control
    if isinstance(control, Choice):
        return control.box.currentText() if control.value is None else control.value
    return control.box.text()  # type: ignore[attr-defined]


def names_in(panel: ScenePanel) -> dict[str, str]:
    return {path: item.text() for path, item in panel.tree.nodes.items.items()}


def check_change(window: MainWindow, qtbot: QtBot, path: str, change: Any) -> Scene:
    """Change the selected matrix; what comes out is a valid scene, and undo brings back the one before."""
    before = window.desk.scene.document
    window.selection.select(path)
    QApplication.processEvents()
    change(window.scene_panel)
    settle(window, qtbot)
    after = window.desk.scene
    assert after.document != before
    window.desk.undo.undo()
    assert window.desk.scene.document == before
    window.desk.undo.redo()
    assert window.desk.scene.document == after.document
    assert isinstance(after, Scene)
    return after
