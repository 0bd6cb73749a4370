"""A small cube in the corner of the picture: it is turned as the scene is, and a click on it flies to that side.

It lies over the picture, where names keep off it, and is in none that is exported.
"""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QWidget

from mmviz.picture.eye import compass
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.compass import Direction
from mmviz.picture.shots.cameras import Box
from mmviz.picture.space.placement import Vector
from mmviz.viewer import settings
from mmviz.viewer.canvas.view import View
from mmviz.viewer.controls import theme

SIDE = 100
"""Of the square that it lies in, in the screen's own unit, where there is room."""
SMALLEST, SHARE = 64, 0.16
"""The same in small pictures: at least, and as a share of their width."""
REACH = 0.46
"""From its middle to its corners, as a share of that."""
RIGHT, BELOW = 14, 0.11
"""From the picture's right border, and from its upper one as a share of its height: there titles and a badge end."""
LEAST = (420, 300)
"""Size of the smallest picture that has room for it."""
CORNER = 5.5
"""How near to a corner the pointer means it, in the screen's own unit."""
LETTERS = 100
"""Side of the square that a word is written into before it is laid on a side."""


class ViewCube(QWidget):
    """Six sides and eight corners to look from."""

    chosen = Signal(object)
    """Toward the eye of the view that is wanted: a `Direction`."""
    switched = Signal(bool)
    """Whether it is there from now on."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # what is done here does not turn the scene
        self.setMouseTracking(True)
        self._side = SIDE
        self._view = view
        self._under: Direction | None = None
        self._camera: Camera | None = None  # that it follows
        self.on = settings.view_cube()
        view.installEventFilter(self)
        view.drawn.connect(self._follow)
        self._place()

    def toggle(self) -> None:
        """Show it, or hide it; it stays so."""
        self.on = not self.on
        settings.keep_view_cube(self.on)
        self._place()
        self.switched.emit(self.on)

    def under(self, spot: QPointF) -> Direction | None:
        """The side or corner at a place of it."""
        for corner in compass.corners(self._view.camera):
            away = self._at(corner.place) - spot
            if QPointF.dotProduct(away, away) <= CORNER**2:
                return corner.direction
        for side in compass.sides(self._view.camera):
            if self._outline(side.corners).containsPoint(spot, Qt.FillRule.OddEvenFill):
                return side.direction
        return None

    def spot(self, direction: Direction) -> QPointF | None:
        """The middle of a side, or a corner; None where it is not seen."""
        for side in compass.sides(self._view.camera):
            if side.direction == direction:
                return self._at(side.corners.mean(axis=0))
        for corner in compass.corners(self._view.camera):
            if corner.direction == direction:
                return self._at(corner.place)
        return None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light what is under the pointer."""
        self._light(self.under(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and (direction := self.under(event.position())):
            self.chosen.emit(compass.chosen(self._view.camera, direction))

    def leaveEvent(self, event: object) -> None:  # noqa: ARG002
        """Light nothing."""
        self._light(None)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the sides that are seen, and what is lit."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for side in compass.sides(self._view.camera):
            self._draw_side(painter, side)
        for corner in compass.corners(self._view.camera):
            if corner.direction == self._under:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(LIT))
                painter.drawEllipse(self._at(corner.place), CORNER, CORNER)
        painter.end()

    def _draw_side(self, painter: QPainter, side: compass.Side) -> None:
        lit = side.direction == self._under
        ground = QColor(LIT if lit else FACE)
        ground.setAlphaF(1.0 if lit else 0.86)
        outline = self._outline(side.corners)
        painter.setPen(QPen(QColor(EDGE), 1.0))
        painter.setBrush(ground.lighter(100 if lit else round(100 + 45 * side.facing)))
        painter.drawPolygon(outline)
        square = [QPointF(0, LETTERS), QPointF(LETTERS, LETTERS), QPointF(LETTERS, 0), QPointF(0, 0)]
        laid = QTransform.quadToQuad(QPolygonF(square), outline)
        if not isinstance(laid, QTransform) or side.facing < READABLE:
            return
        painter.save()
        painter.setTransform(laid, combine=True)
        font = QFont(self.font())
        font.setPixelSize(round(0.27 * LETTERS))
        painter.setFont(font)
        painter.setPen(QColor(ON_LIT if lit else WORDS))
        painter.drawText(QRectF(0, 0, LETTERS, LETTERS), Qt.AlignmentFlag.AlignCenter, side.name)
        painter.restore()

    def _follow(self) -> None:
        if self._view.camera is not self._camera:
            self._camera = self._view.camera
            self.update()

    def _light(self, direction: Direction | None) -> None:
        if direction != self._under:
            self._under = direction
            self.setCursor(Qt.CursorShape.ArrowCursor if direction is None else Qt.CursorShape.PointingHandCursor)
            self.setToolTip("" if direction is None else f"Look from the {_named(direction)}")
            self.update()

    def _at(self, place: Vector) -> QPointF:
        """Where a place of the cube lies in the widget."""
        x, y = place.tolist()
        return QPointF(self._side * (0.5 + REACH * x), self._side * (0.5 - REACH * y))

    def _outline(self, corners: Vector) -> QPolygonF:
        return QPolygonF([self._at(corner) for corner in corners])

    def _place(self) -> None:
        width, height = self._view.width(), self._view.height()
        self._side = side = min(SIDE, max(SMALLEST, round(SHARE * width)))
        self.resize(QSize(side, side))
        self.move(width - side - RIGHT, round(BELOW * height))
        there = self.on and width >= LEAST[0] and height >= LEAST[1]
        self.setVisible(there)
        self._view.cover((self._box(),) if there else ())

    def _box(self) -> Box:
        """Where it lies over the picture."""
        place, height = self.geometry(), self._view.height()
        left, right = place.left() / height, (place.left() + place.width()) / height
        return left, 1 - (place.top() + place.height()) / height, right, 1 - place.top() / height


def _named(direction: Direction) -> str:
    """A side, or what meets in a corner."""
    names = {out: name for name, (out, _, _) in compass.SIDES.items()}
    if direction in names:
        return names[direction]
    x, y, z = direction
    return ", ".join((names[0, 0, z], names[x, 0, 0], names[0, y, 0]))


FACE, EDGE, WORDS, LIT, ON_LIT = (
    theme.DARK.button,
    theme.DARK.quiet,
    theme.DARK.text,
    theme.DARK.selected,
    theme.DARK.on_selected,
)
"""Its colours: dark in every theme, as the picture is."""
READABLE = 0.25
"""How far a side has to be turned to the eye that its word can be read."""
