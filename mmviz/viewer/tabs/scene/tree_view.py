"""The tree of a scene's matrices, one of which is selected; it changes nothing."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import Node, arguments
from mmviz.viewer.controls.fields import ARROWS
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.tabs.scene.node_facts import kind

PATH = Qt.ItemDataRole.UserRole
COLUMNS = ("Matrix", "Size", "What it is")
SELECT_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
MOST_OPEN = 60
"""Matrices of a tree that is unfolded all the way at first."""


class NodeModel(QStandardItemModel):
    """Name, shape and kind of every matrix, arguments below what is made of them."""

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[str, QStandardItem] = {}
        self.setHorizontalHeaderLabels(COLUMNS)

    def fill(self, root: Node, shapes: Mapping[str, Shape]) -> None:
        """Hold another tree."""
        self.removeRows(0, self.rowCount())
        self.items.clear()
        waiting = [(root, self.invisibleRootItem())]
        while waiting:
            node, above = waiting.pop()
            row = _row(node, shapes[node.path])
            above.appendRow(row)
            self.items[node.path] = row[0]
            waiting += [(argument, row[0]) for argument in reversed(arguments(node))]


class NodeTree(QTreeView):
    """Shows the tree, and in it the selected matrix of the window.

    Args:
        selection: Which one is selected; a click selects another.
    """

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self.nodes = NodeModel()
        self._selection = selection
        self._shown: tuple[Node, Mapping[str, Shape]] | None = None
        self.setModel(self.nodes)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setIndentation(14)
        self.setToolTip("Click a matrix to select it: its numbers and settings stand below. F flies to it.")
        header = self.header()
        header.setStretchLastSection(True)
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.selectionModel().currentChanged.connect(self._choose)
        selection.changed.connect(self.mark)

    def show_tree(self, root: Node, shapes: Mapping[str, Shape]) -> None:
        """Show another tree; what was folded stays so."""
        if self._shown == (root, shapes):
            return
        first, self._shown = self._shown is None, (root, shapes)
        items = self.nodes.items
        folded = {path for path, item in items.items() if item.hasChildren() and not self.isExpanded(item.index())}
        quiet = self.selectionModel().blockSignals(True)
        self.nodes.fill(root, shapes)
        self.selectionModel().blockSignals(quiet)
        if first and len(items) > MOST_OPEN:
            self.expandToDepth(2)
        else:
            self.expandAll()
        for path in folded & set(items):
            self.setExpanded(items[path].index(), False)
        self.mark(self._selection.path)

    def mark(self, path: str | None) -> None:
        """Show which matrix is selected."""
        if path is None or path not in self.nodes.items:
            self.selectionModel().clear()
            return
        index = self.nodes.items[path].index()
        if index.row() != self.currentIndex().row() or index.parent() != self.currentIndex().parent():
            self.selectionModel().setCurrentIndex(index, SELECT_ROW)
        self.scrollTo(index)

    def event(self, event: QEvent) -> bool:
        """The arrow keys move through the tree as long as it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ARROWS:
            event.accept()
            return True
        return super().event(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands of the window."""

    def _choose(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._selection.select(current.siblingAtColumn(0).data(PATH))


def _row(node: Node, shape: Shape) -> list[QStandardItem]:
    texts = (node.name, f"{shape[0]:,} × {shape[1]:,}", kind(node))
    row = [QStandardItem(text) for text in texts]
    for item, text in zip(row, texts, strict=True):
        item.setData(node.path, PATH)
        item.setToolTip(text)
    return row
