"""The picture in the window: one render a change, and the mouse that turns, moves and zooms it."""

from collections.abc import Callable
from functools import wraps
from math import ceil, sqrt
from time import perf_counter
from typing import Concatenate, ParamSpec

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from mmviz.errors import MmvizError
from mmviz.picture import orbit
from mmviz.picture.camera import Camera
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList
from mmviz.picture.picking import Picked, pick
from mmviz.picture.timeline import Frame
from mmviz.render.canvas import Canvas

DEGREES_A_HEIGHT = 200.0
"""How far a drag over the picture's whole height turns it."""
ZOOM_A_NOTCH = 1.15
FARTHEST = 8.0
"""How many times farther than the scene's own camera the eye may go."""
FLUENT = 0.060
"""Seconds that a picture may take while it is dragged; what takes longer is drawn coarser."""
COARSEST = 4
"""The largest side of a drawn pixel while dragging, in the screen's pixels."""

Arguments = ParamSpec("Arguments")
Handler = Callable[Concatenate["View", Arguments], None]


def guarded(handler: Handler[Arguments]) -> Handler[Arguments]:
    """An event handler whose errors are reported: Qt cannot take an exception."""

    @wraps(handler)
    def safe(view: "View", /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            handler(view, *args, **kwargs)
        except MmvizError as error:
            view.failed.emit(str(error))
        except Exception as error:  # noqa: BLE001  (nothing may leave the handler)
            view.failed.emit(f"{type(error).__name__}: {error}")

    return safe


class View(QWidget):
    """Shows a scene at a time from a side. Call `release` when it is closed.

    Raises:
        DisplayError: this machine cannot draw.
    """

    drawn = Signal()
    """A new picture was drawn."""
    failed = Signal(str)
    """Something went wrong in a handler; the text is for the user."""
    pointed = Signal(object)
    """The `Picked` under the pointer, or None."""

    def __init__(self, composition: Composition, time: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 240)
        self.composition = composition
        self._canvas: Canvas | None = Canvas(64, 64)
        self._time = time
        self._chosen: Camera | None = None  # None: the scene's own, which fits any size of the window and may move
        self._own: Camera | None = None
        self._frame: Frame | None = None
        self._drawing = DrawList()
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1, 3), np.uint8)  # (height, width, 3)
        self._dirty = True
        self._full_seconds = 0.0  # the last full picture took, without the first, which compiles the shaders
        self._pictures = 0
        self._pressed: QPointF | None = None
        self._pointer: QPointF | None = None

    # what is shown

    @property
    def aspect(self) -> float:
        """Width divided by height."""
        return self.width() / max(self.height(), 1)

    @property
    def camera(self) -> Camera:
        """From where the scene is seen: the user's choice, or else where the scene's camera is at this time."""
        if self._chosen is not None:
            return self._chosen
        if self._own is None:
            self._own = self.composition.camera_at(self._time, self.aspect)
        return self._own

    @property
    def time(self) -> float:
        """What is shown, in steps."""
        return self._time

    @guarded
    def show_time(self, time: float) -> None:
        """Show another time, in steps."""
        self._time = time
        self._frame = None
        self._own = None
        self._change()

    @guarded
    def turn(self, right_degrees: float, up_degrees: float) -> None:
        """Send the eye around the scene."""
        self._look(orbit.orbit(self.camera, right_degrees, up_degrees))

    @guarded
    def zoom(self, factor: float) -> None:
        """Come nearer, or go away with a factor below 1."""
        far = FARTHEST * orbit.distance(self.composition.camera(self.aspect))
        self._look(orbit.zoom(self.camera, max(factor, orbit.distance(self.camera) / far)))

    @guarded
    def pan(self, right: float, up: float) -> None:
        """Move the eye sideways, in shares of the picture's height."""
        self._look(orbit.pan(self.camera, right, up))

    @guarded
    def reset(self) -> None:
        """Look from the scene's own camera again, and follow its path."""
        self._chosen = None
        self._change()

    def release(self) -> None:
        """Free what the graphics driver holds; the last picture stays."""
        if self._canvas is not None:
            self._canvas.close()
            self._canvas = None

    def sizeHint(self) -> QSize:
        """A size for a start."""
        return QSize(1280, 720)

    def _look(self, camera: Camera) -> None:
        self._chosen = camera
        self._change()

    def _change(self) -> None:
        self._dirty = True
        self.update()

    # drawing

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw if something changed, and show the picture."""
        fresh = self._dirty and self._canvas is not None
        try:
            if fresh:
                self._dirty = False  # also where drawing fails, or it would fail again and again
                self._draw()
        finally:
            height, width, _ = self._pixels.shape
            image = QImage(self._pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), image)
            painter.end()
        if fresh:
            self.drawn.emit()
            self._point()

    def _draw(self) -> None:
        assert self._canvas is not None  # noqa: S101  (paintEvent asks before)
        begin = perf_counter()
        coarse = self._coarseness()
        ratio = self.devicePixelRatioF() / coarse  # drawn pixels for one of Qt's
        size = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        if self._canvas.size != size:
            self._canvas.resize(*size)
        self._drawing = self.composition.at(self._time, self.camera, self.aspect)
        self._canvas.show(self._drawing, self.camera)
        self._pixels = self._canvas.draw()
        self._pictures += 1
        if coarse == 1 and self._pictures > 1:
            self._full_seconds = perf_counter() - begin

    def _coarseness(self) -> int:
        """Side of a drawn pixel, in the screen's pixels: 1, or more where dragging would stutter."""
        if self._pressed is None or self._full_seconds <= FLUENT:
            return 1
        return min(ceil(sqrt(self._full_seconds / FLUENT)), COARSEST)

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: ARG002
        """The scene's own camera fits the new size; one that the user has chosen stays."""
        self._own = None
        self._change()

    # the mouse

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag begins."""
        self._pressed = event.position()

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn or move the scene with the pointer, or tell what is under it."""
        self._pointer = event.position()
        if self._pressed is None or not event.buttons():
            self._pressed = None
            self._point()
            return
        way = (event.position() - self._pressed) / max(self.height(), 1)  # in heights of the picture
        self._pressed = event.position()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.buttons() & Qt.MouseButton.LeftButton and not shifted:
            self.turn(-DEGREES_A_HEIGHT * way.x(), DEGREES_A_HEIGHT * way.y())
        else:
            self.pan(-way.x(), way.y())

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A drag ends; what was drawn coarsely is drawn again."""
        if event.buttons():
            return
        coarse = self._coarseness() > 1
        self._pressed = None
        if coarse:
            self._change()

    @guarded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        """Back to the scene's own camera."""
        self.reset()

    @guarded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come nearer or go away."""
        if notches := event.angleDelta().y() / 120:
            self.zoom(ZOOM_A_NOTCH**notches)

    @guarded
    def leaveEvent(self, event: object) -> None:  # noqa: ARG002
        """Nothing is under the pointer any more."""
        self._pointer = None
        self._point()

    def _point(self) -> None:
        """Tell what is under the pointer."""
        if self._pressed is None:
            self.pointed.emit(self._picked())

    def _picked(self) -> Picked | None:
        if self._pointer is None:
            return None
        if self._frame is None:
            self._frame = self.composition.timeline.frame(self._time)
        x, y = self._pointer.x() / max(self.width(), 1), self._pointer.y() / max(self.height(), 1)
        shown = self.composition, self._frame, self.camera
        return pick(*shown, x, y, self.aspect, insets=self._drawing.insets, t=self._time)
