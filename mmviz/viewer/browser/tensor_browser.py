"""The window in which tensors of files are found, looked at, and chosen to be shown or multiplied; reads nothing."""

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mmviz.scene.changes.of_tensors import Offer, alone, products, why_no_product
from mmviz.scene.keys.listed_tensor import ListedTensor
from mmviz.scene.keys.options import StyleOptions
from mmviz.viewer.browser.looks_into import SIDE, Look, Looker, look_into
from mmviz.viewer.browser.stack_index import StackIndex
from mmviz.viewer.browser.tensor_row import COLUMNS, COUNTED, FILE, NAME, ODD, PICTURE, SHAPE, TYPE, ZEROS
from mmviz.viewer.browser.tensor_table import Chosen, TensorTable
from mmviz.viewer.controls.plain_label import label
from mmviz.viewer.session.shown_scene import Tensors
from mmviz.viewer.wording import counted, sized

FIRST_SIZE = QSize(1080, 640)
WIDTHS = {PICTURE: SIDE + 12, NAME: 280, SHAPE: 110, TYPE: 64, ZEROS: 64, ODD: 84, FILE: 200}
COUNTED_WIDTH = 72
MARGIN = 12
SETTLED = 60
"""Milliseconds that the rows must stand still before they are looked into."""
NOTHING = "Select one tensor to show it, or two to multiply them."


