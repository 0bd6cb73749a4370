"""Keys of a field that go to the list below it: up, down, a page, Enter and Esc; all others are text."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

Key = Qt.Key


class FieldKeys(QObject):
    """Tells what the keys of a field mean for its list, and keeps them from the commands of the window.

    Args:
        field: In which one types.
        page: Rows that are seen at once.
    """

    moved = Signal(int)
    """So many rows down, or up where it is negative."""
    taken = Signal()
    """The row that is marked is wanted."""
    left = Signal()
    """Nothing is wanted."""

    def __init__(self, field: QLineEdit, page: int) -> None:
        super().__init__(field)
        self._steps = {Key.Key_Up: -1, Key.Key_Down: 1, Key.Key_PageUp: -page, Key.Key_PageDown: page}
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        """Take what is no text."""
        if not isinstance(event, QKeyEvent):
            return False
        ours = event.key() in (*self._steps, Key.Key_Escape, Key.Key_Return, Key.Key_Enter)
        if ours and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the window's shortcuts get what is left
            return True
        if ours and event.type() == QEvent.Type.KeyPress:
            self._obey(Key(event.key()))
            return True
        return False

    def _obey(self, key: Key) -> None:
        if key == Key.Key_Escape:
            self.left.emit()
        elif key in self._steps:
            self.moved.emit(self._steps[key])
        else:
            self.taken.emit()
