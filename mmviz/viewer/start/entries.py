"""What can be chosen on the start page, drawn: cards with a picture, and lines; they open nothing themselves."""

from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from mmviz.viewer.controls import theme
from mmviz.viewer.controls.icons import icon
from mmviz.viewer.controls.theme import Role

INSIDE = 10
"""Pixels from the edge of an entry to its words."""
ROUND = 6.0
ICON = 18
EDGE, BESIDE = 4, 6
"""Pixels around a card's picture, and beside its words as well."""
MOST_LINES = 3
"""Of a card's sentence."""
RATIO = 16 / 9
"""Of a card's picture."""


class Entry(QAbstractButton):
    """Something to be chosen by a click or Enter.

    Args:
        title: What it is called.
        sentence: More of it.
    """

    def __init__(self, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(title)
        self.sentence = sentence
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # its group says which of its entries Tab leads to
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def say_no(self, reason: str) -> None:
        """It cannot be chosen, and why; it can still be looked at."""
        self.setEnabled(False)
        self.setToolTip(reason)
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; what else is pressed, the group knows."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """From now on Tab leads to this one of its group."""
        group = self.parentWidget()
        for other in group.findChildren(Entry) if group is not None else ():
            other.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other is self else Qt.FocusPolicy.ClickFocus)
        super().focusInEvent(event)
        self.update()

    # how it is drawn

    def _ground(self, painter: QPainter) -> None:
        """A frame where it is looked at or has the keyboard."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, near = self.palette(), self.isEnabled() and self.underMouse()
        edge = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if near or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(Role.Midlight if self.isDown() else Role.Button))
            painter.drawRoundedRect(edge, ROUND, ROUND)
        if self.hasFocus():
            painter.setPen(QPen(colors.color(Role.Highlight), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(edge, ROUND, ROUND)

    def _write(self, painter: QPainter, text: str, box: QRect, *, quiet: bool = False, bold: bool = False) -> None:
        """One line, cut in the middle of nowhere but at its end."""
        font = self._font(bold=bold)
        painter.setFont(font)
        painter.setPen(self.palette().color(Role.PlaceholderText if quiet else Role.WindowText))
        cut = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, cut)

    def _font(self, *, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setBold(bold)
        return font


class Card(Entry):
    """A picture, a title and a sentence."""

    def __init__(self, title: str, sentence: str, picture: Path, parent: QWidget | None = None) -> None:
        super().__init__(title, sentence, parent)
        self._picture = QPixmap(str(picture))
        self._scaled = QPixmap()
        self.setToolTip(f"{title}: {sentence}")

    def hasHeightForWidth(self) -> bool:
        """The picture's height goes with the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of the picture, the title and the sentence."""
        wide = width - 2 * EDGE
        lines = len(wrapped(self.sentence, self._font(), wide - 2 * BESIDE, MOST_LINES))
        return round(wide / RATIO) + (1 + lines) * self.fontMetrics().height() + 2 * INSIDE

    def sizeHint(self) -> QSize:
        """A card as it is drawn in a row of others."""
        return QSize(260, self.heightForWidth(260))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Picture, title, sentence."""
        painter = QPainter(self)
        self._ground(painter)
        box = self.rect().adjusted(EDGE, EDGE, -EDGE, 0)
        high = round(box.width() / RATIO)
        place = QRect(box.left(), box.top(), box.width(), high)
        painter.drawPixmap(place, self._fitting(place.size()))
        line = self.fontMetrics().height()
        words = QRect(box.left() + BESIDE, place.bottom() + 7, box.width() - 2 * BESIDE, line)
        self._write(painter, self.text(), words, bold=True)
        words.translate(0, line + 2)
        for text in wrapped(self.sentence, self._font(), words.width(), MOST_LINES):
            self._write(painter, text, words, quiet=True)
            words.translate(0, line)

    def _fitting(self, size: QSize) -> QPixmap:
        """The picture in so many pixels of the window, sharp on every screen; kept until the card has another size."""
        real = size * self.devicePixelRatioF()
        if self._scaled.size() != real and not self._picture.isNull():
            mode = Qt.TransformationMode.SmoothTransformation
            self._scaled = self._picture.scaled(real, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
            self._scaled.setDevicePixelRatio(self.devicePixelRatioF())
        return self._scaled


class Line(Entry):
    """An icon, a title, and a sentence below it, which may be empty."""

    def __init__(self, title: str, sentence: str, drawing: str, parent: QWidget | None = None) -> None:
        super().__init__(title, sentence, parent)
        self._drawing = drawing
        self._icons: dict[str, QIcon] = {}  # by the names of themes

    def sizeHint(self) -> QSize:
        """One line or two."""
        lines = 2 if self.sentence else 1
        return QSize(200, lines * self.fontMetrics().height() + (10 if self.sentence else 14))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Icon, title, sentence."""
        painter = QPainter(self)
        self._ground(painter)
        if not self.isEnabled():
            painter.setOpacity(0.55)
        box, line = self.rect().adjusted(INSIDE, 0, -INSIDE, 0), self.fontMetrics().height()
        worn = theme.of(self)
        if worn.name not in self._icons:
            self._icons[worn.name] = icon(self._drawing, worn)
        self._icons[worn.name].paint(painter, QRect(box.left(), (self.height() - ICON) // 2, ICON, ICON))
        box.setLeft(box.left() + ICON + INSIDE)
        top = (self.height() - (2 if self.sentence else 1) * line) // 2
        self._write(painter, self.text(), QRect(box.left(), top, box.width(), line))
        if self.sentence:
            self._write(painter, self.sentence, QRect(box.left(), top + line, box.width(), line), quiet=True)


def wrapped(text: str, font: QFont, width: int, most: int) -> list[str]:
    """A text in lines of a width; what does not fit into the last line is left in it, to be cut."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout.setTextOption(option)
    begins: list[int] = []
    layout.beginLayout()
    while len(begins) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        begins.append(line.textStart())
    layout.endLayout()
    ends = [*begins[1:], len(text)]
    return [text[begin:end].strip() for begin, end in zip(begins, ends, strict=True)]
