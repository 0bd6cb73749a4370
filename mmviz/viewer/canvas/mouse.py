"""What the mouse does in the picture: drags turn and move it, the wheel zooms, clicks point at cells; draws nothing."""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from mmviz.viewer.canvas.guarded import guarded
from mmviz.viewer.canvas.view import ZOOM_A_NOTCH, View

DEGREES_A_HEIGHT = 200.0
"""How far a drag over the picture's whole height turns it."""
Button = Qt.MouseButton
Kind = QEvent.Type


class Mouse(QObject):
    """Turns, moves and zooms what a view shows, and tells what is pointed at and clicked."""

    failed = Signal(str)
    """Something went wrong in a handler; the text is for the user."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._view = view
        self._button = Button.NoButton  # that began it; others may be pressed while it is down
        self._at: QPointF | None = None  # where the pointer was seen last while a button is down
        self._click: QPointF | None = None  # where a click would be; None once it has become a drag
        self.failed.connect(view.failed)
        view.drawn.connect(self.point)
        view.setMouseTracking(True)
        view.installEventFilter(self)

    def let_go(self) -> None:
        """Forget the button that is held down: what follows is neither a drag nor a click."""
        self._at = self._click = None
        self._view.dragged = False

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
                self._view.reset()
            return True
        if isinstance(event, QWheelEvent):
            self._roll(event)
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
        way = (spot - self._at) / max(self._view.height(), 1)  # in heights of the picture
        self._at = spot
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.buttons() & Button.LeftButton and not shifted:
            self._view.turn(-DEGREES_A_HEIGHT * way.x(), DEGREES_A_HEIGHT * way.y())
        else:
            self._view.pan(-way.x(), way.y())

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
    def _roll(self, event: QWheelEvent) -> None:
        """Come nearer or go away."""
        if notches := event.angleDelta().y() / 120:
            self._view.zoom(ZOOM_A_NOTCH**notches)

    @guarded
    def _leave(self) -> None:
        """Nothing is under the pointer any more."""
        self._view.pointer = None
        self.point()
