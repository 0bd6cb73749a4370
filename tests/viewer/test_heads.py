"""The grid of all heads: it shows the model's patterns, opens heads in the scene, reads no more than is looked at."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.builders.again import built_again
from mmviz.builders.by_name import scene_named
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene, layer_scene
from mmviz.errors import SceneError
from mmviz.picture.look.head_kinds import Kind, KindCells
from mmviz.picture.look.head_pattern import HeadPattern, head_pattern
from mmviz.scene.changes.refill import picks
from mmviz.scene.keys.options import StyleOptions
from mmviz.viewer.heads import heads as heads_module
from mmviz.viewer.heads.arrangement import Head
from mmviz.viewer.heads.head_grid import NOT_OF_THESE, NOTHING_BACK, ORDERS, HeadGrid
from mmviz.viewer.heads.head_table import HEAD, HeadTable
from mmviz.viewer.heads.head_view import HeadView
from mmviz.viewer.heads.head_words import cell_words, tip
from mmviz.viewer.heads.heads import NO_MODEL, Heads
from mmviz.viewer.heads.pattern_reader import PatternReader
from mmviz.viewer.session.another import another_head, head_alone
from mmviz.viewer.window import MainWindow
from tests.values.variants import save_variant
from tests.viewer.looking import opened, settle

LEFT = Qt.MouseButton.LeftButton
ALL_READ = (3, 6)
"""Layers and heads of the variant."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return save_variant(tmp_path / "gpt2", "gpt2")


@pytest.fixture
def window(model: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(heads_module, "REST", 0)
    scene = head_scene(Reading(str(model), tokens=(3, 1, 4, 1, 5), device="cpu"), 1, 2)
    _ = scene.composition
    window = opened(qtbot, scene, (1100, 700), build_again=built_again)
    window.actions_by_name["heads"].trigger()
    qtbot.waitUntil(lambda: Head(1, 0) in window.heads.grid.table.patterns)
    return window


def click(view: HeadView, head: Head) -> None:
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.table.index_of(head)).center())


def shown(window: MainWindow) -> Head:
    now = picks(window.desk.scene.document)
    assert now.layer is not None
    assert now.head is not None
    return Head(now.layer, now.head)


def all_layers(window: MainWindow, qtbot: QtBot) -> HeadTable:
    grid = window.heads.grid
    window.resizeDocks([window.heads.dock], [470], Qt.Orientation.Horizontal)
    grid.layers.show_value(value=True)
    grid.layers.chosen.emit(True)
    qtbot.waitUntil(lambda: len(grid.table.patterns) == ALL_READ[0] * ALL_READ[1])
    return grid.table


def test_the_pictures_are_those_of_the_models_patterns(window: MainWindow, qtbot: QtBot) -> None:
    table = window.heads.grid.table
    assert table.arrangement.heads == tuple(Head(1, number) for number in range(6))
    assert Head(2, 0) not in table.patterns  # nobody looks at it
    all_layers(window, qtbot)
    scene = window.desk.scene
    assert isinstance(scene, Scene)
    name = "blocks.2.attn.hook_pattern"
    pattern = scene.sources.model.activation(scene.sources.token_ids, name, 4).numpy()
    cells = KindCells.of(scene.sources.token_ids, None, scene.head_patterns.masking(2))
    expected = head_pattern(pattern, StyleOptions(), 256, cells)
    assert np.array_equal(table.patterns[Head(2, 4)].picture, expected.picture)
    assert table.patterns[Head(2, 4)].strongest == expected.strongest
    assert table.patterns[Head(2, 4)].scores == expected.scores
    image = table.index_of(Head(2, 4)).data(Qt.ItemDataRole.DecorationRole)
    assert image.pixelColor(0, 4).getRgb()[:3] == tuple(expected.picture[4, 0])


