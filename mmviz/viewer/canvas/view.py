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
from PySide6.QtWidgets import QApplication, QWidget

from mmviz.errors import MmvizError
from mmviz.picture.cell.picking import Picked, pick
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList, Inset
from mmviz.picture.eye import orbit
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.time.pacing import Moment
from mmviz.picture.time.timeline import Frame
from mmviz.render.region import Region, Size
from mmviz.render.renderer import Renderer, Renderers

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

    Args:
        composition: The scene.
        time: In steps, or a moment of the film.
        renderers: Opens what draws.
        parent: The widget that it stands in.

    Raises:
        DisplayError: this machine cannot draw.
    """

    drawn = Signal()
    """A new picture was drawn."""
    failed = Signal(str)
    """Something went wrong in a handler; the text is for the user."""
    pointed = Signal(object)
    """The `Picked` under the pointer, or None."""
    clicked = Signal(object)
    """The `Picked` that was clicked, or None beside everything."""

    def __init__(
        self, composition: Composition, time: float | Moment, renderers: Renderers, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 240)
        self.composition = composition
        self.emphasis = PLAIN
        self._renderer: Renderer | None = renderers(64, 64)
        self._moment: float | Moment = time
        self._chosen: Camera | None = None  # None: the scene's own, which fits any size of the window and may move
        self._own: Camera | None = None
        self._frame: Frame | None = None
        self._fitted: tuple[Composition, int, Composition] | None = None  # the scene, a height, and it for that height
        self._drawing = DrawList()
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1, 3), np.uint8)  # (height, width, 3)
        self._dirty = True
        self._full_seconds = 0.0  # the last full picture took, without the first, which compiles the shaders
        self._pictures = 0
        self.hurried = False  # the eye flies: better coarse than late
        self._pressed: QPointF | None = None
        self._pressed_at: QPointF | None = None  # where a click would be; None once it has become a drag
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
            self._own = self._sized().camera_at(self._moment, self.aspect)
        return self._own

    def _sized(self) -> Composition:
        """The scene in pictures as high as the widget: what is exported looks so, too."""
        height = max(1, round(self.height() * self.devicePixelRatioF()))
        if self._fitted is None or self._fitted[0] is not self.composition or self._fitted[1] != height:
            self._fitted = self.composition, height, self.composition.for_height(height)
        return self._fitted[2]

    @property
    def time(self) -> float:
        """What is shown, in steps."""
        return self._moment.time if isinstance(self._moment, Moment) else self._moment

    @property
    def frame(self) -> Frame:
        """The state of every matrix that is shown."""
        if self._frame is None:
            self._frame = self.emphasis.seen(self.composition.timeline.frame(self.time))
        return self._frame

    @property
    def insets(self) -> tuple[Inset, ...]:
        """The insets of the picture that was drawn last."""
        return self._drawing.insets

    @property
    def pointer(self) -> QPointF | None:
        """Where the pointer was seen last, in the widget's pixels; None outside."""
        return self._pointer

    @guarded
    def show_time(self, time: float | Moment) -> None:
        """Show another time, in steps, or another moment of the film."""
        self._moment = time
        self._frame = None
        self._own = None
        self._change()

    @guarded
    def show_composition(self, composition: Composition, *, keep_camera: bool) -> None:
        """Show another scene, from where the eye is or from the scene's own camera."""
        self.composition = composition
        self._frame = self._own = None
        if not keep_camera:
            self._chosen = None
        self._change()

    @guarded
    def emphasize(self, emphasis: Emphasis) -> None:
        """Light some cells, or leave some matrices out."""
        if emphasis != self.emphasis:
            self.emphasis = emphasis
            self._frame = None
            self._change()

    @guarded
    def look(self, camera: Camera) -> None:
        """Look from a camera."""
        self._look(camera)

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

    def magnified(self, part: Region, size: Size) -> NDArray[np.uint8] | None:
        """Draw a part of what was drawn last as it would be in a larger picture; None after `release`.

        Args:
            part: In pixels of that picture.
            size: Width and height of that picture, in pixels.

        Returns:
            (height, width, 3)
        """
        if self._renderer is None:
            return None
        self._renderer.cut(part, size)
        self._renderer.show(self._drawing, self.camera)
        return self._renderer.draw()

    def picture(self) -> NDArray[np.uint8]:
        """(height, width, 3): what is shown, in all pixels of the screen, also while it is dragged.

        Raises:
            MmvizError: it cannot be drawn.
        """
        if self._renderer is not None:
            self._draw(coarse=1)
        return self._pixels.copy()

    def let_go(self) -> None:
        """Forget the button that is held down: what follows is neither a drag nor a click."""
        self._pressed = self._pressed_at = None

    def release(self) -> None:
        """Free what the graphics driver holds; the last picture stays."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

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
        fresh = self._dirty and self._renderer is not None
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

    def _draw(self, coarse: int | None = None) -> None:
        assert self._renderer is not None  # noqa: S101  (paintEvent asks before)
        begin = perf_counter()
        dragged = coarse is None and self._pressed is not None and self._pressed_at is None
        coarse = self._coarseness() if coarse is None else coarse
        ratio = self.devicePixelRatioF() / coarse  # drawn pixels for one of Qt's
        size = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        if self._renderer.size != size:
            self._renderer.resize(*size)
        self._drawing = self._sized().at(self._moment, self.camera, self.aspect, self.emphasis, steady=dragged)
        self._renderer.show(self._drawing, self.camera)
        self._pixels = self._renderer.draw()
        self._pictures += 1
        if coarse == 1 and self._pictures > 1:
            self._full_seconds = perf_counter() - begin

    def _coarseness(self) -> int:
        """Side of a drawn pixel, in the screen's pixels: 1, or more where a drag or a flight would stutter."""
        if (self._pressed is None and not self.hurried) or self._full_seconds <= FLUENT:
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
        """A drag, or a click, begins."""
        self._pressed = self._pointer = event.position()  # a finger comes without having moved there
        self._pressed_at = event.position() if event.button() == Qt.MouseButton.LeftButton else None

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn or move the scene with the pointer, or tell what is under it."""
        self._pointer = event.position()
        if self._pressed is None or not event.buttons():
            self._pressed = None
            self._point()
            return
        if self._pressed_at is not None:
            moved = (event.position() - self._pressed_at).manhattanLength()
            if moved < QApplication.startDragDistance():
                return
            self._pressed_at = None
        way = (event.position() - self._pressed) / max(self.height(), 1)  # in heights of the picture
        self._pressed = event.position()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.buttons() & Qt.MouseButton.LeftButton and not shifted:
            self.turn(-DEGREES_A_HEIGHT * way.x(), DEGREES_A_HEIGHT * way.y())
        else:
            self.pan(-way.x(), way.y())

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A drag ends: what was coarse is drawn again, and names go to their best places. Or it was a click."""
        if event.buttons():
            return
        if self._pressed_at is not None:
            self._pressed_at = self._pressed = None
            self.clicked.emit(self._picked())
        dragged = self._pressed is not None
        self._pressed = None
        if dragged:
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
        x, y = self._pointer.x() / max(self.width(), 1), self._pointer.y() / max(self.height(), 1)
        shown = self.composition, self.frame, self.camera
        return pick(*shown, x, y, self.aspect, insets=self._drawing.insets, t=self.time)
