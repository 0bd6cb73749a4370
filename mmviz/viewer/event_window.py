"""All that the window has told, in a small window of its own above the status line; keeps nothing itself."""

from html import escape

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QTextEdit, QVBoxLayout

from mmviz.viewer.controls import theme
from mmviz.viewer.events import Event, Events, Kind
from mmviz.viewer.host import Host

SIZE = 620, 300
MARGIN = 12
"""To the window's border, in pixels."""
NOTHING = "Nothing has been told yet."


class EventWindow(QDialog):
    """Follows the events of a window; whoever sees it has seen them.

    Args:
        window: Whose events they are.
    """

    def __init__(self, window: Host) -> None:
        super().__init__(window)
        self._window = window
        self._events: Events = window.events
        self.setWindowTitle("Messages - mmviz")
        self.list = QTextEdit()
        self.list.setReadOnly(True)
        self.list.setAccessibleName("messages")
        self.copy, self.clear = QPushButton("Copy all"), QPushButton("Clear")
        hint = QLabel("Esc: close")
        theme.tint(hint, "quiet")
        for button in (self.copy, self.clear):
            button.setAutoDefault(False)  # Enter that was typed on clears nothing
        row = QHBoxLayout()
        row.addWidget(hint, 1)
        row.addWidget(self.copy)
        row.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._events.text))
        self.clear.clicked.connect(self._events.clear)
        self._events.changed.connect(self._follow)

    def present(self) -> None:
        """Show it, in front, above the window's status line."""
        if not self.isVisible():
            window = self._window
            self.resize(min(SIZE[0], window.width() - 2 * MARGIN), min(SIZE[1], window.height() // 2))
            line = window.status.mapToGlobal(QPoint(window.status.width(), 0))
            self.move(line - QPoint(self.width() + MARGIN, self.height() + 3 * MARGIN))
        self.show()
        self.raise_()
        self.activateWindow()
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._follow()

    def _follow(self) -> None:
        if not self.isVisible():
            return
        kept = self._events.kept
        rows = "".join(_row(event, theme.of(self)) for event in kept)
        self.list.setHtml(f"<table cellspacing=0 cellpadding=3>{rows}</table>" if kept else escape(NOTHING))
        self.list.moveCursor(QTextCursor.MoveOperation.End)
        self.copy.setEnabled(bool(kept))
        self.clear.setEnabled(bool(kept))
        self._events.see()


def _row(event: Event, of: theme.Theme) -> str:
    color = of.trouble if event.kind is Kind.TROUBLE else of.text
    again = f"  (× {event.times})" if event.times > 1 else ""
    text = escape(event.text + again).replace("\n", "<br>")
    return (
        f"<tr><td style='color: {of.quiet}'>{event.when:%H:%M:%S}&nbsp;</td><td style='color: {color}'>{text}</td></tr>"
    )
