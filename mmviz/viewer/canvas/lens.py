"""A round magnifier under the pointer: what it shows is drawn anew and sharp; says nothing of what is seen there."""

from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QShortcut,
)
from PySide6.QtWidgets import QApplication, QWidget

from mmviz.errors import MmvizError
from mmviz.render.region import Region
from mmviz.viewer.canvas.lens_part import lens_part
from mmviz.viewer.canvas.mouse import Mouse
from mmviz.viewer.canvas.view import View
from mmviz.viewer.controls import theme
from mmviz.viewer.gestures import LENS_DIAMETER as DIAMETER
from mmviz.viewer.gestures import LENS_PATIENCE as PATIENCE
from mmviz.viewer.gestures import LENS_RIM as RIM

KEY = "M"
REPEATED = 50
"""Milliseconds within which a key that is held comes again: X says of it that it was let go, each time."""


class Held(Enum):
    """What keeps the lens open."""

    BY_KEY = auto()
    BY_BUTTON = auto()
    BY_COMMAND = auto()


class Lens(QWidget):
    """Lies over a view and follows the pointer; the mouse goes through it."""

    toggled = Signal(bool)
    """Whether it is open now."""

    def __init__(self, view: View, mouse: Mouse) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.resize(QSize(DIAMETER, DIAMETER))
        self.hide()
        self.renders = 0  # how often it was drawn anew
        self._view, self._mouse = view, mouse
        self._held: Held | None = None
        self._middle = QPointF()  # of the lens, in the view
        self._stale = True
        self._pixels: NDArray[np.uint8] | None = None  # (height, width, 3)
        self._place = QRectF()  # of the pixels, in the lens
        self._pressed_at = QPointF()
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE)
        self._patience.timeout.connect(self._take_over)
        self._release = QTimer(self, singleShot=True, interval=REPEATED)
        self._release.timeout.connect(self.put_away)
        key = QShortcut(QKeySequence(KEY), view)
        key.setAutoRepeat(False)
        key.activated.connect(self._hold_by_key)
        view.installEventFilter(self)
        view.drawn.connect(self._renew)

    @property
    def is_open(self) -> bool:
        """Whether it is seen."""
        return self._held is not None

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """(height, width, 3): what it shows."""
        return self._pixels

    def toggle(self) -> None:
        """Open it until this is called again, or close it."""
        if self.is_open:
            self.put_away()
        else:
            self._open(Held.BY_COMMAND)

    def put_away(self) -> None:
        """Close it."""
        self._release.stop()
        if self._held is Held.BY_KEY:
            QGuiApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        if self._held is not None:
            self._held = None
            self.hide()
            self.toggled.emit(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the pointer; notice long presses, and when what holds the lens open is let go."""
        kind = event.type()
        if isinstance(event, QKeyEvent):
            self._watch_key(event)
        elif kind == QEvent.Type.ApplicationDeactivate or (kind == QEvent.Type.WindowDeactivate and self._held_down):
            self.put_away()
        elif watched is self._view and isinstance(event, QMouseEvent):
            self._watch(event)
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw what lies under the lens if that has changed, and show it in a ring."""
        if self._stale:
            self._stale = False  # also where drawing fails, or it would fail again and again
            try:
                self._draw()
            except MmvizError as error:
                self._view.failed.emit(str(error))
            except Exception as error:  # noqa: BLE001  (nothing may leave the handler)
                self._view.failed.emit(f"{type(error).__name__}: {error}")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QPainterPath()
        circle.addEllipse(QRectF(self.rect()).adjusted(RIM / 2, RIM / 2, -RIM / 2, -RIM / 2))
        painter.setClipPath(circle)
        painter.fillRect(self.rect(), QColor(theme.of(self).field))
        if self._pixels is not None:
            height, width, _ = self._pixels.shape
            image = QImage(self._pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            painter.drawImage(self._place, image)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(theme.OVER_PICTURE[0]), RIM))
        painter.drawPath(circle)
        painter.end()

    @property
    def _held_down(self) -> bool:
        return self._held in (Held.BY_KEY, Held.BY_BUTTON)

    def _open(self, held: Held) -> None:
        self._held = held
        self._follow(self._pointer())
        self.show()
        self.raise_()
        self.toggled.emit(True)

    def _hold_by_key(self) -> None:
        if not self.is_open:
            self._open(Held.BY_KEY)
            # Where the key goes when it is let go is not known: the focus may be anywhere in the window.
            QGuiApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def _take_over(self) -> None:
        """A long press: from now on the mouse moves the lens, not the scene."""
        if not self.is_open:
            self._mouse.let_go()
            self._open(Held.BY_BUTTON)

    def _watch_key(self, event: QKeyEvent) -> None:
        if self._held is not Held.BY_KEY or event.key() != Qt.Key.Key_M:
            return
        if event.type() != QEvent.Type.KeyRelease:
            self._release.stop()
        elif not event.isAutoRepeat():
            self._release.start()

    def _watch(self, event: QMouseEvent) -> None:
        kind, spot = event.type(), event.position()
        if kind == QEvent.Type.MouseButtonPress:
            plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
            if plain and not self.is_open:
                self._pressed_at = spot
                self._patience.start()
        elif kind == QEvent.Type.MouseMove:
            if (spot - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
                self._patience.stop()
            if self.is_open:
                self._follow(spot)
        elif kind == QEvent.Type.MouseButtonRelease:
            self._patience.stop()
            if self._held is Held.BY_BUTTON:
                self.put_away()

    def _pointer(self) -> QPointF:
        """Where the pointer is; the middle of the picture where it is elsewhere."""
        spot = self._view.pointer or QPointF(self._view.mapFromGlobal(QCursor.pos()))
        return spot if QRectF(self._view.rect()).contains(spot) else QRectF(self._view.rect()).center()

    def _follow(self, spot: QPointF) -> None:
        self._middle = spot
        self.move(round(spot.x() - DIAMETER / 2), round(spot.y() - DIAMETER / 2))
        self._renew()

    def _renew(self) -> None:
        """Draw anew with the next picture; many moves before it cost one."""
        if self.is_open:
            self._stale = True
            self.update()

    def _draw(self) -> None:
        view = self._view
        ratio = view.devicePixelRatioF()  # pixels for one of the screen's own unit
        middle = self._middle.x(), self._middle.y()
        size, square = lens_part(middle, (view.width(), view.height()), ratio)
        part = square.common(Region(0, 0, *size))
        self._pixels = view.magnified(part, size) if min(part.size) > 0 else None
        down = square.bottom + square.height - part.bottom - part.height
        self._place = QRectF(part.left - square.left, down, part.width, part.height)
        self._place = QRectF(self._place.topLeft() / ratio, self._place.size() / ratio)
        self.renders += 1
