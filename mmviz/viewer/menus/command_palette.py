"""The palette: a field at the top of the window in which every command, matrix, tab and file is found by typing."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from mmviz.viewer import settings
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.field_keys import FieldKeys
from mmviz.viewer.host import Host
from mmviz.viewer.menus.offers import Offer, Offers
from mmviz.viewer.menus.palette_rows import HIT, RowPainter
from mmviz.viewer.menus.ranking import Hit, ranked

MOST_ROWS = 12
"""Rows that are seen at once."""
WIDEST = 640
"""Width, in pixels, where there is room."""
MARGIN = 16
"""Distance from the border of the window, in pixels."""
HINT = "Find a command, matrix, tab or file.   > commands only   @ matrices only"


class CommandPalette(QFrame):
    """Lies over the window while one types.

    Args:
        window: Over which it lies.
        sources: Say what there is, in the order in which it is told.
    """

    def __init__(self, window: Host, sources: Sequence[Offers]) -> None:
        super().__init__(window)
        self._window, self._sources = window, sources
        self._offers: dict[str, Offer] = {}
        self._before: QWidget | None = None  # what had the keyboard
        self.field = QLineEdit()
        self.rows = QListWidget()
        self.nothing = QLabel()
        self._assemble()
        self.field.textEdited.connect(self.show_hits)
        self.field.installEventFilter(self)
        keys = FieldKeys(self.field, MOST_ROWS)
        keys.moved.connect(self._go)
        keys.taken.connect(self._take)
        keys.left.connect(self.put_away)
        self.rows.itemClicked.connect(self._choose)
        window.installEventFilter(self)

    def bindings(self) -> dict[str, Callable[[], object]]:
        """What commands do."""
        return {"palette": self.open}

    def open(self) -> None:
        """Ask what is wanted."""
        if self.isHidden():
            self._before = self._window.focusWidget()
        self._offers = {offer.candidate.key: offer for offers in self._sources for offer in offers()}
        self.field.clear()
        self.show_hits("")
        self.show()
        self.raise_()
        self.field.setFocus()

    def put_away(self) -> None:
        """Close it; the keyboard goes back to where it was."""
        if self.isVisible():
            self.hide()
            (self._before or self._window.view).setFocus()

    def show_hits(self, text: str) -> None:
        """List what a text may mean."""
        recent = settings.recent_commands()
        hits = ranked((offer.candidate for offer in self._offers.values()), text, recent)
        if not text.strip():
            hits = [hit for hit in hits if hit.candidate.kind == "command" or hit.candidate.key in recent]
        self.rows.clear()
        for hit in hits:
            self.rows.addItem(_item(hit))
        self.rows.setVisible(bool(hits))
        self.nothing.setVisible(not hits)
        self.nothing.setText(f"Nothing is called “{text.strip()}”")
        self.rows.setCurrentRow(0)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window's size, with which the palette's changes; a click elsewhere puts it away."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self._window.isActiveWindow():
            self.hide()  # one clicked elsewhere
        return super().eventFilter(watched, event)

    def _go(self, step: int) -> None:
        self.rows.setCurrentRow(max(0, min(self.rows.currentRow() + step, self.rows.count() - 1)))

    def _take(self) -> None:
        if item := self.rows.currentItem():
            self._choose(item)

    def _choose(self, item: QListWidgetItem) -> None:
        hit: Hit = item.data(HIT)
        self.put_away()
        if hit.candidate.why_not:
            self._window.tell(f"{hit.candidate.text}: {hit.candidate.why_not}")
            return
        settings.remember_command(hit.candidate.key)
        self._offers[hit.candidate.key].do()

    def _assemble(self) -> None:
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.field.setPlaceholderText(HINT)
        self.field.setToolTip("Enter: do it.  ↑ ↓: another one.  Esc: close.")
        self.rows.setFrameShape(QFrame.Shape.NoFrame)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setUniformItemSizes(True)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setItemDelegate(RowPainter(self.rows))
        self.nothing.setContentsMargins(6, 2, 6, 4)
        theme.tint(self.nothing, "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        for widget in (self.field, self.rows, self.nothing):
            column.addWidget(widget)
        self.hide()

    def _place(self) -> None:
        """At the top of the window, in its middle, as high as its rows."""
        top = self._window.view.mapTo(self._window, QPoint()).y() + MARGIN
        high = max(self.rows.sizeHintForRow(0), 1)
        room = (self._window.height() - top - MARGIN - self.field.sizeHint().height() - 20) // high
        self.rows.setFixedHeight(min(max(self.rows.count(), 1), MOST_ROWS, max(room, 1)) * high)
        width = min(WIDEST, self._window.width() - 2 * MARGIN)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((self._window.width() - width) // 2, top)


def _item(hit: Hit) -> QListWidgetItem:
    candidate = hit.candidate
    item = QListWidgetItem(candidate.text)
    item.setData(HIT, hit)
    item.setToolTip("\n".join(filter(None, (candidate.text, candidate.beside, candidate.why_not))))
    return item
