"""A text in one line that ends in … where there is no room for it; it never makes anything wider or higher."""

from textwrap import fill

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from mmviz.viewer.controls import theme

TIP_LETTERS = 90
"""In a line of a tool tip."""


class Elided(QLabel):
    """Shows as much of a text as there is room for, and all of it in its tool tip.

    Args:
        widest: What it asks for at most, in pixels; None: all of the text.
    """

    clicked = Signal()

    def __init__(self, widest: int | None = None) -> None:
        super().__init__()
        self._widest = widest
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def say(self, text: str, tone: theme.Tone = "text", tip: str | None = None) -> None:
        """Show a text.

        Args:
            text: In one line.
            tone: In which it is said.
            tip: What the tool tip says; the text by default.
        """
        theme.tint(self, tone)
        if text != self.text():
            self.setText(text)
        told = text if tip is None else tip
        self.setToolTip("\n".join(fill(line, TIP_LETTERS) for line in told.split("\n")))

    @property
    def seen(self) -> str:
        """What of the text there is room for."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def sizeHint(self) -> QSize:
        """All of it, within bounds."""
        wanted = self.fontMetrics().horizontalAdvance(self.text()) + 2
        return QSize(wanted if self._widest is None else min(wanted, self._widest), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """A line, of no width."""
        return QSize(0, self.fontMetrics().height())

    def bound(self, widest: int) -> None:
        """Ask for no more than some pixels."""
        if widest != self._widest:
            self._widest = widest
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Write what there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.seen)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
        super().mouseReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take it, or there is no release."""
        event.accept()


class Link(Elided):
    """A word that does something when it is clicked."""

    def __init__(self, text: str = "", tone: theme.Tone = "accent", tip: str = "") -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.say(text, tone, tip)
