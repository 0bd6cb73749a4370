"""Finds a matrix by its name, its path, or what its numbers are called in a model: a slim bar above the picture."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHeaderView, QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from mmviz.picture.marks.sheet_before import sheet_names
from mmviz.scene.keys.sources import (
    ActivationSource,
    FileSource,
    FormulaSource,
    Initializer,
    TensorSource,
    UrlSource,
    ValuesSource,
    WeightSource,
    index_told,
)
from mmviz.scene.language.tree import Node, tensor_of, walk
from mmviz.viewer.canvas.view import View
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.field_keys import FieldKeys
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.session.undo import Desk

ROOT = "root"
"""What the path of the root is called."""
MOST_ROWS = 8
"""Rows that are seen at once."""
WIDEST = 560
"""Width of the bar, in pixels, where there is room."""
MARGIN = 10
"""Distance from the border of the picture, in pixels."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A matrix that can be found."""

    path: str
    name: str
    size: str  # rows × columns
    called: str = ""  # what its numbers are called in a model, or their file

    @property
    def details(self) -> str:
        """What is written beside its name."""
        return "  ·  ".join(part for part in (self.path or ROOT, self.size, self.called) if part)


def entries(scene: Shown) -> list[Entry]:
    """All matrices of a scene, the root first, and the sheets behind some of them."""
    found = []
    behind = sheet_names(scene.root, scene.document.style)
    for node in reversed(list(walk(scene.root))):
        rows, columns = scene.shapes.of[node.path]
        size = f"{rows} × {columns}"
        found.append(Entry(node.path, node.name, size, ", ".join(_called(node, scene))))
        if node.path in behind:
            found.append(Entry(node.path, behind[node.path], size, f"sheet behind {node.name}"))
    return found


def matching(known: Iterable[Entry], text: str) -> list[Entry]:
    """The matrices in which all words of a text occur, in any case; those come first whose name is most like it."""
    words = text.lower().split()
    found = [one for one in known if all(word in f"{one.name} {one.details}".lower() for word in words)]
    wanted = " ".join(words)
    return sorted(found, key=lambda one: _unlike(one.name.lower(), wanted))


def _unlike(name: str, wanted: str) -> int:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if wanted in name else 3


def _called(node: Node, scene: Shown) -> Iterator[str]:
    if (tensor := tensor_of(node)) is not None:
        yield from _source(scene.document.tensors[tensor])
    for key in (node.path, node.name):
        if check := scene.document.checks.get(key):
            yield from _source(check)
            return


def _source(source: TensorSource | ActivationSource) -> Iterator[str]:
    match source:
        case WeightSource():
            yield source.weight if source.head is None else f"{source.weight}, head {source.head}"
        case ActivationSource():
            yield source.activation if source.head is None else f"{source.activation}, head {source.head}"
        case FileSource():
            yield ", ".join(filter(None, (source.file, source.key))) + index_told(source.index)
        case Initializer() | FormulaSource() | ValuesSource() | UrlSource():
            return  # nobody knows these by a name


class Finder(QFrame):
    """A field and, below it, the matrices that it may mean. It lies over the picture, which stays as it is.

    Args:
        view: Over which it lies.
        desk: Where the scene is from.
    """

    chosen = Signal(str)
    """The path of the matrix that was found."""

    def __init__(self, view: View, desk: Desk) -> None:
        super().__init__(view)
        self._view, self._desk = view, desk
        self._known: list[Entry] = []
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a matrix by its name, path or hook name")
        self.field.setToolTip("Enter: select it and fly there.  ↑ ↓: another one.  Esc: close.")
        self.field.setClearButtonEnabled(True)
        self.hits = QTreeWidget()
        self.nothing = QLabel()
        self._assemble()
        self.field.textEdited.connect(self.show_hits)
        keys = FieldKeys(self.field, MOST_ROWS)
        keys.moved.connect(lambda step: self._go_to(self.hits.currentIndex().row() + step))
        keys.taken.connect(self._take_current)
        keys.left.connect(self.put_away)
        self.hits.itemClicked.connect(self._choose)
        view.installEventFilter(self)
        desk.shown.connect(self._take)

    def open(self) -> None:
        """Ask for a matrix."""
        self._known = entries(self._desk.scene)
        self.show_hits(self.field.text())
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.selectAll()

    def put_away(self) -> None:
        """Close it; what was typed is kept for the next time."""
        self.hide()
        self._view.setFocus()

    def show_hits(self, text: str) -> None:
        """List what a text may mean."""
        found = matching(self._known, text)
        self.hits.clear()
        for entry in found:
            item = QTreeWidgetItem([entry.name, entry.details])
            item.setData(0, Qt.ItemDataRole.UserRole, entry.path)
            item.setForeground(1, QColor(theme.of(self).quiet))
            item.setToolTip(0, entry.name)
            item.setToolTip(1, entry.details)
            self.hits.addTopLevelItem(item)
        self.hits.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self.nothing.setText(f"No matrix is called “{text.strip()}”")
        self._go_to(0)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The picture's size, with which the bar's changes."""
        if watched is self._view and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _take_current(self) -> None:
        if item := self.hits.currentItem():
            self._choose(item)

    def _go_to(self, row: int) -> None:
        """Take this row, or the first or the last one."""
        last = self.hits.topLevelItemCount() - 1
        if item := self.hits.topLevelItem(max(0, min(row, last))):
            self.hits.setCurrentItem(item)

    def _choose(self, item: QTreeWidgetItem) -> None:
        self.put_away()
        self.chosen.emit(item.data(0, Qt.ItemDataRole.UserRole))

    def _take(self, scene: Shown) -> None:
        if self.isVisible():
            self._known = entries(scene)
            self.show_hits(self.field.text())

    def _assemble(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # what is done here does not turn the scene
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.hits.setColumnCount(2)
        self.hits.setHeaderHidden(True)
        self.hits.setRootIsDecorated(False)
        self.hits.setUniformRowHeights(True)
        self.hits.setFrameShape(QFrame.Shape.NoFrame)
        self.hits.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hits.setToolTip("Click: select it and fly there")
        self.hits.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.hits.header().setMaximumSectionSize(round(0.5 * WIDEST))
        self.nothing.setContentsMargins(6, 2, 6, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        for widget in (self.field, self.hits, self.nothing):
            column.addWidget(widget)
        self.hide()

    def _place(self) -> None:
        """At the top of the picture, in its middle, as high as its rows."""
        rows = min(max(self.hits.topLevelItemCount(), 1), MOST_ROWS)
        self.hits.setFixedHeight(rows * max(self.hits.sizeHintForRow(0), 1))
        width = min(WIDEST, self._view.width() - 2 * MARGIN)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((self._view.width() - width) // 2, MARGIN)
