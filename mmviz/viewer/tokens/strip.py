"""The strip below the picture: the tokens of what the model reads, or a field in which that is changed."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QToolButton, QWidget

from mmviz.viewer.controls import theme
from mmviz.viewer.controls.icons import icon
from mmviz.viewer.key_words import tip_of_now
from mmviz.viewer.tokens.chip_line import ChipLine
from mmviz.viewer.tokens.chips import MOST_LINES, Chip
from mmviz.viewer.tokens.prompt_line import PromptLine

LOW = 480
"""Height of a window in which there is room for more than one line, in the screen's own unit."""
BAR = 8
"""Height of the bar that scrolls."""


class TokenStrip(QWidget):
    """Chips with a pencil beside them."""

    asked = Signal()
    """The prompt is to be edited."""

    def __init__(self) -> None:
        super().__init__()
        self.line = ChipLine()
        self.prompt = PromptLine()
        self.pencil = QToolButton()
        self.area = QScrollArea()
        self._stack = QStackedWidget()
        self._assemble()
        self.pencil.clicked.connect(self.asked)
        self.line.held.connect(self.asked)

    @property
    def editing(self) -> bool:
        """Whether the prompt is being edited."""
        return self._stack.currentWidget() is self.prompt

    def show_chips(self, chips: Sequence[Chip], tip: Callable[[int], str], *, editable: bool) -> None:
        """Show other tokens."""
        self.line.show_chips(chips, tip)
        self.pencil.setVisible(editable)
        self.fit()

    def edit(self, prompt: str, before: Sequence[str], after: Sequence[str], placeholder: str) -> None:
        """Let the prompt be edited in place of the tokens."""
        self._stack.setCurrentWidget(self.prompt)
        self.pencil.hide()
        self.prompt.begin(prompt, before, after, placeholder)
        self.fit()

    def leave(self) -> None:
        """Show the tokens again."""
        self._stack.setCurrentWidget(self.area)
        self.pencil.show()
        self.fit()

    def show_token(self, number: int) -> None:
        """Scroll to a token."""
        place = self.line.place(number).toRect()
        self.area.ensureVisible(place.center().x(), place.center().y(), place.width(), 0)

    def fit(self) -> None:
        """Be as high as what is shown."""
        room = self.area.viewport().width()
        self.line.fit(room - 1, MOST_LINES if self.window().height() >= LOW else 1)
        longer = self.line.width() > room
        high = self.prompt.editor.height() if self.editing else self.line.height() + (BAR + 2) * longer
        if high != self._stack.height():
            self._stack.setFixedHeight(high)

    def changeEvent(self, event: QEvent) -> None:
        """Wear another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lines are as wide as there is room; the wheel scrolls along them."""
        if event.type() == QEvent.Type.Resize and isinstance(event, QResizeEvent):
            if event.size().width() != event.oldSize().width():
                self.fit()
            return False
        if event.type() == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            way = event.angleDelta().y() or event.angleDelta().x()
            bar = self.area.horizontalScrollBar()
            bar.setValue(bar.value() - way)
            return True
        return super().eventFilter(watched, event)

    def _assemble(self) -> None:
        self.area.setWidget(self.line)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.area.viewport().installEventFilter(self)
        self.pencil.setAutoRaise(True)
        self.pencil.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pencil.setIconSize(QSize(16, 16))
        tip_of_now(self.pencil, "Edit the prompt ({edit_prompt}, or a double click on a token)")
        self._stack.addWidget(self.area)
        self._stack.addWidget(self.prompt)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 2)
        row.setSpacing(6)
        row.addWidget(self._stack, 1)
        row.addWidget(self.pencil, 0, Qt.AlignmentFlag.AlignTop)
        self._dress()

    def _dress(self) -> None:
        worn = theme.of(self)
        self.pencil.setIcon(icon("expression", worn))
        self.area.horizontalScrollBar().setStyleSheet(
            f"QScrollBar:horizontal {{ height: {BAR}px; background: transparent; }}"
            f"QScrollBar::handle:horizontal {{ background: {worn.groove}; border-radius: 3px; min-width: 24px; }}"
            "QScrollBar::add-line, QScrollBar::sub-line { width: 0; }"
        )
