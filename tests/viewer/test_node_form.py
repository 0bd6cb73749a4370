"""The form of the selected matrix: what is changed there, each undone to what was before."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.tabs.scene.scene_panel import ScenePanel
from mmviz.viewer.window import MainWindow
from tests.viewer.hands import (
    check_change,
    choose,
    expr,
    fill,
    shown,
)
from tests.viewer.looking import opened, settle


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene, (1100, 700), panel=True)


@pytest.fixture
def panel(window: MainWindow) -> ScenePanel:
    return window.scene_panel


@pytest.mark.slow
def test_a_pattern_takes_the_place_of_a_formula_and_keeps_the_shape(window: MainWindow, qtbot: QtBot) -> None:
    after = check_change(window, qtbot, "left", lambda panel: choose(panel, "source", "uniform"))
    assert after.document.tensors["L"].model_dump(exclude_defaults=True) == {"init": "uniform", "shape": (32, 24)}
    after = check_change(window, qtbot, "left", lambda panel: fill(panel, "seed", "7"))
    after = check_change(window, qtbot, "left", lambda panel: choose(panel, "source", "gaussian"))
    after = check_change(window, qtbot, "left", lambda panel: fill(panel, "to", "2.5"))
    assert after.document.tensors["L"].model_dump(exclude_defaults=True) == {
        "init": "gaussian",
        "shape": (32, 24),
        "seed": 7,
        "max": 2.5,
    }
    after = check_change(window, qtbot, "left", lambda panel: choose(panel, "source", "formula"))
    assert after.document.tensors["L"].shape == (32, 24)  # type: ignore[union-attr]


def test_a_formula_is_typed_and_a_broken_one_is_refused_beside_it(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot
) -> None:
    after = check_change(window, qtbot, "left", lambda panel: fill(panel, "formula", "sin(i) * j"))
    np.testing.assert_allclose(after.values()["left"][5], np.sin(5) * np.arange(24), rtol=1e-5)
    fill(panel, "formula", "sin(")
    settle(window, qtbot)
    assert window.desk.scene.document == after.document
    assert "formula" in panel.form.settings.rows["formula"].trouble.text()
    assert panel.form.settings.rows["formula"].trouble.isVisible()
    assert shown(panel, "formula") == "sin("


def test_another_size_is_followed_by_what_is_beside_it(window: MainWindow, qtbot: QtBot) -> None:
    after = check_change(window, qtbot, "left", lambda panel: fill(panel, "columns", "10"))
    assert dict(after.shapes.of) == {"left": (32, 10), "right": (10, 32), "": (32, 32)}


@pytest.mark.slow
def test_a_function_is_put_on_changed_and_taken_off_in_the_expression(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot
) -> None:
    check_change(window, qtbot, "", lambda panel: choose(panel, "function", "relu"))
    assert expr(window) == "relu(L @ R)"
    assert panel.line.text == "relu(L @ R)"
    check_change(window, qtbot, "", lambda panel: choose(panel, "function", "softmax"))
    assert expr(window) == "softmax(L @ R)"
    check_change(window, qtbot, "right", lambda panel: choose(panel, "function", "gelu"))
    assert expr(window) == "softmax(L @ gelu(R))"
    check_change(window, qtbot, "", lambda panel: choose(panel, "function", "none"))
    assert expr(window) == "L @ gelu(R)"


def test_a_function_that_cannot_be_worn_there_is_refused_in_words(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot
) -> None:
    window.selection.select("left")
    choose(panel, "function", "sdpa")
    settle(window, qtbot)
    assert expr(window) == "L @ R"
    assert "is no product" in panel.form.settings.rows["function"].trouble.text()
    assert shown(panel, "function") == "none"


@pytest.mark.parametrize(
    ("row", "words", "part", "key", "value"),
    [
        ("scheme", "wheel", "layout", "scheme", "wheel"),
        ("polarity", "positive", "layout", "polarity", "positive"),
        ("left", "right", "layout", "left", "right"),
        ("right", "bottom", "layout", "right", "bottom"),
        ("result", "back", "layout", "result", "back"),
    ],
)
def test_a_product_is_laid_out_otherwise(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot, row: str, words: str, part: str, key: str, value: str
) -> None:
    after = check_change(window, qtbot, "", lambda panel: choose(panel, row, words))
    assert after.document.layout.matrices["L @ R"].model_dump(exclude_none=True) == {key: value}
    after = check_change(window, qtbot, "", lambda panel: choose(panel, row, "as above it"))
    assert not after.document.layout.matrices


def test_gap_blocks_and_algorithm_of_a_product(window: MainWindow, panel: ScenePanel, qtbot: QtBot) -> None:
    after = check_change(window, qtbot, "", lambda panel: fill(panel, "gap", "9.5"))
    assert after.document.layout.matrices["L @ R"].gap == 9.5
    after = check_change(window, qtbot, "", lambda panel: fill(panel, "blocks k", "3"))
    assert after.blocks["left"][1].count == 3
    after = check_change(window, qtbot, "", lambda panel: choose(panel, "algorithm", "dotprod"))
    assert after.document.animation.matrices == {"L @ R": "dotprod"}
    assert after.timeline().steps == 32 * 32  # one element a step
    after = check_change(window, qtbot, "", lambda panel: choose(panel, "algorithm", "inherit"))
    assert not after.document.animation.matrices
    choose(panel, "algorithm", "blockwise")
    settle(window, qtbot)
    assert window.desk.scene.document == after.document
    assert "blockwise is for" in panel.form.settings.rows["algorithm"].trouble.text()


def test_how_many_blocks_are_drawn_is_said_where_it_is_not_what_was_asked_for(
    window: MainWindow, panel: ScenePanel, qtbot: QtBot
) -> None:
    window.selection.select("")
    for asked, drawn, words in (("7", 6, "7  (6 are drawn)"), ("8", 8, "8"), ("100", 24, "100  (24 are drawn)")):
        fill(panel, "blocks k", asked)
        settle(window, qtbot)
        after = window.desk.scene
        assert isinstance(after, Scene)
        assert (after.blocks["left"][1].count, shown(panel, "blocks k")) == (drawn, words)


def test_an_axis_of_one_element_is_not_cut(qtbot: QtBot) -> None:
    row = {"init": "rows", "shape": [1, 6]}
    window = opened(qtbot, Scene("a @ B", {"a": row, "B": {"init": "eye", "shape": [6, 5]}}), panel=True)
    window.selection.select("")
    rows = window.scene_panel.form.settings.rows
    assert [rows[f"blocks {letter}"].isEnabled() for letter in "ikj"] == [False, True, True]


def test_only_what_a_matrix_has_is_offered(window: MainWindow, panel: ScenePanel) -> None:
    def visible() -> set[str]:
        return {name for name, row in panel.form.settings.rows.items() if not row.isHidden()}

    window.selection.select("left")
    assert visible() == {"source", "formula", "rows", "columns", "function"}
    window.selection.select("")
    assert {"algorithm", "blocks k", "scheme"} <= visible()
    assert not {"source", "formula", "rows"} & visible()


def test_a_change_of_the_form_waits_for_the_one_before_it(window: MainWindow, panel: ScenePanel, qtbot: QtBot) -> None:
    window.selection.select("")
    choose(panel, "scheme", "wheel")
    choose(panel, "algorithm", "mvprod")
    settle(window, qtbot)
    assert window.desk.scene.document.layout.matrices["L @ R"].scheme == "wheel"
    assert window.desk.scene.document.animation.matrices == {"L @ R": "mvprod"}
    assert window.desk.undo.count() == 2


def test_nothing_of_the_panel_hangs_out_of_the_window(window: MainWindow, panel: ScenePanel) -> None:
    window.selection.select("")
    QApplication.processEvents()
    for row in panel.form.settings.rows.values():
        if row.isVisible():
            right = row.mapTo(window, QPoint(row.width(), 0)).x()
            assert right <= window.width()
