"""A part of a panel under a heading that folds it away; whether it is folded is remembered. Knows no scene."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mmviz.viewer import settings


class Section(QWidget):
    """A heading, and below it what is folded away by a click on it.

    Args:
        title: The heading, by which the fold is remembered.
        tip: What the part is about.
        folded: Whether it is folded away at first.
    """

    folded_changed = Signal(bool)

    def __init__(self, title: str, tip: str = "", *, folded: bool = False) -> None:
        super().__init__()
        self._title = title
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setToolTip(tip)
        font = self.head.font()
        font.setBold(True)
        self.head.setFont(font)
        self.head.setAutoRaise(True)
        self.head.setCheckable(True)
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
        self.fold(settings.folded(title, folded))
        self.head.toggled.connect(self._remember)

    @property
    def folded(self) -> bool:
        """Whether only the heading is seen."""
        return not self.head.isChecked()

    def fold(self, folded: bool) -> None:
        """Fold it away, or show it."""
        self.head.setChecked(not folded)
        self._show()

    def _remember(self, shown: bool) -> None:
        self._show()
        settings.keep_folded(self._title, not shown)
        self.folded_changed.emit(not shown)

    def _show(self) -> None:
        self.head.setArrowType(Qt.ArrowType.RightArrow if self.folded else Qt.ArrowType.DownArrow)
        self._body.setVisible(not self.folded)
