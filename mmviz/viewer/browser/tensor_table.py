"""The table of tensors for Qt: one row a tensor, filled when it was looked into, found by words; reads nothing."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage, QPixmap

from mmviz.scene.keys.listed_tensor import ListedTensor
from mmviz.viewer.browser.looks_into import SIDE, Look
from mmviz.viewer.browser.tensor_row import COLUMNS, COUNTED, FILE, LAST, MIN, PICTURE, SEEN, TYPE, Row, row_of
from mmviz.viewer.controls import theme

QUIET = (TYPE, SEEN, FILE)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
QUIET_ROLE = theme.TONES["quiet"]
Role = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex


class TensorTable(QAbstractTableModel):
    """A row a tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.tensors: list[ListedTensor] = []
        self.looks: dict[ListedTensor, Look] = {}
        self._places: dict[ListedTensor, int] = {}
        self._came: dict[ListedTensor, int] = {}  # in which order
        self._rows: dict[ListedTensor, Row] = {}  # those that were asked for
        self._pictures: dict[ListedTensor, QIcon] = {}

    def add(self, tensors: Sequence[ListedTensor]) -> None:
        """Hold more tensors; those that are there already are left out."""
        new = [tensor for tensor in dict.fromkeys(tensors) if tensor not in self._places]
        if not new:
            return
        first = len(self.tensors)
        self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
        self.tensors += new
        self._places |= {tensor: first + number for number, tensor in enumerate(new)}
        self._came |= {tensor: first + number for number, tensor in enumerate(new)}
        self.endInsertRows()

    def clear(self) -> None:
        """Hold none."""
        self.beginResetModel()
        self.tensors = []
        for kept in (self._places, self._came, self.looks, self._rows, self._pictures):
            kept.clear()
        self.endResetModel()

    def show_look(self, tensor: ListedTensor, look: Look) -> None:
        """Show what was seen of a tensor."""
        place = self._places.get(tensor)
        if place is None:
            return  # it was taken out meanwhile
        self.looks[tensor] = look
        self._rows.pop(tensor, None)
        if look.picture is not None:
            self._pictures[tensor] = _icon(look)
        self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

    def reorder(self, column: int, *, descending: bool) -> None:
        """Sort the rows by a column, those whose numbers are not known last; by -1 as they came.

        In one go: a proxy of Qt would ask for each pair of rows, which takes seconds for ten thousand.
        """
        self.layoutAboutToBeChanged.emit()
        before = self.tensors
        if column < 0:
            self.tensors = sorted(before, key=self._came.__getitem__)
        else:
            keys = {tensor: self.row_of(tensor).keys[column] for tensor in before}
            known = [tensor for tensor in before if keys[tensor] != LAST]
            unknown = [tensor for tensor in before if keys[tensor] == LAST]
            self.tensors = sorted(known, key=keys.__getitem__, reverse=descending) + unknown
        self._places = {tensor: place for place, tensor in enumerate(self.tensors)}
        kept = self.persistentIndexList()
        moved = [self.index(self._places[before[index.row()]], index.column()) for index in kept]
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def row_of(self, tensor: ListedTensor) -> Row:
        """What the row of a tensor says."""
        if tensor not in self._rows:
            self._rows[tensor] = row_of(tensor, self.looks.get(tensor))
        return self._rows[tensor]

    def rowCount(self, parent: Index | None = None) -> int:
        """As many as there are tensors."""
        return 0 if parent is not None and parent.isValid() else len(self.tensors)

    def columnCount(self, parent: Index | None = None) -> int:
        """What is told of each."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """The columns' names; rows have none."""
        named = orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole
        return COLUMNS[section] if named else None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """A cell of the table."""
        tensor, row, column = self.tensors[index.row()], self.row_of(self.tensors[index.row()]), index.column()
        counted = column in COUNTED
        found: Any = None
        match role:
            case Role.DisplayRole:
                found = row.texts[column]
            case Role.DecorationRole:
                found = self._pictures.get(tensor) if column == PICTURE else None
            case Role.ToolTipRole:
                found = row.sampled if counted and row.sampled else row.tip
            case Role.ForegroundRole:
                quiet = column in QUIET or (counted and tensor not in self.looks)
                found = QGuiApplication.palette().color(QUIET_ROLE) if quiet else None
            case Role.TextAlignmentRole:
                found = RIGHT if column in range(MIN, SEEN) else None
            case _:
                pass
        return found


class Chosen(QSortFilterProxyModel):
    """The rows that hold some words, in the order of the table, which it sorts."""

    def __init__(self, table: TensorTable) -> None:
        super().__init__()
        self._table = table
        self._words: tuple[str, ...] = ()
        self.sorted_by = -1  # a column; -1: as they came
        self._descending = False
        self.setSourceModel(table)

    def find(self, text: str) -> None:
        """Leave only rows with all of these words in name, shape, type or file."""
        self._words = tuple(text.lower().replace("×", "x").split())
        self.invalidate()

    def tensor(self, row: int) -> ListedTensor:
        """Of a row as it is shown."""
        return self._table.tensors[self.mapToSource(self.index(row, 0)).row()]

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: ARG002
        """Whether a row is shown."""
        tensor = self._table.tensors[row]
        text = f"{tensor.called} {'x'.join(map(str, tensor.shape))} {tensor.kind} {tensor.file.name}".lower()
        return all(word in text for word in self._words)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; rows that are looked into later stay where they are."""
        self.sorted_by, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self.sort_again()

    def sort_again(self) -> None:
        """Sort by what is known now."""
        self._table.reorder(self.sorted_by, descending=self._descending)


def _icon(look: Look) -> QIcon:
    """The small picture, as large as fits, its pixels as squares; in its own colours where its row is selected, too."""
    assert look.picture is not None  # noqa: S101  (narrows the type)
    height, width, _ = look.picture.shape
    image = QImage(look.picture.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    factor = max(1, SIDE // max(height, width))
    pixels = QPixmap.fromImage(image.scaled(max(factor * width, 4), max(factor * height, 4)))
    made = QIcon(pixels)
    made.addPixmap(pixels, QIcon.Mode.Selected)
    return made
