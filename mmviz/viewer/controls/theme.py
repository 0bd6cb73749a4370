"""Every colour of the window around the picture: one theme is dark, to suit a black scene, one light. Draws nothing.

A widget has its theme from its palette, so that nothing has to be told which it is. A label that is quieter than others
takes a role of the palette by `tint`; what paints itself asks `of` when it paints. No other file names a colour.
"""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QWidget

Role = QPalette.ColorRole


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb, by what they are for."""

    name: Literal["dark", "light"]
    ground: str  # panels, menus, bars
    field: str  # what is typed into, lists, tables
    button: str  # buttons and tool tips
    line: str  # between groups, around fields
    text: str
    quiet: str  # words that nobody has to act on
    disabled: str  # what cannot be had now
    accent: str  # headings, links, sliders
    selected: str  # behind what is selected
    on_selected: str
    trouble: str  # what went wrong
    groove: str  # of sliders
    unchecked: str  # a box that is off, which has to be seen on the ground
    positive: str  # bars behind numbers in tables: more than 0
    negative: str  # less


DARK = Theme(
    name="dark",
    ground="#18181b",
    field="#101012",
    button="#26262b",
    line="#3a3a42",
    text="#dcdce4",
    quiet="#9494a0",
    disabled="#5c5c66",
    accent="#5293ea",
    selected="#2a66b8",
    on_selected="#ffffff",
    trouble="#ff8a73",
    groove="#3c3c44",
    unchecked="#3c3c44",
    positive="#2c5a9c",
    negative="#9c3b30",
)
LIGHT = Theme(
    name="light",
    ground="#f3f3f5",
    field="#ffffff",
    button="#e6e6ea",
    line="#c4c4cc",
    text="#1c1c21",
    quiet="#5e5e69",
    disabled="#a2a2ac",
    accent="#1b62c4",
    selected="#1b62c4",
    on_selected="#ffffff",
    trouble="#b0261a",
    groove="#c8c8d0",
    unchecked="#ffffff",
    positive="#b9d3f6",
    negative="#f4bfb8",
)
OVER_PICTURE = ("#ffffff", "#000000")
"""What is written into the picture itself, and the plate behind it: the same in every theme, as the scene is."""

Tone = Literal["text", "quiet", "accent", "trouble"]
TONES: dict[Tone, QPalette.ColorRole] = {
    "text": Role.WindowText,
    "quiet": Role.PlaceholderText,
    "accent": Role.Link,
    "trouble": Role.BrightText,
}


def palette(theme: Theme) -> QPalette:
    """A theme as Qt asks for it."""
    made = QPalette(QColor(theme.button), QColor(theme.ground))
    colors = {
        Role.Window: theme.ground,
        Role.WindowText: theme.text,
        Role.Base: theme.field,
        Role.AlternateBase: theme.ground,
        Role.Text: theme.text,
        Role.PlaceholderText: theme.quiet,
        Role.Button: theme.button,
        Role.ButtonText: theme.text,
        Role.BrightText: theme.trouble,
        Role.ToolTipBase: theme.button,
        Role.ToolTipText: theme.text,
        Role.Highlight: theme.selected,
        Role.HighlightedText: theme.on_selected,
        Role.Accent: theme.accent,
        Role.Link: theme.accent,
        Role.LinkVisited: theme.accent,
    }
    for role, color in colors.items():
        made.setColor(role, QColor(color))
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    return made


def named(name: str) -> Theme:
    """The theme of a name; of any other, such as "system", the one that this system asks for."""
    if name in ("dark", "light"):
        return LIGHT if name == "light" else DARK
    return LIGHT if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK


def of(widget: QWidget) -> Theme:
    """The theme that a widget stands in."""
    return DARK if widget.palette().color(Role.Window).lightness() < 128 else LIGHT


def tint(widget: QWidget, tone: Tone) -> None:
    """Let a label speak in another tone; it stays so in every theme."""
    widget.setForegroundRole(TONES[tone])
