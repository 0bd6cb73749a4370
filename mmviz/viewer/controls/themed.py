"""Widgets that Qt's palette alone would not colour: sliders, boxes to tick, rich text. They follow the theme."""

from PySide6.QtCore import QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider, QStyle, QStyleOptionSlider

from mmviz.viewer.controls import theme

GROOVE, HANDLE = 4.0, 14.0
"""Thickness of a slider's line and width of its handle, in pixels."""


class SliderBar(QSlider):
    """A slider from left to right that goes where it is clicked: a line, in colour up to where it stands, and a handle.

    It paints itself: Fusion draws the handle as dark as its ground, and a style sheet would not follow the theme.
    """

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # it is painted again where the pointer comes and goes

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Line and handle, where Qt would have them."""
        middle, worn = QRectF(self._handle()).center(), theme.of(self)
        line = QRectF(0, middle.y() - GROOVE / 2, self.width(), GROOVE)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(worn.groove))
        painter.drawRoundedRect(line, GROOVE / 2, GROOVE / 2)
        if self.isEnabled():
            line.setRight(middle.x())
            painter.setBrush(QColor(worn.accent))
            painter.drawRoundedRect(line, GROOVE / 2, GROOVE / 2)
        hot = self.isSliderDown() or self.underMouse() or self.hasFocus()
        painter.setBrush(QColor((worn.accent if hot else worn.text) if self.isEnabled() else worn.disabled))
        painter.drawEllipse(middle, HANDLE / 2, HANDLE / 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The handle jumps to the pointer, as near as it can stand, and is held there; Qt's own would go one page."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        before, wide = self.value(), self._handle().width()
        place = round(event.position().x() - wide / 2)
        quiet = self.blockSignals(True)  # it is held first, and moves then: a drag begins before what it changes
        self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, self.width() - wide))
        self.blockSignals(quiet)
        held = QRectF(self._handle()).center()
        super().mousePressEvent(
            QMouseEvent(event.type(), held, self.mapToGlobal(held), event.button(), event.buttons(), event.modifiers())
        )
        if self.value() != before:
            self.valueChanged.emit(self.value())

    def _handle(self) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )


class CheckBox(QCheckBox):
    """A box to tick, which is seen while it is off: a field's colour would hardly stand out from a dark ground."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        wanted = QColor(theme.of(self).unchecked)
        if self.palette().color(theme.Role.Base) != wanted:  # this, too, is a change of the palette
            own = QPalette()  # not the one of before, whose other colours would stay as they are
            own.setColor(theme.Role.Base, wanted)
            self.setPalette(own)


class RichLabel(QLabel):
    """HTML that breaks its lines and can be copied; what has the class `quiet` in it is quiet.

    Args:
        html: The text.
    """

    def __init__(self, html: str = "") -> None:
        super().__init__()
        self._html = html
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._write()

    def setText(self, html: str) -> None:
        """Show another text."""
        self._html = html
        self._write()

    def text(self) -> str:
        """The HTML, without the colours."""
        return self._html

    def changeEvent(self, event: QEvent) -> None:
        """Another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()

    def _write(self) -> None:
        style = f"<style>.quiet {{ color: {theme.of(self).quiet}; }}</style>"
        super().setText(f"{style}{self._html}" if self._html else "")
