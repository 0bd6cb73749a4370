"""A picture with a line above it: what it shows, at which step; computes nothing."""

from math import floor

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QToolButton, QVBoxLayout, QWidget

from mmviz.viewer.canvas.view import View
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.elided import Elided, Link
from mmviz.viewer.controls.fields import Manners, unasked
from mmviz.viewer.controls.icons import icon
from mmviz.viewer.gestures import FUZZ

NARROWEST = 160
"""Width of a picture that stands beside another one, in the screen's own unit."""


class Pane(QWidget):
    """The picture of the scene; its line is there only while another one stands beside it.

    Args:
        view: The picture.
    """

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view
        self.title, self.step = Elided(), Elided()
        self.line = QWidget()
        self.row = QHBoxLayout(self.line)
        self.row.setContentsMargins(10, 4, 8, 4)
        self.row.setSpacing(8)
        self.row.addWidget(self.title, 1)
        self.row.addWidget(self.step)
        self.line.setFixedHeight(self.fontMetrics().height() + 16)
        self.line.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.line)
        column.addWidget(view, 1)

    def tell(self, title: str, time: float, steps: int) -> None:
        """Say what is shown."""
        self.title.say(title)
        self.step.say(f"step {floor(time + FUZZ)} / {steps}", "quiet")


class SecondPane(Pane):
    """The picture beside it, with its own step, a switch that links both cameras, and a cross that closes it."""

    linked = Signal(bool)
    """Both cameras are to go together, or each by itself."""
    stepped = Signal(int)
    """Another step is to be shown than beside it."""
    closed = Signal()

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.step.hide()
        self.spin = QSpinBox()
        self.spin.setKeyboardTracking(False)
        self.spin.setPrefix("step ")
        self.spin.setToolTip("Show another step here; both play on together")
        self.spin.setAccessibleName("step of the second view")
        self.spin.installEventFilter(Manners(self.spin))
        self.link = QToolButton()
        self.link.setCheckable(True)
        self.link.setChecked(True)
        self.link.setAutoRaise(True)
        self.link.setIconSize(QSize(16, 16))
        self.link.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.link.setToolTip("Turn both together")
        self.cross = Link("✕", "quiet")
        self.cross.setToolTip("Close this view (Esc)")
        for part in (self.spin, self.link, self.cross):
            self.row.addWidget(part)
        self.line.show()
        view.setMinimumWidth(NARROWEST)
        self.link.toggled.connect(self.linked)
        self.spin.valueChanged.connect(self.stepped)
        self.cross.clicked.connect(self.closed)
        self._dress()

    def tell(self, title: str, time: float, steps: int) -> None:
        """Say what is shown, without asking for another step."""
        self.title.say(title)
        with unasked(self.spin):
            self.spin.setRange(0, steps)
            self.spin.setSuffix(f" / {steps}")
            self.spin.setValue(floor(time + FUZZ))

    def changeEvent(self, event: QEvent) -> None:
        """Wear another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        self.link.setIcon(icon("link", theme.of(self)))
