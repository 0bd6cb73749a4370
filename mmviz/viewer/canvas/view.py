"""The picture in the window, one render a change, and how it is turned, moved and zoomed; knows no mouse."""

from dataclasses import replace
from math import ceil, sqrt
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from mmviz.picture.cell import targets
from mmviz.picture.cell.picking import Picked, pick
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList, Inset
from mmviz.picture.eye import orbit
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.handling import FARTHEST
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.shots.cameras import Box
from mmviz.picture.space.placement import Vector
from mmviz.picture.time.pacing import Moment
from mmviz.picture.time.timeline import Frame
from mmviz.render.region import Region, Size
from mmviz.render.renderer import Renderer, Renderers
from mmviz.viewer.canvas.guarded import guarded

FLUENT = 0.060
"""Seconds that a picture may take while it moves; if it takes longer its matrices are drawn coarser, not its texts."""
COARSEST = 4
LEAST = (160, 90)
"""The largest side of the pixels that matrices are drawn in meanwhile, in the screen's pixels."""


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
    focused = Signal(object)
    """The `Picked` that was clicked twice, or None beside everything."""
    asked = Signal(object, object)
    """What can be done is asked for, with the right button: of this `Picked` or None, and where: a global QPoint."""

    def __init__(
        self, composition: Composition, time: float | Moment, renderers: Renderers, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(*LEAST)
        self.composition = composition
        self.emphasis = PLAIN
        self.over: tuple[Box, ...] = ()  # what lies over the picture, and is in none that is exported
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
        self._coarse = 1  # as the last picture was drawn
        self._playing = False
        self.hurried = False  # the picture moves: better coarse than late
        self.dragged = False  # so it does, and names keep their places meanwhile
        self.pointer: QPointF | None = None  # where it was seen last, in the widget's pixels; None outside

    # what is shown

    @property
    def aspect(self) -> float:
        """Width divided by height."""
        return self.width() / max(self.height(), 1)

    @property
    def camera(self) -> Camera:
        """From where the scene is seen: the user's choice, or else where the scene's camera is at this time."""
        return self.own_camera if self._chosen is None else self._chosen

    @property
    def own_camera(self) -> Camera:
        """Where the scene's camera is at this time."""
        if self._own is None:
            self._own = self._sized().camera_at(self._moment, self.aspect)
        return self._own

    @property
    def chosen(self) -> Camera | None:
        """The camera that the user chose; None where the scene is seen from its own."""
        return self._chosen

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
    def full_seconds(self) -> float:
        """How long the last picture in all pixels took."""
        return self._full_seconds

    @property
    def insets(self) -> tuple[Inset, ...]:
        """The insets of the picture that was drawn last."""
        return self._drawing.insets

    @guarded
    def show_time(self, time: float | Moment) -> None:
        """Show another time, in steps, or another moment of the film."""
        self._moment = time
        self._frame = None
        self._own = None
        self.redraw()

    @guarded
    def show_composition(self, composition: Composition, *, keep_camera: bool) -> None:
        """Show another scene, from where the eye is or from the scene's own camera."""
        self.composition = composition
        self._frame = self._own = None
        if not keep_camera:
            self._chosen = None
        self.redraw()

    @guarded
    def emphasize(self, emphasis: Emphasis) -> None:
        """Light some cells, or leave some matrices out."""
        if emphasis != self.emphasis:
            self.emphasis = emphasis
            self._frame = None
            self.redraw()

    @guarded
    def cover(self, over: tuple[Box, ...]) -> None:
        """Let something lie over the picture from now on: names keep off it."""
        if over != self.over:
            self.over = over
            self.redraw()

    @guarded
    def look(self, camera: Camera) -> None:
        """Look from a camera."""
        self._look(camera)

    @guarded
    def turn(self, right_degrees: float, up_degrees: float, about: Vector | None = None) -> None:
        """Send the eye around a point, (3,), that stays in its place; around what it looks at by default."""
        self._look(orbit.orbit(self.camera, right_degrees, up_degrees, about))

    @guarded
    def zoom(self, factor: float, toward: Vector | None = None) -> None:
        """Come nearer to a point, (3,), or away with a factor below 1; to the picture's middle by default."""
        far = FARTHEST * orbit.distance(self.composition.camera(self.aspect))
        point = self.point_at(QPointF(self.rect().center())) if toward is None else toward
        self._look(orbit.approach(self.camera, point, factor, far))

    @guarded
    def pan(self, right: float, up: float, depth: float | None = None) -> None:
        """Move the eye sideways, in shares of the picture's height at a depth, by default that of the target."""
        self._look(orbit.pan(self.camera, right, up, depth))

    @guarded
    def reset(self) -> None:
        """Look from the scene's own camera again, and follow its path."""
        self._chosen = None
        self.redraw()

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

        What is lit only because the pointer is there is not, nor is the frame of the selected matrix; names stand as
        where nothing lies over the picture.

        Raises:
            MmvizError: it cannot be drawn.
        """
        if self._renderer is None:
            return self._pixels.copy()
        shown = self.emphasis, self.over
        self.emphasis, self.over = replace(self.emphasis, pointed={}, outlined=None), ()
        try:
            self._draw(coarse=1)
            return self._pixels.copy()
        finally:
            if shown != (self.emphasis, self.over):
                self.emphasis, self.over = shown
                self.redraw()

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
        self.redraw()

    def play(self, playing: bool) -> None:
        """Rather draw coarsely than late from now on, or be sharp again."""
        self._playing = playing
        if self._coarse > 1 and not playing:
            self.redraw()

    def redraw(self) -> None:
        """Draw anew what is shown, before long."""
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

    def _draw(self, coarse: int | None = None) -> None:
        assert self._renderer is not None  # noqa: S101  (paintEvent asks before)
        begin = perf_counter()
        steady = coarse is None and self.dragged
        coarse = self._coarseness() if coarse is None else coarse
        ratio = self.devicePixelRatioF()  # drawn pixels for one of Qt's
        size = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        if self._renderer.size != size:
            self._renderer.resize(*size)
        seen = self._moment, self.camera, self.aspect, self.emphasis
        self._drawing = self._sized().at(*seen, steady=steady, over=self.over)
        self._renderer.show(self._drawing, self.camera)
        self._pixels = self._renderer.draw(coarse)
        self._coarse = coarse
        self._pictures += 1
        if coarse == 1 and self._pictures > 1:
            self._full_seconds = perf_counter() - begin

    def _coarseness(self) -> int:
        """Side of the pixels that matrices are drawn in: 1, or more where a drag, a flight or playing would stutter."""
        if not (self.dragged or self.hurried or self._playing) or self._full_seconds <= FLUENT:
            return 1
        return min(ceil(sqrt(self._full_seconds / FLUENT)), COARSEST)

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: ARG002
        """The scene's own camera fits the new size; one that the user has chosen stays."""
        self._own = None
        self.redraw()

    def under_pointer(self) -> Picked | None:
        """The element under the pointer."""
        if self.pointer is None:
            return None
        shown = self.composition, self.frame, self.camera
        return pick(*shown, *self._shares(self.pointer), self.aspect, insets=self._drawing.insets, t=self.time)

    def point_at(self, spot: QPointF) -> Vector:
        """The point in space, (3,), that is meant at a place of the widget, also beside everything; see `meant`."""
        return targets.meant(self.composition, self.frame, self.camera, *self._shares(spot), self.aspect)

    def point_on(self, spot: QPointF) -> Vector | None:
        """The same on a matrix; None beside everything."""
        return targets.met(self.composition, self.frame, self.camera, *self._shares(spot), self.aspect)

    def _shares(self, spot: QPointF) -> tuple[float, float]:
        return spot.x() / max(self.width(), 1), spot.y() / max(self.height(), 1)
