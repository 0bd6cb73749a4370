"""A window with all numbers of the selected matrix, which are copied and saved; it changes none of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mmviz.machine.output_files import check_output, whole_file
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.plain_label import label
from mmviz.viewer.session.background import Background
from mmviz.viewer.tabs.scene.copying import MOST_NUMBERS, as_text
from mmviz.viewer.tabs.scene.number_model import NumberModel, Numbers
from mmviz.viewer.wording import sized

FIRST_SIZE = QSize(860, 560)
WIDTH, HEIGHT = 88, 22
"""Of a cell, in pixels."""
ROWS_AT_ONCE = 256
"""Rows that are made a text at once, so that a large matrix takes little more memory than its own."""
HINT = "Ctrl+C copies what is selected. The cell is lit in the picture."
Flag = QItemSelectionModel.SelectionFlag


class NumberView(QTableView):
    """A table that copies more than its current cell."""

    copied = Signal()
    """The key that copies was pressed."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All keys move through the table but the one that copies."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        else:
            super().keyPressEvent(event)


class NumberCell(QStyledItemDelegate):
    """A cell of a table: one that is selected has a frame, and keeps the colour of its number.

    Args:
        view: The table.
    """

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Number, colour, frame."""
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        plain = QStyleOptionViewItem(option)
        plain.state &= ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        super().paint(painter, plain, index)
        if selected:
            painter.save()
            painter.setPen(QPen(QColor(theme.of(self._view).text), 2))
            painter.drawRect(option.rect.adjusted(1, 1, -1, -1))
            painter.restore()


class NumberWindow(QDialog):
    """Shows a matrix; the main window can be used meanwhile."""

    pointed = Signal(int, int)
    """Row and column of the cell that the user went to."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = NumberModel()
        self.view = NumberView()
        self.view.setModel(self.model)
        self.said = label(HINT, "quiet", wraps=True)
        self.copy_button, self.save_button = QPushButton("Copy"), QPushButton("Save as CSV …")
        self.name = ""  # that is proposed for a file
        self.folder: Callable[[], Path] = Path.cwd
        self._background = Background(self)
        self._assemble()
        self.view.selectionModel().currentChanged.connect(lambda now, _: self._point(now.row(), now.column()))
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.save)
        self.view.copied.connect(self.copy)

    def show_numbers(self, numbers: Numbers | None, title: str) -> None:
        """Show a matrix, or none.

        Args:
            numbers: The matrix.
            title: What it is called, with its size.
        """
        self.model.show_numbers(numbers, QColor(theme.of(self).field))
        self.setWindowTitle(f"{title} - mmviz" if title else "Numbers - mmviz")
        self.said.setText(HINT)
        for button in (self.copy_button, self.save_button):
            button.setEnabled(numbers is not None)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has another ground behind the numbers."""
        if event.type() == QEvent.Type.PaletteChange:
            self.model.stand_on(QColor(theme.of(self).field))
        super().changeEvent(event)

    def go(self, i: int, j: int) -> None:
        """Show that a cell is the one that is spoken of, without telling of it."""
        index = self.model.index(i, j)
        if index != self.view.currentIndex():
            quiet = self.view.selectionModel().blockSignals(True)
            self.view.selectionModel().setCurrentIndex(index, Flag.ClearAndSelect)
            self.view.selectionModel().blockSignals(quiet)
            self.view.viewport().update()
        if not self.view.viewport().rect().contains(self.view.visualRect(index)):
            self.view.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def copy(self) -> None:
        """Copy the selected cells, rows in lines and columns apart by tabs, every number with all its digits."""
        values = self._selected()
        if values is None:
            return
        told = sized(values.shape)
        if values.size > MOST_NUMBERS:
            self.said.setText(f"{told} are selected; at most {MOST_NUMBERS:,} numbers are copied. Nothing was copied.")
            return
        QGuiApplication.clipboard().setText(as_text(values))
        self.said.setText(f"Copied {told}.")

    def save(self) -> None:
        """Let the user choose a file, and write all numbers into it."""
        numbers = self.model.numbers
        chosen = ask_csv(self, self.folder() / f"{self.name or 'matrix'}.csv")
        if numbers is None or chosen is None:
            return
        self.said.setText(f"writing {chosen} …")
        values = numbers.values
        self._background.start(
            "", lambda: write_csv(chosen, values), lambda _: self.said.setText(f"Saved: {chosen}"), self.said.setText
        )

    def present(self) -> None:
        """Show it, in front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def _selected(self) -> NDArray[np.float32] | None:
        ranges = self.view.selectionModel().selection()
        if self.model.numbers is None or ranges.isEmpty():
            return None
        one = ranges.first()
        return self.model.numbers.values[one.top() : one.bottom() + 1, one.left() : one.right() + 1]

    def _point(self, i: int, j: int) -> None:
        if i >= 0 and j >= 0:
            self.pointed.emit(i, j)

    def _assemble(self) -> None:
        view = self.view
        view.setItemDelegate(NumberCell(view))
        view.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setWordWrap(False)
        view.setCornerButtonEnabled(True)
        for header, size in ((view.horizontalHeader(), WIDTH), (view.verticalHeader(), HEIGHT)):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
            header.setMinimumSectionSize(HEIGHT)
            header.setHighlightSections(True)
        view.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        for button in (self.copy_button, self.save_button):
            button.setAutoDefault(False)
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(view, 1)
        column.addLayout(foot)
        room = self.screen().availableSize()
        self.resize(FIRST_SIZE.boundedTo(QSize(round(0.9 * room.width()), round(0.9 * room.height()))))


def write_csv(path: Path, values: NDArray[np.float32]) -> None:
    """Write numbers, a row a line, commas between: each as short as it can be and still read as the same float32.

    Args:
        path: A .csv file; it is whole or not there.
        values: (rows, columns).

    Raises:
        OutputError: it cannot be written.
    """
    check_output(path, (".csv",))
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        for first in range(0, len(values), ROWS_AT_ONCE):
            file.write(as_text(values[first : first + ROWS_AT_ONCE]).replace("\t", ",") + "\n")


def ask_csv(parent: QWidget, proposed: Path) -> Path | None:
    """The file that the user wants the numbers in; None where they change their mind."""
    name, _ = QFileDialog.getSaveFileName(parent, "Save the numbers as", str(proposed), "Numbers (*.csv)")
    if not name:
        return None
    chosen = Path(name)
    return chosen if chosen.suffix else chosen.with_suffix(".csv")
