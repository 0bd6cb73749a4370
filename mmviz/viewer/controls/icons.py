"""Icons: drawings that lie beside this file, in the colours of the window; the window's own icon."""

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from mmviz.viewer.controls import theme

SIDES = (16, 20, 22, 32, 44)
"""Pixels of icons on menus, tool bar and transport bar, and on screens with twice as many."""
OWN_SIDES = (16, 24, 32, 48, 64, 128, 256)
"""Pixels of the window's icon."""
SMALL = 24
"""Up to here the window's icon has fewer cells, or they would be a blur."""


@cache
def drawing(name: str) -> str:
    """The SVG of that name; what is `currentColor` in it takes the colour of the text around."""
    return files("mmviz.viewer.controls").joinpath("drawings", f"{name}.svg").read_text(encoding="utf-8")


def icon(name: str, worn: theme.Theme) -> QIcon:
    """A drawing in the colour of a theme's texts; paler where its command cannot be given now."""
    made = QIcon()
    for mode, color in ((QIcon.Mode.Normal, worn.text), (QIcon.Mode.Disabled, worn.disabled)):
        svg = drawing(name).replace("currentColor", color)
        for side in SIDES:
            made.addPixmap(painted(svg, side), mode)
    return made


def window_icon() -> QIcon:
    """A cube of which three matrices are seen."""
    made = QIcon()
    for side in OWN_SIDES:
        made.addPixmap(painted(drawing("mmviz_small" if side <= SMALL else "mmviz"), side))
    return made


def painted(svg: str, side: int) -> QPixmap:
    """A drawing as a square of so many pixels."""
    return QPixmap.fromImage(_pixels(svg, side))


@cache
def _pixels(svg: str, side: int) -> QImage:
    """Painted once for all windows: it took a seventh of the time in which one opens. An image needs no application."""
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return picture
