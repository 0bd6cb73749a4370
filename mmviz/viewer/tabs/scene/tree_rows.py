"""How a row of the tree is drawn: sign, name and, quietly, its size; an eye that is open or closed. Knows no scene."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPalette, QPen
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from mmviz.viewer.controls import theme
from mmviz.viewer.tabs.scene.kind_icons import SIDE, icon_of

SHAPE = Qt.ItemDataRole.UserRole + 1
HIDDEN = Qt.ItemDataRole.UserRole + 2
SIGN = Qt.ItemDataRole.UserRole + 3
EYE_WIDTH = 28
ROW_HEIGHT = 22
LEAST_NAME = 52
"""Pixels that a name keeps at least; where there is no room for its size as well, the size is left out."""
BETWEEN = 10
"""Pixels between a name and its size."""
Index = QModelIndex | QPersistentModelIndex
State = QStyle.StateFlag


class NameDelegate(QStyledItemDelegate):
    """Draws a name, cut in its middle where there is no room, and its size behind it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row's ground and sign as Qt does, and the texts."""
        drawn = QStyleOptionViewItem(option)
        self.initStyleOption(drawn, index)
        style = QApplication.style() if drawn.widget is None else drawn.widget.style()
        name, drawn.text = drawn.text, " "
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, drawn, painter, drawn.widget)
        room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, drawn, drawn.widget).adjusted(3, 0, -3, 0)
        room.setRight(drawn.rect.right() - 3)
        chosen = bool(drawn.state & State.State_Selected)
        shape = str(index.data(SHAPE) or "")
        letters = drawn.fontMetrics
        size = letters.horizontalAdvance(shape)
        beside = room.width() - size - BETWEEN
        if beside < min(LEAST_NAME, letters.horizontalAdvance(name)):
            shape, beside = "", room.width()
        text = letters.elidedText(name, Qt.TextElideMode.ElideMiddle, beside)
        painter.save()
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(_ink(drawn, chosen, hidden=bool(index.data(HIDDEN))))
        painter.drawText(room, middle, text)
        room.setLeft(room.left() + letters.horizontalAdvance(text) + BETWEEN)
        painter.setPen(_ink(drawn, chosen, hidden=True))
        painter.drawText(room, middle, shape)
        painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """As it is, with its sign in the colours of the theme."""
        super().initStyleOption(option, index)
        sign, widget = index.data(SIGN), option.widget
        if sign is not None and isinstance(widget, QWidget):
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.decorationSize = QSize(SIDE, SIDE)
            option.icon = icon_of(sign, theme.of(widget))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as all rows."""
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)


class QuietDelegate(QStyledItemDelegate):
    """Draws words that are read after the name, and more quietly."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """As it is, in the quiet colour of the theme."""
        super().initStyleOption(option, index)
        chosen = bool(option.state & State.State_Selected)
        option.palette.setColor(QPalette.ColorRole.Text, _ink(option, chosen, hidden=True))


class EyeDelegate(QStyledItemDelegate):
    """Draws an eye: open where a matrix is shown, and a quiet, closed one where it is hidden."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row's ground, and the eye: of what is shown only while the pointer is on the row."""
        drawn = QStyleOptionViewItem(option)
        self.initStyleOption(drawn, index)
        style = QApplication.style() if drawn.widget is None else drawn.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, drawn, painter, drawn.widget)
        hidden, chosen = bool(index.data(HIDDEN)), bool(drawn.state & State.State_Selected)
        strong = bool(drawn.state & State.State_MouseOver) or chosen
        paint_eye(painter, drawn.rect, _ink(drawn, chosen, hidden=not strong), closed=hidden)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Its column is as wide as it needs."""
        return QSize(EYE_WIDTH, ROW_HEIGHT)


def paint_eye(painter: QPainter, room: QRect, color: QColor, *, closed: bool) -> None:
    """An eye in the middle of a rectangle."""
    center = QRectF(room).center()
    left, right = center + QPointF(-6.5, 0), center + QPointF(6.5, 0)
    lid = QPainterPath(left)
    lid.quadTo(center + QPointF(0, 8), right)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.3))
    if closed:
        painter.drawPath(lid)
        for x, y in ((-4.0, 2.6), (0.0, 4.0), (4.0, 2.6)):
            painter.drawLine(center + QPointF(x, y), center + QPointF(1.25 * x, y + 2.2))
    else:
        lid.quadTo(center + QPointF(0, -8), left)
        painter.drawPath(lid)
        painter.setBrush(color)
        painter.drawEllipse(center, 1.6, 1.6)
    painter.restore()


def _ink(option: QStyleOptionViewItem, chosen: bool, *, hidden: bool) -> QColor:
    """Of a text in a row that is chosen or not, and of what is hidden or said quietly."""
    if chosen:
        color = QColor(option.palette.color(QPalette.ColorRole.HighlightedText))
        color.setAlphaF(0.72 if hidden else 1.0)
        return color
    return option.palette.color(theme.TONES["quiet"]) if hidden else option.palette.color(QPalette.ColorRole.Text)
