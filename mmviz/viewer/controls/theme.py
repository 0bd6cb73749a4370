"""The look of the chrome: dark, to suit a black scene."""

from PySide6.QtGui import QColor, QPalette

GROUND = "#18181b"
FIELD = "#101012"
BUTTON = "#26262b"
TEXT = "#dcdce4"
QUIET = "#8c8c98"
ACCENT = "#4a8ce6"
TROUBLE = "#ff8a73"
DISABLED = "#5c5c66"

SLIDER = f"""
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: #3c3c44; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {ACCENT}; }}
QSlider::handle:horizontal {{ width: 14px; margin: -5px 0; border-radius: 7px; background: {TEXT}; }}
QSlider::handle:horizontal:hover {{ background: #ffffff; }}
"""
"""Fusion draws the handle dark on dark."""

Role = QPalette.ColorRole


def dark_palette() -> QPalette:
    """Colours of everything around the picture."""
    palette = QPalette(QColor(BUTTON), QColor(GROUND))
    colors = {
        Role.Window: GROUND,
        Role.WindowText: TEXT,
        Role.Base: FIELD,
        Role.AlternateBase: GROUND,
        Role.Text: TEXT,
        Role.PlaceholderText: QUIET,
        Role.Button: BUTTON,
        Role.ButtonText: TEXT,
        Role.BrightText: "#ffffff",
        Role.ToolTipBase: BUTTON,
        Role.ToolTipText: TEXT,
        Role.Highlight: ACCENT,
        Role.HighlightedText: "#ffffff",
        Role.Link: ACCENT,
    }
    for role, color in colors.items():
        palette.setColor(role, QColor(color))
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(DISABLED))
    return palette
