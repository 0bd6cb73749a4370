"""Which matrix of the scene is selected: one for the whole window, whoever asks; knows no widget and draws nothing."""

from collections.abc import Container

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """The path of one matrix, or nothing."""

    changed = Signal(object)
    """The new path, or None; only where it is another one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: str | None = None

    @property
    def path(self) -> str | None:
        """Of the selected matrix; "" is the root, None is nothing."""
        return self._path

    def select(self, path: str | None) -> None:
        """Select a matrix, or nothing."""
        if path != self._path:
            self._path = path
            self.changed.emit(path)

    def keep(self, paths: Container[str]) -> None:
        """Select nothing if the matrix is not among these any more."""
        if self._path is not None and self._path not in paths:
            self.select(None)
