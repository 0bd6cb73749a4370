"""The eye on its way from one camera to another; whatever else moves it, or touches the picture, takes over at once."""

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, Qt, QTimer

from mmviz.picture.easing import smooth
from mmviz.picture.eye import flight
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.handling import FLIGHT
from mmviz.viewer.canvas.view import View

TAKES_OVER = frozenset(
    (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.NativeGesture, QEvent.Type.TouchBegin)
)
TICK = 16
"""Milliseconds between two looks at the clock."""


class Flying(QObject):
    """Flies the eye of a view.

    Args:
        view: Whose camera is moved.
        clock: Seconds that only grow.
    """

    def __init__(self, view: View, clock: Callable[[], float] = perf_counter) -> None:
        super().__init__(view)
        self._view = view
        self._clock = clock
        self._began = 0.0
        self._goal: Camera | None = None
        self._arrive: Callable[[], None] | None = None
        self._latest: Camera | None = None
        self._first = self._last = flight.View.of(view.camera)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self.tick)
        view.installEventFilter(self)

    @property
    def goal(self) -> Camera | None:
        """Where the eye flies to; None while it does not fly."""
        return self._goal

    def to(self, camera: Camera, arrive: Callable[[], None] | None = None) -> None:
        """Fly to a camera from where the eye is.

        Args:
            camera: Where the flight ends.
            arrive: What is done when the eye is there; nothing where something else takes over.
        """
        self._first = flight.View.of(self._view.camera)
        self._last = flight.View.of(camera).wound(self._first.turn)
        self._goal, self._arrive = camera, arrive
        self._began = self._clock()
        self._view.hurried = True
        self._look(self._first.camera())
        self._timer.start()

    def finish(self) -> None:
        """Be there at once."""
        if self._goal is not None:
            goal, arrive = self._goal, self._arrive
            self.stop()
            self._view.look(goal)
            if arrive is not None:
                arrive()

    def stop(self) -> None:
        """Stay where the eye is."""
        if self._goal is not None:
            self._timer.stop()
            self._goal = None
            self._view.hurried = False
            self._view.look(self._view.camera)  # what was drawn coarsely is drawn again

    def tick(self) -> None:
        """Look at the clock and fly on."""
        if self._goal is None:
            return
        if self._view.camera is not self._latest:
            self.stop()
            return
        share = (self._clock() - self._began) / FLIGHT
        if share >= 1:
            self.finish()
        else:
            self._look(flight.between(self._first, self._last, smooth(share)).camera())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is pressed, rolled or pinched takes the eye over; a key that moves it does by itself."""
        if event.type() in TAKES_OVER:
            self.stop()
        return super().eventFilter(watched, event)

    def _look(self, camera: Camera) -> None:
        self._view.look(camera)
        self._latest = self._view.camera
