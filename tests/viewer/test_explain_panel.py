"""The tab "Explain" by itself: what it shows of an explanation, and where its buttons lead."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.cell.explanation import Cell, Explanation, explain
from mmviz.viewer.tabs.explain.explain_panel import LONGEST_BUTTON, ExplainPanel

TENSORS = {
    "A": {"values": [[1, 2, -3], [0, 1, 0]]},
    "B": {"values": [[1, 0], [2, 1], [5, 1]]},
    "C": {"values": [[1, 1], [1, 1]]},
}


@pytest.fixture(scope="module")
def sums() -> Scene:
    return Scene("out = relu(p = A @ B) + C + p", TENSORS)


@pytest.fixture
def panel(qtbot: QtBot) -> ExplainPanel:
    made = ExplainPanel()
    qtbot.addWidget(made)
    return made


def of(scene: Scene, path: str, i: int = 0, j: int = 0) -> Explanation:
    return explain(scene.composition, path, i, j)


def wanted(panel: ExplainPanel) -> list[Cell]:
    found: list[Cell] = []
    panel.wanted.connect(found.append)
    return found


def buttons(panel: ExplainPanel) -> list[tuple[str, str]]:
    return [(button.text(), button.toolTip()) for button in panel.operands if not button.isHidden()]


def test_without_a_cell_there_is_a_hint_alone(panel: ExplainPanel, sums: Scene) -> None:
    assert not panel.hint.isHidden()
    assert panel._page.isHidden()
    panel.show_explanation(of(sums, "left.left"))
    assert panel.hint.isHidden()
    assert not panel._page.isHidden()
    panel.show_explanation(None)
    assert not panel.hint.isHidden()
    assert panel._page.isHidden()
    assert panel.explanation is None


def test_a_product_has_its_table_and_what_its_functions_make_of_it(panel: ExplainPanel, sums: Scene) -> None:
    panel.show_explanation(of(sums, "left.left"))
    assert panel.heading.text() == "relu(p)[0, 0] = <b>0</b>"
    assert panel.story.text() == "the sum of 3 products, then relu"
    assert panel.origin.text() == "Sum of all products: <b>-10</b>"
    assert not panel.table.isHidden()
    assert "relu" in panel.stages.text()
    assert panel.table.products.rowCount() == 3


def test_the_scale_of_the_matrix_is_told(panel: ExplainPanel, sums: Scene) -> None:
    panel.show_explanation(of(sums, "left.left.left"))
    told = sums.scales()["left.left.left"].told(sums.document.style)
    assert panel.scale.text() == f"Drawn to the scale of its matrix: {told}."


def test_a_sum_has_no_table_and_one_without_functions_no_stages(panel: ExplainPanel, sums: Scene) -> None:
    panel.show_explanation(of(sums, ""))
    assert panel.table.isHidden()
    assert panel.stages.isHidden()
    assert panel.story.text() == "a sum"


def test_the_operands_of_the_selected_product_are_named_on_the_buttons(panel: ExplainPanel, sums: Scene) -> None:
    shown = of(sums, "left.left")
    panel.show_explanation(shown)
    largest = buttons(panel)
    assert [text for text, _ in largest] == ["→ A[0, 2]", "→ B[2, 0]"], "the largest |product| stands first"
    assert [tip for _, tip in largest] == ["Left operand: explain A[0, 2]", "Right operand: explain B[2, 0]"]
    panel.show_explanation(shown, row=1)
    assert [text for text, _ in buttons(panel)] == ["→ A[0, 1]", "→ B[1, 0]"]
    panel.table.selectRow(2)
    assert [text for text, _ in buttons(panel)] == ["→ A[0, 0]", "→ B[0, 0]"]


def test_the_buttons_lead_to_the_operands(panel: ExplainPanel, sums: Scene) -> None:
    found = wanted(panel)
    panel.show_explanation(of(sums, "left.left"), row=1)
    for button in panel.operands:
        button.click()
    assert found == [Cell("left.left.left", 0, 1), Cell("left.left.right", 1, 0)]


def test_the_menu_of_the_table_leads_to_the_operands_of_its_row_too(panel: ExplainPanel, sums: Scene) -> None:
    found = wanted(panel)
    panel.show_explanation(of(sums, "left.left"), row=1)
    assert panel.table.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert [way.text() for way in panel.table.actions()] == ["Explain A[0, 1]", "Explain B[1, 0]"]
    for way in panel.table.actions():
        way.trigger()
    assert found == [Cell("left.left.left", 0, 1), Cell("left.left.right", 1, 0)]


def test_a_double_click_in_the_table_leads_to_the_side_that_was_clicked(panel: ExplainPanel, sums: Scene) -> None:
    found = wanted(panel)
    panel.show_explanation(of(sums, "left.left"))
    panel.table.chosen.emit(0, "left")
    panel.table.chosen.emit(2, "right")
    assert found == [Cell("left.left.left", 0, 2), Cell("left.left.right", 0, 0)]


def test_what_is_shown_again_leads_to_where_it_was_and_what_is_given_nowhere(panel: ExplainPanel, sums: Scene) -> None:
    found = wanted(panel)
    panel.show_explanation(of(sums, "right", 1, 1))
    ((text, tip),) = buttons(panel)
    assert text.startswith("→ ")
    assert tip.startswith("Its operand: explain ")
    panel.operands[0].click()
    assert found == [Cell("left.left", 1, 1)]
    panel.show_explanation(of(sums, "left.right"))
    assert buttons(panel) == []


def test_a_long_name_is_cut_on_its_button_and_whole_in_its_tip(panel: ExplainPanel) -> None:
    name = "a matrix with a name that is rather long & odd"
    scene = Scene(f"'{name}' + B", {name: {"values": [[1]]}, "B": {"values": [[1]]}})
    panel.show_explanation(of(scene, ""))
    (text, tip), _ = buttons(panel)
    assert name in tip
    shown = text.removeprefix("→ ")
    assert (len(shown), shown[-1]) == (LONGEST_BUTTON, "…")
    short = Scene("'a&b' + B", {"a&b": {"values": [[1]]}, "B": {"values": [[1]]}})
    panel.show_explanation(of(short, ""))
    assert "a&&b" in buttons(panel)[0][0], "an & alone would be an underline"


def test_ways_back_and_forward_are_open_where_there_are_any(panel: ExplainPanel) -> None:
    told: list[str] = []
    panel.back.connect(lambda: told.append("back"))
    panel.forward.connect(lambda: told.append("forward"))
    panel.allow(back=True, forward=False)
    assert (panel.back_button.isEnabled(), panel.forward_button.isEnabled()) == (True, False)
    panel.back_button.click()
    panel.forward_button.click()
    assert told == ["back"]
    panel.allow(back=False, forward=True)
    panel.forward_button.click()
    assert told == ["back", "forward"]


def test_numbers_are_those_of_the_products_themselves(panel: ExplainPanel, sums: Scene) -> None:
    panel.show_explanation(of(sums, "left.left", 1, 1))
    products = panel.table.products.products
    assert products is not None
    np.testing.assert_array_equal(products.product, [1, 0, 0])
