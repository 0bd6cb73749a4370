"""The whole matrix as a table, and the histogram below its statistics, as a user sees and uses them."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QToolTip
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.errors import OutputError
from mmviz.picture.cell.explanation import Cell
from mmviz.viewer.controls import theme
from mmviz.viewer.tabs.scene import histogram_view, node_form, number_window
from mmviz.viewer.tabs.scene.copying import MOST_NUMBERS
from mmviz.viewer.tabs.scene.node_settings import NO_MATRIX
from mmviz.viewer.tabs.scene.number_links import NumberLinks
from mmviz.viewer.tabs.scene.number_model import BLOCK, NumberModel, Numbers
from mmviz.viewer.tabs.scene.number_window import NumberWindow, write_csv
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import attention, opened

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot, attention(), panel=True)


def shown(window: MainWindow, path: str) -> NumberWindow:
    """The table of a matrix, opened by its key."""
    window.selection.select(path)
    QTest.keyClick(window.view, Qt.Key.Key_D, CONTROL)
    numbers: NumberLinks = window.numbers
    found = numbers.window
    assert found is not None
    assert found.isVisible()
    return found


def test_the_table_shows_the_selected_matrix_and_follows_the_selection(window: MainWindow) -> None:
    QTest.keyClick(window.view, Qt.Key.Key_D, CONTROL)
    assert window.status.text().startswith(NO_MATRIX)
    table = shown(window, "right.left")
    values = window.desk.scene.composition.values["right.left"]
    model = table.model
    assert (model.rowCount(), model.columnCount()) == values.shape == (12, 12)
    assert table.windowTitle() == "attn   12 × 12 - mmviz"
    assert model.index(3, 5).data() == f"{values[3, 5]:.6g}"
    colour = model.index(3, 5).data(Qt.ItemDataRole.BackgroundRole)
    look = window.desk.scene.composition.colors()["right.left"][3, 5]
    field = QColor(theme.of(table).field)
    expected = [0.45 * x + 0.55 * y for x, y in zip(look, (field.redF(), field.greenF(), field.blueF()), strict=True)]
    np.testing.assert_allclose((colour.redF(), colour.greenF(), colour.blueF()), expected, atol=0.01)
    window.selection.select("left")
    assert table.windowTitle() == "x   12 × 10 - mmviz"
    window.selection.select(None)
    assert table.model.rowCount() == 0
    assert not table.save_button.isEnabled()


def test_a_selected_cell_has_a_frame_and_keeps_the_colour_of_its_number(window: MainWindow) -> None:
    table = shown(window, "right.left")
    index = table.model.index(4, 7)
    before = painted_ground(table, index)
    assert before == index.data(Qt.ItemDataRole.BackgroundRole).name()
    table.view.setCurrentIndex(index)
    assert table.view.selectionModel().isSelected(index)
    assert painted_ground(table, index) == before
    assert painted_ground(table, index, inside=1) == theme.of(table).text


def painted_ground(table: NumberWindow, index: QModelIndex, inside: int = 4) -> str:
    """The colour of a cell, so many pixels from its corner."""
    corner = table.view.visualRect(index).topLeft()
    image = table.view.viewport().grab().toImage()
    return image.pixelColor(corner + QPoint(inside, inside)).name()


def test_the_cells_of_table_and_picture_follow_one_another(window: MainWindow) -> None:
    table = shown(window, "right.left")
    table.view.setCurrentIndex(table.model.index(4, 7))
    assert window.pinning.cell == Cell("right.left", 4, 7)
    assert "right.left" in window.view.emphasis.lit
    window.pinning.go(Cell("right.left", 9, 2))
    assert (table.view.currentIndex().row(), table.view.currentIndex().column()) == (9, 2)
    assert window.pinning.cell == Cell("right.left", 9, 2)
    window.pinning.go(Cell("left", 1, 1))  # of another matrix: its table is shown
    assert table.windowTitle().startswith("x ")
    assert (table.view.currentIndex().row(), table.view.currentIndex().column()) == (1, 1)


def test_the_panel_has_a_button_for_the_table(window: MainWindow) -> None:
    window.selection.select("left")
    window.scene_panel.form.facts.as_table.click()
    assert window.numbers.window is not None
    assert window.numbers.window.windowTitle() == "x   12 × 10 - mmviz"


def test_a_selection_is_copied_with_all_digits(window: MainWindow) -> None:
    table = shown(window, "left")
    values = window.desk.scene.composition.values["left"]
    picked = QItemSelection(table.model.index(1, 2), table.model.index(3, 5))
    table.view.selectionModel().select(picked, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    QTest.keyClick(table.view, Qt.Key.Key_C, CONTROL)
    text = QGuiApplication.clipboard().text()
    found = np.array([[np.float32(cell) for cell in line.split("\t")] for line in text.split("\n")])
    np.testing.assert_array_equal(found, values[1:4, 2:6])
    assert table.said.text() == "Copied 3 × 4."


def test_all_numbers_are_saved_and_read_again_as_the_same(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = shown(window, "right.left")
    assert table.name == "attn"
    place = tmp_path / "attn.csv"
    asked: list[str] = []

    def choose(_parent: object, _title: str, proposed: str, _kinds: str) -> tuple[str, str]:
        asked.append(Path(proposed).name)
        return str(place.with_suffix("")), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    table.save_button.click()
    qtbot.waitUntil(lambda: table.said.text() == f"Saved: {place}")
    assert asked == ["attn.csv"]
    again = Scene("A", {"A": {"file": str(place)}}).values()[""]
    np.testing.assert_array_equal(again, window.desk.scene.composition.values["right.left"])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "x.csv"), ""))
    table.save_button.click()
    needed = f"{tmp_path / 'no' / 'x.csv'}: the folder {tmp_path / 'no'} does not exist; create it first."
    qtbot.waitUntil(lambda: table.said.text() == needed)


def test_every_float32_is_written_so_that_it_is_read_as_itself(tmp_path: Path) -> None:
    bits = np.random.default_rng(0).integers(0, 1 << 32, (300, 40), dtype=np.uint32)
    values = bits.view(np.float32)
    values[np.isnan(values)] = np.nan
    values[0, :4] = 0.1, -0.0, np.inf, np.nan
    write_csv(tmp_path / "x.csv", values)
    rows = (tmp_path / "x.csv").read_text().splitlines()
    found = np.array([[np.float32(cell) for cell in row.split(",")] for row in rows])
    np.testing.assert_array_equal(found, values)
    with pytest.raises(OutputError) as raised:
        write_csv(tmp_path / "x.txt", values)
    assert str(raised.value) == f"{tmp_path / 'x.txt'}: the name ends in .txt; it must end in .csv."
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_rows_and_columns_of_tokens_are_headed_by_them_and_the_mask_is_told() -> None:
    scene = Scene.load("attention_head")
    numbers = Numbers(scene.composition, next(iter(scene.composition.masked)))
    token = scene.composition.tokens[2]
    assert numbers.name(0, 2) == numbers.name(1, 2) == f"2 “{token}”"
    assert numbers.text(0, 5) == "masked"
    assert numbers.text(5, 0) == f"{numbers.values[5, 0]:.6g}"


def test_a_million_cells_are_made_only_as_they_are_looked_at(qtbot: QtBot) -> None:
    scene = Scene("A", {"A": {"init": "row major", "shape": [1200, 900]}})
    model = NumberModel()
    model.show_numbers(Numbers(scene.composition, ""), QColor("black"))
    assert model.rowCount() * model.columnCount() == 1_080_000
    assert model.index(1199, 899).data() == f"{scene.values()[''][1199, 899]:.6g}"
    assert model.index(1199, 899).data(Qt.ItemDataRole.BackgroundRole).isValid()
    assert model._behind.cache_info().currsize == 1
    assert len(model._blended(0, 899 // BLOCK)) == 900 % BLOCK


def test_too_many_numbers_are_not_copied(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_window, "MOST_NUMBERS", 10)
    assert MOST_NUMBERS > 10
    table = shown(window, "left")
    QGuiApplication.clipboard().setText("before")
    table.copy()  # nothing is selected
    table.view.selectAll()
    table.copy_button.click()
    assert QGuiApplication.clipboard().text() == "before"
    assert table.said.text() == "12 × 10 are selected; at most 10 numbers are copied. Nothing was copied."


def test_the_histogram_stands_below_the_statistics(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.selection.select("left")
    sheet = window.scene_panel.form.facts
    QApplication.processEvents()
    values = window.desk.scene.composition.values["left"].astype(np.float64)
    counts, edges = np.histogram(values, histogram_view.BINS)
    found = sheet.histogram.shown
    assert found is not None
    np.testing.assert_array_equal(found.counts, counts)
    assert sheet.histogram.isVisible()
    heights = sheet.histogram.heights()
    assert np.argmax(heights) == np.argmax(counts)
    assert all((height > 0) == (count > 0) for height, count in zip(heights, counts, strict=True))
    last = f"{edges[-2]:.4g} to {edges[-1]:.4g}: {counts[-1]} element{'s' if counts[-1] != 1 else ''}"
    assert sheet.histogram.told(sheet.histogram.width() - 1) == last
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _spot, text, _widget: told.append(text))
    spot = QPoint(sheet.histogram.width() - 1, 5)
    QApplication.sendEvent(sheet.histogram, QHelpEvent(QHelpEvent.Type.ToolTip, spot, spot))
    assert told == [f"{last}\n(heights: square root of the count)"]
    pixels = sheet.histogram.grab().toImage()
    assert len({pixels.pixel(x, pixels.height() - 2) for x in range(pixels.width())}) > 3  # bars of several colours


def test_where_no_number_is_finite_there_is_no_histogram() -> None:
    found, counted = node_form._counted(np.full((2, 2), np.nan, np.float32), None)
    assert (found.nan, counted) == (4, None)
