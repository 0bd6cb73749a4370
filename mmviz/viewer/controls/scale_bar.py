"""A colour bar: from one full size of a matrix to the other, its round numbers, and a mark at one number."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from mmviz.picture.look.bars import Bar
from mmviz.picture.look.looks import colors_of
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.copied import copy_by

STRIP = 12
"""Height of the colours, in pixels."""
ABOVE, BELOW = 9, 18
"""For the mark, and for the numbers."""
COPIED = 21
"""Numbers that are copied, from one end to the other."""
SHADES = 256
"""Colours of the strip."""


class ScaleBar(QWidget):
    """Shows the colours of one matrix; nothing, and takes no room, until it is given one."""

    def __init__(self) -> None:
        super().__init__()
        self.bar: Bar | None = None
        self.value: float | None = None
        self._strip = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        copy_by(self, "Copy these colours and their numbers", self.as_text)
        self.hide()

    def show_bar(self, bar: Bar | None, told: str = "") -> None:
        """Show the colours of another matrix, or nothing.

        Args:
            bar: Its look and scale.
            told: What the full size stands for, as a tool tip.
        """
        if bar != self.bar:
            self.bar, self.value = bar, None
            self._strip = QImage() if bar is None else _strip(bar)
        self.setToolTip(told)
        self.setVisible(bar is not None)
        self.update()

    def point(self, value: float | None) -> None:
        """Mark a number, or none; one that is beyond stands at the end."""
        if value is not None and not np.isfinite(value):
            value = None
        if value != self.value:
            self.value = value
            self.update()

    @property
    def place(self) -> float | None:
        """Where the mark stands, 0 at the beginning and 1 at the end; None where there is none."""
        if self.bar is None or self.value is None:
            return None
        return float(np.clip(self.bar.places(np.array([self.value]))[0], 0.0, 1.0))

    def ticks(self) -> dict[str, float]:
        """The numbers that are written, with their places; none covers another."""
        if self.bar is None:
            return {}
        letters, width = QFontMetricsF(self.font()), self._room().width()
        return self.bar.ticks(lambda text: (letters.horizontalAdvance(text) / 2 + 5) / max(width, 1.0))

    def as_text(self) -> str:
        """A line for each of some numbers along the bar: the number and its colour; as spreadsheets take it."""
        if self.bar is None:
            return ""
        numbers = self.bar.numbers(COPIED)
        colors = colors_of(numbers.astype(np.float32)[None], self.bar.look, self.bar.full)[0]  # (COPIED, 3)
        names = (QColor.fromRgbF(*map(float, np.clip(color, 0, 1))).name() for color in colors)
        return "\n".join(["number\tcolour", *(f"{x:.6g}\t{name}" for x, name in zip(numbers, names, strict=True))])

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(160, ABOVE + STRIP + BELOW)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The colours, the numbers below and the mark above."""
        if self.bar is None:
            return
        colors, room = theme.of(self), self._room()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawImage(room, self._strip)
        painter.setPen(QPen(QColor(colors.line), 1.0))
        painter.drawRect(room)
        painter.setPen(QColor(colors.quiet))
        for text, place in self.ticks().items():
            x = room.left() + place * room.width()
            painter.drawLine(QPointF(x, room.bottom()), QPointF(x, room.bottom() + 3))
            wide = QFontMetricsF(self.font()).horizontalAdvance(text)
            left = min(max(x - wide / 2, 0.0), self.width() - wide)
            painter.drawText(QRectF(left, room.bottom() + 3, wide + 1, BELOW - 3), Qt.AlignmentFlag.AlignLeft, text)
        if self.place is not None:
            tip = QPointF(room.left() + self.place * room.width(), room.top() - 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.text))
            painter.drawPolygon(QPolygonF([tip, tip + QPointF(-4.5, -7), tip + QPointF(4.5, -7)]))
        painter.end()

    def _room(self) -> QRectF:
        """Where the colours are: half of the outer numbers stand beside it."""
        letters = QFontMetricsF(self.font())
        ends = 6.0 if self.bar is None else letters.horizontalAdvance(f"{self.bar.full:.3g}") / 2 + 2
        return QRectF(ends, ABOVE, max(self.width() - 2 * ends, 1.0), STRIP)


def _strip(bar: Bar) -> QImage:
    """The colours from the beginning to the end, one pixel high."""
    colors = colors_of(bar.numbers(SHADES).astype(np.float32)[None], bar.look, bar.full)  # (1, SHADES, 3)
    pixels = np.ascontiguousarray(np.round(255 * np.clip(colors, 0, 1)).astype(np.uint8))
    image = QImage(pixels.tobytes(), SHADES, 1, 3 * SHADES, QImage.Format.Format_RGB888)
    return image.copy()  # the bytes are gone when this returns
