"""What the mouse does in the picture: drags turn and move it, the wheel zooms, clicks point at cells; draws nothing."""

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QInputDevice, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.placement import Vector
from mmviz.viewer.canvas.guarded import guarded
from mmviz.viewer.canvas.view import View
from mmviz.viewer.gestures import DEGREES_A_HEIGHT, PIXELS_A_NOTCH, SMALLEST_PINCH, ZOOM_A_NOTCH
from mmviz.viewer.session.selection import Selection

NOTCH = 120
"""What Qt counts for a notch of a wheel."""
Button = Qt.MouseButton
Kind = QEvent.Type
Key = Qt.KeyboardModifier


class Mouse(QObject):
    """Turns, moves and zooms what a view shows about what is under the pointer; tells what is pointed at and clicked.

    Args:
        view: The picture.
        selection: The matrix about which is turned where nothing is under the pointer.
    """

    failed = Signal(str)
    """Something went wrong in a handler; the text is for the user."""

    def __init__(self, view: View, selection: Selection) -> None:
        super().__init__(view)
        self._view, self._selection = view, selection
        self._button = Button.NoButton  # that began it; others may be pressed while it is down
        self._at: QPointF | None = None  # where the pointer was seen last while a button is down
        self._click: QPointF | None = None  # where a click would be; None once it has become a drag
        self._about: Vector | None = None  # of a drag: what is turned about; None: what the camera looks at
        self._held: Vector | None = None  # of a drag: what is moved with the pointer
        self._aim: tuple[QPointF, Camera, Vector] | None = None  # of the latest zoom: where, what it led to, the point
        self.failed.connect(view.failed)
        view.drawn.connect(self.point)
        view.setMouseTracking(True)
        view.installEventFilter(self)

    def let_go(self) -> None:
        """Forget the button that is held down: what follows is neither a drag nor a click."""
        self._at = self._click = None
        self._view.dragged = False

    def zoom(self, factor: float, spot: QPointF) -> None:
        """Come nearer to what is at a place of the view, and stay with it while the place stays the same."""
        view = self._view
        if self._aim is None or self._aim[0] != spot or self._aim[1] is not view.camera:
            self._aim = spot, view.camera, view.point_at(spot)
        point = self._aim[2]
        view.zoom(factor, point)
        self._aim = spot, view.camera, point

    def hold(self, spot: QPointF) -> None:
        """What is at a place of the view is moved and turned from now on."""
        view = self._view
        self._held = view.point_at(spot)
        self._about = view.point_on(spot)
        path = self._selection.path
        if self._about is None and path is not None and path in view.composition.layout:
            self._about = view.composition.layout[path].center()

    def drag(self, way: QPointF, *, turns: bool) -> None:
        """Turn or move what is held by as much as the pointer has gone, in pixels."""
        share = way / max(self._view.height(), 1)  # in heights of the picture
        if turns:
            self._view.turn(-DEGREES_A_HEIGHT * share.x(), DEGREES_A_HEIGHT * share.y(), self._about)
        else:
            depth = None if self._held is None else float(self._view.camera.depths(self._held))
            self._view.pan(-share.x(), share.y(), depth)

    def pinch(self, factor: float) -> None:
        """Come nearer to what is held."""
        self._view.zoom(factor, self._held)

    @guarded
    def point(self) -> None:
        """Tell what is under the pointer, unless a button is down."""
        if self._at is None:
            self._view.pointed.emit(self._view.under_pointer())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what the mouse does from the view."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind == Kind.MouseButtonPress:
                self._press(event)
            elif kind == Kind.MouseMove:
                self._move(event)
            elif kind == Kind.MouseButtonRelease:
                self._release(event)
            elif kind == Kind.MouseButtonDblClick:
                self._focus(event)
            return True
        if isinstance(event, QWheelEvent):
            self._roll(event)
            return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._pinch(event)
            return True
        if kind == Kind.Leave:
            self._leave()
        return super().eventFilter(watched, event)

    @guarded
    def _press(self, event: QMouseEvent) -> None:
        """A drag, or a click, begins."""
        self._at = self._view.pointer = event.position()  # a finger comes without having moved there
        self._button = event.button()
        self._click = event.position() if self._button in (Button.LeftButton, Button.RightButton) else None
        self._view.dragged = self._click is None
        self.hold(event.position())

    @guarded
    def _move(self, event: QMouseEvent) -> None:
        """Turn or move the scene with the pointer, or tell what is under it."""
        spot = event.position()
        self._view.pointer = spot
        if self._at is None or not event.buttons():
            self.let_go()
            self.point()
            return
        if self._click is not None and (spot - self._click).manhattanLength() < QApplication.startDragDistance():
            return
        self._click = None
        self._view.dragged = True
        way, self._at = spot - self._at, spot
        self.drag(way, turns=bool(event.buttons() & Button.LeftButton and not event.modifiers() & Key.ShiftModifier))

    @guarded
    def _release(self, event: QMouseEvent) -> None:
        """A drag ends: what was coarse is drawn again, and names go to their best places. Or it was a click."""
        if event.buttons():
            return
        clicked, dragged = self._click is not None, self._view.dragged
        self.let_go()
        if clicked and self._button == Button.RightButton:
            self._view.asked.emit(self._view.under_pointer(), event.globalPosition().toPoint())
        elif clicked:
            self._view.clicked.emit(self._view.under_pointer())
        if dragged:
            self._view.redraw()

    @guarded
    def _focus(self, event: QMouseEvent) -> None:
        """The second click of two; the first one has said what was clicked."""
        self._view.pointer = event.position()
        if event.button() == Button.LeftButton:
            self._view.focused.emit(self._view.under_pointer())

    @guarded
    def _roll(self, event: QWheelEvent) -> None:
        """A wheel zooms. Two fingers on a trackpad move the scene; with Shift they turn it, with Ctrl they zoom."""
        if not _slides(event) or event.modifiers() & (Key.ControlModifier | Key.MetaModifier):
            turned = event.angleDelta().y() or event.angleDelta().x()  # some systems turn it with a key held
            if turned:
                self.zoom(ZOOM_A_NOTCH ** (turned / NOTCH), event.position())
            return
        if event.phase() in (Qt.ScrollPhase.NoScrollPhase, Qt.ScrollPhase.ScrollBegin) or self._held is None:
            self.hold(event.position())
        way = event.pixelDelta()
        if way.isNull():
            way = QPoint(*(round(PIXELS_A_NOTCH * turn / NOTCH) for turn in event.angleDelta().toTuple()))
        self.drag(QPointF(way), turns=bool(event.modifiers() & Key.ShiftModifier))

    @guarded
    def _pinch(self, event: QNativeGestureEvent) -> None:
        """Two fingers on a trackpad come nearer with what is between them."""
        self.zoom(max(1 + event.value(), SMALLEST_PINCH), event.position())

    @guarded
    def _leave(self) -> None:
        """Nothing is under the pointer any more."""
        self._view.pointer = None
        self.point()


def _slides(event: QWheelEvent) -> bool:
    """Whether fingers slide over a trackpad: no wheel begins and ends, and none turns by pixels."""
    if event.device().type() == QInputDevice.DeviceType.TouchPad or event.phase() != Qt.ScrollPhase.NoScrollPhase:
        return True
    return not event.pixelDelta().isNull() and event.angleDelta().y() % NOTCH != 0
