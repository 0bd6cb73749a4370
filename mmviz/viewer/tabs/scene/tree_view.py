"""The tree of a scene's matrices, one of which is selected, with an eye for each; it changes nothing by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTreeView

from mmviz.scene.document import Document
from mmviz.scene.language.shapes import Shape
from mmviz.scene.language.tree import Node, Tree, arguments, roots
from mmviz.viewer.controls.fields import ARROWS
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.tabs.scene.kind_icons import sign_of
from mmviz.viewer.tabs.scene.node_facts import kind
from mmviz.viewer.tabs.scene.tree_rows import (
    EYE_WIDTH,
    HIDDEN,
    LEAST_NAME,
    SHAPE,
    SIGN,
    EyeDelegate,
    NameDelegate,
    QuietDelegate,
)
from mmviz.viewer.wording import sized

PATH = Qt.ItemDataRole.UserRole
NAME, WHAT, EYE = range(3)
"""Columns."""
COLUMNS = ("Matrix", "What it is", "")
SELECT_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
MOST_OPEN = 60
"""Matrices of a tree that is unfolded all the way at first."""
INDENTATION = 10
BEFORE_NAME = 28
"""Pixels of the arrow and the sign before a name."""
ROOM_FOR_WORDS = 420
"""From this width on the tree has the column that says what a matrix is; its tool tip says it always."""
SHARE_OF_WORDS = 0.42
TIP = "Click: select.  Eye: hide or show.  Double click: fly there.  Right click: more"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a tree shows."""

    root: Tree
    shapes: Mapping[str, Shape]
    document: Document | None


class NodeModel(QStandardItemModel):
    """Name, shape and kind of every matrix, arguments below what is made of them."""

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[str, QStandardItem] = {}
        self.setHorizontalHeaderLabels(COLUMNS)

    def fill(self, shown: Shown) -> None:
        """Hold another tree."""
        self.removeRows(0, self.rowCount())
        self.items.clear()
        waiting = [(root, self.invisibleRootItem()) for root in reversed(roots(shown.root))]
        while waiting:
            node, above = waiting.pop()
            row = _row(node, shown)
            above.appendRow(row)
            self.items[node.path] = row[NAME]
            waiting += [(argument, row[NAME]) for argument in reversed(arguments(node))]

    def mark_hidden(self, hidden: frozenset[str]) -> None:
        """Say which matrices are left out of the picture."""
        for path, item in self.items.items():
            away = path in hidden
            index = item.index()
            for column in (NAME, WHAT, EYE):
                self.setData(index.siblingAtColumn(column), away, HIDDEN)
            tip = "Hidden; click shows it and what it is made of" if away else "Click hides it and what it is made of"
            self.setData(index.siblingAtColumn(EYE), tip, Qt.ItemDataRole.ToolTipRole)


