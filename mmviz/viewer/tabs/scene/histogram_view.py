"""A small histogram of a matrix, in the colours that its numbers have in the picture; counts nothing itself."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mmviz.picture.look.histogram import Histogram
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.copied import copy_by

BINS = 48
HEIGHT = 52
LEAST = 1.0
"""Pixels of a bar of a bin that is not empty."""
LIGHTENED = 0.3
"""Share of the text's colour in a bar: the colours of small numbers are nearly those of the ground."""
Colors = Callable[[NDArray[np.float32]], NDArray[np.float64]]


class HistogramView(QWidget):
    """Bars whose heights grow with the square root of how many elements fall into each bin."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: Histogram | None = None
        self._colors: NDArray[np.float64] = np.zeros((0, 3))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        copy_by(self, "Copy these counts", self.as_text)
        self.hide()

    def show_histogram(self, found: Histogram | None, colors: Colors) -> None:
        """Show counts, or nothing.

        Args:
            found: The counts.
            colors: The colour of each number in the picture, RGB 0..1.
        """
        self.shown = found
        if found is not None:
            middles = (found.edges[1:] + found.edges[:-1]) / 2
            self._colors = colors(middles.astype(np.float32))
        self.setVisible(found is not None)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120, HEIGHT)

    def heights(self) -> list[float]:
        """Of the bars, in pixels."""
        if self.shown is None:
            return []
        shares = np.sqrt(self.shown.counts / max(int(self.shown.counts.max()), 1))
        tall = shares * (self.height() - 2)
        return [float(x) for x in np.where(self.shown.counts > 0, np.maximum(tall, LEAST), 0.0)]

    def as_text(self) -> str:
        """A line for each bar: from, to, how many; as spreadsheets take it."""
        if self.shown is None:
            return ""
        edges = [repr(float(edge)) for edge in self.shown.edges]
        lines = zip(edges, edges[1:], map(str, self.shown.counts.tolist()), strict=False)
        return "\n".join(["from\tto\telements", *("\t".join(line) for line in lines)])

    def told(self, x: float) -> str:
        """What a bar counts, in words.

        Args:
            x: In pixels from the left.
        """
        if self.shown is None:
            return ""
        number = min(max(int(x * len(self.shown.counts) / max(self.width(), 1)), 0), len(self.shown.counts) - 1)
        low, high = self.shown.edges[number : number + 2]
        count = int(self.shown.counts[number])
        return f"{low:.4g} to {high:.4g}: {count:,} element{'s' if count != 1 else ''}"

    def event(self, event: QEvent) -> bool:
        """Tell at the pointer what a bar counts."""
        if isinstance(event, QHelpEvent) and self.shown is not None:
            QToolTip.showText(event.globalPos(), f"{self.told(event.x())}\n(heights: square root of the count)", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Bars on a line, and a mark where 0 is."""
        if self.shown is None:
            return
        painter, colors = QPainter(self), theme.of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        text, base, wide = QColor(colors.text), self.height() - 1, self.width() / len(self.shown.counts)
        ink = np.array([text.redF(), text.greenF(), text.blueF()])
        for number, height in enumerate(self.heights()):
            red, green, blue = (1 - LIGHTENED) * self._colors[number] + LIGHTENED * ink
            painter.setBrush(QColor.fromRgbF(float(red), float(green), float(blue)))
            painter.drawRect(QRectF(number * wide, base - height, max(wide - 1, 1), height))
        painter.fillRect(QRectF(0, base, self.width(), 1), QColor(colors.line))
        low, high = float(self.shown.edges[0]), float(self.shown.edges[-1])
        if low < 0 < high:
            painter.fillRect(QRectF(-low / (high - low) * self.width(), 0, 1, self.height()), QColor(colors.quiet))
        painter.end()