class TensorBrowser(QDialog):
    """Shows tensors; the main window can be used meanwhile.

    Args:
        parent: Beside which window it stands.
        style: The colours of small pictures.
    """

    wanted = Signal(object)
    """An `Offer`: the scene that is asked for."""
    add_asked = Signal()
    """Another file is asked for."""
    dropped = Signal(object)
    """What was dropped on it, as QMimeData."""

    def __init__(self, parent: QWidget, style: Callable[[], StyleOptions]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Tensors - mmviz")
        self.setAcceptDrops(True)
        self._style = style
        self._lists: dict[ListedTensor, Tensors] = {}
        self.table = TensorTable()
        self.rows = Chosen(self.table)
        self.looker = Looker(self._look, self)
        self.looker.found.connect(self._show_look)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by name, shape or type: q_proj 576 bf16")
        self.filter.setClearButtonEnabled(True)
        self.counted = label("", "quiet")
        self.note, self.said = (label("", "quiet", wraps=True) for _ in range(2))
        self.stack = StackIndex()
        self.add, self.multiply, self.show_one = (QPushButton(text) for text in ("Add a file …", "Multiply", "Show"))
        self.products = QMenu(self.multiply)
        self.ways = QMenu(self.show_one)
        self.view = QTableView()
        self._settling = QTimer(self, singleShot=True, interval=SETTLED)
        self._settling.timeout.connect(self.look_at_rows)
        self._assemble()
        self._connect()

    def browse(self, lists: Sequence[Tensors], note: str = "", *, anew: bool = True) -> None:
        """Show the tensors of some files, and come to the front.

        Args:
            lists: The tensors of each.
            note: What there is to say of them.
            anew: False: beside those that are shown.
        """
        listed = [tensor for one in lists for tensor in one.tensors]
        if anew and listed != self.table.tensors:  # else what was found, seen and selected stays
            self.table.clear()
            self._lists.clear()
            self.filter.clear()
        for one in lists:
            self._lists |= dict.fromkeys(one.tensors, one)
            self.table.add(one.tensors)
        files = {tensor.file for tensor in self.table.tensors}
        self.view.setColumnHidden(FILE, len(files) < 2)
        place = os.path.normpath(lists[-1].where) if len(lists) == 1 and anew else f"{len(files):,} files"
        self.setWindowTitle(f"Tensors of {place} - mmviz")
        self.note.setText(note)
        self.note.setVisible(bool(note))
        if len(self.table.tensors) == 1 and not self.chosen():
            self.view.selectRow(0)
        self._follow()
        self.show()
        self.raise_()
        self.activateWindow()
        self.view.setFocus()
        self._settling.start()

    def chosen(self) -> list[ListedTensor]:
        """The selected tensors, in the order of the rows."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        return [self.rows.tensor(row) for row in rows]

    def end(self) -> None:
        """Close it and look no more."""
        self.looker.end()
        self.close()

    def look_at_rows(self) -> None:
        """Look into the tensors whose rows are seen, and into all where the rows are sorted by what is seen."""
        first = max(self.view.rowAt(0), 0)
        last = self.view.rowAt(self.view.viewport().height() - 1)
        count = self.rows.rowCount()
        seen = range(first, count if last < 0 else last + 1)
        wanted = [self.rows.tensor(row) for row in seen]
        if self.rows.sorted_by in COUNTED:
            wanted += [self.rows.tensor(row) for row in range(count)]
        self.looker.want([tensor for tensor in dict.fromkeys(wanted) if tensor not in self.table.looks])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look again at the rows when there is another height for them."""
        if event.type() == QEvent.Type.Resize:
            self._settling.start()
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDropEvent) -> None:
        """Files may be dropped, to be shown beside the others."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell who reads them."""
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData())

    # how it is put together

    def _assemble(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setIconSize(QSize(SIDE, SIDE))
        view.setShowGrid(False)
        view.setAlternatingRowColors(True)
        view.setWordWrap(False)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setDefaultSectionSize(SIDE + 8)
        view.setSortingEnabled(True)
        view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)  # as they stand in the file
        view.horizontalHeader().setSortIndicatorClearable(True)
        view.horizontalHeader().setHighlightSections(False)
        for column in range(len(COLUMNS)):
            view.setColumnWidth(column, WIDTHS.get(column, COUNTED_WIDTH))
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.filter, 1)
        head.addWidget(self.counted)
        head.addWidget(self.add)
        foot.addWidget(self.said, 1)
        foot.addWidget(self.stack)
        foot.addWidget(self.multiply)
        foot.addWidget(self.show_one)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        whole.addLayout(head)
        whole.addWidget(self.note)
        whole.addWidget(view, 1)
        whole.addLayout(foot)
        for button in (self.add, self.multiply, self.show_one):
            button.setAutoDefault(False)
        room = self.screen().availableSize()
        self.resize(FIRST_SIZE.boundedTo(QSize(round(0.9 * room.width()), round(0.9 * room.height()))))

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._filter)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._follow())
        self.view.verticalScrollBar().valueChanged.connect(lambda _: self._settling.start())
        self.view.horizontalHeader().sortIndicatorChanged.connect(lambda *_: self._settling.start())
        self.view.viewport().installEventFilter(self)
        self.view.activated.connect(lambda _index: self._show_selected())
        self.show_one.clicked.connect(self._show_selected)
        self.add.clicked.connect(self.add_asked)
        self.stack.changed.connect(self._follow)

    # what happens

    def _filter(self, text: str) -> None:
        self.rows.find(text)
        self._follow()
        self._settling.start()

    def _look(self, tensor: ListedTensor) -> Look:
        return look_into(self._lists[tensor], tensor, self._style())

    def _show_look(self, tensor: ListedTensor, look: Look) -> None:
        self.table.show_look(tensor, look)
        column = self.rows.sorted_by
        if column in COUNTED and len(self.table.looks) == len(self.table.tensors):
            self.rows.sort_again()  # all are known: now they can be sorted

    def _follow(self) -> None:
        """Offer what can be done with the selected tensors."""
        chosen = self.chosen()
        count, shown = len(self.table.tensors), self.rows.rowCount()
        whole = counted(count, "tensor")
        self.counted.setText(f"{shown:,} of {whole}" if shown != count else whole)
        self.stack.offer(chosen[0] if len(chosen) == 1 else None)
        ways = alone(chosen[0], self.stack.index) if len(chosen) == 1 else []
        self.show_one.setEnabled(bool(ways))
        _fill(self.ways, [(_way(offer), offer) for offer in ways], self.wanted.emit)
        self.show_one.setMenu(self.ways if len(ways) > 1 else None)  # type: ignore[arg-type]
        offers = products(chosen[0], chosen[1], self._indices(chosen)) if len(chosen) == 2 else []
        _fill(self.products, [(_product(offer), offer) for offer in offers], self.wanted.emit)
        self.multiply.setEnabled(bool(offers))
        self.multiply.setMenu(self.products if offers else None)  # type: ignore[arg-type]
        self.said.setText(self._words(chosen))

    def _indices(self, chosen: Sequence[ListedTensor]) -> list[tuple[int, ...]]:
        return [self.stack.kept(tensor) for tensor in chosen]

    def _words(self, chosen: Sequence[ListedTensor]) -> str:
        match chosen:
            case []:
                return NOTHING
            case [one]:
                look = self.table.looks.get(one)
                return one.why_no_matrix() or (look.trouble if look is not None else "") or one.called
            case [one, other]:
                count = len(self.products.actions())
                fit = f"{count} product{'s' if count > 1 else ''} fit{'' if count > 1 else 's'}"
                return why_no_product(one, other) or f"{one.called} and {other.called}: {fit}."
            case _:
                return f"{len(chosen)} are selected: select one to show it, or two to multiply them."

    def _show_selected(self) -> None:
        chosen = self.chosen()
        ways = alone(chosen[0], self.stack.index) if len(chosen) == 1 else []
        if ways:
            self.wanted.emit(ways[0])


def _fill(menu: QMenu, entries: Sequence[tuple[str, Offer]], do: Callable[[Offer], object]) -> None:
    menu.clear()
    for text, offer in entries:
        action = QAction(text.replace("&", "&&"), menu)
        action.triggered.connect(lambda _checked=False, offer=offer: do(offer))
        menu.addAction(action)


def _way(offer: Offer) -> str:
    size = sized(offer.shape)
    return f"The first {size}" if offer.cut else f"The whole, {size} (needs {offer.elements * 40 // 10**6:,} MB)"


def _product(offer: Offer) -> str:
    size = sized(offer.shape)
    return f"{offer.text}   →   {'the first ' if offer.cut else ''}{size}"
