"""Paints tokens as chips, and says which one is pointed at or clicked; knows no scene."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from mmviz.viewer.controls import theme
from mmviz.viewer.tokens.chips import MOST_LINES, Chip, Place, arranged

INSIDE = (6.0, 2.0)
"""Beside and above what is written on a chip, in the screen's own unit."""
SPACE = 3.0
"""Between two chips, and between two lines."""
ROUND = 4.0
PATIENCE = 500
"""Milliseconds after which a press is a long one."""


class ChipLine(QWidget):
    """Chips on one or two lines."""

    pointed = Signal(object)
    """The number of the token under the pointer, or None."""
    clicked = Signal(int)
    held = Signal()
    """A double click or a long press: one wants to change something here."""

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.chips: tuple[Chip, ...] = ()
        self.tip: Callable[[int], str] = str
        self.current: int | None = None  # that the animation is at
        self.lit: frozenset[int] = frozenset()  # that belong to what is pointed at in the picture
        self.hovered: int | None = None
        self._places: tuple[Place, ...] = ()
        self._widths: tuple[float, ...] = ()
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE)
        self._patience.timeout.connect(self.held)
        self._room, self._most = 0.0, MOST_LINES

    @property
    def lines(self) -> int:
        """How many there are."""
        return self._places[-1].line + 1 if self._places else 1

    def show_chips(self, chips: Sequence[Chip], tip: Callable[[int], str]) -> None:
        """Show other tokens; what a tool tip says of one is asked when it is wanted."""
        self.chips, self.tip = tuple(chips), tip
        self.current, self.lit = None, frozenset()
        self._measure()

    def mark(self, current: int | None) -> None:
        """Mark the token that the animation is at."""
        if current != self.current:
            self.current = current
            self.update()

    def light(self, tokens: Sequence[int]) -> None:
        """Light the tokens of what is pointed at in the picture."""
        if frozenset(tokens) != self.lit:
            self.lit = frozenset(tokens)
            self.update()

    def fit(self, room: float, lines: int) -> None:
        """Stand in lines of a width, or in longer ones where there would be too many."""
        self._room, self._most = room, lines
        self._arrange()

    def place(self, number: int) -> QRectF:
        """Where a chip stands."""
        place, high = self._places[number], self._high
        return QRectF(place.left, place.line * (high + SPACE), self._widths[number], high)

    def at(self, spot: QPointF) -> int | None:
        """The chip at a place."""
        return next((number for number in range(len(self._places)) if self.place(number).contains(spot)), None)

    @property
    def _high(self) -> float:
        return QFontMetricsF(self.font()).height() + 2 * INSIDE[1]

    def _measure(self) -> None:
        metrics, slanted = QFontMetricsF(self.font()), QFontMetricsF(self._slanted())
        self._widths = tuple(
            sum((slanted if chip.special else metrics).horizontalAdvance(text) for text, _ in chip.parts)
            + 2 * INSIDE[0]
            for chip in self.chips
        )
        self._arrange()

    def _arrange(self) -> None:
        self._places, wide = arranged(self._widths, self._room, SPACE, self._most)
        self.setFixedSize(QSize(int(wide) + 1, int(self.lines * (self._high + SPACE) - SPACE) + 1))
        self.update()

    def _slanted(self) -> QFont:
        font = QFont(self.font())
        font.setItalic(True)
        return font

    def _hover(self, number: int | None) -> None:
        if number != self.hovered:
            self.hovered = number
            self.setCursor(Qt.CursorShape.ArrowCursor if number is None else Qt.CursorShape.PointingHandCursor)
            self.update()
            self.pointed.emit(number)

    # what Qt asks

    def event(self, event: QEvent) -> bool:
        """Tell the token under the pointer; stand anew where letters are others."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if number is None else self.tip(number), self)
            return True
        if event.type() == QEvent.Type.FontChange:
            self._measure()
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which one is pointed at."""
        self._hover(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: ARG002
        """None is pointed at any more."""
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click, or a long press, begins."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._patience.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a chip."""
        number = self.at(event.position())
        if number is not None and self._patience.isActive():
            self.clicked.emit(number)
        self._patience.stop()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Somebody wants to write here."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.held.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chips that are seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        worn = theme.of(self)
        for number, chip in enumerate(self.chips):
            place = self.place(number)
            if place.intersects(QRectF(event.rect())):
                self._paint(painter, worn, number, chip, place)
        painter.end()

    def _paint(self, painter: QPainter, worn: theme.Theme, number: int, chip: Chip, place: QRectF) -> None:
        current, lit = number == self.current, number == self.hovered or number in self.lit
        ground = worn.selected if current else worn.button if not chip.special else worn.ground
        pen = QPen(QColor(worn.accent if lit else worn.line if chip.special else ground), 1.6 if lit else 1.0)
        if chip.special and not lit:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(place.adjusted(0.8, 0.8, -0.8, -0.8), ROUND, ROUND)
        painter.setFont(self._slanted() if chip.special else self.font())
        metrics = QFontMetricsF(painter.font())
        left, base = place.left() + INSIDE[0], place.top() + INSIDE[1] + metrics.ascent()
        plain, quiet = (worn.on_selected, worn.on_selected) if current else (worn.text, worn.quiet)
        for text, sign in chip.parts:
            painter.setPen(QColor(quiet if sign else worn.quiet if chip.special and not current else plain))
            painter.drawText(QPointF(left, base), text)
            left += metrics.horizontalAdvance(text)
