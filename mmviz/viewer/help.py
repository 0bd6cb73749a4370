"""A window that shows all keys and what the mouse does; it does nothing itself."""

import importlib

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from mmviz.viewer.commands import COMMANDS, MOUSE
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.plain_label import bold_font
from mmviz.viewer.own_keys import keys_by_name, native

COLUMNS = (1, 2, 3)
"""On a screen of ordinary width, and on one that has room."""
WIDE = (820, 1280)
WIDTHS = (132, 222)
"""Of keys and of what they do, in pixels; longer texts take two lines."""
Rows = list[tuple[str, str]]


def chapters() -> list[tuple[str, Rows]]:
    """Each menu, and the mouse: its title, and what is pressed for what."""
    found: list[tuple[str, Rows]] = []
    keys = keys_by_name()
    for menu in dict.fromkeys(command.menu for command in COMMANDS):
        rows = [(native(keys[c.name]), c.text.rstrip(" …")) for c in COMMANDS if c.menu == menu and keys[c.name]]
        if rows:
            found.append((menu, rows))
    return [*found, ("Mouse", list(MOUSE))]


def about() -> str:
    """Name and version."""
    version = importlib.import_module("mmviz").__version__
    return f"mmviz {version}: matrix multiplication and attention in three dimensions"


class HelpWindow(QDialog):
    """All keys, by menu; Esc closes it, and so do the keys that show it. The main window can be used meanwhile.

    Args:
        parent: The main window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and mouse - mmviz")
        self.setAttribute(Qt.WidgetAttribute.WA_WindowPropagation)  # the theme of the main window
        self._closes: list[QShortcut] = []  # by the keys that show it
        self._shown: list[tuple[str, Rows]] = []
        self._area = area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        foot = QLabel(f"{about()}   ·   Esc: close")
        foot.setContentsMargins(16, 0, 16, 12)
        foot.setWordWrap(True)
        theme.tint(foot, "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area, 1)
        column.addWidget(foot)

    def present(self) -> None:
        """Show it, in front, with the keys as they are now."""
        if self._shown != chapters():
            self._show_chapters()
        self.show()
        self.raise_()
        self.activateWindow()

    def _show_chapters(self) -> None:
        self._shown = chapters()
        for before in self._closes:
            before.setEnabled(False)
            before.deleteLater()
        self._closes = [QShortcut(QKeySequence(key), self, self.close) for key in keys_by_name()["help"]]
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(16, 14, 16, 8)
        row.setSpacing(24)
        room = self.screen().availableSize()
        for part in _columns(self._shown, COLUMNS[sum(room.width() >= wide for wide in WIDE)]):
            row.addWidget(_column(part), 1, Qt.AlignmentFlag.AlignTop)
        self._area.setWidget(body)
        wanted = body.sizeHint().grownBy(self._area.contentsMargins())
        self.resize(min(wanted.width() + 30, room.width()), min(wanted.height() + 50, round(0.9 * room.height())))


def _columns(parts: list[tuple[str, Rows]], most: int) -> list[list[tuple[str, Rows]]]:
    """The parts in columns of about the same height, in their order."""
    lines = sum(len(rows) + 2 for _, rows in parts)
    columns: list[list[tuple[str, Rows]]] = [[]]
    height = 0
    for title, rows in parts:
        if columns[-1] and len(columns) < most and height + (len(rows) + 2) / 2 > lines / most:
            columns.append([])
            height = 0
        columns[-1].append((title, rows))
        height += len(rows) + 2
    return columns


def _column(parts: list[tuple[str, Rows]]) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(3)
    for title, rows in parts:
        line = grid.rowCount()
        heading = QLabel(title)
        theme.tint(heading, "accent")
        heading.setFont(bold_font(heading))
        heading.setContentsMargins(0, 8 if line > 1 else 0, 0, 2)
        grid.addWidget(heading, line, 0, 1, 2)
        for number, (keys, does) in enumerate(rows, start=line + 1):
            for place, (text, width) in enumerate(zip((keys, does), WIDTHS, strict=True)):
                label = QLabel(text)
                label.setWordWrap(True)
                label.setFixedWidth(width)
                if not place:
                    label.setFont(bold_font(label))
                grid.addWidget(label, number, place, Qt.AlignmentFlag.AlignTop)
    return made
