"""The menu of kept views, and the line in which one gets a name; what is kept it leaves to others."""

from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QPushButton

from mmviz.viewer.canvas.kept_views import LONGEST, KeptViews
from mmviz.viewer.host import Host

WIDE = 340
"""Width of the line for a name, so that the title above it can be read, in pixels."""


class KeptMenu(QObject):
    """View > Kept views.

    Args:
        window: Gets the menu, once its own are there.
        kept: The views.
    """

    def __init__(self, window: Host, kept: KeptViews) -> None:
        super().__init__(window)
        self._window, self._kept = window, kept
        self.menu = QMenu("Kept views", window)
        self.dialog: QInputDialog | None = None  # in which a name is asked for
        self.menu.aboutToShow.connect(self._fill)
        kept.changed.connect(self._allow)
        kept.name_wanted.connect(self.ask)

    def settle(self) -> None:
        """Stand in the menu View."""
        # Not by QAction.menu(): before PySide6 6.11.2 the menu dies with what that gives.
        view = next(menu for menu in self._window.menuBar().findChildren(QMenu) if menu.title() == "View")
        view.insertMenu(self._window.actions_by_name["name_bookmark"], self.menu)
        self._allow()

    def ask(self, number: int) -> None:
        """Ask what a view is called."""
        self.dialog = dialog = QInputDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Name of the kept view - mmviz")
        dialog.setLabelText(f"What kept view {number + 1} is called")
        dialog.setTextValue(self._kept.all[number].name)
        if (line := dialog.findChild(QLineEdit)) is not None:
            line.setMaxLength(LONGEST)
            line.setPlaceholderText(f"View {number + 1}")
            line.setMinimumWidth(WIDE)  # the dialog itself is as wide as what is in it, whatever it is told
        for button in dialog.findChildren(QPushButton):
            button.setIcon(QIcon())
        dialog.textValueSelected.connect(partial(self._kept.name, number))
        dialog.open()

    def _allow(self) -> None:
        self.menu.menuAction().setEnabled(bool(self._kept.all))

    def _fill(self) -> None:
        self.menu.clear()
        here = self._kept.here
        for number in range(len(self._kept.all)):
            title = self._kept.title(number).replace("&", "&&")
            action = self.menu.addAction(title if len(title) < 60 else f"{title[:60]} …")
            action.setCheckable(True)
            action.setChecked(number == here)
            action.triggered.connect(partial(self._kept.go, number))
