"""The grid of heads for Qt: which pattern a cell shows, and what is told of it; computes none."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from mmviz.picture.look.head_pattern import HeadPattern
from mmviz.viewer.heads.arrangement import Arrangement, Head
from mmviz.viewer.heads.head_words import image_of, tip

Role = Qt.ItemDataRole
HEAD = Role.UserRole
Index = QModelIndex | QPersistentModelIndex


class HeadTable(QAbstractTableModel):
    """A cell a head."""

    def __init__(self) -> None:
        super().__init__()
        self.arrangement = Arrangement()
        self.patterns: dict[Head, HeadPattern] = {}
        self.images: dict[Head, QImage] = {}
        self.tokens: Sequence[str] = ()
        self.keys: Sequence[str] = ()  # those that are attended to

    def arrange(self, arrangement: Arrangement) -> None:
        """Let the heads stand otherwise."""
        if arrangement != self.arrangement:
            self.beginResetModel()
            self.arrangement = arrangement
            self.endResetModel()

    def take(self, layer: int, patterns: Sequence[HeadPattern]) -> None:
        """Show the patterns of a layer."""
        for number, pattern in enumerate(patterns):
            head = Head(layer, number)
            self.images[head], self.patterns[head] = image_of(pattern.picture), pattern
        last = self.index(self.rowCount() - 1, self.columnCount() - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def clear(self) -> None:
        """Know no pattern any more."""
        self.arrange(Arrangement())
        self.images.clear()  # before the pictures, whose memory they have
        self.patterns.clear()

    def head_at(self, index: Index) -> Head | None:
        """The head in a cell."""
        return self.arrangement.at(index.row(), index.column()) if index.isValid() else None

    def index_of(self, head: Head | None) -> QModelIndex:
        """Where a head stands; invalid where it does not."""
        place = None if head is None else self.arrangement.place(head)
        return QModelIndex() if place is None else self.index(*place)

    def rowCount(self, parent: Index | None = None) -> int:
        """Of the grid."""
        return 0 if parent is not None and parent.isValid() else self.arrangement.rows

    def columnCount(self, parent: Index | None = None) -> int:
        """Of the grid."""
        return 0 if parent is not None and parent.isValid() else self.arrangement.columns * bool(self.arrangement.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Layers and heads, where rows are layers."""
        if role != Role.DisplayRole or not self.arrangement.headed:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return f"H{section}"
        head = self.arrangement.at(section, 0)
        return None if head is None else f"L{head.layer}"

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Nothing stands beyond the last head."""
        return super().flags(index) if self.head_at(index) is not None else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """What is known of a head."""
        head = self.head_at(index)
        if head is None:
            return None
        pattern = self.patterns.get(head)
        match role:
            case Role.DisplayRole | Role.AccessibleTextRole:
                return head.name
            case Role.UserRole:  # HEAD
                return head
            case Role.DecorationRole:
                return self.images.get(head)
            case Role.ToolTipRole:
                return head.name if pattern is None else tip(head, pattern, self.tokens, self.keys)
            case _:
                return None
