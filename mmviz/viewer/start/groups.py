"""Entries in columns that go with the width, one stop of the Tab key; the arrow keys go from entry to entry."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mmviz.viewer.start.entries import Entry

Key = Qt.Key


class Group(QWidget):
    """Entries of one kind.

    Args:
        least: Width of a column, at least, in pixels; there is always one.
        gap: Between two entries.
        least_of_two: Width of a column, at least, where there are two.
    """

    chosen = Signal(object)
    """What an entry stands for."""
    reached = Signal(object)
    """An entry has the keyboard and is to be seen."""

    def __init__(self, least: int, gap: int, least_of_two: int | None = None) -> None:
        super().__init__()
        self._least, self._gap, self._least_of_two = least, gap, least_of_two or least
        self.entries: list[Entry] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    def show_entries(self, entries: Sequence[tuple[Entry, object]]) -> None:
        """Show these, with what each stands for, instead of those before."""
        for entry in self.entries:
            entry.deleteLater()
        self.entries = [entry for entry, _ in entries]
        for entry, meant in entries:
            entry.setParent(self)
            entry.clicked.connect(lambda _checked=False, meant=meant: self.chosen.emit(meant))
            entry.installEventFilter(self)
            entry.show()
        possible = self._possible()
        if possible:
            possible[0].setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._arrange()

    @property
    def columns(self) -> int:
        """How many there is room for."""
        for_two = 2 * self._least_of_two + self._gap
        return max(1 + (self.width() >= for_two), (self.width() + self._gap) // (self._least + self._gap))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns."""
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell which entry has got the keyboard."""
        if event.type() == QEvent.Type.FocusIn:
            self.reached.emit(watched)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the entry beside, above or below; at the end of a column, to what comes after the group."""
        steps = {Key.Key_Left: -1, Key.Key_Right: 1, Key.Key_Up: -self.columns, Key.Key_Down: self.columns}
        focus = self.focusWidget()
        if event.key() not in steps or focus not in self.entries:
            event.ignore()
            return
        step = steps[Key(event.key())]
        place = self.entries.index(focus) + step
        while 0 <= place < len(self.entries) and not self.entries[place].isEnabled():
            place += step
        if 0 <= place < len(self.entries):
            self.entries[place].setFocus(Qt.FocusReason.TabFocusReason)
        elif abs(step) > 1 or self.columns == 1:
            self.focusNextPrevChild(step > 0)

    def _possible(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.isEnabled()]

    def _arrange(self) -> None:
        columns, gap = self.columns, self._gap
        width = (self.width() - (columns - 1) * gap) // columns
        top = 0
        for begin in range(0, len(self.entries), columns):
            row = self.entries[begin : begin + columns]
            high = max(
                entry.heightForWidth(width) if entry.hasHeightForWidth() else entry.sizeHint().height() for entry in row
            )
            for number, entry in enumerate(row):
                entry.setGeometry(number * (width + gap), top, width, high)
            top += high + gap
        self.setFixedHeight(max(0, top - gap))
