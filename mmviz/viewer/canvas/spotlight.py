"""Numbers on the elements near the pointer, or a small table of them where cells are too small; changes no picture."""

from math import isnan

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mmviz.picture.cell.picking import Picked
from mmviz.picture.space.placement import Vector
from mmviz.viewer.canvas.nearby import Eye, Number, Surroundings, around, eye_at, is_element, tight
from mmviz.viewer.canvas.view import View
from mmviz.viewer.controls import theme

RADIUS = 4
"""How far the numbers reach from the cell under the pointer, in cells."""
TABLE_RADIUS = 2
"""The same where they stand in a table."""
SMALLEST_CELL = 24.0
"""Sides of the smallest cells on which numbers are written, in the screen's own unit."""
SMALLEST, LARGEST = 9.0, 14.0
"""Sizes of the letters, in points."""
ROOM = 0.9
"""Share of a cell that a number may fill."""
PADDING = (3.0, 1.0)
"""Beside and above a number."""
AWAY = 18.0
"""Distance of the table from the pointer."""
EDGE = 6.0
"""Least distance of the table from the border of the picture."""
PLATE = 0.67
"""Opacity of the plate behind a number."""


class Spotlight(QWidget):
    """Lies over a view; the mouse goes through it."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self.on = False
        self.numbers: tuple[tuple[Number, QPointF], ...] = ()  # on their cells, with the cells' middles
        self.table: tuple[Number, ...] = ()  # where numbers do not fit on their cells
        self.title = ""
        self._picked: Picked | None = None
        self._points = SMALLEST
        self._covered = QRectF()
        self._view = view
        view.pointed.connect(self.point)
        view.drawn.connect(lambda: self._show(None))  # while the scene is dragged nothing is pointed at
        view.installEventFilter(self)

    def toggle(self) -> None:
        """Write numbers from now on, or none any more."""
        self.on = not self.on
        self.resize(self._view.size())
        self.setVisible(self.on)
        self._show(self._picked)

    def point(self, picked: Picked | None) -> None:
        """Write what is around an element."""
        self._picked = picked
        self._show(picked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Be as large as the view."""
        if event.type() == QEvent.Type.Resize:
            self.resize(self._view.size())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Write the numbers."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font(self._points))
        metrics = QFontMetricsF(painter.font())
        for number, middle in self.numbers:
            self._write(painter, number, _box(metrics, number.text, middle))
        if self.table:
            self._draw_table(painter, metrics)
        painter.end()

    def _show(self, picked: Picked | None) -> None:
        if not self.on:
            return
        before = self._covered
        self.numbers, self.table = (), ()
        pointer = self._view.pointer
        if picked is not None and pointer is not None:
            self._choose(picked, pointer)
        self._covered = self._bounds()
        self.update(before.united(self._covered).toAlignedRect())

    def _choose(self, picked: Picked, pointer: QPointF) -> None:
        """Numbers on their cells where there is room for them, else a table."""
        view = self._view
        near = Surroundings.of(view.composition, view.frame, view.time, picked)
        self.title = near.title
        if not is_element(picked):
            self.table = around(near, 0)
            self._points = SMALLEST
            return
        numbers = tuple(map(tight, around(near, RADIUS)))
        eye = eye_at(view, pointer)
        room = self._room(eye, near, numbers)
        if room < 1:
            self.table = around(near, TABLE_RADIUS)
            self._points = SMALLEST
            return
        self._points = min(SMALLEST * room, LARGEST)
        spots = eye.spots(near.places(numbers))
        seen = zip(numbers, spots.tolist(), strict=True)
        self.numbers = tuple((number, QPointF(x, y)) for number, (x, y) in seen if not isnan(x))

    def _room(self, eye: Eye, near: Surroundings, numbers: tuple[Number, ...]) -> float:
        """How many times larger the letters could be than the smallest ones before two numbers meet."""
        metrics = QFontMetricsF(self._font(SMALLEST))
        width = max(metrics.horizontalAdvance(number.text) for number in numbers) + 2 * PADDING[0]
        height = metrics.height() + 2 * PADDING[1]
        steps = _steps(eye.spots(near.cross()))
        if any(isnan(x) or max(abs(x), abs(y)) < SMALLEST_CELL for x, y in steps[:2]):
            return 0.0
        return ROOM * min(max(abs(x) / width, abs(y) / height) for x, y in steps)

    def _font(self, points: float) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(points)
        return font

    def _bounds(self) -> QRectF:
        metrics = QFontMetricsF(self._font(self._points))
        covered = QRectF() if not self.table else self._table_place(metrics)
        for number, middle in self.numbers:
            covered = covered.united(_box(metrics, number.text, middle))
        return covered

    def _write(self, painter: QPainter, number: Number, box: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        written, behind = map(QColor, theme.OVER_PICTURE)
        behind.setAlphaF(PLATE * number.strength)
        painter.setBrush(behind)
        painter.drawRoundedRect(box, 3, 3)
        written.setAlphaF(number.strength)
        painter.setPen(written)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number.text)

    def _cell(self, metrics: QFontMetricsF) -> tuple[float, float]:
        """Width and height of a cell of the table."""
        texts = [number.text for number in self.table] + [str(max(max(n.i, n.j) for n in self.table))]
        return max(map(metrics.horizontalAdvance, texts)) + 4 * PADDING[0], metrics.height() + 2 * PADDING[1]

    def _table_size(self, metrics: QFontMetricsF) -> tuple[float, float]:
        width, height = self._cell(metrics)
        columns, rows = len({n.j for n in self.table}) + 1, len({n.i for n in self.table}) + 2
        return max(columns * width, metrics.horizontalAdvance(self.title) + 4 * PADDING[0]), rows * height

    def _table_place(self, metrics: QFontMetricsF) -> QRectF:
        """Beside the pointer, on the side where there is room."""
        width, height = self._table_size(metrics)
        pointer = self._view.pointer or QPointF()
        left = pointer.x() + AWAY if pointer.x() + AWAY + width + EDGE <= self.width() else pointer.x() - AWAY - width
        top = pointer.y() + AWAY if pointer.y() + AWAY + height + EDGE <= self.height() else pointer.y() - AWAY - height
        return QRectF(max(left, EDGE), max(top, EDGE), width, height)

    def _draw_table(self, painter: QPainter, metrics: QFontMetricsF) -> None:
        place = self._table_place(metrics)
        width, height = self._cell(metrics)
        worn = theme.of(self)
        ground = QColor(worn.ground)
        ground.setAlphaF(0.93)
        painter.setPen(QColor(worn.line))
        painter.setBrush(ground)
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        middle, right = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(worn.text))
        painter.drawText(QRectF(place.left(), place.top(), place.width(), height), middle, self.title)
        rows, columns = sorted({n.i for n in self.table}), sorted({n.j for n in self.table})

        def cell(row: int, column: int) -> QRectF:
            return QRectF(place.left() + column * width, place.top() + row * height, width - 2 * PADDING[0], height)

        painter.setPen(QColor(worn.quiet))
        for row, i in enumerate(rows, 2):
            painter.drawText(cell(row, 0), right, str(i))
        for column, j in enumerate(columns, 1):
            painter.drawText(cell(1, column), right, str(j))
        for number in self.table:
            box = cell(rows.index(number.i) + 2, columns.index(number.j) + 1)
            if number.strength == 1:
                painter.fillRect(box.adjusted(PADDING[0], 0, PADDING[0], 0), QColor(worn.selected))
            painter.setPen(QColor(worn.on_selected if number.strength == 1 else worn.text))
            painter.drawText(box, right, number.text)


def _box(metrics: QFontMetricsF, text: str, middle: QPointF) -> QRectF:
    """The plate of a number."""
    width, height = metrics.horizontalAdvance(text) + 2 * PADDING[0], metrics.height() + 2 * PADDING[1]
    return QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)


def _steps(spots: Vector) -> list[tuple[float, float]]:
    """From a cell to its neighbours in its column, in its row and along both diagonals, as they are seen."""
    middle, below, beside = spots
    down, across = below - middle, beside - middle
    return [(float(x), float(y)) for x, y in (down, across, down + across, down - across)]
