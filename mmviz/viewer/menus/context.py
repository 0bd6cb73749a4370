"""What can be done where one clicks with the right button: menus made of the window's commands; does nothing itself."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QTabWidget, QWidget

from mmviz.picture.cell.picking import Picked
from mmviz.scene.language.tree import find
from mmviz.viewer.commands import CONTEXT_MENUS, Place
from mmviz.viewer.host import Host
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.wording import sized

OFFERED = CONTEXT_MENUS
"""Names of commands, in groups with a line between them."""


class ContextMenus(QObject):
    """Opens a menu where the right button was clicked.

    Args:
        window: Whose commands are offered.
        selection: The matrix that some of them are about: the one that was clicked.
        explain: Explains a cell.
    """

    def __init__(self, window: Host, selection: Selection, explain: Callable[[Picked], None]) -> None:
        super().__init__(window)
        self._window, self._selection, self._explain = window, selection, explain
        self.menu: QMenu | None = None  # that is open
        window.view.asked.connect(self.on_picture)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A menu goes with its window: it would keep all clicks for itself."""
        if event.type() in (QEvent.Type.Hide, QEvent.Type.Close):
            self.close()
        return super().eventFilter(watched, event)

    def close(self) -> None:
        """Close the menu that is open, if any."""
        if self.menu is not None:
            self.menu.close()

    def on_picture(self, picked: Picked | None, spot: QPoint) -> None:
        """Of a matrix in the picture and its cell, or of what lies beside all matrices."""
        if picked is None:
            self.open(self.of("ground"), spot)
            return
        self._selection.select(picked.path)
        menu = self._of_matrix(picked.path)
        explain = QAction(f"Explain {picked.name}[{picked.i}, {picked.j}]", menu)
        explain.triggered.connect(partial(self._explain, picked))
        there = [explain]
        if not picked.masked:
            copy = QAction(f"Copy its number {picked.value:.4g}", menu)
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(str(np.float32(picked.value))))
            there.append(copy)
        menu.insertActions(menu.actions()[1], there)
        self.open(menu, spot)

    def on_matrix(self, path: str, spot: QPoint) -> None:
        """Of a matrix in the tree."""
        self._selection.select(path)
        self.open(self._of_matrix(path), spot)

    def on_place(self, widget: QWidget, place: Place) -> None:
        """Let a part of the window have the menu of a place."""
        self._offer(widget, lambda: self.of(place))

    def on_tabs(self, tabs: QTabWidget) -> None:
        """Let tabs and their names have a menu, where fields have none: all tabs, and what closes the panel."""
        for part in (tabs.tabBar(), tabs):
            self._offer(part, lambda: self._of_tabs(tabs))

    def _offer(self, widget: QWidget, make: Callable[[], QMenu]) -> None:
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(lambda spot: self.open(make(), widget.mapToGlobal(spot)))

    def of(self, place: Place, title: str = "") -> QMenu:
        """A menu of the commands of a place; `open` shows it."""
        menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        if title:
            menu.addAction(title.replace("&", "&&")).setEnabled(False)
        known = self._window.actions_by_name
        for group in OFFERED[place]:
            there = [known[name] for name in group if name in known]
            if there and menu.actions():
                menu.addSeparator()
            menu.addActions(there)
        return menu

    def _of_matrix(self, path: str) -> QMenu:
        scene = self._window.desk.scene
        node = find(scene.root, path)
        return self.of("matrix", f"{path if node is None else node.name}   {sized(scene.shapes.of[path])}")

    def _of_tabs(self, tabs: QTabWidget) -> QMenu:
        menu = self.of("tabs")
        first = menu.actions()[0]
        for number in range(tabs.count()):
            action = QAction(tabs.tabText(number), menu)
            action.setToolTip(tabs.tabToolTip(number))
            action.setCheckable(True)
            action.setChecked(number == tabs.currentIndex())
            action.triggered.connect(partial(tabs.setCurrentIndex, number))
            menu.insertAction(first, action)
        menu.insertSeparator(first)
        return menu

    def open(self, menu: QMenu, spot: QPoint) -> None:
        """Show a menu in place of the one that is open, if any."""
        self.close()
        self.menu = menu
        menu.aboutToHide.connect(partial(self._forget, menu))
        menu.popup(spot)

    def _forget(self, menu: QMenu) -> None:
        if self.menu is menu:
            self.menu = None
        menu.deleteLater()  # once what was chosen in it has been done
