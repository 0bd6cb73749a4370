"""How a row of the palette is drawn: its name with the letters that were typed, what it is, its keys at the right."""

from itertools import groupby

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from mmviz.viewer.controls import theme
from mmviz.viewer.menus.ranking import Hit

HIT = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 26
SIDES = 8
"""Room at both sides, in pixels."""
BETWEEN = 14
Index = QModelIndex | QPersistentModelIndex
Align = Qt.AlignmentFlag


class RowPainter(QStyledItemDelegate):
    """Draws a hit; one that cannot be had is pale, and says why."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """As high as all rows, and with its font."""
        return QSize(100, max(ROW_HEIGHT, QFontMetrics(option.font).height() + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The ground, the name from the left, the keys at the right, and between them what it is."""
        hit, widget = index.data(HIT), option.widget
        assert isinstance(hit, Hit)  # noqa: S101  (narrows the type)
        assert isinstance(widget, QWidget)  # noqa: S101
        worn, chosen = theme.of(widget), bool(option.state & QStyle.StateFlag.State_Selected)
        quiet = worn.on_selected if chosen else worn.quiet
        if chosen:
            painter.fillRect(option.rect, QColor(worn.selected))
        candidate, room = hit.candidate, option.rect.adjusted(SIDES, 0, -SIDES, 0)
        painter.save()
        painter.setFont(option.font)
        painter.setPen(QColor(quiet))
        painter.drawText(room, Align.AlignRight | Align.AlignVCenter, candidate.keys)
        metrics = painter.fontMetrics()
        room.setRight(room.right() - (metrics.horizontalAdvance(candidate.keys) + BETWEEN if candidate.keys else 0))
        plain = quiet if chosen else worn.quiet if candidate.why_not else worn.text
        strong = worn.on_selected if chosen else worn.quiet if candidate.why_not else worn.accent
        left = _write(painter, room, hit, (plain, strong))
        room.setLeft(left + BETWEEN)
        painter.setPen(QColor(quiet))
        beside = candidate.why_not or candidate.beside
        painter.drawText(
            room,
            Align.AlignLeft | Align.AlignVCenter,
            metrics.elidedText(beside, Qt.TextElideMode.ElideRight, room.width()),
        )
        painter.restore()


def _write(painter: QPainter, room: QRect, hit: Hit, colors: tuple[str, str]) -> int:
    """The name, its typed letters bold; where it ends."""
    left, font = room.left(), QFont(painter.font())
    for typed, places in groupby(range(len(hit.candidate.text)), key=lambda place: place in hit.letters):
        text = "".join(hit.candidate.text[place] for place in places)
        bold = QFont(font)
        bold.setBold(typed)
        painter.setFont(bold)
        painter.setPen(QColor(colors[typed]))
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(
            QRect(left, room.top(), min(width, max(room.right() - left, 0)), room.height()), Align.AlignVCenter, text
        )
        left += width
    painter.setFont(font)
    return min(left, room.right())
