"""A second view beside the scene's: another head or another step, turned and lit together, and no part of the scene."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.builders.again import built_again
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.picture.cell.picking import Picked
from mmviz.viewer.beside.beside import Beside, Compared
from mmviz.viewer.beside.linked import alike
from mmviz.viewer.beside.pane import SecondPane
from mmviz.viewer.canvas.view import View
from mmviz.viewer.heads.arrangement import Head
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Painters
from tests.values.variants import save_variant
from tests.viewer.looking import move, opened, settle, spot_of


@pytest.fixture
def painters() -> Painters:
    return Painters()


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot, painters: Painters) -> MainWindow:
    model = save_variant(tmp_path / "gpt2", "gpt2")
    scene = head_scene(Reading(str(model), tokens=(3, 1, 4, 1, 5), device="cpu"), 1, 2)
    _ = scene.composition
    return opened(qtbot, scene, (1100, 700), build_again=built_again, renderers=painters)


def second(window: MainWindow) -> SecondPane:
    assert window.beside.second is not None
    return window.beside.second


def compare(window: MainWindow, qtbot: QtBot, head: int = 4) -> View:
    window.beside.compare(1, head)
    qtbot.waitUntil(lambda: window.beside.second is not None and not window.beside.background.waiting)
    drawn(second(window).view, qtbot)
    return second(window).view


def closed(window: MainWindow) -> None:
    assert window.beside.second is None
    assert window.beside.compared is None


def drawn(view: View, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.drawn):
        view.redraw()


def test_another_head_stands_beside_and_undoing_and_saving_know_nothing_of_it(window: MainWindow, qtbot: QtBot) -> None:
    before = window.desk.scene
    view = compare(window, qtbot)
    expected = built_again(before.document, before.folder, layer=1, head=4)
    assert expected is not None
    shown = Scene.of(expected, before.folder)
    for path, values in shown.values().items():
        np.testing.assert_array_equal(view.composition.values[path], values)
    assert window.desk.scene is before
    assert not window.desk.undo.canUndo()
    assert not window.isWindowModified()
    assert window.beside.first.title.text() == "Layer 1, head 2"
    assert second(window).title.text() == "Layer 1, head 4"
    assert window.heads.grid.view.delegate.compared == Head(1, 4)


def test_both_are_turned_together_until_they_are_parted(window: MainWindow, qtbot: QtBot) -> None:
    view = compare(window, qtbot)
    window.view.turn(20, 5)
    qtbot.waitUntil(lambda: view.chosen is window.view.chosen)
    view.turn(-40, 0)
    qtbot.waitUntil(lambda: window.view.chosen is view.chosen)
    second(window).link.click()
    apart = window.view.camera
    view.turn(10, 0)
    drawn(view, qtbot)
    assert window.view.camera is apart
    second(window).link.click()
    assert view.camera is apart
    window.view.reset()
    qtbot.waitUntil(lambda: view.chosen is None)


def test_both_are_coarse_while_one_is_dragged_and_sharp_again_when_it_rests(window: MainWindow, qtbot: QtBot) -> None:
    other = compare(window, qtbot)
    both = (window.view, other)
    for dragged, follows in (both, both[::-1]):
        dragged.dragged = True
        dragged.turn(5, 0)
        qtbot.waitUntil(lambda: any(view.hurried for view in both))
        assert follows.hurried
        dragged.dragged = False
        drawn(follows, qtbot)  # the one that follows may be drawn first
        drawn(dragged, qtbot)
        qtbot.waitUntil(lambda: not any(view.hurried for view in both))


def test_playing_moves_both_and_another_step_stays_as_far_ahead(window: MainWindow, qtbot: QtBot) -> None:
    view = compare(window, qtbot)
    window.player.seek(2)
    assert view.time == 2
    second(window).spin.setValue(5)
    assert view.time == 5
    assert window.player.time == 2
    window.player.step(1)
    assert (window.player.time, view.time) == (3, 6)
    assert second(window).spin.value() == 6
    assert window.beside.first.step.text() == f"step 3 / {window.player.steps}"
    window.player.seek(window.player.steps)
    assert view.time == window.player.steps  # no further than its end


def test_a_cell_that_is_pointed_at_is_lit_in_both(window: MainWindow, qtbot: QtBot) -> None:
    view = compare(window, qtbot)
    move(view, spot_of(view, "", 1, 2))
    qtbot.waitUntil(lambda: bool(window.view.emphasis.pointed))
    qtbot.waitUntil(lambda: view.emphasis == window.view.emphasis)
    lit, said = window.view.emphasis.pointed, window.status.pointed.text()
    for _ in range(3):  # neither picture takes back what the other one says
        drawn(window.view, qtbot)
        drawn(view, qtbot)
    assert window.view.emphasis.pointed == lit
    assert window.status.pointed.text() == said
    assert "1, 2" in said
    move(window.view, spot_of(window.view, "left", 0, 0))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: window.view.emphasis.pointed not in ({}, lit))


def test_what_is_changed_in_the_scene_is_changed_beside_it(window: MainWindow, qtbot: QtBot) -> None:
    view = compare(window, qtbot)
    window.desk.propose("layout", lambda scene: scene.changed(layout={"gap": 12}))
    settle(window, qtbot)
    qtbot.waitUntil(lambda: not window.beside.background.waiting)
    own, other = window.view.composition, view.composition
    assert alike(own, other)
    assert all(np.array_equal(own.layout[path].origin, other.layout[path].origin) for path in own.layout)
    window.desk.undo.undo()
    qtbot.waitUntil(lambda: not window.beside.background.waiting)
    assert np.array_equal(view.composition.layout[""].origin, window.view.composition.layout[""].origin)


def test_esc_lets_go_of_a_pinned_cell_first_and_then_closes_the_second_view(
    window: MainWindow, qtbot: QtBot, painters: Painters
) -> None:
    compare(window, qtbot)
    value = float(window.view.composition.values[""][0, 0])
    window.pinning.pin(Picked("", "out", 0, 0, value))
    drawn(window.view, qtbot)
    stop = window.actions_by_name["stop"]
    stop.trigger()
    assert window.beside.second is not None
    drawn(window.view, qtbot)
    stop.trigger()
    closed(window)
    assert not window.beside.first.line.isVisible()
    assert not window.actions_by_name["beside"].isChecked()
    assert [painter.closed for painter in painters.opened] == [False, True]
    assert window.heads.grid.view.delegate.compared is None


def test_the_same_scene_stands_beside_itself_at_another_step_without_any_model(qtbot: QtBot, scene: Scene) -> None:
    window = opened(qtbot, scene)
    QTest.keyClick(window.view, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(window.beside, Beside)
    assert window.beside.compared == Compared()
    assert window.actions_by_name["beside"].isChecked()
    view = second(window).view
    assert view.composition is window.view.composition
    window.player.seek(10)
    second(window).spin.setValue(3)
    assert (window.view.time, view.time) == (10, 3)
    QTest.mouseClick(second(window).cross, Qt.MouseButton.LeftButton)
    assert window.beside.second is None


def test_a_scene_that_is_opened_stands_alone(window: MainWindow, scene: Scene, qtbot: QtBot) -> None:
    compare(window, qtbot)
    with qtbot.waitSignal(window.desk.opened):
        window.desk.open("matmul", lambda: scene)
    assert window.beside.second is None


def test_a_head_that_is_not_there_is_told_and_leaves_the_scene_alone(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.events.changed):
        window.beside.compare(1, 77)
        qtbot.waitUntil(lambda: not window.beside.background.waiting)
    assert window.beside.second is None
    assert window.beside.compared is None
    assert "77" in window.events.kept[-1].text
    assert window.events.kept[-1].text.startswith("second view: ")


def test_the_grid_offers_to_compare_a_head(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_name["heads"].trigger()
    grid = window.heads.grid
    qtbot.waitUntil(lambda: Head(1, 5) in grid.table.patterns)
    grid.view.asked.emit(Head(1, 5), QPoint(10, 10))
    (menu,) = grid.findChildren(QMenu)
    show, together = menu.actions()
    assert show.text() == "Show L1 H5 in the scene"
    assert together.text() == "Compare with the head that is shown"
    together.trigger()
    menu.close()
    qtbot.waitUntil(lambda: window.beside.second is not None)
    assert window.beside.compared == Compared(1, 5)
    QApplication.processEvents()
