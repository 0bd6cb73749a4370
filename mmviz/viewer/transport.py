"""The bar below the picture: play, step, scrub over the chapters, speed, loop, and which step is shown."""

from collections.abc import Sequence
from math import floor

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from mmviz.picture.time.chapters import Chapter
from mmviz.viewer.canvas.player import Player
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.themed import SliderBar
from mmviz.viewer.gestures import FUZZ, RATES
from mmviz.viewer.key_words import tip_of_now

FINENESS = 100
SPACING, BUTTON = 4, 30
AROUND = 80
"""Pixels of the slider in a narrow window, with what is free beside it."""
"""Places of the slider in one step."""


class ScrubBar(SliderBar):
    """A slider over the whole animation, with a mark where each chapter begins."""

    sought = Signal(float)
    """The time the user wants, in steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.marks: tuple[float, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.valueChanged.connect(self._tell)
        self.take(steps, ())

    def take(self, steps: int, chapters: Sequence[Chapter]) -> None:
        """Go over another animation."""
        quiet = self.blockSignals(True)
        self.setRange(0, steps * FINENESS)
        self.blockSignals(quiet)
        self.marks = tuple(sorted({chapter.first for chapter in chapters if chapter.first > 0}))
        titles = [f"{chapter.first:g}: {chapter.title}" for chapter in chapters if chapter.title]
        self.setToolTip("\n".join(["Drag to any moment", *titles]))
        self.update()

    def show_time(self, time: float) -> None:
        """Stand at a time without telling anybody."""
        quiet = self.blockSignals(True)
        self.setValue(round(time * FINENESS))
        self.blockSignals(quiet)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The slider, and above its groove the chapters' beginnings."""
        super().paintEvent(event)
        if not self.marks:
            return
        painter = QPainter(self)
        painter.setPen(QColor(theme.of(self).quiet))
        wide = self._handle().width()
        for mark in self.marks:
            x = wide / 2 + mark * FINENESS / max(self.maximum(), 1) * (self.width() - wide)
            painter.drawLine(QPointF(x, 1), QPointF(x, self.height() / 2 - 4))
        painter.end()

    def _tell(self, value: int) -> None:
        self.sought.emit(value / FINENESS)


class Transport(QWidget):
    """Buttons for the actions of playback, the slider, the speed and the counter.

    Args:
        player: What is played.
        buttons: Actions before the slider.
        loop: The action that plays it again and again.
    """

    def __init__(self, player: Player, buttons: Sequence[QAction], loop: QAction) -> None:
        super().__init__()
        self.setObjectName("transport")  # by which the tour finds it
        self._player = player
        self.slider = ScrubBar(player.steps)
        self.counter = QLabel()
        self.counter.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed = QComboBox()
        self.speed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tip_of_now(self.speed, "Speed, as a multiple of the scene's own ({slower} and {faster})")
        for rate in RATES:
            self.speed.addItem(f"{rate:g}×", rate)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 12, 4)
        row.setSpacing(SPACING)
        always = [_button(action) for action in buttons]
        for button in always:
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.slider, 1)
        row.addSpacing(10)
        row.addWidget(self.counter)
        row.addWidget(self.speed)
        self.repeat = _button(loop)
        row.addWidget(self.repeat)
        self._least = AROUND + len(always) * (BUTTON + SPACING)
        self.setMinimumWidth(self._least)
        self.slider.sought.connect(player.seek)
        self.speed.activated.connect(lambda number: player.set_rate(RATES[number]))
        player.rate_changed.connect(self.show_rate)
        player.moved.connect(self.show_time)
        player.taken.connect(self.take)
        self.show_rate(player.rate)
        self.take()

    def take(self) -> None:
        """Go over what the player plays now."""
        self.slider.take(self._player.steps, self._player.chapters)
        self.counter.setMinimumWidth(self.counter.fontMetrics().horizontalAdvance(self._count(self._player.steps)))
        self.show_time(self._player.time)
        self._leave_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for: the commands for it are in the menu."""
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self) -> None:
        room = self.width() - self._least
        for part in (self.counter, self.repeat, self.speed):
            room -= max(part.sizeHint().width(), part.minimumWidth()) + SPACING
            part.setVisible(room >= 0)

    def show_time(self, time: float) -> None:
        """Let slider and counter stand at a time, in steps."""
        self.slider.show_time(time)
        self.counter.setText(self._count(time))

    def show_rate(self, rate: float) -> None:
        """Say how fast it is played."""
        self.speed.setCurrentIndex(RATES.index(rate))

    def _count(self, time: float) -> str:
        return f"step {floor(time + FUZZ)} / {self._player.steps}"


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setIconSize(QSize(22, 22))
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
