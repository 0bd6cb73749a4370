"""Which matrices are left out of the picture: one alone, all but some, and everything again; moves no camera."""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from mmviz.picture.composition import Composition
from mmviz.scene.language.tree import walk
from mmviz.viewer.canvas.view import View


class Hiding(QObject):
    """Leaves matrices out of what a view shows, each with what it is made of."""

    changed = Signal()
    """Other matrices are left out than before."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._view = view

    @property
    def hidden(self) -> frozenset[str]:
        """The paths of what is left out."""
        return self._view.emphasis.hidden

    def isolate(self, path: str) -> None:
        """Show a matrix and what it is made of alone."""
        self.set(self._all() - below(self._view.composition, path))

    def hide(self, path: str) -> None:
        """Leave out a matrix and what it is made of, too."""
        self.set(self.hidden | below(self._view.composition, path))

    def show_all(self) -> None:
        """Leave nothing out."""
        self.set(())

    def keep(self, paths: Iterable[str]) -> None:
        """Forget what is not among these paths of a scene; and all of it where nothing would be left to be seen."""
        there = frozenset(paths)
        self.set(() if there <= self.hidden else self.hidden & there)

    def set(self, paths: Iterable[str]) -> None:
        """Leave out the matrices at just these paths."""
        hidden = frozenset(paths)
        if hidden != self.hidden:
            self._view.emphasize(replace(self._view.emphasis, hidden=hidden))
            self.changed.emit()

    def _all(self) -> frozenset[str]:
        return frozenset(self._view.composition.layout)


def below(composition: Composition, path: str) -> frozenset[str]:
    """A path and those of all that the matrix there is made of."""
    within = f"{path}." if path else ""
    return frozenset(n.path for n in walk(composition.root) if n.path == path or n.path.startswith(within))
