"""Fields that show a value of the scene and ask for another one; they know no scene and change nothing."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from mmviz.viewer.controls import theme
from mmviz.viewer.controls.themed import CheckBox, SliderBar

NARROW = 296
"""Pixels of a row that has not room enough for a name and words side by side."""
Key = Qt.Key
ARROWS = frozenset({Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right, Key.Key_Home, Key.Key_End})
"""Keys that move through a field as long as it has the focus, whatever they do elsewhere in the window."""


class Manners(QObject):
    """Keeps the arrow keys for the field that has the focus, and the wheel for the panel that is scrolled."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Decide before the field does."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.keeps(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False

    def keeps(self, event: QKeyEvent) -> bool:
        """Whether a key is the field's, whatever it does elsewhere in the window."""
        return event.key() in ARROWS


class Control(QWidget):
    """A field of the form."""

    chosen = Signal(object)
    """Another value is asked for."""

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setToolTip(tip)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)

    def show_value(self, value: Any) -> None:
        """Show what the scene says, without asking for anything."""
        raise NotImplementedError

    def forget(self) -> None:
        """Take back what is typed and not asked for yet: it was meant for something else."""

    def _add(self, widget: QWidget, stretch: int = 0) -> None:
        widget.installEventFilter(Manners(widget))
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.setToolTip(self.toolTip())
        self._row.addWidget(widget, stretch)


class Switch(Control):
    """On or off."""

    def __init__(self, tip: str) -> None:
        super().__init__(tip)
        self.box = CheckBox()
        self._add(self.box, 1)
        self.box.clicked.connect(self._tell)

    def _tell(self, on: bool) -> None:
        self.chosen.emit(on)

    def show_value(self, value: Any) -> None:
        """True or false."""
        self.box.setChecked(bool(value))


class Choice(Control):
    """One of some values; each is shown by its name.

    Args:
        choices: Name -> value.
        tip: What it means.
    """

    def __init__(self, choices: Mapping[str, Any], tip: str) -> None:
        super().__init__(tip)
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(8)
        self._values: list[Any] = []
        self._add(self.box, 1)
        self.offer(choices)
        self.box.activated.connect(lambda number: self.chosen.emit(self._values[number]))

    def offer(self, choices: Mapping[str, Any], tips: Sequence[str] = ()) -> None:
        """Let there be other values."""
        if [self.box.itemText(number) for number in range(self.box.count())] != list(choices):
            self.box.clear()
            self.box.addItems(list(choices))
            for number, tip in enumerate(tips):
                self.box.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self._values = list(choices.values())

    @property
    def values(self) -> tuple[Any, ...]:
        """What can be chosen."""
        return tuple(self._values)

    @property
    def value(self) -> Any:
        """What is shown; None where it is none of the values."""
        number = self.box.currentIndex()
        return None if number < 0 else self._values[number]

    def show_value(self, value: Any) -> None:
        """One of the values; anything else is shown as nothing."""
        self.box.setCurrentIndex(self._values.index(value) if value in self._values else -1)


class Number(Control):
    """A number to be typed.

    Args:
        low: Smallest value.
        high: Largest value.
        tip: What it means.
        decimals: Digits after the point; 0 for whole numbers.
        none: What stands for None, the value below `low`; "" where None is no value.
    """

    def __init__(self, low: float, high: float, tip: str, *, decimals: int = 0, none: str = "") -> None:
        super().__init__(tip)
        self._whole = decimals == 0
        self._step = 10.0**-decimals if decimals else 1.0
        self._none = low - self._step if none else None
        self.box = QDoubleSpinBox()
        self.box.setKeyboardTracking(False)  # a number counts when it is typed to its end
        self.box.setDecimals(decimals)
        self.box.setSingleStep(self._step)
        self.box.setRange(low if self._none is None else self._none, high)
        self.box.setSpecialValueText(none)
        self._add(self.box, 1)
        self.box.valueChanged.connect(self._tell)

    def show_value(self, value: Any) -> None:
        """The number, or None."""
        with unasked(self.box):
            self.box.setValue(self._none if value is None and self._none is not None else float(value or 0))

    def forget(self) -> None:
        """Take back what is typed: else it would be asked for as soon as the keyboard goes elsewhere."""
        with unasked(self.box):
            self.box.setValue(self.box.value())

    def _tell(self, value: float) -> None:
        if self._none is not None and value < self._none + self._step / 2:
            self.chosen.emit(None)
        else:
            self.chosen.emit(round(value) if self._whole else value)


