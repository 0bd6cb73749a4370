"""The tab "Matrices": typing an expression, and selecting a matrix."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.cell.picking import Picked
from mmviz.picture.look.statistics import statistics
from mmviz.viewer.tabs.scene import node_form
from mmviz.viewer.tabs.scene.scene_panel import ScenePanel
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.hands import (
    CTRL,
    Key,
    enter,
    expr,
    names_in,
    type_expression,
    underlined,
)
from tests.viewer.looking import opened, settle


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene, (1100, 700), panel=True)


@pytest.fixture
def panel(window: MainWindow) -> ScenePanel:
    return window.scene_panel


# the expression


def test_a_typed_expression_is_shown_after_enter_and_undone_and_redone_by_keys(
    window: MainWindow, qtbot: QtBot
) -> None:
    before = window.desk.scene.document
    type_expression(window, "relu(L @ R) @ S")
    assert expr(window) == before.expr
    enter(window, qtbot)
    assert expr(window) == "relu(L @ R) @ S"
    assert set(window.view.composition.values) == {"", "left", "right", "left.left", "left.right"}
    assert window.desk.scene.document.tensors["L"] == before.tensors["L"]
    QTest.keyClick(window.scene_panel.line.field, Key.Key_Z, CTRL)
    assert window.desk.scene.document == before
    assert window.scene_panel.line.text == before.expr
    QTest.keyClick(window.scene_panel.line.field, Key.Key_Y, CTRL)
    assert window.scene_panel.line.text == "relu(L @ R) @ S"


def test_letters_typed_into_the_expression_are_no_commands(window: MainWindow) -> None:
    type_expression(window, "Q @ R + S @ V1 - sdpa(P @ N) - ")
    assert window.isVisible()  # Q closes the window elsewhere
    assert not window.player.playing
    assert window.scene_panel.line.text == "Q @ R + S @ V1 - sdpa(P @ N) - "


@pytest.mark.parametrize(
    ("text", "mark", "message"),
    [
        ("L @ softmx(R)", (4, "softmx"), "unknown function 'softmx'; did you mean 'softmax'?"),
        ("L @@ R", (3, "@"), "expected a matrix name"),
        ("L @", (2, "@"), "found the end"),
        ("L × R", (2, "×"), "a matrix product is written with @"),
        ("x @ (x = L @ R)", (0, "x @ (x = L @ R)"), "used before it is assigned"),
    ],
)
def test_what_is_wrong_is_underlined_and_said_while_it_is_typed(
    window: MainWindow, panel: ScenePanel, text: str, mark: tuple[int, str], message: str
) -> None:
    type_expression(window, text)
    assert underlined(panel) == [mark]
    assert message in panel.line.trouble.text()
    assert panel.line.trouble.isVisible()


def test_enter_with_a_broken_expression_changes_nothing_and_keeps_the_typing(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot
) -> None:
    before = window.desk.scene
    type_expression(window, "L @")
    enter(window, qtbot)
    assert window.desk.scene is before
    assert panel.line.text == "L @"
    QTest.keyClicks(panel.line.field, " R.T")
    assert underlined(panel) == []
    assert not panel.line.trouble.isVisible()


def test_escape_takes_the_typing_back(window: MainWindow, panel: ScenePanel) -> None:
    type_expression(window, "L @@")
    QTest.keyClick(panel.line.field, Key.Key_Escape)
    assert panel.line.text == expr(window)
    assert underlined(panel) == []
    assert not panel.line.trouble.isVisible()


def test_an_expression_whose_matrices_do_not_fit_is_refused_in_words_and_kept_for_mending(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot
) -> None:
    values = {"values": [[1.0, 2.0, 3.0]]}
    window.desk.propose("values", lambda scene: scene.edited("A").changed(tensors={"A": values}))
    settle(window, qtbot)
    before = window.desk.scene
    type_expression(window, "A @ A")
    enter(window, qtbot)
    assert window.desk.scene is before
    assert panel.line.text == "A @ A"
    assert "A needs as many columns as A has rows" in panel.line.trouble.text()


def test_an_edit_drops_the_settings_that_cannot_stay(window: MainWindow, qtbot: QtBot) -> None:
    window.desk.propose(
        "all",
        lambda scene: Scene(
            "z = (p = softmax(A @ B)) @ C",
            {name: {"init": "gaussian", "shape": [8, 8]} for name in "ABC"},
            partition={"z": {"i": 2, "k": 2}},
            animation={"matrices": {"z": "blockwise"}},
            style={"before": {"p": "scores"}},
        ),
    )
    settle(window, qtbot)
    type_expression(window, "z = (p = A @ B) @ C")
    enter(window, qtbot)
    assert expr(window) == "z = (p = A @ B) @ C"
    assert not window.desk.scene.document.style.before
    assert not window.desk.scene.document.animation.matrices


def test_a_matrix_that_is_typed_out_of_the_expression_and_in_again_has_its_numbers(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.desk.propose("numbers", lambda _: Scene("L @ R", {"L": np.ones((3, 4)), "R": np.full((4, 2), 0.5)}))
    settle(window, qtbot)
    for typed in ("L", "L @ R"):
        type_expression(window, typed)
        enter(window, qtbot)
    assert window.view.composition.values["right"].tolist() == [[0.5, 0.5]] * 4


def test_a_title_that_was_written_for_another_expression_is_marked(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot
) -> None:
    window.desk.propose("title", lambda scene: scene.edited("L @ R").changed(title="A product"))
    settle(window, qtbot)
    assert not panel.doubts.isVisible()
    type_expression(window, "L")
    enter(window, qtbot)
    assert panel.doubts.isVisible()
    assert panel.doubts.text().splitlines() == [
        "Title: may no longer be true, it was written for L @ R.",
        "Captions.0.text: names R, and the expression has no such matrix any more.",
    ]
    window.desk.undo.undo()
    assert not panel.doubts.isVisible()


# the selection


def test_a_click_in_the_tree_selects_a_matrix_and_shows_it_in_the_form(window: MainWindow, panel: ScenePanel) -> None:
    assert names_in(panel) == {"": "L @ R", "left": "L", "right": "R"}
    spot = panel.tree.visualRect(panel.tree.nodes.items["left"].index()).center()
    QTest.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.selection.path == "left"
    words = {name: label.text() for name, label in panel.form.facts.words.items()}
    assert words["Matrix"] == "L"
    assert words["Size"] == "32 × 24"
    assert words["What it is"] == "the formula trunc(i / 8) % 2 == 0 ? 1 : -1"
    assert words["Numbers"] == "-1 to 1\nmean 0, std 1"


def test_numbers_that_are_0_but_for_rounding_are_told(qtbot: QtBot) -> None:
    pattern = {"init": "rows", "shape": [48, 48]}
    window = opened(qtbot, Scene("L @ R", {"L": pattern, "R": pattern}), (1100, 700), panel=True)
    window.selection.select("")
    numbers = window.scene_panel.form.facts.words["Numbers"].text().splitlines()
    assert numbers[:2] == ["0 to 0", "mean 0, std 0"]
    assert numbers[2].endswith(" are 0 but for rounding")


def test_a_cell_clicked_in_the_picture_selects_its_matrix_in_the_tree(window: MainWindow, panel: ScenePanel) -> None:
    window.view.clicked.emit(Picked("right", "R", 0, 0, 1.0))
    assert panel.tree.currentIndex().data() == "R"
    assert panel.form.facts.words["Matrix"].text() == "R"
    window.view.clicked.emit(None)
    assert not panel.tree.currentIndex().isValid()
    assert not panel.form.hint.isHidden()


def test_the_arrow_keys_move_through_the_tree_and_not_the_picture(window: MainWindow, panel: ScenePanel) -> None:
    window.selection.select("left")
    camera = window.view.camera
    panel.tree.setFocus()
    QTest.keyClick(panel.tree, Key.Key_Down)
    assert window.selection.path == "right"
    assert window.view.camera == camera


def test_the_selection_survives_changes_as_long_as_its_path_is_there(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot
) -> None:
    window.selection.select("right")
    type_expression(window, "L @ R @ S")
    enter(window, qtbot)
    assert window.selection.path == "right"
    assert panel.tree.currentIndex().data() == "S"
    window.selection.select("left.left")
    window.desk.undo.undo()
    assert window.selection.path is None


def test_the_numbers_of_a_large_matrix_come_later(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_form, "AT_ONCE", 0)
    window.selection.select("")
    words = panel.form.facts.words["Numbers"]
    assert words.text() == "…"
    qtbot.waitUntil(lambda: words.text().startswith("-24 to 24"))


def test_statistics_are_those_of_numpy_and_leave_out_what_is_odd() -> None:
    values = np.random.default_rng(0).normal(3.0, 2.0, (700, 2000)).astype(np.float32)
    mask = np.zeros(values.shape, bool)
    mask[:, 5] = True
    values[3, 7], values[4, 8] = np.nan, np.inf
    good = values[np.isfinite(values) & ~mask].astype(np.float64)
    found = statistics(values, mask)
    assert (found.least, found.largest) == (good.min(), good.max())
    np.testing.assert_allclose([found.mean, found.deviation], [good.mean(), good.std()], rtol=1e-12)
    assert (found.nan, found.infinite, found.masked) == (1, 1, 700)
    assert not statistics(np.full((2, 2), np.nan, np.float32)).counted


def test_the_width_of_the_panel_is_dragged_and_the_next_window_has_it(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(760, 560)  # within this screen, so that the next window is as wide
    window.resizeDocks([window.panel], [400], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: window.panel.width() == 400)
    window.close()
    again = MainWindow(window.desk.scene, Scene.named, Dabber)
    qtbot.addWidget(again, before_close_func=MainWindow.release)
    again.show()
    qtbot.waitUntil(lambda: again.panel.width() == 400)
