"""Three tasks of somebody who has never seen the window, each in at most six actions, which are counted.

An action is one thing that a hand does: a click, a key chord, a text that is typed, a drag, or resting on something to
read what it tells. Waiting and looking are none.
"""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QTabBar, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.builders.again import built_again
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.orders.order import FilmOrder, Order
from mmviz.scene.changes.refill import picks
from mmviz.viewer.export.exporter import Exporter
from mmviz.viewer.heads import heads as heads_module
from mmviz.viewer.heads.arrangement import Head
from mmviz.viewer.tabs.explain.explain_table import PRODUCT, K
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import move, opened, settle, spot_of

LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.slow

PROMPT = "The cat sat on the mat because it was tired"
MOST = 6
"""Actions of a task."""


class Stranger:
    """A hand and eyes at a window; counts what the hand does."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.actions = 0

    def click(self, widget: QWidget, spot: QPoint | None = None) -> None:
        """Click on something that is seen."""
        self.actions += 1
        assert widget.isVisible()
        place = widget.rect().center() if spot is None else spot
        QTest.mouseMove(widget, place)
        QTest.mouseClick(widget, LEFT, pos=place)
        QApplication.processEvents()

    def click_cell(self, spot: QPointF) -> None:
        """Click on a cell of the picture."""
        move(self.window.view, spot)
        self.click(self.window.view, spot.toPoint())

    def click_tab(self, name: str) -> None:
        """Click on a tab of the panel."""
        bar = self.window.tabs.findChild(QTabBar)
        assert bar is not None
        (number,) = (one for one in range(bar.count()) if bar.tabText(one) == name)
        self.click(bar, bar.tabRect(number).center())

    def press(self, keys: str) -> None:
        """Press a key chord."""
        self.actions += 1
        QTest.keySequence(self.window, keys)
        QApplication.processEvents()

    def choose(self, box: QComboBox, text: str) -> None:
        """Open a list and click on an entry: two actions."""
        self.click(box)
        entries = box.view()
        QTest.qWait(QApplication.doubleClickInterval())  # else Qt takes the second click for a part of the first one
        self.click(entries.viewport(), entries.visualRect(box.model().index(box.findText(text), 0)).center())
        assert box.currentText() == text

    def rest_on(self, widget: QWidget, spot: QPoint) -> str:
        """Rest on something; what the tip says."""
        self.actions += 1
        event = QHelpEvent(QEvent.Type.ToolTip, spot, widget.mapToGlobal(spot))
        QApplication.sendEvent(widget, event)
        return QToolTip.text()

    def wait(self) -> None:
        """Until all is computed."""
        settle(self.window, self.qtbot)
        QApplication.processEvents()


@pytest.fixture(scope="module")
def head() -> Scene:
    """Layer 0, head 0 of the model that comes with mmviz."""
    scene = head_scene(Reading("smollm2-135m-2layers", prompt=PROMPT, device="cpu"), 0, 0)
    _ = scene.composition
    return scene


@pytest.fixture
def stranger(head: Scene, qtbot: QtBot) -> Stranger:
    return Stranger(opened(qtbot, head, (1100, 700), panel=True, build_again=built_again), qtbot)


def test_find_which_token_it_attends_to_in_layer_1(stranger: Stranger) -> None:
    window = stranger.window
    stranger.click_tab("Model")
    slider = window.model_panel.layer.slider
    stranger.click(slider, QPoint(slider.width() - 4, slider.height() // 2))
    stranger.wait()
    line = window.reading.strip.line
    token = window.desk.scene.composition.tokens.index(" it")
    told = stranger.rest_on(line, line.place(token).center().toPoint())

    scene = window.desk.scene
    assert isinstance(scene, Scene)
    assert picks(scene.document).layer == 1
    pattern = scene.sources.model.activation(scene.sources.token_ids, "blocks.1.attn.hook_pattern", 0).numpy()
    most = int(pattern[token].argmax())
    assert f"attn looks at {most} “{scene.composition.tokens[most]}” ({pattern[token, most]:.2g})" in told
    assert stranger.actions <= MOST


def test_film_head_7_for_a_slide_on_white_ground(
    stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[object, Order]] = []
    monkeypatch.setattr(Exporter, "start", lambda _, scene, order: made.append((scene, order)))
    monkeypatch.setattr(heads_module, "REST", 0)
    monkeypatch.chdir(tmp_path)
    window = stranger.window
    stranger.press("G")
    grid = window.heads.grid
    stranger.qtbot.waitUntil(lambda: Head(0, 7) in grid.table.patterns, timeout=20_000)
    stranger.click(grid.view.viewport(), grid.view.visualRect(grid.table.index_of(Head(0, 7))).center())
    stranger.wait()
    stranger.press("Ctrl+E")
    dialog = window.dialogs.export
    assert dialog is not None
    stranger.choose(dialog.form.ground, "white")
    stranger.click(dialog.export)

    ((scene, order),) = made
    assert scene is window.desk.scene
    assert picks(window.desk.scene.document).head == 7
    assert isinstance(order, FilmOrder)
    assert (order.ground, order.width, order.height) == ("white", 1920, 1080)
    assert order.place.suffix == ".mp4"
    assert stranger.actions <= MOST


def test_what_makes_this_cell_blue(stranger: Stranger) -> None:
    window = stranger.window
    composition = window.view.composition
    path = "left"  # z: the attention pattern times the values
    values = composition.values[path]
    bright = np.column_stack(np.unravel_index(np.argsort(-values, axis=None), values.shape))
    spots = ((i, j, QPointF(spot_of(window.view, path, i, j).toPoint())) for i, j in bright[:400].tolist())
    for i, j, spot in spots:  # the bluest one that is seen
        move(window.view, spot)
        seen = window.view.under_pointer()
        if seen is not None and (seen.path, seen.i, seen.j, seen.kind) == (path, i, j, "plane"):
            break
    else:
        pytest.fail("none is seen")
    stranger.click_cell(spot)

    panel = window.pinning.panel
    assert window.tabs.currentWidget() is panel
    assert panel.heading.text().endswith(f"= <b>{values[i, j]:.4g}</b>")
    left, right = composition.values[f"{path}.left"], composition.values[f"{path}.right"]
    products = left[i] * right[:, j]
    assert panel.story.text() == f"the sum of {len(products)} products"
    table = panel.table.products
    largest = int(np.abs(products).argmax())
    assert table.data(table.index(0, K)) == f"{largest} “{composition.tokens[largest]}”"
    assert float(table.data(table.index(0, PRODUCT))) == pytest.approx(products[largest], rel=0.01)
    assert stranger.actions <= MOST
