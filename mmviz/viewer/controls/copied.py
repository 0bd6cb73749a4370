"""A menu of one entry, by the right button, that copies what a small widget shows; chooses no text itself."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QWidget


def copy_by(widget: QWidget, name: str, text: Callable[[], str]) -> None:
    """Let a click with the right button offer to copy what a widget shows.

    Args:
        widget: Gets the menu.
        name: Of its entry.
        text: What is copied then.
    """
    action = QAction(name, widget)
    action.triggered.connect(lambda _checked=False: QGuiApplication.clipboard().setText(text()))
    widget.addAction(action)
    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