class Text(Control):
    """A line of text; Enter asks for it. What is being typed stays until it is there."""

    def __init__(self, tip: str) -> None:
        super().__init__(tip)
        self.box = QLineEdit()
        self._shown = self._asked = ""
        self._add(self.box, 1)
        self.box.editingFinished.connect(self._tell)

    def show_value(self, value: Any) -> None:
        """The text."""
        if self.box.text() in (self._shown, str(value)) or not self.box.isModified():
            self.box.setText(str(value))
        self._shown, self._asked = str(value), ""

    def forget(self) -> None:
        """Take back what is typed: else it would be asked for as soon as the keyboard goes elsewhere."""
        self.box.setText(self._shown)

    def _tell(self) -> None:
        text = self.box.text()
        if text not in (self._shown, self._asked):
            self._asked = text
            self.chosen.emit(text)


@contextmanager
def unasked(widget: QWidget) -> Iterator[None]:
    """What a field is told meanwhile is no wish of the user's."""
    before = widget.blockSignals(True)
    try:
        yield
    finally:
        widget.blockSignals(before)


def decimals_of(step: float) -> int:
    """How many decimals the number beside a slider has."""
    return 0 if step == 1.0 else max(1, math.ceil(-math.log10(step)))


class Slider(Control):
    """A number to be dragged or typed. The slider covers what is usual, the field beside it all that is allowed.

    Args:
        usual: The slider's ends.
        allowed: Smallest and largest value.
        tip: What it means.
        step: From one place of the slider to the next.
        logarithmic: Places are as far apart as their logarithms.
        none: What stands for None, as in `Number`; the slider then stands at `instead`.
    """

    instead = 0.0  # what None comes to

    def __init__(
        self,
        usual: tuple[float, float],
        allowed: tuple[float, float],
        tip: str,
        *,
        step: float = 1.0,
        logarithmic: bool = False,
        none: str = "",
    ) -> None:
        super().__init__(tip)
        self.drag = 0  # counts, so that each can be undone by itself
        self._usual, self._step, self._logarithmic = usual, step, logarithmic
        self._whole = step == 1.0
        self.slider = SliderBar()
        self.slider.setRange(0, self._place(usual[1]))
        self.number = Number(*allowed, tip, decimals=decimals_of(step), none=none)
        self.number.box.setFixedWidth(self.number.box.fontMetrics().horizontalAdvance("00000.000") + 16)
        self._add(self.slider, 1)
        self._row.addWidget(self.number)
        self.slider.sliderPressed.connect(self._begin_drag)
        self.slider.valueChanged.connect(self._dragged)
        self.number.chosen.connect(self._tell)

    def show_value(self, value: Any) -> None:
        """The number, or None; the slider stands at its end where it is beyond."""
        with unasked(self.slider):
            self.slider.setValue(self._place(self.instead if value is None else float(value)))
        self.number.show_value(value)

    def forget(self) -> None:
        """Take back what is typed into the field."""
        self.number.forget()

    def _place(self, value: float) -> int:
        low, high = self._usual
        value = min(max(value, low), high)
        return round((math.log(value / low) if self._logarithmic else value - low) / self._step)

    def _tell(self, value: float | None) -> None:
        self.chosen.emit(value)

    def _begin_drag(self) -> None:
        self.drag += 1

    def _dragged(self, place: int) -> None:
        low, high = self._usual
        value = low * math.exp(place * self._step) if self._logarithmic else low + place * self._step
        value = min(round(value, 3), high)
        self.number.show_value(value)
        self.chosen.emit(round(value) if self._whole else value)


class Row(QWidget):
    """A control with its name before it, and below it what is wrong with what was asked for."""

    def __init__(self, name: str, control: Control, width: int) -> None:
        super().__init__()
        self.name, self.control = QLabel(name), control
        self.name.setFixedWidth(width)
        self.name.setToolTip(control.toolTip())
        self.trouble = Trouble()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(8)
        self._line.addWidget(self.name)
        self._line.addWidget(control, 1)
        column.addLayout(self._line)
        column.addWidget(self.trouble)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, words to choose among stand below their name: beside it they would be cut."""
        super().resizeEvent(event)
        below = isinstance(self.control, Choice) and self.width() < NARROW
        self._line.setSpacing(1 if below else 8)
        ways = QBoxLayout.Direction
        self._line.setDirection(ways.TopToBottom if below else ways.LeftToRight)


class Trouble(QLabel):
    """What is wrong, in words; it takes no room while there is nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.tint(self, "trouble")
        self.hide()

    def say(self, message: str) -> None:
        """Show a message, or nothing."""
        self.setText(message)
        self.setVisible(bool(message))
