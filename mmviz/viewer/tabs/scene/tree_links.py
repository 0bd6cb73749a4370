"""What the tree of matrices and the picture do to each other: hiding, flying, outlining; draws nothing itself."""

from dataclasses import replace

from PySide6.QtCore import QObject

from mmviz.viewer.canvas.navigation import Navigation
from mmviz.viewer.canvas.view import View
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.tabs.scene.node_form import NodeForm
from mmviz.viewer.tabs.scene.tree_view import NodeTree


class TreeLinks(QObject):
    """Ties a tree to the picture.

    Args:
        tree: Whose eyes and rows are clicked.
        form: Of the selected matrix; it marks the number that is pointed at.
        view: The picture, in which the selected matrix is outlined.
        navigation: Hides and flies.
        selection: The selected matrix of the window.
    """

    def __init__(
        self, tree: NodeTree, form: NodeForm, view: View, navigation: Navigation, selection: Selection
    ) -> None:
        super().__init__(view)
        self._tree, self._view, self._navigation = tree, view, navigation
        tree.eye_clicked.connect(self.switch)
        tree.flown.connect(lambda _path: navigation.fly())
        navigation.hiding.changed.connect(self._grey)
        selection.changed.connect(self._outline)
        view.pointed.connect(form.point)
        self._grey()

    def switch(self, path: str) -> None:
        """Hide a matrix with what it is made of, or show both again."""
        hiding = self._navigation.hiding
        (hiding.show if path in hiding.hidden else hiding.hide)(path)

    def _grey(self) -> None:
        self._tree.show_hidden(self._navigation.hiding.hidden)

    def _outline(self, path: str | None) -> None:
        self._view.emphasize(replace(self._view.emphasis, outlined=path))
