"""The grid of heads as one sees it: pictures with names, the shown head framed, chosen by mouse and keys."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from mmviz.viewer.controls import theme
from mmviz.viewer.controls.fields import ARROWS, Manners
from mmviz.viewer.heads.arrangement import LABEL, Head
from mmviz.viewer.heads.head_table import HEAD, HeadTable

Action = QAbstractItemView.CursorAction
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
FRAME = 2
"""Width of the line around the head that is shown."""


class Keys(Manners):
    """Keeps the keys that go through the grid, and Enter."""

    def keeps(self, event: QKeyEvent) -> bool:
        """The arrows, and those of pages; held with Ctrl and the like they are the window's."""
        kept = (*ARROWS, *ENTER, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        return event.key() in kept and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


class HeadDelegate(QStyledItemDelegate):
    """Draws a cell of the grid."""

    shown: Head | None = None  # in the scene
    compared: Head | None = None  # beside it

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The picture on black, its name above it, and the frames."""
        head = index.data(HEAD)
        if head is None:
            return
        widget: QWidget = option.widget
        area: QRect = option.rect
        worn = theme.of(widget)
        model = index.model()
        assert isinstance(model, HeadTable)  # noqa: S101  (the view has no other)
        place = picture_place(area, model.arrangement.side, named=model.arrangement.named)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        painter.save()
        if isinstance(image, QImage):
            shrunk = image.width() > place.width() * painter.device().devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
            painter.drawImage(place, image)
        else:
            painter.fillRect(place, QColor(worn.button))
        if model.arrangement.named:
            painter.setPen(QColor(worn.accent if head == self.shown else worn.quiet))
            above = QRect(place.left(), area.top(), place.width(), place.top() - area.top())
            painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, head.name)
        self._frame(painter, place, head, worn)
        if widget.hasFocus() and isinstance(widget, HeadView) and widget.currentIndex() == index:
            painter.setPen(QPen(QColor(theme.OVER_PICTURE[0]), 1, Qt.PenStyle.DotLine))
            painter.drawRect(place.adjusted(2, 2, -3, -3))
        painter.restore()

    def _frame(self, painter: QPainter, place: QRect, head: Head, worn: theme.Theme) -> None:
        if head not in (self.shown, self.compared):
            return
        line = Qt.PenStyle.SolidLine if head == self.shown else Qt.PenStyle.DashLine
        pen = QPen(QColor(worn.accent), FRAME, line)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(place.adjusted(0, 0, -1, -1))


def picture_place(area: QRect, side: int, *, named: bool) -> QRect:
    """Where the picture stands in a cell."""
    left = area.left() + (area.width() - side) // 2
    above = LABEL if named else (area.height() - side) // 2
    return QRect(left, area.top() + above, side, side)


class HeadView(QTableView):
    """Shows a table of heads."""

    chosen = Signal(object)
    """A `Head` is to be shown."""
    asked = Signal(object, object)
    """What can be done with a `Head`, and where: a global QPoint."""

    def __init__(self, table: HeadTable) -> None:
        super().__init__()
        self.table = table
        self.delegate = HeadDelegate(self)
        self.setModel(table)
        self.setItemDelegate(self.delegate)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setAccessibleName("heads")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.installEventFilter(Keys(self))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(8)
            header.setSectionsClickable(False)
            header.setHighlightSections(False)
            header.hide()
        self.clicked.connect(self._choose)
        self.customContextMenuRequested.connect(self._ask)

    def fit(self) -> None:
        """Let the cells be as large as the arrangement says; the cell that keys are at stays."""
        arrangement = self.table.arrangement
        width, height = arrangement.cell
        self.horizontalHeader().setDefaultSectionSize(width)
        self.verticalHeader().setDefaultSectionSize(height)
        self.horizontalHeader().setVisible(arrangement.headed)
        self.verticalHeader().setVisible(arrangement.headed)

    def mark(self, shown: Head | None, compared: Head | None = None) -> None:
        """Frame the head that the scene shows, and bring it into sight if it is another one than before."""
        changed = shown != self.delegate.shown
        self.delegate.shown, self.delegate.compared = shown, compared
        self.viewport().update()
        if changed:
            self.go_to(shown)

    def go_to(self, head: Head | None) -> None:
        """Go to a head, as keys do, without choosing it."""
        index = self.table.index_of(head)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; arrows go through the grid."""
        if event.key() in ENTER:
            self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Right and left go on in the next row and the one before, as one reads."""
        way = {Action.MoveRight: 1, Action.MoveLeft: -1}.get(action)
        now = self.currentIndex()
        if way is None or not now.isValid():
            return super().moveCursor(action, modifiers)
        columns = self.table.arrangement.columns
        index = self.table.index(*divmod(now.row() * columns + now.column() + way, columns))
        return now if self.table.head_at(index) is None else index

    def _choose(self, index: QModelIndex) -> None:
        head = self.table.head_at(index)
        if head is not None:
            self.chosen.emit(head)

    def _ask(self, spot: QPoint) -> None:
        head = self.table.head_at(self.indexAt(spot))
        if head is not None:
            self.asked.emit(head, self.viewport().mapToGlobal(spot))
