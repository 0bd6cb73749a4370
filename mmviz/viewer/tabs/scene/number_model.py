"""All numbers of a matrix as a table for Qt, made cell by cell as they are looked at; changes no number."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QGuiApplication

from mmviz.picture.cell.element_names import place_name
from mmviz.picture.composition import Composition
from mmviz.picture.look.looks import colors_of
from mmviz.picture.space.item_key import of_matrix
from mmviz.viewer.controls import theme

BLOCK = 64
"""Columns whose colours are found at once."""
TINT = 0.45
"""Share of a number's colour behind it."""
MASKED = "masked"
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Role = Qt.ItemDataRole
Index = QModelIndex | QPersistentModelIndex
Color = tuple[float, float, float]


@dataclass(frozen=True)
class Numbers:
    """A matrix of a scene."""

    composition: Composition
    path: str

    @property
    def values(self) -> NDArray[np.float32]:
        """Every number, (rows, columns)."""
        return self.composition.values[self.path]

    def is_masked(self, i: int, j: int) -> bool:
        """Whether an element is forbidden."""
        mask = self.composition.masked.get(self.path)
        return mask is not None and bool(mask[i, j])

    def text(self, i: int, j: int) -> str:
        """A number as it is shown; what is masked is said to be."""
        return MASKED if self.is_masked(i, j) else f"{self.values[i, j]:.6g}"

    def exact(self, i: int, j: int) -> str:
        """A number with all its digits: it is read as the same float32."""
        return str(self.values[i, j])

    def name(self, axis: int, number: int) -> str:
        """Of a row (axis 0) or column: its index, and the token that it stands for."""
        return place_name(self.composition, self.composition.axes[self.path][axis], number)

    def colors(self, i: int, first: int) -> NDArray[np.float64]:
        """The colours of BLOCK numbers of a row from a column on, (BLOCK or fewer, 3)."""
        look, scale = self.composition.looks[of_matrix(self.path)]
        return colors_of(self.values[i, first : first + BLOCK], look, scale)


class NumberModel(QAbstractTableModel):
    """Shows `Numbers`, or none."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: Numbers | None = None
        self._ground: Color = (0.0, 0.0, 0.0)
        self._behind = lru_cache(4096)(self._blended)

    def show_numbers(self, numbers: Numbers | None, ground: QColor) -> None:
        """Show another matrix, its colours over a ground."""
        self.beginResetModel()
        self.numbers = numbers
        self.stand_on(ground)
        self.endResetModel()

    def stand_on(self, ground: QColor) -> None:
        """Mix the colours with another ground."""
        self._ground = (ground.redF(), ground.greenF(), ground.blueF())
        self._behind.cache_clear()

    def rowCount(self, parent: Index | None = None) -> int:
        """Of the matrix."""
        nothing = self.numbers is None or (parent is not None and parent.isValid())
        return 0 if nothing or self.numbers is None else self.numbers.values.shape[0]

    def columnCount(self, parent: Index | None = None) -> int:
        """Of the matrix."""
        nothing = self.numbers is None or (parent is not None and parent.isValid())
        return 0 if nothing or self.numbers is None else self.numbers.values.shape[1]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Indices, with tokens where the axis has them."""
        if role != Role.DisplayRole or self.numbers is None:
            return None
        return self.numbers.name(0 if orientation == Qt.Orientation.Vertical else 1, section)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """A number, in the colour that it has in the picture."""
        if self.numbers is None or not index.isValid():
            return None
        i, j = index.row(), index.column()
        found: Any = None
        match role:
            case Role.DisplayRole:
                found = self.numbers.text(i, j)
            case Role.ToolTipRole:
                found = f"[{self.numbers.name(0, i)}, {self.numbers.name(1, j)}]\n{self.numbers.exact(i, j)}"
            case Role.TextAlignmentRole:
                found = RIGHT
            case Role.ForegroundRole if self.numbers.is_masked(i, j):
                found = QGuiApplication.palette().color(theme.TONES["quiet"])
            case Role.BackgroundRole:
                found = QColor.fromRgbF(*self._behind(i, j // BLOCK)[j % BLOCK])
            case _:
                pass
        return found

    def _blended(self, i: int, block: int) -> list[Color]:
        assert self.numbers is not None  # noqa: S101  (there are cells)
        mixed = TINT * self.numbers.colors(i, block * BLOCK) + (1 - TINT) * np.array(self._ground)
        return [(float(red), float(green), float(blue)) for red, green, blue in mixed]
