"""One cell that is pinned: explained in the panel, lit in the picture, with a way back; draws nothing itself."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from mmviz.picture.cell.explanation import Cell, Explanation, Products, explain, holds, lit
from mmviz.picture.cell.picking import Picked, shown_of
from mmviz.picture.look.bars import bar_of
from mmviz.viewer.canvas.view import View
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.session.undo import Desk
from mmviz.viewer.tabs.explain.explain_panel import ExplainPanel


class Pinning(QObject):
    """Pins what is clicked, and lets go of it.

    Args:
        desk: Where the scene is from.
        view: The picture.
    """

    clicked = Signal()
    """A cell of the picture was pinned."""
    moved = Signal(str)
    """The path of the matrix whose cell is pinned now, by whatever way."""

    def __init__(self, desk: Desk, view: View) -> None:
        super().__init__(view)
        self.panel = ExplainPanel()
        self._desk, self._view = desk, view
        self._ways: list[Cell] = []  # that were gone, in order
        self._at = -1  # where in them one is
        view.clicked.connect(self.pin)
        view.pointed.connect(self._mark)
        desk.opened.connect(lambda _scene: self.let_go())
        desk.shown.connect(self._follow)
        self.panel.wanted.connect(self.go)
        self.panel.back.connect(lambda: self._walk(-1))
        self.panel.forward.connect(lambda: self._walk(1))
        self._show()

    @property
    def cell(self) -> Cell | None:
        """What is pinned."""
        return self._ways[self._at] if self._ways else None

    def bindings(self) -> dict[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {"stop": self.stop}

    def stop(self) -> None:
        """Wait for nothing any more, and let go of the cell."""
        self._desk.background.forget()
        self.let_go()

    def pin(self, picked: Picked | None) -> None:
        """Pin what was clicked; of a product in flight the element that it is summed up to. None lets go."""
        if picked is None:
            self.let_go()
            return
        rows, columns = self._desk.scene.composition.values[picked.path].shape
        cell = Cell(picked.path, min(picked.i, rows - 1), min(picked.j, columns - 1))
        self._note(cell)
        self._show(picked.k)
        self.clicked.emit()

    def go(self, cell: Cell) -> None:
        """Explain a cell that another one is made of."""
        self._note(cell)
        self._show()

    def let_go(self) -> None:
        """Pin nothing, and forget the way."""
        if self._ways:
            self._ways, self._at = [], -1
            self._show()

    def _mark(self, picked: Picked | None) -> None:
        """Mark what is pointed at on the colour bar, where it is of the same matrix."""
        self.panel.point(None if self.cell is None else shown_of(picked, self.cell.path))

    def _note(self, cell: Cell) -> None:
        if cell != self.cell:
            self._ways = [*self._ways[: self._at + 1], cell]
            self._at = len(self._ways) - 1

    def _walk(self, steps: int) -> None:
        at = self._at + steps
        if 0 <= at < len(self._ways):
            self._at = at
            self._show()

    def _follow(self, scene: Shown) -> None:
        """Explain the same cell of a changed scene; let go of what is not there any more."""
        pinned, composition = self.cell, scene.composition
        if pinned is None:
            return
        if not holds(composition, pinned):
            self.let_go()
            return
        earlier = [cell for cell in self._ways[: self._at] if holds(composition, cell)]
        later = [cell for cell in self._ways[self._at + 1 :] if holds(composition, cell)]
        self._ways, self._at = [*earlier, pinned, *later], len(earlier)
        self._show()

    def _show(self, k: int | None = None) -> None:
        """Explain and light what is pinned.

        Args:
            k: Of the product that is selected; the largest by default.
        """
        scene, cell = self._desk.scene, self.cell
        explanation: Explanation | None = None
        row = 0
        if cell is not None:
            explanation = explain(scene.composition, cell.path, cell.i, cell.j)
            if k is not None and isinstance(explanation.origin, Products):
                row = explanation.origin.row(k)
        self.panel.show_explanation(explanation, row, None if cell is None else bar_of(scene.composition, cell.path))
        self.panel.allow(self._at > 0, self._at + 1 < len(self._ways))
        cells = {} if explanation is None else lit(explanation, scene.composition)
        self._view.emphasize(replace(self._view.emphasis, lit=cells))
        if cell is not None:
            self.moved.emit(cell.path)