def test_a_click_opens_the_head_as_the_tab_model_does_and_is_undone_in_one_step(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.view.turn(20, 5)
    camera, before = window.view.camera, window.desk.scene.document
    click(window.heads.grid.view, Head(1, 4))
    settle(window, qtbot)
    assert shown(window) == Head(1, 4)
    assert window.desk.scene.document.made_by is not None
    assert window.desk.scene.document.made_by.head == 4
    assert np.array_equal(window.view.camera.position, camera.position)
    qtbot.waitUntil(lambda: window.heads.grid.view.delegate.shown == Head(1, 4))
    click(window.heads.grid.view, Head(1, 5))
    settle(window, qtbot)
    window.desk.undo.undo()
    assert shown(window) == Head(1, 4)
    window.desk.undo.undo()
    assert window.desk.scene.document == before
    assert len(window.heads.grid.table.patterns) == 12  # nothing was read again


def test_arrows_go_through_the_grid_and_enter_opens_a_head_of_another_layer(window: MainWindow, qtbot: QtBot) -> None:
    all_layers(window, qtbot)
    view, step = window.heads.grid.view, window.player.time
    assert view.currentIndex().data(HEAD) == Head(1, 2)
    view.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(view, key)
    settle(window, qtbot)
    assert shown(window) == Head(2, 3)
    view.go_to(Head(0, 5))
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.currentIndex().data(HEAD) == Head(1, 0)  # on to the next row, as one reads
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().data(HEAD) == Head(0, 5)
    assert window.player.time == step  # the arrows were the grid's


def test_the_heads_are_sorted_by_what_they_attend_to(window: MainWindow, qtbot: QtBot) -> None:
    table = all_layers(window, qtbot)
    grid = window.heads.grid
    assert table.arrangement.headed
    for measure in (*get_args(Kind), "itself"):
        grid.order.show_value(measure)
        grid.order.chosen.emit(measure)
        scores = [table.patterns[head].scores[measure] for head in table.arrangement.heads]
        assert len(set(scores)) == 18
        assert scores == sorted(scores, reverse=measure != "local")
        assert grid.progress.isHidden()


def test_another_prompt_is_read_anew_and_a_hidden_grid_reads_nothing(window: MainWindow, qtbot: QtBot) -> None:
    grid = window.heads.grid
    before = dict(grid.table.patterns)
    model = window.desk.scene.document.model
    assert model is not None
    tokens = {"model": {**model.model_dump(mode="json", exclude_defaults=True), "tokens": [7, 7, 9]}}
    window.actions_by_name["heads"].trigger()
    assert window.heads.dock.isHidden()
    window.desk.propose("prompt", lambda scene: scene.changed(**tokens))  # type: ignore[arg-type]
    settle(window, qtbot)
    assert grid.table.patterns == before
    assert grid.last_wanted == -1
    window.actions_by_name["heads"].trigger()
    qtbot.waitUntil(lambda: Head(1, 0) in grid.table.patterns and grid.table.patterns[Head(1, 0)].picture.shape[0] == 3)


def test_a_pointer_at_rest_is_told_the_strongest_cells_by_their_tokens(window: MainWindow) -> None:
    pattern = window.heads.grid.table.patterns[Head(1, 0)]
    told = tip(Head(1, 0), pattern, ("The", " animal", " <b>", " it", ""))
    assert "Layer 1, head 0" in told
    assert "data:image/png;base64," in told
    assert f"first token {pattern.scores['sink']:.2f}   ·   itself {pattern.scores['itself']:.2f}<br>" in told
    first = pattern.strongest[0]
    assert cell_words(first, ("a", "b", "c", "d", "<e>")).endswith(f"<b>{first.share:.2f}</b>")
    assert cell_words(first, ()) == f"token {first.query} → token {first.key}   <b>{first.share:.2f}</b>"
    assert window.heads.grid.table.index_of(Head(1, 0)).data(Qt.ItemDataRole.ToolTipRole).startswith("<div")


def test_the_grid_can_be_painted_floating_and_in_both_themes(window: MainWindow) -> None:
    grid = window.heads.grid
    window.heads.dock.setFloating(True)
    QApplication.processEvents()
    assert grid.grab().toImage().pixelColor(QPoint(3, 3)).isValid()
    window.actions_by_name["theme"].trigger()
    QApplication.processEvents()
    assert grid.view.grab().width() > 0


def test_in_a_narrow_window_the_heads_are_a_tab_of_the_panel_and_in_a_wide_one_stand_at_the_left(
    window: MainWindow,
) -> None:
    heads, left = window.heads, Qt.DockWidgetArea.LeftDockWidgetArea
    assert window.dockWidgetArea(heads.dock) == left
    heads.switch()
    window.panel.show()
    window.resize(800, 600)
    heads.switch()
    QApplication.processEvents()
    assert window.tabifiedDockWidgets(heads.dock) == [window.panel]
    assert heads.grid.looked_at
    assert window.minimumSizeHint().width() <= 800
    window.panel.raise_()
    QApplication.processEvents()
    assert not window.actions_by_name["heads"].isChecked()
    heads.switch()  # what the panel covers comes to the front
    QApplication.processEvents()
    assert heads.grid.looked_at
    heads.switch()
    window.resize(1200, 700)
    heads.switch()
    assert window.dockWidgetArea(heads.dock) == left


def test_of_a_scene_of_several_heads_a_click_opens_one_in_a_new_scene_of_the_same_prompt(
    model: Path, qtbot: QtBot
) -> None:
    layer = layer_scene(Reading(str(model), tokens=(3, 1, 4, 1, 5), device="cpu"), 1, "attention")
    _ = layer.composition
    window = opened(qtbot, layer, (1100, 700), opener=scene_named, build_again=built_again)
    window.actions_by_name["heads"].trigger()
    qtbot.waitUntil(lambda: Head(1, 5) in window.heads.grid.table.patterns)
    assert window.heads.grid.view.delegate.shown is None
    with qtbot.waitSignal(window.desk.opened):
        click(window.heads.grid.view, Head(1, 3))
    built = head_scene(Reading(str(model), tokens=(3, 1, 4, 1, 5), device="cpu"), 1, 3)
    assert window.desk.scene.document.expr == built.document.expr
    assert window.desk.scene.document.tensors == built.document.tensors
    assert window.desk.scene.document.made_by == built.document.made_by
    assert window.desk.scene.document.model == built.document.model


def test_a_head_alone_needs_a_model_without_an_adapter(scene: Scene) -> None:
    with pytest.raises(SceneError) as raised:
        head_alone(scene, scene_named, built_again, layer=0, head=0)
    needed = "one without an adapter is needed to open a head of it alone."
    assert str(raised.value) == f"model: has no model; {needed}"
    adapted = Scene("x", {"x": [[1, 2]]}, model={"path": "m", "adapter": "lora", "tokens": [1]})
    with pytest.raises(SceneError) as raised:
        head_alone(adapted, scene_named, built_again, layer=0, head=0)
    assert str(raised.value) == f"model: has the adapter lora; {needed}"


def test_a_scene_without_a_model_says_what_is_needed(qtbot: QtBot, scene: Scene) -> None:
    window = opened(qtbot, scene)
    window.actions_by_name["heads"].trigger()
    assert isinstance(window.heads, Heads)
    assert window.heads.grid.message.text() == NO_MODEL
    assert window.heads.grid.message.isVisible()


def test_what_cannot_be_read_is_told_in_the_grid(qtbot: QtBot) -> None:
    def broken() -> Scene:
        raise ValueError("no such weights")

    reader = PatternReader(broken, StyleOptions())  # type: ignore[arg-type]
    with qtbot.waitSignal(reader.failed) as failed:
        reader.want(0)
    assert failed.args is not None
    assert failed.args[1] == "ValueError: no such weights"
    assert not reader.busy


def test_a_head_of_a_scene_that_no_builder_made_is_filled_anew(window: MainWindow) -> None:
    scene = window.desk.scene.edited("out = input @ wQ")
    other = another_head(scene, built_again, layer=0, head=5)
    assert other.document.expr == "out = input @ wQ"
    assert picks(other.document).head == 5


def test_heads_can_be_sorted_by_every_measure_of_their_patterns() -> None:
    assert set(ORDERS.values()) == {"head", "itself", *get_args(Kind)}


def test_why_heads_are_not_sorted_is_told(qtbot: QtBot) -> None:
    grid = HeadGrid()
    qtbot.addWidget(grid)
    grid.begin(1, 1, ("a", "b"))
    grid.take(0, [HeadPattern(np.zeros((2, 2, 3), np.uint8), {"induction": float("nan"), "sink": 0.5}, ())])
    for order, told in (("induction", NOTHING_BACK), ("local", NOT_OF_THESE), ("sink", ""), ("head", "")):
        grid.order.show_value(order)
        grid.order.chosen.emit(order)
        assert grid.progress.text() == told
        assert grid.progress.isHidden() == (not told)