class NodeTree(QTreeView):
    """Shows the tree, and in it the selected matrix of the window.

    Args:
        selection: Which one is selected; a click selects another.
    """

    eye_clicked = Signal(str)
    """The path of a matrix that is to be hidden, or to be shown again."""
    flown = Signal(str)
    """The path of a matrix that was clicked twice."""
    asked = Signal(str, QPoint)
    """The path of a matrix that was clicked with the right button, and where on the screen."""

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self.nodes = NodeModel()
        self._selection = selection
        self._shown: Shown | None = None
        self._hidden: frozenset[str] = frozenset()
        self.setModel(self.nodes)
        self._delegates = NameDelegate(self), QuietDelegate(self), EyeDelegate(self)
        for column, delegate in zip((NAME, WHAT, EYE), self._delegates, strict=True):
            self.setItemDelegateForColumn(column, delegate)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(INDENTATION)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(EYE_WIDTH)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.hide()
        self.selectionModel().currentChanged.connect(self._choose)
        self.expanded.connect(lambda _index: self.fit())
        self.collapsed.connect(lambda _index: self.fit())
        self.doubleClicked.connect(self._fly)
        self.customContextMenuRequested.connect(self._ask)
        selection.changed.connect(self.mark)

    def show_tree(self, root: Tree, shapes: Mapping[str, Shape], document: Document | None = None) -> None:
        """Show another tree; what was folded stays so.

        Args:
            root: The tree.
            shapes: Of every matrix, by path.
            document: Says where the numbers come from.
        """
        shown = Shown(root, shapes, document)
        if self._shown == shown:
            return
        first, self._shown = self._shown is None, shown
        items = self.nodes.items
        folded = {path for path, item in items.items() if item.hasChildren() and not self.isExpanded(item.index())}
        quiet = self.selectionModel().blockSignals(True)
        self.nodes.fill(shown)
        self.selectionModel().blockSignals(quiet)
        if first and len(items) > MOST_OPEN:
            self.expandToDepth(2)
        else:
            self.expandAll()
        for path in folded & set(items):
            self.setExpanded(items[path].index(), False)
        self.nodes.mark_hidden(self._hidden)
        self.mark(self._selection.path)
        self.fit()

    def show_hidden(self, hidden: frozenset[str]) -> None:
        """Grey the matrices that are left out of the picture."""
        if hidden != self._hidden:
            self._hidden = hidden
            self.nodes.mark_hidden(hidden)

    def mark(self, path: str | None) -> None:
        """Show which matrix is selected."""
        if path is None or path not in self.nodes.items:
            self.selectionModel().clear()
            return
        index = self.nodes.items[path].index()
        if index.row() != self.currentIndex().row() or index.parent() != self.currentIndex().parent():
            self.selectionModel().setCurrentIndex(index, SELECT_ROW)
        self.scrollTo(index)

    def fold_all(self) -> None:
        """Leave the root and what it is made of; the rest is folded."""
        self.collapseAll()
        self.expandToDepth(0)

    def fit(self) -> None:
        """Give the columns their widths: names scroll sideways only where they are too deep to be read otherwise."""
        width = self.viewport().width() - EYE_WIDTH
        words = round(SHARE_OF_WORDS * width) if width >= ROOM_FOR_WORDS else 0
        deepest = max((self._level(path) for path in self.nodes.items), default=0)
        needed = INDENTATION * deepest + BEFORE_NAME + LEAST_NAME
        self.setColumnHidden(WHAT, words == 0)
        for column, wide in ((NAME, max(width - words, needed)), (WHAT, words), (EYE, EYE_WIDTH)):
            if wide:
                self.setColumnWidth(column, wide)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, other columns."""
        super().resizeEvent(event)
        self.fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on an eye hides or shows, and selects nothing."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == EYE and event.button() == Qt.MouseButton.LeftButton:
            self.eye_clicked.emit(index.data(PATH))
            return
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The arrow keys move through the tree as long as it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ARROWS:
            event.accept()
            return True
        return super().event(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands of the window."""

    def _level(self, path: str) -> int:
        """How deep a matrix stands that can be seen; 0 for one in a folded part."""
        level, above = 0, self.nodes.items[path].index().parent()
        while above.isValid():
            if not self.isExpanded(above):
                return 0
            level, above = level + 1, above.parent()
        return level

    def _choose(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._selection.select(current.siblingAtColumn(NAME).data(PATH))

    def _fly(self, index: QModelIndex) -> None:
        if index.column() != EYE:
            self.flown.emit(index.data(PATH))

    def _ask(self, spot: QPoint) -> None:
        index = self.indexAt(spot)
        if index.isValid():
            self._selection.select(index.data(PATH))
            self.asked.emit(index.data(PATH), self.viewport().mapToGlobal(spot))


def _row(node: Node, shown: Shown) -> list[QStandardItem]:
    shape = sized(shown.shapes[node.path])
    what = "" if shown.document is None else kind(node, shown.root, shown.document)
    row = [QStandardItem(node.name), QStandardItem(what), QStandardItem()]
    tip = "\n".join(filter(None, (f"{node.name}   {shape}", what, TIP)))
    for item in row:
        item.setData(node.path, PATH)
        item.setToolTip(tip)
    row[NAME].setData(shape, SHAPE)
    if shown.document is not None:
        row[NAME].setData(sign_of(node, shown.document), SIGN)
    return row
