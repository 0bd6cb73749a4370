"""The window of a scene with several roots side by side: it opens, picks, explains, hides and edits."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.cell.explanation import explain
from mmviz.picture.cell.picking import pick
from mmviz.picture.eye.camera import project
from mmviz.scene.language.tree import roots
from mmviz.viewer.canvas.finder import entries
from mmviz.viewer.tabs.scene import node_edits
from mmviz.viewer.tabs.scene.tree_view import NAME
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened, settle

pytestmark = pytest.mark.usefixtures("canvases_kept")

TENSORS = {
    "Q": {"init": "gaussian", "shape": [5, 4], "seed": 1},
    "K": {"init": "gaussian", "shape": [5, 4], "seed": 2},
}
ROOTS = {"plain": "P = softmax(Q @ K.T)", "scaled": "S = softmax(scale(Q @ K.T, 0.5))"}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot, Scene(ROOTS, TENSORS), panel=True)


def test_its_tree_has_every_root_at_the_top(window: MainWindow) -> None:
    model = window.scene_panel.tree.nodes
    assert [model.item(row, NAME).text() for row in range(model.rowCount())] == ["P", "S"]
    assert set(model.items) == set(window.desk.scene.shapes.of)
    assert {one.path for one in entries(window.desk.scene)} >= set(model.items)
    assert window.scene_panel.line.text == " | ".join(ROOTS.values())


def test_a_cell_of_each_root_is_picked_and_explained(window: MainWindow) -> None:
    composition = window.desk.scene.composition
    camera = composition.camera(1.5)
    frame = composition.timeline.frame(composition.timeline.steps)
    for root, factor in (("root0", 1.0), ("root1", 0.5)):
        across, up = map(float, project(camera, composition.layout[root].element(2, 3)[None], 1.5)[0])
        picked = pick(composition, frame, camera, across, 1 - up, 1.5)
        assert picked is not None
        assert (picked.path, picked.i, picked.j) == (root, 2, 3)
        told = explain(composition, root, 2, 3)
        values = composition.values
        scores = factor * values[f"{root}.left"].astype(float) @ values[f"{root}.right"]
        assert told.value == pytest.approx(np.exp(scores[2, 3]) / np.exp(scores[2]).sum(), rel=1e-5)


def test_a_root_is_hidden_with_its_title_and_comes_back(window: MainWindow, qtbot: QtBot) -> None:
    hiding = window.navigation.hiding
    hiding.hide("root0")
    assert hiding.hidden == {"root0", "root0.left", "root0.right"}
    view = window.view
    drawn = view.composition.at(1.0, view.camera, emphasis=view.emphasis)
    assert [label.text for label in drawn.labels if label.key.kind == "title"] == ["scaled"]
    hiding.show_all()
    assert not hiding.hidden


def test_the_expression_line_changes_one_root_and_the_other_keeps_its_title(window: MainWindow, qtbot: QtBot) -> None:
    field = window.scene_panel.line.field
    field.setPlainText("P = softmax(Q @ K.T) | S = relu(Q @ K.T)")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle(window, qtbot)
    assert window.desk.scene.document.roots == {"plain": "P = softmax(Q @ K.T)", "scaled": "S = relu(Q @ K.T)"}
    window.desk.undo.undo()
    assert window.desk.scene.document.roots == ROOTS


def test_settings_of_one_root_are_said_of_it_alone(window: MainWindow, qtbot: QtBot) -> None:
    scene = window.desk.scene
    window.desk.propose("Function", node_edits.set_function("root1", "relu"))
    settle(window, qtbot)
    assert window.desk.scene.document.roots == {**ROOTS, "scaled": "S = relu(scale(Q @ K.T, 0.5))"}
    window.selection.select("root0")
    window.desk.propose("Blocks", node_edits.set_count(roots(scene.root)[0], scene.root, "k", 2))
    settle(window, qtbot)
    layout = window.desk.scene.composition.layout
    assert [layout[path].blocks[1] for path in ("root0.left", "root1.left")] == [2, 1]
