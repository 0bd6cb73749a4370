"""The tour: a bubble that goes from part to part of a window and says what each is for; it changes nothing."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMainWindow, QPushButton, QVBoxLayout, QWidget

from mmviz.viewer.controls import theme
from mmviz.viewer.controls.theme import Role
from mmviz.viewer.start.stops import STOPS, beside

Key = Qt.Key
WIDTH = 340
"""Of the bubble, in pixels, where the window has as many."""
DIM = 110
"""How much darker all else is while the tour goes, of 255."""
ROUND = 8.0
TIP = 9
"""Half the width of the tip that points from the bubble to what it speaks of."""
KEYS = {Key.Key_Right: 1, Key.Key_Return: 1, Key.Key_Enter: 1, Key.Key_Space: 1, Key.Key_Left: -1}
Places = Mapping[str, Callable[[], QRect]]
"""Where parts of the window are, in its own coordinates; empty where one is not seen."""


class Veil(QWidget):
    """Everything but one part of the window a little darker; lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.target, self.bubble = QRect(), QRect()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The dark, a frame around the part, and the tip of the bubble."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dark, part = QPainterPath(), QPainterPath()
        dark.addRect(QRectF(self.rect()))
        frame = QRectF(self.target.adjusted(-3, -3, 3, 3).intersected(self.rect().adjusted(1, 1, -1, -1)))
        if not self.target.isEmpty():
            part.addRoundedRect(frame, ROUND, ROUND)
        shade = QColor(theme.OVER_PICTURE[1])
        shade.setAlpha(DIM)
        painter.fillPath(dark.subtracted(part), shade)
        if self.target.isEmpty():
            return
        painter.setPen(QPen(self.palette().color(Role.Link), 2))
        painter.drawPath(part)
        if not self.bubble.intersects(self.target):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(Role.Link))
            painter.drawPolygon(tip(self.bubble, self.target))


class Tour(QFrame):
    """The bubble. It is there from `begin` to `end`.

    Args:
        window: Whose parts it shows.
        places: Where they are.
        keys: Gives the keys of commands by their names.
        show_tab: Shows the tab of a name, and tells which was shown.
    """

    ended = Signal()

    def __init__(
        self,
        window: QMainWindow,
        places: Places,
        keys: Callable[[], Mapping[str, str]],
        show_tab: Callable[[str], str],
    ) -> None:
        super().__init__(window)
        self._window, self._places, self._keys, self._show_tab = window, places, keys, show_tab
        self.number = 0  # of the stop
        self._tab = ""  # that was shown before
        self.veil = Veil(window)
        self.title, self.text, self.count = QLabel(), QLabel(), QLabel()
        self.skip, self.back, self.on = QPushButton("Skip the tour"), QPushButton("Back"), QPushButton("Next")
        self.setObjectName("tour")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._assemble()
        for part in (self, self.veil):
            part.hide()
        self.skip.clicked.connect(self.end)
        self.back.clicked.connect(lambda: self.go(-1))
        self.on.clicked.connect(lambda: self.go(1))

    def begin(self) -> None:
        """From the first stop on."""
        self._tab = self._tab if self.isVisible() else self._show_tab("")
        self._window.installEventFilter(self)
        self.number = 0
        self._show()
        self.setFocus()

    def end(self) -> None:
        """Be gone, and leave the window as it was."""
        if self.isHidden():
            return
        self._window.removeEventFilter(self)
        for part in (self, self.veil):
            part.hide()
        self._show_tab(self._tab)
        self.ended.emit()

    def go(self, stops: int) -> None:
        """On, or back; after the last stop it ends."""
        if self.number + stops >= len(STOPS):
            self.end()
        else:
            self.number = max(0, self.number + stops)
            self._show()

    def event(self, event: QEvent) -> bool:
        """As long as the bubble has the keyboard its keys are its own."""
        is_key = isinstance(event, QKeyEvent) and event.key() in {*KEYS, Key.Key_Escape}
        if is_key and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc ends, arrows and Enter go on."""
        if event.key() == Key.Key_Escape:
            self.end()
        elif event.key() in KEYS:
            self.go(KEYS[Key(event.key())])
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place while the window changes; Esc ends also where something else has the keyboard."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        if isinstance(event, QKeyEvent) and event.key() == Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.end()
                return True
        return super().eventFilter(watched, event)

    def _show(self) -> None:
        stop = STOPS[self.number]
        self._show_tab(stop.place)
        self.title.setText(stop.title)
        self.text.setText(stop.told(self._keys()))
        self.count.setText(f"{self.number + 1} of {len(STOPS)}")
        last = self.number + 1 == len(STOPS)
        self.on.setText("Done" if last else "Next")
        self.skip.setVisible(not last)
        self.back.setEnabled(self.number > 0)
        for part in (self.veil, self):
            part.show()
            part.raise_()
        self._place()

    def _place(self) -> None:
        room = self._window.rect()
        width = min(WIDTH, room.width() - 40)
        size = QSize(width, max(self.heightForWidth(width), self.minimumSizeHint().height()))
        self.veil.setGeometry(room)
        self.veil.target = self._places[STOPS[self.number].place]()
        target = self.veil.target if not self.veil.target.isEmpty() else QRect(room.center(), QSize(1, 1))
        self.veil.bubble = beside(target, size, room)
        self.setGeometry(self.veil.bubble)
        self.veil.update()

    def _assemble(self) -> None:
        self.setAutoFillBackground(True)
        self.setBackgroundRole(Role.Button)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(8)
        font = self.title.font()
        font.setBold(True)
        font.setPointSizeF(1.15 * font.pointSizeF())
        self.title.setFont(font)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        theme.tint(self.count, "quiet")
        row = QHBoxLayout()
        row.setSpacing(6)
        self.skip.setFlat(True)
        for button in (self.skip, self.back, self.on):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for part in (self.count, self.skip, self.back, self.on):
            row.addWidget(part)
            if part is self.count:
                row.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addSpacing(4)
        column.addLayout(row)


def tip(bubble: QRect, target: QRect) -> QPolygonF:
    """A triangle on the edge of a bubble that points to a target beside it."""
    near = QPoint(
        max(bubble.left() + 2 * TIP, min(target.center().x(), bubble.right() - 2 * TIP)),
        max(bubble.top() + 2 * TIP, min(target.center().y(), bubble.bottom() - 2 * TIP)),
    )
    if bubble.top() > target.bottom():
        base, along, out = QPoint(near.x(), bubble.top()), QPointF(TIP, 0), QPointF(0, -TIP)
    elif bubble.bottom() < target.top():
        base, along, out = QPoint(near.x(), bubble.bottom()), QPointF(TIP, 0), QPointF(0, TIP)
    elif bubble.right() < target.left():
        base, along, out = QPoint(bubble.right(), near.y()), QPointF(0, TIP), QPointF(TIP, 0)
    else:
        base, along, out = QPoint(bubble.left(), near.y()), QPointF(0, TIP), QPointF(-TIP, 0)
    middle = QPointF(base)
    return QPolygonF([middle - along, middle + out, middle + along])
