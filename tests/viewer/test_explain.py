"""Explaining a cell in the window: a click pins it, the table leads on, Esc lets go."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.cell.explanation import Cell, Products
from mmviz.picture.cell.picking import Picked
from mmviz.viewer.canvas.view import View
from mmviz.viewer.tabs.explain.explain_table import LEFT, PRODUCT, RIGHT, RUNNING, SHARE, K, ProductsTable
from mmviz.viewer.tabs.explain.pinning import Pinning
from mmviz.viewer.window import PANEL_WIDTH, MainWindow
from tests.viewer.looking import move, opened, spot_of

NONE = Qt.KeyboardModifier.NoModifier
BUTTON = Qt.MouseButton.LeftButton
Key = Qt.Key


@pytest.fixture(scope="module")
def head() -> Scene:
    return Scene.load("attention_head")


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return with_panel(qtbot, scene)


def with_panel(qtbot: QtBot, scene: Scene) -> MainWindow:
    """A window with its panel beside the picture."""
    return opened(qtbot, scene, (1100, 700), panel=True)


def click(view: View, spot: QPointF) -> None:
    """Move there and click, as a person does."""
    move(view, spot)
    QTest.mouseClick(view, BUTTON, NONE, spot.toPoint())
    QApplication.processEvents()


def pin(window: MainWindow, path: str, i: int, j: int, k: int | None = None) -> Pinning:
    """Pin a cell, as a click on it does."""
    window.view.clicked.emit(Picked(path, "", i, j, 0.0, k=k))
    return window.pinning


def texts(table: ProductsTable, row: int) -> list[str]:
    return [str(table.products.data(table.products.index(row, column))) for column in range(SHARE + 1)]


def lit(window: MainWindow, path: str) -> list[list[int]]:
    """The cells of a matrix that are lit by the pin."""
    shape = window.view.composition.values[path].shape
    found: list[list[int]] = np.argwhere(window.view.emphasis.lit[path][0].mask(shape)).tolist()
    return found


def test_before_anything_is_pinned_the_tab_says_what_to_do(window: MainWindow) -> None:
    panel = window.pinning.panel
    window.tabs.setCurrentWidget(panel)
    assert window.tabs.tabText(window.tabs.indexOf(panel)) == "Explain"
    assert panel.hint.isVisible()
    assert "Click a cell" in panel.hint.text()
    assert not panel.table.isVisible()


def test_a_click_explains_the_cell_under_the_pointer_and_brings_the_tab_up(window: MainWindow) -> None:
    click(window.view, spot_of(window.view, "", 10, 20))
    panel = window.pinning.panel
    assert window.pinning.cell == Cell("", 10, 20)
    assert window.tabs.currentWidget() is panel
    assert panel.table.isVisible()
    assert not panel.hint.isVisible()
    assert panel.heading.text() == "(L @ R)[10, 20] = <b>-24</b>"
    assert panel.table.products.rowCount() == 24


def test_a_click_beside_everything_lets_go(window: MainWindow) -> None:
    pin(window, "", 10, 20)
    click(window.view, QPointF(3, window.view.height() - 3))
    assert window.pinning.cell is None
    assert window.pinning.panel.hint.isVisibleTo(window.pinning.panel)
    assert window.view.emphasis.lit == {}


def test_escape_lets_go_and_forgets_what_is_waited_for(window: MainWindow) -> None:
    pin(window, "", 10, 20)
    window.desk.background.start("thinking", lambda: 1, lambda _: None, lambda _: None)
    QTest.keyClick(window.view, Key.Key_Escape)
    assert window.pinning.cell is None
    assert not window.desk.background.waiting


def test_row_column_and_cell_are_lit_and_what_is_hidden_stays_hidden(window: MainWindow) -> None:
    window.view.emphasize(type(window.view.emphasis)(hidden=frozenset({"left"})))
    pin(window, "", 10, 20)
    assert lit(window, "") == [[10, 20]]
    assert lit(window, "left") == [[10, k] for k in range(24)]
    assert lit(window, "right") == [[k, 20] for k in range(24)]
    assert window.view.emphasis.hidden == {"left"}
    window.pinning.let_go()
    assert window.view.emphasis.hidden == {"left"}


def test_rows_are_ranked_with_tokens_numbers_and_the_running_sum(qtbot: QtBot, head: Scene) -> None:
    window = with_panel(qtbot, head)
    panel = pin(window, "left", 41, 3).panel
    values = head.values()
    products = values["left.left"][41].astype(float) * values["left.right"][:, 3]
    first, second, *_ = np.argsort(-np.abs(products))
    assert panel.table.products.headerData(LEFT, Qt.Orientation.Horizontal) == "attn"
    row = texts(panel.table, 1)
    assert row[K] == f"{second} “{head.composition.tokens[second]}”"
    assert float(row[LEFT]) == pytest.approx(values["left.left"][41, second], rel=0.01)
    assert float(row[RIGHT]) == pytest.approx(values["left.right"][second, 3], rel=0.01)
    assert float(row[PRODUCT]) == pytest.approx(products[second], rel=0.01)
    assert float(row[RUNNING]) == pytest.approx(products[first] + products[second], rel=0.01)
    assert row[SHARE] == f"{abs(products[second]) / np.abs(products).sum():.0%}"


@pytest.mark.slow
def test_the_shares_stay_in_sight_and_running_sums_are_there_where_they_have_room(qtbot: QtBot, head: Scene) -> None:
    window = with_panel(qtbot, head)
    table = pin(window, "left", 11, 3).panel.table
    for wide, hidden in ((PANEL_WIDTH, True), (2 * PANEL_WIDTH, False), (PANEL_WIDTH, True)):
        window.resizeDocks([window.panel], [wide], Qt.Orientation.Horizontal)
        QApplication.processEvents()
        assert table.isColumnHidden(RUNNING) == hidden
        shares = table.visualRect(table.products.index(0, SHARE))
        assert shares.width() >= table.fontMetrics().horizontalAdvance("100%")
        assert table.viewport().rect().contains(shares)


def test_functions_follow_with_their_numbers(qtbot: QtBot, head: Scene) -> None:
    window = with_panel(qtbot, head)
    panel = pin(window, "left.left", 41, 40).panel
    assert panel.heading.text().startswith("attn[41 “ to”, 40 “ answer”] = <b>0.66")
    assert panel.story.text() == "the sum of 64 products, then scale, tril, softmax"
    for part in ("scale", "0.125", "not masked", "maximum of the row", "sum of these over the row"):
        assert part in panel.stages.text()
    assert "masked" in pin(window, "left.left", 4, 40).panel.heading.text()


@pytest.mark.parametrize(("column", "goal"), [(LEFT, "left"), (RIGHT, "right"), (PRODUCT, "left")])
def test_a_double_click_on_a_row_goes_to_that_operand(window: MainWindow, column: int, goal: str) -> None:
    table = pin(window, "", 10, 20).panel.table
    QApplication.processEvents()
    place = table.visualRect(table.products.index(3, column)).center()
    QTest.mouseClick(table.viewport(), BUTTON, NONE, place)
    QTest.mouseDClick(table.viewport(), BUTTON, NONE, place)
    k = 3  # all products are of one size, so that they keep their order
    assert window.pinning.cell == (Cell("left", 10, k) if goal == "left" else Cell("right", k, 20))


def test_keys_move_in_the_table_and_enter_goes_to_the_operand(window: MainWindow) -> None:
    table = pin(window, "", 10, 20).panel.table
    table.setFocus()
    camera, time = window.view.camera, window.player.time
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Right, Key.Key_Right):
        QTest.keyClick(table, key)
    assert (table.row, table.currentIndex().column()) == (2, RIGHT)
    assert window.view.camera is camera
    assert window.player.time == time
    QTest.keyClick(table, Key.Key_Return)
    assert window.pinning.cell == Cell("right", 2, 20)


def test_the_buttons_go_to_the_operands_of_the_selected_row(window: MainWindow) -> None:
    panel = pin(window, "", 10, 20).panel
    panel.table.selectRow(5)
    left, right = panel.operands
    assert (left.text(), right.text()) == ("→ L[10, 5]", "→ R[5, 20]")
    assert "Right operand" in right.toolTip()
    right.click()
    assert window.pinning.cell == Cell("right", 5, 20)
    assert "formula" in panel.origin.text()
    assert not right.isVisible()


def test_back_and_forward_walk_the_way_that_was_gone(window: MainWindow) -> None:
    panel = pin(window, "", 10, 20).panel
    assert not panel.back_button.isEnabled()
    panel.operands[0].click()
    assert window.pinning.cell == Cell("left", 10, 0)
    panel.back_button.click()
    assert window.pinning.cell == Cell("", 10, 20)
    assert not panel.back_button.isEnabled()
    panel.forward_button.click()
    assert window.pinning.cell == Cell("left", 10, 0)
    assert not panel.forward_button.isEnabled()
    panel.back_button.click()
    pin(window, "right", 1, 1)
    assert not panel.forward_button.isEnabled()


def test_a_product_in_flight_pins_its_element_and_selects_its_row(window: MainWindow) -> None:
    panel = pin(window, "", 10, 20, k=7).panel
    assert panel.explanation is not None
    assert isinstance(panel.explanation.origin, Products)
    assert panel.explanation.origin.k[panel.table.row] == 7
    assert texts(panel.table, panel.table.row)[K] == "7"


@pytest.mark.slow
def test_what_flies_in_blocks_of_attention_pins_an_element_too(qtbot: QtBot) -> None:
    window = with_panel(qtbot, Scene.load("blockwise_attention"))
    composition = window.view.composition
    pinned = set()
    for time in np.linspace(0, composition.timeline.steps, 12):
        for plane in composition.timeline.frame(float(time)).planes:
            i, j = plane.first[0] + plane.values.shape[0] - 1, plane.first[1] + plane.values.shape[1] - 1
            window.view.clicked.emit(Picked(plane.owner, "", i, j, 0.0, kind=plane.kind))
            assert window.pinning.cell is not None
            assert window.pinning.cell.path == plane.owner
            pinned.add(plane.kind)
    assert {"maximum", "total"} <= pinned


def test_the_pinned_matrix_is_the_selected_one(window: MainWindow) -> None:
    panel = pin(window, "", 10, 20).panel
    panel.operands[1].click()
    assert window.selection.path == "right"


def test_a_pin_survives_a_change_of_the_scene_and_tells_its_new_number(qtbot: QtBot, window: MainWindow) -> None:
    pin(window, "", 10, 20)
    with qtbot.waitSignal(window.desk.shown):
        window.desk.propose("double", lambda scene: scene.edited("scale(L @ R, 2)"))
    assert window.pinning.cell == Cell("", 10, 20)
    assert "<b>-48</b>" in window.pinning.panel.heading.text()
    assert "scale" in window.pinning.panel.stages.text()
    assert lit(window, "") == [[10, 20]]


def test_a_pin_is_let_go_where_its_cell_is_gone(qtbot: QtBot, window: MainWindow) -> None:
    pin(window, "left", 31, 23)
    with qtbot.waitSignal(window.desk.shown):
        window.desk.propose("cut", lambda scene: scene.edited("R"))
    assert window.pinning.cell is None
    assert window.view.emphasis.lit == {}


def test_a_pin_is_let_go_where_another_scene_is_opened(qtbot: QtBot, window: MainWindow) -> None:
    pin(window, "", 1, 2)
    with qtbot.waitSignal(window.desk.opened):
        window.desk.open("chain", lambda: Scene.load("chain"))
    assert window.pinning.cell is None


def test_sums_name_their_terms_and_references_their_matrix(qtbot: QtBot) -> None:
    scene = Scene.load("residual")
    window = with_panel(qtbot, scene)
    panel = pin(window, "", 3, 4).panel
    assert not panel.table.isVisible()
    assert [button.isVisible() for button in panel.operands] == [True, True]
    x, change = (float(scene.values()[path][3, 4]) for path in ("left", "right"))
    assert f"= <b>{x + change:.4g}</b>" in panel.origin.text()
    panel.operands[1].click()
    assert window.pinning.cell == Cell("right", 3, 4)


def test_a_matrix_that_is_cut_down_is_not_taken_for_the_whole_one(qtbot: QtBot) -> None:
    window = with_panel(qtbot, Scene("A @ B", {"A": [[1, 0], [0, 2]], "B": [[1, 0], [0, 1]]}, rank={"A": 1}))
    whole, cut = (pin(window, path, 0, 0).panel.origin.text() for path in ("right", "left"))
    assert cut == "Row 0, column 0 of A: numbers written in the scene, cut to rank 1<br>Its number: <b>0</b>"
    assert whole == "Row 0, column 0 of B: numbers written in the scene<br>Its number: <b>1</b>"


def test_names_that_look_like_markup_are_shown_as_they_are(qtbot: QtBot) -> None:
    source = {"init": "uniform", "shape": [3, 3]}
    window = with_panel(qtbot, Scene("'<b>' @ R", {"<b>": source, "R": source}))
    panel = pin(window, "left", 1, 1).panel
    assert panel.heading.text().startswith("&lt;b&gt;[1, 1]")


def test_only_the_rows_that_are_seen_are_asked_for(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {"A": {"init": "gaussian", "shape": [2, 4096]}, "B": {"init": "gaussian", "shape": [4096, 2]}}
    window = with_panel(qtbot, Scene("A @ B", sources))
    asked: set[int] = set()
    told = type(window.pinning.panel.table.products)._text

    def watched(model: object, products: Products, row: int, column: int) -> str:
        asked.add(row)
        return str(told(model, products, row, column))  # type: ignore[arg-type]

    monkeypatch.setattr("mmviz.viewer.tabs.explain.explain_table.ProductsModel._text", watched)
    table = pin(window, "", 1, 1).panel.table
    window.grab()
    assert table.products.rowCount() == 4096
    assert 5 < len(asked) < 200


def test_a_row_tells_the_whole_product_in_its_tool_tip(window: MainWindow) -> None:
    table = pin(window, "", 10, 20).panel.table
    tip = table.products.data(table.products.index(2, PRODUCT), Qt.ItemDataRole.ToolTipRole)
    assert tip == "L[10, 2] * R[2, 20] = -1 * 1 = -1\n3 of 24; so far the sum is -3"
