"""Keeps keys from commands that were meant for a dialog or a field that has just closed; does nothing else.

Who types on while a dialog closes does not mean the window: for a moment, keys that are pressed without Ctrl or Alt do
nothing in it.
"""

import re
from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeySequence, QShortcutEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

MEANT_ELSEWHERE = 0.3
"""Seconds after a dialog, a list or a field has lost the keyboard to the window in which bare keys do nothing."""
WITH_OTHERS = re.compile(r"(Ctrl|Alt|Meta)\+|\bF\d+$")
"""Keys that nobody types in a field, in Qt's words."""
FIELDS = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)


class StrayKeys(QObject):
    """Watches where the keyboard goes, and the actions that keys give.

    Args:
        window: Whose actions they are; it has its menus.
        clock: Gives the time, in seconds.
    """

    def __init__(self, window: QMainWindow, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(window)
        self.clock = clock
        self._window = window
        self._closed = -MEANT_ELSEWHERE  # when something lost the keyboard to the window
        self._typed_before = False  # what had the keyboard last was no part of the window's picture and bars
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self.follow)
        for action in window.actions():
            action.installEventFilter(self)  # what is clicked in a menu reaches it at any time
        for menu in window.menuBar().findChildren(QMenu):
            menu.aboutToHide.connect(self.begin)

    def begin(self) -> None:
        """Something in which one types has just closed."""
        self._closed = self.clock()

    def follow(self, old: QWidget | None, now: QWidget | None) -> None:
        """The keyboard went from one widget to another; None is outside, or nowhere yet."""
        if old is not None:
            self._typed_before = self._typed_in(old)
        if now is None:
            return
        if self._typed_before and not self._typed_in(now):
            self.begin()
        self._typed_before = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow a bare key that comes too early."""
        if event.type() == QEvent.Type.Shortcut and isinstance(event, QShortcutEvent) and is_bare(event.key()):
            return self.clock() - self._closed < MEANT_ELSEWHERE
        return super().eventFilter(watched, event)

    def _typed_in(self, widget: QWidget) -> bool:
        editable = isinstance(widget, QComboBox) and widget.isEditable()
        return editable or isinstance(widget, FIELDS) or widget.window() is not self._window


def is_bare(keys: QKeySequence) -> bool:
    """Whether a command is given by one key that also types or moves: a letter, Enter, Esc, an arrow."""
    return not WITH_OTHERS.search(keys.toString(QKeySequence.SequenceFormat.PortableText))
