"""The table of all products that are summed up to an element, one a row, the largest first; computes nothing."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from mmviz.picture.cell.explanation import Products
from mmviz.picture.time.token_steps import AXIS as TOKENS
from mmviz.viewer.canvas.nearby import written
from mmviz.viewer.controls import theme

K, LEFT, RIGHT, PRODUCT, RUNNING, SHARE = range(6)
"""The columns."""
"""Colours of the bars, dark enough for letters on them."""
WIDEST_LABEL = 120
"""Pixels of the first column at most, before the user drags its edge."""
LEAST_LABEL = 48
"""Pixels that it keeps where there is little room."""
MEASURED = 64
"""Rows by which the width of columns goes."""
LEAST_SHARE = 0.005
"""Less is written as nothing."""
OWN_KEYS = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}
"""They move in the table, whatever they do elsewhere in the window."""
ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
Index = QModelIndex | QPersistentModelIndex
Align = Qt.AlignmentFlag
Role = Qt.ItemDataRole
SIDES = {LEFT: "left", RIGHT: "right"}


class ProductsModel(QAbstractTableModel):
    """The products of one element; empty where there are none."""

    def __init__(self, table: QWidget) -> None:
        super().__init__(table)
        self._table = table  # which knows its theme
        self.products: Products | None = None

    def take(self, products: Products | None) -> None:
        """Show other products."""
        self.beginResetModel()
        self.products = products
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (as Qt has it)
        """A row a product."""
        return 0 if self.products is None or parent.isValid() else len(self.products.k)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (as Qt has it)
        """What is said of each product."""
        return 0 if parent.isValid() else SHARE + 1

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Text, tool tip, colour and alignment of a cell."""
        if self.products is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        match role:
            case Role.DisplayRole:
                return self._text(self.products, row, column)
            case Role.ToolTipRole:
                return self._tip(self.products, row)
            case Role.TextAlignmentRole:
                return (Align.AlignLeft if column == K else Align.AlignRight) | Align.AlignVCenter
            case Role.ForegroundRole if self.products.masked[row]:
                return QColor(theme.of(self._table).quiet)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """What the columns are."""
        if orientation == Qt.Orientation.Vertical or self.products is None:
            return None
        left, right = self.products.names
        if role == Role.DisplayRole:
            return (self.products.axis, left, right, "product", "so far", "share")[section]
        if role == Role.ToolTipRole:
            return (
                f"What is summed over: {self.products.axis}",
                f"The number in {left}. Double click: explain it",
                f"The number in {right}. Double click: explain it",
                "Left times right; the largest, of either sign, comes first",
                "Sum of the products down to this row",
                "Part of the sum of all products without their signs; blue: more than 0, red: less",
            )[section]
        if role == Role.TextAlignmentRole:
            return (Align.AlignLeft if section == K else Align.AlignRight) | Align.AlignVCenter
        return None

    def length(self, row: int) -> tuple[float, bool]:
        """A bar's length, 1 for the longest, and whether the product is more than 0."""
        products = self.products
        assert products is not None  # noqa: S101  (there is a row)
        longest = float(products.share[0])
        return (float(products.share[row]) / longest if longest > 0 else 0.0), bool(products.product[row] > 0)

    def _text(self, products: Products, row: int, column: int) -> str:
        if column == K:
            k = int(products.k[row])
            return products.labels[k] if products.axis == TOKENS else str(k)  # the head says what k counts
        if column == SHARE:
            return f"{products.share[row]:.0%}" if products.share[row] >= LEAST_SHARE else ""
        numbers = {LEFT: products.left, RIGHT: products.right, PRODUCT: products.product, RUNNING: products.running}
        return written(float(numbers[column][row]), masked=False)

    def _tip(self, products: Products, row: int) -> str:
        left, right = products.operand_names(row)
        text = f"{left} * {right} = {products.left[row]:.6g} * {products.right[row]:.6g} = {products.product[row]:.6g}"
        rank = f"{row + 1} of {len(products.k)}"
        masked = "\nmasked: it counts as 0" if products.masked[row] else ""
        return f"{text}\n{rank}; so far the sum is {products.running[row]:.6g}{masked}"


class ShareBar(QStyledItemDelegate):
    """Paints a bar behind the share of a product, also where the row is selected."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """As it is, but never selected: that would hide the bar."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_Selected

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The bar, then the text."""
        model = index.model()
        assert isinstance(model, ProductsModel)  # noqa: S101  (narrows the type)
        length, positive = model.length(index.row())
        room: QRect = option.rect.adjusted(2, 2, -2, -2)
        room.setWidth(round(length * room.width()))
        worn = theme.of(option.widget)
        painter.fillRect(room, QColor(worn.positive if positive else worn.negative))
        super().paint(painter, option, index)


class ProductsTable(QTableView):
    """All products; a double click or Enter goes to an operand."""

    chosen = Signal(int, str)
    """A row, and "left" or "right": the operand that is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.products = ProductsModel(self)
        self._widths: tuple[int, ...] = ()  # of the columns, in pixels
        self.setModel(self.products)
        self.setItemDelegateForColumn(SHARE, ShareBar(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setTabKeyNavigation(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 5)
        columns.setHighlightSections(False)
        columns.setStretchLastSection(True)
        columns.setTextElideMode(Qt.TextElideMode.ElideRight)
        columns.setMinimumSectionSize(28)
        self.doubleClicked.connect(lambda index: self.chosen.emit(index.row(), SIDES.get(index.column(), "left")))

    def take(self, products: Products | None, row: int = 0) -> None:
        """Show other products, with one row selected."""
        self.products.take(products)
        if products is None:
            return
        least = self.fontMetrics().horizontalAdvance("100%") + 8
        self._widths = (*(self._width(column) for column in (K, LEFT, RIGHT, PRODUCT, RUNNING)), least)
        for column, width in enumerate(self._widths):
            self.setColumnWidth(column, width)
        self._fit()
        self.setCurrentIndex(self.products.index(row, K))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for other columns."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Keep the shares in sight: where not all has room the running sums go, which tool tips tell, too."""
        if not self._widths:
            return
        room = self.viewport().width()
        self.setColumnHidden(RUNNING, sum(self._widths) > room)
        others = sum(self._widths[LEFT:]) - self.isColumnHidden(RUNNING) * self._widths[RUNNING]
        self.setColumnWidth(K, min(self._widths[K], max(room - others, LEAST_LABEL)))

    def _width(self, column: int) -> int:
        """Pixels for the first rows of a column; the name of a matrix above it is cut off where it is longer."""
        rows = range(min(self.products.rowCount(), MEASURED))
        texts = [self.products.data(self.products.index(row, column)) for row in rows]
        texts.append("-0.12" if column in SIDES else self.products.headerData(column, Qt.Orientation.Horizontal))
        return min(max(map(self.fontMetrics().horizontalAdvance, texts)) + 8, WIDEST_LABEL)

    @property
    def row(self) -> int:
        """The selected row; the first one where none is."""
        return max(self.currentIndex().row(), 0)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that move in the table from the commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and event.key() in OWN_KEYS | ENTER:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the operand in whose column one is, or else to the left one."""
        index = self.currentIndex()
        if event.key() in ENTER and index.isValid():
            self.chosen.emit(index.row(), SIDES.get(index.column(), "left"))
            return
        super().keyPressEvent(event)
