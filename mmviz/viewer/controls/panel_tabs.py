"""Tabs beside a picture, which are narrower where their window is narrow; know no scene."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTabWidget, QWidget

BROAD = 2.2
"""Times as wide as the tabs a window must be, so that they are not made narrower."""


class PanelTabs(QTabWidget):
    """Tabs that give way to the picture.

    Args:
        window: In which they stand.
        wide: Pixels that they need, at least.
        narrow: Pixels that they get along with in a narrow window.
    """

    def __init__(self, window: QWidget, wide: int, narrow: int) -> None:
        super().__init__()
        self._wide, self._narrow = wide, narrow
        self.setMinimumWidth(wide)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window before it is laid out."""
        if event.type() == QEvent.Type.Resize and isinstance(event, QResizeEvent):
            least = self._wide if event.size().width() >= BROAD * self._wide else self._narrow
            if least != self.minimumWidth():
                self.setMinimumWidth(least)
        return super().eventFilter(watched, event)
