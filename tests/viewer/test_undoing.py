"""Undo and redo say what they are about; where one types, they are the field's."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.menus.undoing import Undoing
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import CONTROL, opened

Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = opened(qtbot, Scene.named("attention_head"), (1100, 700), panel=True)
    made.navigation.hiding.hide("left")
    return made


def test_what_is_undone_and_done_again_is_said_also_of_what_only_changes_the_view(window: MainWindow) -> None:
    assert isinstance(window.undoing, Undoing)
    undo, redo = window.actions_by_name["undo"], window.actions_by_name["redo"]
    assert (undo.text(), undo.toolTip(), redo.isEnabled()) == ("Undo Hide z", "Undo: Hide z (Ctrl+Z)", False)
    QTest.keyClick(window.view, Key.Key_Z, CONTROL)
    assert window.status.text() == "Undone: Hide z; Ctrl+Y does it again"
    assert not window.navigation.hiding.hidden
    assert (undo.text(), undo.toolTip(), undo.isEnabled()) == ("Undo", "Undo (Ctrl+Z)", False)
    assert redo.toolTip() == "Redo: Hide z (Ctrl+Y)"
    QTest.keyClick(window.view, Key.Key_Y, CONTROL)
    assert window.status.text() == "Done again: Hide z; Ctrl+Z undoes it"
    assert window.navigation.hiding.hidden


def test_what_is_typed_is_undone_in_its_field_and_nothing_else(window: MainWindow) -> None:
    tried = set()
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        QApplication.processEvents()
        shown = window.tabs.currentWidget()
        assert shown is not None
        fields: list[QLineEdit | QPlainTextEdit] = [*shown.findChildren(QLineEdit), *shown.findChildren(QPlainTextEdit)]
        for field in fields:
            if not field.isVisible() or not field.isEnabled() or field.isReadOnly():
                continue
            says = field.text if isinstance(field, QLineEdit) else field.toPlainText
            before = says()
            field.setFocus()
            QTest.keyClicks(field, "7")
            typed = says()
            if typed != before:
                QTest.keyClick(field, Key.Key_Z, CONTROL)
                assert says() == before
                tried.add((window.tabs.tabText(page), type(field).__name__))
            assert window.desk.undo.index() == 1, "hiding stays"
    assert {name for name, _ in tried} >= {"Matrices", "Model", "Motion"}
