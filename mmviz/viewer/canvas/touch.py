"""What fingers on the screen do in the picture: one is a mouse's left button, two move and pinch; draws nothing."""

from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QEventPoint, QMouseEvent, QTouchEvent
from PySide6.QtWidgets import QApplication

from mmviz.viewer.canvas.guarded import guarded
from mmviz.viewer.canvas.mouse import Mouse
from mmviz.viewer.canvas.view import View
from mmviz.viewer.gestures import CLOSEST

Kind = QEvent.Type
Button = Qt.MouseButton


class Touch(QObject):
    """Lets fingers do what a mouse does: tap, drag, press long; and two of them what a wheel and a middle button do.

    Args:
        view: The picture.
        mouse: What moves it.
    """

    failed = Signal(str)
    """Something went wrong in a handler; the text is for the user."""

    def __init__(self, view: View, mouse: Mouse) -> None:
        super().__init__(view)
        self._view, self._mouse = view, mouse
        self._several = False  # fingers have been down since all were up
        self._pair: tuple[QPointF, float] | None = None  # the middle of two fingers and their distance, in pixels
        self._tapped: tuple[float, QPointF] | None = None  # when and where
        self.failed.connect(view.failed)
        view.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what fingers do from the view, or Qt would make a mouse of the first one alone."""
        if isinstance(event, QTouchEvent):
            event.accept()
            self._follow(event)
            return True
        return super().eventFilter(watched, event)

    @guarded
    def _follow(self, event: QTouchEvent) -> None:
        fingers = [one for one in event.points() if one.state() != QEventPoint.State.Released]
        if len(event.points()) > 1 and not self._several:
            self._several = True
            self._mouse.let_go()  # it was no click
            self._send(Kind.MouseButtonRelease, event.points()[0], pressed=False)  # and becomes no long press
        if event.type() in (Kind.TouchEnd, Kind.TouchCancel):
            self._end(event)
        elif self._several:
            self._take(fingers)
        elif event.type() == Kind.TouchBegin:
            self._send(Kind.MouseButtonPress, fingers[0])
        else:
            self._send(Kind.MouseMove, fingers[0])

    def _end(self, event: QTouchEvent) -> None:
        """The last finger is gone."""
        if self._several:
            self._several, self._pair = False, None
            self._view.dragged = False
            self._view.redraw()
        elif event.type() == Kind.TouchCancel:
            self._mouse.let_go()
        else:
            self._lift(event.points()[0])

    def _lift(self, finger: QEventPoint) -> None:
        """A tap, the second one of two, or the end of a drag."""
        now, spot = perf_counter(), finger.position()
        self._send(Kind.MouseButtonRelease, finger, pressed=False)
        style = QApplication.styleHints()
        if (spot - finger.pressPosition()).manhattanLength() >= QApplication.startDragDistance():
            self._tapped = None
            return
        if self._tapped is not None:
            before, place = self._tapped
            near = (spot - place).manhattanLength() <= style.touchDoubleTapDistance()
            if near and 1000 * (now - before) <= style.mouseDoubleClickInterval():
                self._send(Kind.MouseButtonDblClick, finger)
                self._tapped = None
                return
        self._tapped = now, spot

    def _take(self, fingers: list[QEventPoint]) -> None:
        """What is between two fingers stays between them."""
        if len(fingers) != 2:
            self._pair = None
            return
        one, other = (finger.position() for finger in fingers)
        middle, apart = (one + other) / 2, max(QPointF.dotProduct(one - other, one - other) ** 0.5, CLOSEST)
        if self._pair is None:
            self._mouse.hold(middle)
            self._view.dragged = True
        else:
            before, gap = self._pair
            self._mouse.drag(middle - before, turns=False)
            self._mouse.pinch(apart / gap)
        self._pair = middle, apart

    def _send(self, kind: QEvent.Type, finger: QEventPoint, *, pressed: bool = True) -> None:
        """Do as a mouse would: what listens to mice need not know of fingers."""
        buttons = Button.LeftButton if pressed else Button.NoButton
        button = Button.NoButton if kind == Kind.MouseMove else Button.LeftButton
        spot = finger.position()
        event = QMouseEvent(kind, spot, finger.globalPosition(), button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._view, event)
