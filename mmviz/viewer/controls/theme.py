"""The look of the chrome: dark, to suit a black scene; and the few icons, drawn so that no file is needed."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap, QPolygonF

GROUND = "#18181b"
FIELD = "#101012"
BUTTON = "#26262b"
TEXT = "#dcdce4"
QUIET = "#8c8c98"
ACCENT = "#4a8ce6"
TROUBLE = "#ff8a73"

SLIDER = f"""
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: #3c3c44; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {ACCENT}; }}
QSlider::handle:horizontal {{ width: 14px; margin: -5px 0; border-radius: 7px; background: {TEXT}; }}
QSlider::handle:horizontal:hover {{ background: #ffffff; }}
"""
"""Fusion draws the handle dark on dark."""

Role = QPalette.ColorRole
Shape = Sequence[tuple[float, float]]

ICON_SIDE = 64
PLAY: tuple[Shape, ...] = (((18, 10), (54, 32), (18, 54)),)
PAUSE: tuple[Shape, ...] = (
    ((16, 10), (27, 10), (27, 54), (16, 54)),
    ((37, 10), (48, 10), (48, 54), (37, 54)),
)
FORWARD: tuple[Shape, ...] = (((14, 12), (42, 32), (14, 52)), ((44, 12), (51, 12), (51, 52), (44, 52)))
BACK: tuple[Shape, ...] = tuple([(ICON_SIDE - x, y) for x, y in shape] for shape in FORWARD)
LOOP: tuple[Shape, ...] = (
    ((14, 20), (42, 20), (42, 12), (54, 23), (42, 34), (42, 26), (20, 26), (20, 34), (14, 34)),
    ((50, 44), (22, 44), (22, 52), (10, 41), (22, 30), (22, 38), (44, 38), (44, 30), (50, 30)),
)
ICONS = {"play": PLAY, "step_on": FORWARD, "step_back": BACK, "loop": LOOP}
"""By the names of the commands."""


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
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#5c5c66"))
    return palette


def icon(shapes: tuple[Shape, ...]) -> QIcon:
    """Filled polygons on a square of `ICON_SIDE`; paler where the button is disabled."""
    made = QIcon()
    for mode, color in ((QIcon.Mode.Normal, TEXT), (QIcon.Mode.Disabled, "#4a4a52")):
        picture = QPixmap(ICON_SIDE, ICON_SIDE)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        for shape in shapes:
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in shape]))
        painter.end()
        made.addPixmap(picture, mode)
    return made
