"""A field that is set, disabled or hidden asks for nothing: not for what stands in it, nor for half a number."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.controls.fields import Choice, Control, Number, Slider, Switch, Text
from mmviz.viewer.export.export_form import ExportForm
from mmviz.viewer.tabs.model.model_fields import PickField
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened, settle

FIELDS: dict[str, tuple[Callable[[], Control], tuple[Any, ...]]] = {
    "switch": (lambda: Switch("tip"), (True, False, True)),
    "choice": (lambda: Choice({"a": 1, "b": 2}, "tip"), (2, 1, None, 3)),
    "number": (lambda: Number(0, 9, "tip", decimals=1, none="auto"), (5, None, 12, -3, 0.5)),
    "whole": (lambda: Number(1, 9, "tip"), (5, None, 12, 1)),
    "text": (lambda: Text("tip"), ("a", "", "b")),
    "slider": (lambda: Slider((0, 10), (0, 99), "tip", none="auto"), (5, 50, None, 0)),
    "fine": (lambda: Slider((0.1, 10), (0.01, 99), "tip", step=0.1, logarithmic=True), (5.0, 50.0, 0.01)),
}
"""A control of every kind, and what a scene may say of it."""


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """A widget in which something else can have the keyboard."""
    made = QWidget()
    made.elsewhere = QLineEdit()  # type: ignore[attr-defined]
    QVBoxLayout(made).addWidget(made.elsewhere)  # type: ignore[attr-defined]
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    return made


def put(page: QWidget, field: QWidget) -> None:
    layout = page.layout()
    assert layout is not None
    layout.addWidget(field)
    QApplication.processEvents()


def leave(page: QWidget, field: QWidget) -> None:
    """The keyboard goes elsewhere, in all the ways in which a program takes it."""
    page.elsewhere.setFocus()  # type: ignore[attr-defined]
    field.setEnabled(False)
    field.setEnabled(True)
    field.hide()
    field.show()
    QApplication.processEvents()


def type_into(field: QWidget, text: str) -> None:
    """Begin to type, without Enter."""
    boxes = field.findChildren(QAbstractSpinBox) + [box for box in field.findChildren(QLineEdit) if box.isVisible()]
    if boxes:
        boxes[0].setFocus()
        boxes[0].selectAll()
        QTest.keyClicks(boxes[0], text)


@pytest.mark.parametrize("kind", FIELDS)
def test_a_control_that_is_set_disabled_or_hidden_asks_for_nothing(page: QWidget, kind: str) -> None:
    make, values = FIELDS[kind]
    control = make()
    asked: list[Any] = []
    control.chosen.connect(asked.append)
    put(page, control)
    for value in values:
        control.show_value(value)
        leave(page, control)
    for value in values:
        type_into(control, "7")
        control.forget()
        control.show_value(value)
        leave(page, control)
    assert asked == []


@pytest.mark.parametrize("typed", ["", "5", "0"])
@pytest.mark.parametrize(
    "then",
    [(None, 9, "This scene shows 9 heads together."), (2, 9, "No other."), (0, 4, ""), (None, 2, ""), (0, 9, "")],
)
def test_a_pick_that_is_set_asks_for_nothing_whatever_was_being_typed(
    page: QWidget, typed: str, then: tuple[int | None, int, str]
) -> None:
    pick = PickField("head", "Which head")
    asked: list[int] = []
    pick.picked.connect(asked.append)
    put(page, pick)
    for start in (0, 2):
        pick.show_pick(start, 9)
        type_into(pick, typed)
        pick.forget()
        pick.show_pick(*then)
        leave(page, pick)
    assert asked == []


def test_a_pick_that_cannot_be_had_is_not_asked_for(page: QWidget) -> None:
    pick = PickField("head", "Which head")
    asked: list[int] = []
    pick.picked.connect(asked.append)
    put(page, pick)
    pick.show_pick(None, 9, "This scene shows 9 heads together.")
    pick.slider.setValue(4)
    pick.spin.setValue(5)
    assert asked == []


def test_what_is_typed_stays_while_the_same_is_shown_again(page: QWidget) -> None:
    pick = PickField("head", "Which head")
    asked: list[int] = []
    pick.picked.connect(asked.append)
    put(page, pick)
    pick.show_pick(2, 9)
    type_into(pick, "5")
    pick.show_pick(2, 9)
    page.elsewhere.setFocus()  # type: ignore[attr-defined]
    assert asked == [5]


def test_the_step_of_an_export_follows_the_window_into_a_shorter_scene(qtbot: QtBot, scene: Scene) -> None:
    form = ExportForm()
    qtbot.addWidget(form)
    form.take(scene.document.export, 40)
    form.show_time(30.0)
    form.take(scene.document.export, 8)
    form.show_time(5.0)
    assert form.step.value() == 5.0


def other(expression: str, names: str, side: int) -> Scene:
    made = Scene(expression, {name: {"init": "rows", "shape": [side, side]} for name in names})
    _ = made.composition
    return made


def fields_in(window: MainWindow) -> list[QWidget]:
    """All in which one types, as far as they are seen."""
    found: list[QWidget] = []
    for kind in (QAbstractSpinBox, QLineEdit, QPlainTextEdit, QComboBox):
        found += [one for one in window.tabs.findChildren(kind) if one.isVisible() and one.isEnabled()]
    return [one for one in found if not isinstance(one.parent(), QAbstractSpinBox | QComboBox)]


@pytest.mark.slow
def test_nothing_that_is_half_typed_anywhere_is_asked_of_the_next_scene(qtbot: QtBot) -> None:
    scenes = [other("P = A @ B", "AB", 3), other("P = (A @ B) @ C", "ABC", 4)]  # left is a tensor, or a product
    window = opened(qtbot, scenes[0], panel=True)
    tried = 0
    for number in range(window.tabs.count()):
        window.tabs.setCurrentIndex(number)
        window.selection.select("left")
        QApplication.processEvents()
        for field in fields_in(window):
            field.setFocus()
            QTest.keyClicks(field, "5")
            tried += 1
            before, after = window.desk.scene, scenes[tried % 2]
            window.desk.open("another", lambda after=after: after)  # type: ignore[misc]
            qtbot.waitUntil(lambda before=before: window.desk.scene is not before)  # type: ignore[misc]
            window.tabs.setCurrentIndex(number)
            window.selection.select("left")
            window.view.setFocus()
            QApplication.processEvents()
            settle(window, qtbot)
            assert window.desk.scene is after, f"{window.tabs.tabText(number)}: {field.toolTip() or field}"
            assert not window.desk.undo.canUndo()
    assert tried > 20
    assert window.events.text == ""
