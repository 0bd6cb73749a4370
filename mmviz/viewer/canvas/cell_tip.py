"""A small plate beside the pointer with the name, the place and the number of the cell there; lights nothing."""

from html import escape
from math import isnan

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtWidgets import QLabel

from mmviz.picture.cell.cell_words import CellWords, words
from mmviz.picture.cell.picking import Picked
from mmviz.viewer.canvas.nearby import Surroundings, eye_at
from mmviz.viewer.canvas.view import View
from mmviz.viewer.controls import theme
from mmviz.viewer.gestures import DELAY

AWAY = 14.0
"""Least distance from the pointer, in the screen's own unit."""
BESIDE = 6.0
"""Distance from the cell."""
EDGE = 4.0
"""Least distance from the border of the picture."""
STYLE = "background: {}; color: {}; border: 1px solid {}; border-radius: 4px; padding: 5px 8px;"


class CellTip(QLabel):
    """Lies over a view; the mouse goes through it."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.hide()
        self.on = True
        self.quiet = False  # something else tells the same
        self._view = view
        self._picked: Picked | None = None
        self._silenced: Picked | None = None  # put away by Esc
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._come)
        view.pointed.connect(self.point)
        view.installEventFilter(self)

    def switch(self, on: bool) -> None:
        """Come from now on, or do not."""
        self.on = on
        self.point(self._picked)

    def point(self, picked: Picked | None) -> None:
        """Something is under the pointer."""
        same = picked is not None and self._picked is not None and _place(picked) == _place(self._picked)
        self._picked = picked
        self._silenced = self._silenced if same else None
        if picked is None or self._is_silent:
            self._go()
        elif self.isVisible():
            self._come()
        elif not same or not self._timer.isActive():
            self._timer.start()

    def put_away(self) -> None:
        """Go, and stay away until the pointer is on another cell."""
        self._silenced = self._picked
        self._go()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever presses a button has read it."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._go()
        return super().eventFilter(watched, event)

    @property
    def _is_silent(self) -> bool:
        return not self.on or self.quiet or self._silenced is not None or self._view.dragged or self._view.hurried

    def _go(self) -> None:
        self._timer.stop()
        self.hide()

    def _come(self) -> None:
        picked, pointer = self._picked, self._view.pointer
        if picked is None or pointer is None or self._is_silent:
            self._go()
            return
        look = theme.of(self._view)
        self.setStyleSheet(f"QLabel {{ {STYLE.format(look.button, look.text, look.line)} }}")
        self.setText(_written(words(picked, self._view.composition), look.quiet))
        self.adjustSize()
        size = QSizeF(self.size())
        self.move(beside(self._cell(picked, pointer), pointer, size, QSizeF(self._view.size())).toPoint())
        self.show()
        self.raise_()

    def _cell(self, picked: Picked, pointer: QPointF) -> QRectF:
        """Where the cell under the pointer is seen; as good as nothing where it flies."""
        view = self._view
        if picked.kind == "plane" and picked.k is None and picked.part is None:
            near = Surroundings.of(view.composition, view.frame, view.time, picked)
            middle, below, right = eye_at(view, pointer).spots(near.cross()).tolist()
            wide, high = (abs(below[n] - middle[n]) + abs(right[n] - middle[n]) for n in (0, 1))
            if not isnan(wide + high + middle[0] + middle[1]):
                return QRectF(middle[0] - wide / 2, middle[1] - high / 2, wide, high)
        return QRectF(pointer, QSizeF(0, 0))


def beside(cell: QRectF, pointer: QPointF, size: QSizeF, view: QSizeF) -> QPointF:
    """The corner of a plate that covers neither a cell nor the pointer.

    Args:
        cell: Where the cell is.
        pointer: Where the pointer is.
        size: Of the plate.
        view: Of the picture.

    Returns:
        Right below the cell where there is room, else at another corner of it. A cell that leaves no room anywhere is
        larger than the pointer needs: the plate keeps off that alone.
    """
    for kept in (cell.adjusted(-BESIDE, -BESIDE, BESIDE, BESIDE), QRectF(pointer, QSizeF(0, 0))):
        left, right = min(kept.left(), pointer.x() - AWAY) - size.width(), max(kept.right(), pointer.x() + AWAY)
        top, bottom = min(kept.top(), pointer.y() - AWAY) - size.height(), max(kept.bottom(), pointer.y() + AWAY)
        for x, y in ((right, bottom), (left, bottom), (right, top), (left, top)):
            fits_across = EDGE <= x <= view.width() - size.width() - EDGE
            if fits_across and EDGE <= y <= view.height() - size.height() - EDGE:
                return QPointF(x, y)
    x = min(max(pointer.x() + AWAY, EDGE), max(view.width() - size.width() - EDGE, EDGE))
    return QPointF(x, max(pointer.y() - AWAY - size.height(), EDGE))


def _place(picked: Picked) -> tuple[object, ...]:
    return picked.path, picked.i, picked.j, picked.k, picked.before, picked.part, picked.kind


def _written(said: CellWords, quiet: str) -> str:
    """The lines as rich text; `quiet` is the colour of words that only help."""
    column = f'style="color: {quiet}; padding-right: 8px"'
    rows = "".join(
        f"<tr><td {column}>{escape(counted)}</td><td>{escape(place)}</td></tr>" for counted, place in said.places
    )
    lines = [
        f"<b>{escape(said.title)}</b>" if said.title else "",
        f'<table cellspacing="0">{rows}</table>' if rows else "",
        f"<b>{escape(said.value)}</b>",
        f'<span style="color: {quiet}">{escape(said.note)}</span>' if said.note else "",
    ]
    return "".join(f"<div>{line}</div>" for line in lines if line)
