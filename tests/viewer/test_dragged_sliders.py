"""A slider of the tabs that is dragged: the picture follows at once, and it is one change."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.canvas import view as view_module
from mmviz.viewer.controls.fields import Slider
from mmviz.viewer.controls.option_rows import OptionRows
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.looking import looked_at, settle

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return looked_at(qtbot, scene)


@pytest.fixture
def look(window: MainWindow) -> OptionRows:
    return window.look_panel.settings


def slider(look: OptionRows, name: str) -> Slider:
    control = look.rows[name].control
    assert isinstance(control, Slider)
    return control


def drag(control: Slider, places: int, halfway: Callable[[], object] = lambda: None) -> None:
    """Press the handle, move it by pixels, and let it go; do something else halfway."""
    bar = control.slider
    handle = bar.height() // 2
    spot = QPoint(round(bar.value() / bar.maximum() * (bar.width() - 14)) + 7, handle)
    QTest.mousePress(bar, LEFT, NONE, spot)
    for pixel in range(1, places + 1):
        QTest.mouseMove(bar, spot + QPoint(pixel, 0))
        QApplication.processEvents()
        if pixel == places // 2:
            halfway()
    QTest.mouseRelease(bar, LEFT, NONE, spot + QPoint(places, 0))


@pytest.mark.slow
def test_a_drag_moves_the_matrices_all_the_way_and_is_undone_at_once(
    window: MainWindow, look: OptionRows, qtbot: QtBot
) -> None:
    before, relative = window.desk.scene.document, window.view.composition.layout[""].gap
    gaps: list[float | str] = []
    window.desk.shown.connect(lambda scene: gaps.append(scene.document.layout.gap))
    control = slider(look, "gap")
    drag(control, 40, lambda: qtbot.waitUntil(lambda: len(gaps) > 0))  # it does not wait for the end of the drag
    settle(window, qtbot)
    assert len(gaps) > 1
    assert gaps == sorted(map(float, gaps))
    assert before.layout.gap == "auto"
    assert gaps[-1] == control.slider.value() / 2 > relative
    assert window.view.composition is window.desk.scene.composition
    assert window.desk.undo.count() == 1
    drag(control, 30)
    settle(window, qtbot)
    assert window.desk.undo.count() == 2
    window.desk.undo.undo()
    assert window.desk.scene.document.layout.gap == control.number.box.value()
    window.desk.undo.undo()
    assert window.desk.scene.document == before
    assert control.slider.value() == 2 * relative


@pytest.mark.slow
def test_a_drag_computes_no_number_again(window: MainWindow, look: OptionRows, qtbot: QtBot) -> None:
    values, looks = window.view.composition.values, window.view.composition.looks
    drag(slider(look, "scatter"), 20)
    settle(window, qtbot)
    assert window.desk.scene.document.layout.scatter > 0
    assert all(window.view.composition.values[path] is matrix for path, matrix in values.items())
    assert window.view.composition.looks is looks


def test_while_a_slider_is_held_a_slow_picture_is_coarse_and_afterwards_it_is_sharp(
    window: MainWindow, look: OptionRows, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = window.view
    monkeypatch.setattr(view_module, "FLUENT", 1e-9)
    view.turn(1.0, 0.0)
    QApplication.processEvents()  # the second full picture: now its time is known
    drawing = view._renderer
    assert isinstance(drawing, Dabber)
    bar = slider(look, "gap").slider
    bar.setSliderDown(True)
    bar.setValue(bar.value() + 5)
    settle(window, qtbot)
    QApplication.processEvents()
    assert drawing.coarse == view_module.COARSEST
    bar.setSliderDown(False)
    QApplication.processEvents()
    assert drawing.coarse == 1
