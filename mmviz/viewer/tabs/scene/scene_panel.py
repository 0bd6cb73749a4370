"""The tab "Matrices": the expression, the tree of its matrices and the form of the selected one."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QToolButton, QVBoxLayout, QWidget

from mmviz.viewer.controls.plain_label import label
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.undo import Desk
from mmviz.viewer.tabs.scene.expression_line import ExpressionLine
from mmviz.viewer.tabs.scene.node_form import NodeForm
from mmviz.viewer.tabs.scene.tree_view import NodeTree

MARGIN = 12
LOWEST = 44
"""Pixels of the tree and the form, in a low window."""
SHARES = (2000, 3000)
"""Of the tree and the form in the height that is left."""


class ScenePanel(QWidget):
    """Shows and changes what is multiplied in the scene on a desk.

    Args:
        desk: Holds the scene.
        selection: The selected matrix of the window.
    """

    def __init__(self, desk: Desk, selection: Selection) -> None:
        super().__init__()
        self._desk = desk
        self.line = ExpressionLine(self._submit)
        self.doubts = label("", "quiet", wraps=True)
        self.doubts.hide()
        self.tree = NodeTree(selection)
        self.form = NodeForm(desk, selection)
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(MARGIN, 8, MARGIN, MARGIN)
        inner.addWidget(self.form)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self._tree_with_head())
        parts.addWidget(scroll)
        parts.setSizes(SHARES)
        for part in (self.tree, scroll):
            part.setMinimumHeight(LOWEST)
        parts.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        head = QVBoxLayout()
        head.setContentsMargins(MARGIN, 0, MARGIN, 0)
        head.addWidget(self.line)
        head.addWidget(self.doubts)
        column.addLayout(head)
        column.addWidget(parts, 1)
        desk.shown.connect(lambda _scene: self.follow())
        self.follow()

    def follow(self) -> None:
        """Show the scene."""
        scene = self._desk.scene
        self.line.follow(scene.document.text())
        self.tree.show_tree(scene.root, scene.shapes.of, scene.document)
        self.doubts.setText("\n".join(f"{doubt[:1].upper()}{doubt[1:]}." for doubt in scene.doubts()))
        self.doubts.setVisible(bool(self.doubts.text()))

    def _tree_with_head(self) -> QWidget:
        """The tree, and above it what folds and unfolds all of it."""
        part, line = QWidget(), QHBoxLayout()
        line.setContentsMargins(MARGIN, 4, MARGIN, 2)
        line.setSpacing(2)
        line.addWidget(label("Matrices", bold=True), 1)
        for tip, arrow, do in (
            ("Unfold all", Qt.ArrowType.DownArrow, self.tree.expandAll),
            ("Fold all", Qt.ArrowType.RightArrow, self.tree.fold_all),
        ):
            button = QToolButton()
            button.setArrowType(arrow)
            button.setAutoRaise(True)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(do)
            line.addWidget(button)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.tree, 1)
        return part

    def _submit(self, text: str, failed: Callable[[str], None]) -> None:
        self._desk.propose("expression", lambda scene: scene.edited(text), failed=failed)
