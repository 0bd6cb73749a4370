"""A quiet line over the picture where nothing of the scene is in sight: it says how one comes back, and brings one."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton

from mmviz.picture.eye.in_view import in_sight
from mmviz.viewer.canvas.view import View
from mmviz.viewer.controls import theme
from mmviz.viewer.own_keys import keys_by_name, native

ANYHOW = "Nothing in sight.   Click here: back to the scene"
"""Where no key does that."""
HEIGHT = 0.5
"""Of its middle, as a share of the picture's height."""


class OutOfSight(QPushButton):
    """Is there while the camera of a view sees nothing of the scene."""

    wanted = Signal()
    """One wants to see the scene again."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._view = view
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        # Over a picture, which is dark in every theme.
        color = theme.DARK.quiet
        self.setStyleSheet(
            f"QPushButton {{ color: {color}; background: transparent; border: none; padding: 6px 12px }}"
        )
        self.clicked.connect(self.wanted)
        self.hide()
        view.installEventFilter(self)
        view.drawn.connect(self._judge)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _judge(self) -> None:
        view = self._view
        places = [view.composition.layout[path] for path in view.frame]
        lost = not in_sight(view.camera, places, view.aspect)
        if lost and self.isHidden():
            keys = keys_by_name()["reset"]
            self.setText(f"Nothing in sight.   {native(keys[:1])}: back to the scene" if keys else ANYHOW)
            self._place()
        self.setVisible(lost)

    def _place(self) -> None:
        self.adjustSize()
        view = self._view
        self.move((view.width() - self.width()) // 2, round(HEIGHT * view.height() - self.height() / 2))
