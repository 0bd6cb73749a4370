"""A part of a panel under a heading that folds it away; whether it is folded is remembered. Knows no scene."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mmviz.viewer import settings
from mmviz.viewer.controls.plain_label import bold_font


class Section(QWidget):
    """A heading, and below it what is folded away by a click on it.

    Args:
        title: The heading, by which the fold is remembered.
        tip: What the part is about.
        folded: Whether it is folded away at first.
    """

    def __init__(self, title: str, tip: str = "", *, folded: bool = False) -> None:
        super().__init__()
        self._title = title
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setToolTip(tip)
        self.head.setFont(bold_font(self.head))
        self.head.setAutoRaise(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._body = QWidget()
        self.rows = QVBoxLayout(self._body)
        self.rows.setContentsMargins(0, 0, 0, 6)
        self.rows.setSpacing(5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.head)
        column.addWidget(self._body)
        self.folded = settings.folded(title, folded)
        self._show()
        self.head.clicked.connect(lambda: self.fold(not self.folded))

    def fold(self, folded: bool) -> None:
        """Leave only the heading, or show all of it; it stays so in the next window."""
        if folded != self.folded:
            self.folded = folded
            settings.keep_folded(self._title, folded)
            self._show()

    def _show(self) -> None:
        self.head.setArrowType(Qt.ArrowType.RightArrow if self.folded else Qt.ArrowType.DownArrow)
        self._body.setVisible(not self.folded)
