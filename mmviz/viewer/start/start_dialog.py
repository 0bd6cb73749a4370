"""The start page beside a window that is open; what is chosen in it is handed on."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from mmviz.viewer.session.models_here import ModelsHere
from mmviz.viewer.start.preparing import Preparing
from mmviz.viewer.start.start_page import StartPage

SHARE = 0.92
"""Of the window's width and height that it takes."""


class StartDialog(QDialog):
    """Esc closes it, and so does what is chosen.

    Args:
        parent: The main window.
        models: Lists the models of this machine.
    """

    chosen = Signal(str)
    """A path, a name, a link or a whole scene."""
    dropped = Signal(list)
    """Several files, at once."""

    def __init__(self, parent: QWidget, models: ModelsHere) -> None:
        super().__init__(parent)
        self.setWindowTitle("Start page - mmviz")
        self.setAttribute(Qt.WidgetAttribute.WA_WindowPropagation)  # the theme of the main window
        self.page = StartPage()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.resize(parent.size() * SHARE)
        self._preparing = Preparing(models, lambda: None, self)
        self._preparing.listed.connect(self.page.show_models)
        self._preparing.start()
        self.page.chosen.connect(self._choose)
        self.page.dropped.connect(self._take)

    def present(self) -> None:
        """Show it, in front, with the files that were opened last."""
        self.page.complain("")
        self.page.refresh()
        self.show()
        self.raise_()
        self.activateWindow()
        self.page.show_examples()

    def _take(self, places: list[Path]) -> None:
        self.close()
        self.dropped.emit(places)

    def _choose(self, text: str) -> None:
        self.close()
        self.chosen.emit(text)
