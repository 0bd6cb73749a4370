"""In a window that is too narrow for all docks beside its picture the one stays that was shown last; knows no scene."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

SOON = 20
"""Milliseconds after which layouts have heard of each other."""
BORDER = 8
"""Pixels between a dock and the picture."""


class MakeRoom(QObject):
    """Hides docks of a narrow window, and shows them again when it is wider.

    Args:
        window: Whose docks are all there.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        self._docks = window.findChildren(QDockWidget, options=direct)  # the one that was shown last comes last
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._settle)
        self._hidden: list[QDockWidget] = []  # by us, and nobody has asked for them since
        for dock in self._docks:
            dock.visibilityChanged.connect(lambda shown, dock=dock: self._note(dock, shown=shown))
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look again when the window has another size, or something in it needs another one."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._soon.start()  # when all have heard of it
        return super().eventFilter(watched, event)

    def _note(self, dock: QDockWidget, *, shown: bool) -> None:
        if shown:
            self._docks.sort(key=lambda other: other is dock)
            self._hidden = [other for other in self._hidden if other is not dock]

    def _settle(self) -> None:
        for dock in [*self._docks]:
            if dock.isVisible() and self._lacks() > 0:
                self._hidden.append(dock)
                dock.hide()
        for dock in [*self._hidden]:
            if self._lacks() + dock.minimumSizeHint().width() + BORDER <= 0:
                self._hidden.remove(dock)  # Qt does not always tell that it is seen again
                dock.show()

    def _lacks(self) -> int:
        """How many pixels the window is too narrow; below 0 it has so many more than it needs."""
        beside = [dock for dock in self._docks if dock.isVisible() and not dock.isFloating()]
        needed = sum(dock.minimumSizeHint().width() + BORDER for dock in beside)
        picture = self._window.centralWidget()
        return (0 if picture is None else picture.minimumSizeHint().width()) + needed - self._window.width()
