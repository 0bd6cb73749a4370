"""The bar below the picture: play, step, scrub, and which step is shown."""

from math import floor

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QToolButton, QWidget

from mmviz.viewer.player import FUZZ, Player
from mmviz.viewer.theme import SLIDER

FINENESS = 100
"""Places of the slider in one step."""


class ScrubBar(QSlider):
    """A slider over the whole animation that goes where it is clicked."""

    sought = Signal(float)
    """The time the user wants, in steps."""

    def __init__(self, steps: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, steps * FINENESS)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip("Drag to any moment")
        self.setStyleSheet(SLIDER)
        self.valueChanged.connect(self._tell)

    def show_time(self, time: float) -> None:
        """Stand at a time without telling anybody."""
        quiet = self.blockSignals(True)
        self.setValue(round(time * FINENESS))
        self.blockSignals(quiet)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The handle jumps under the pointer, and follows it from there."""
        if event.button() == Qt.MouseButton.LeftButton:
            handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)
            place = round(event.position().x() - handle / 2)
            room = self.width() - handle
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, room))
        super().mousePressEvent(event)

    def _tell(self, value: int) -> None:
        self.sought.emit(value / FINENESS)


class Transport(QWidget):
    """Buttons for the actions of playback, the slider and the counter."""

    def __init__(self, player: Player, back: QAction, play: QAction, forward: QAction) -> None:
        super().__init__()
        self._player = player
        self.slider = ScrubBar(player.steps)
        self.counter = QLabel()
        self.counter.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.counter.setMinimumWidth(self.counter.fontMetrics().horizontalAdvance(self._count(player.steps)))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 12, 4)
        row.setSpacing(4)
        for action in (back, play, forward):
            row.addWidget(_button(action))
        row.addSpacing(8)
        row.addWidget(self.slider, 1)
        row.addSpacing(10)
        row.addWidget(self.counter)
        self.slider.sought.connect(player.seek)
        player.moved.connect(self.show_time)
        self.show_time(player.time)

    def show_time(self, time: float) -> None:
        """Let slider and counter stand at a time, in steps."""
        self.slider.show_time(time)
        self.counter.setText(self._count(time))

    def _count(self, time: float) -> str:
        return f"step {floor(time + FUZZ)} / {self._player.steps}"


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setIconSize(QSize(22, 22))
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
