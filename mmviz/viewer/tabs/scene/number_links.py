"""Keeps the window of numbers, the selected matrix and the pinned cell together; computes nothing."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject

from mmviz.picture.cell.explanation import Cell
from mmviz.scene.language.tree import find
from mmviz.viewer import settings
from mmviz.viewer.host import Host
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.tabs.explain.pinning import Pinning
from mmviz.viewer.tabs.scene.node_settings import NO_MATRIX
from mmviz.viewer.tabs.scene.number_model import Numbers
from mmviz.viewer.tabs.scene.number_window import NumberWindow
from mmviz.viewer.wording import sized


class NumberLinks(QObject):
    """Opens the window, shows in it what is selected, and pins the cell that one goes to.

    Args:
        window: Whose scene it is about.
        selection: The selected matrix.
        pinning: The pinned cell.
    """

    def __init__(self, window: Host, selection: Selection, pinning: Pinning) -> None:
        super().__init__(window)
        self._window, self._selection, self._pinning = window, selection, pinning
        self._path: str | None = None  # of the matrix that is shown
        self._going = False  # the window itself has moved the pinned cell
        self.window: NumberWindow | None = None
        selection.changed.connect(lambda _path: self._follow())
        window.desk.shown.connect(lambda _scene: self._follow())
        pinning.moved.connect(lambda _path: self._go())

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {"table": self.show}

    def show(self) -> None:
        """Show the numbers of the selected matrix."""
        if self._selection.path is None:
            self._window.tell(NO_MATRIX)
            return
        if self.window is None:
            self.window = NumberWindow(self._window)
            self.window.folder = self._folder
            self.window.pointed.connect(self._point)
        self.window.present()
        self._follow()

    def _follow(self) -> None:
        """Show the selected matrix, as the scene has it now."""
        window, path = self.window, self._selection.path
        if window is None or window.isHidden():
            return
        scene = self._window.desk.scene
        node = None if path is None else find(scene.root, path)
        if path is None or node is None:
            self._path = None
            window.show_numbers(None, "")
            return
        shown = Numbers(scene.composition, path)
        before = window.model.numbers
        if before is not None and before.path == path and before.values is shown.values:
            return
        self._path = path
        window.name = re.sub(r"[^\w-]+", "_", node.name).strip("_")
        window.show_numbers(shown, f"{node.name}   {sized(shown.values.shape)}")
        self._go()

    def _go(self) -> None:
        """Go to the pinned cell, where it is of this matrix."""
        cell = self._pinning.cell
        if self._going or self.window is None or self.window.isHidden() or cell is None or cell.path != self._path:
            return
        self.window.go(cell.i, cell.j)

    def _point(self, i: int, j: int) -> None:
        if self._path is None:
            return
        self._going = True
        try:
            self._pinning.go(Cell(self._path, i, j))
        finally:
            self._going = False

    def _folder(self) -> Path:
        file = self._window.desk.file
        return settings.last_folder("save") or (Path.cwd() if file is None else file.parent)
