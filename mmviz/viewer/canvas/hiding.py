"""Which matrices are left out of the picture: one alone, all but some, and everything again; moves no camera.

What is left out stands in the scene itself, under `view`: so it is undone and saved as everything else is.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from mmviz.picture.composition import Composition
from mmviz.scene.changes.hidden import below, hidden_in, hiding
from mmviz.scene.language.tree import Tree, find, walk
from mmviz.viewer.canvas.view import View
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.session.undo import Desk

Paths = frozenset[str]


class Hiding(QObject):
    """Leaves matrices out of what a view shows, each with what it is made of; every change can be undone.

    Args:
        view: The picture.
        desk: Where the scene is from, and what undoes.
    """

    changed = Signal()
    """Other matrices are left out than before."""

    def __init__(self, view: View, desk: Desk) -> None:
        super().__init__(view)
        self._view, self._desk = view, desk
        self._composition: Composition | None = None
        desk.shown.connect(self.take)
        self.take(desk.scene)

    @property
    def hidden(self) -> Paths:
        """The paths of what is left out."""
        return self._view.emphasis.hidden

    def isolate(self, path: str) -> None:
        """Show a matrix and what it is made of alone."""
        self._alter(f"Show {self._name(path)} alone", lambda root, _: everything(root) - below(root, path))

    def hide(self, path: str) -> None:
        """Leave out a matrix and what it is made of, too."""
        self._alter(f"Hide {self._name(path)}", lambda root, hidden: hidden | below(root, path))

    def show(self, path: str) -> None:
        """Show a matrix and what it is made of again."""
        self._alter(f"Show {self._name(path)}", lambda root, hidden: hidden - below(root, path))

    def show_itself(self, path: str) -> None:
        """Show a matrix again, and nothing else that is left out."""
        self._alter(f"Show {self._name(path)}", lambda _, hidden: hidden - {path})

    def show_all(self) -> None:
        """Leave nothing out."""
        self._alter("Show everything", lambda _root, _hidden: frozenset())

    def set(self, paths: Iterable[str], text: str = "Hide") -> None:
        """Leave out the matrices at just these paths; `text` says what it is in the undo menu."""
        hidden = frozenset(paths)
        self._alter(text, lambda root, _: hidden & everything(root))

    def take(self, scene: Shown) -> None:
        """Leave out what a scene says, unless nothing of another picture would be left to be seen."""
        hidden = hidden_in(scene.root, scene.document.view.hidden)
        if scene.composition is not self._composition:
            self._composition = scene.composition
            hidden = frozenset() if hidden == everything(scene.root) else hidden
        if hidden != self.hidden:
            self._view.emphasize(replace(self._view.emphasis, hidden=hidden))
            self.changed.emit()

    def _alter(self, text: str, choose: Callable[[Tree, Paths], Paths]) -> None:
        """Leave out what is chosen of a tree and of what is left out of it."""

        def edit(scene: Shown) -> Shown:
            root = scene.root
            before = hidden_in(root, scene.document.view.hidden)
            if before == everything(root) and not self.hidden:  # see take
                before = frozenset()
            return scene.changed(view=hiding(scene.document, root, choose(root, before)))

        self._desk.alter(text, edit)
        self.take(self._desk.scene)  # where the scene said so already, and it was not taken

    def _name(self, path: str) -> str:
        node = find(self._desk.scene.root, path)
        return path if node is None else node.name


def everything(root: Tree) -> Paths:
    """The paths of all matrices of a tree."""
    return frozenset(node.path for node in walk(root))
