"""Labels: plain words, never taken for HTML, which may be quiet or bold; they follow the theme."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QWidget

from mmviz.viewer.controls import theme


def label(text: str = "", tone: theme.Tone = "text", *, bold: bool = False, wraps: bool = False) -> QLabel:
    """Words as they are.

    Args:
        text: What they say.
        tone: In which they are said.
        bold: Whether they stand out.
        wraps: Whether they go on in more lines where there is no room.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if bold:
        made.setFont(bold_font(made))
    if tone != "text":
        theme.tint(made, tone)
    return made


def bold_font(widget: QWidget) -> QFont:
    """The font of a widget, bold."""
    font = QFont(widget.font())
    font.setBold(True)
    return font
