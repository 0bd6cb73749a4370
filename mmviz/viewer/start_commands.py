"""The start page and the tour of a window that is open: made when they are first asked for."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMenu, QProxyStyle, QStyle, QStyleOption, QTabWidget, QWidget

from mmviz.scene import gallery
from mmviz.viewer import settings
from mmviz.viewer.host import Host
from mmviz.viewer.key_words import keys_said
from mmviz.viewer.session.clipboard import as_file
from mmviz.viewer.session.models_here import ModelsHere
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.start.examples import EXAMPLES, picture_in_gallery
from mmviz.viewer.start.start_dialog import StartDialog
from mmviz.viewer.start.tour import Tour

AGAIN = 300
"""Milliseconds until it is looked again whether the tour may begin, while something is asked."""
ICON = 56
"""Width of the picture of a scene in a menu, in pixels."""
TIP = 320
"""Width of the picture of a scene beside its entry in a menu, in pixels."""
TABS = ("Explain", "Model", "Matrices")
"""Tabs that the tour shows."""


class LargeIcons(QProxyStyle):
    """Menus whose icons are pictures, large enough to be looked at."""

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """All as usual, but for icons."""
        return ICON if metric == QStyle.PixelMetric.PM_SmallIconSize else super().pixelMetric(metric, option, widget)


class Starts(QObject):
    """How one begins anew in a window.

    Args:
        window: The main window.
        open_named: Opens what a text names or says.
        open_several: Opens several files.
        models: Lists the models of this machine.
    """

    def __init__(
        self,
        window: Host,
        open_named: Callable[[str], object],
        open_several: Callable[[Sequence[Path]], object],
        models: ModelsHere,
    ) -> None:
        super().__init__(window)
        self._window, self._open, self._models = window, open_named, models
        self._open_several = open_several
        self.page: StartDialog | None = None
        self.tour: Tour | None = None
        self.examples_menu = QMenu("Examples", window)  # it goes with the window, and its entries with it
        self._large_icons = LargeIcons()
        self._large_icons.setParent(self)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {"start": self.show_page, "tour": self.show_tour}

    def settle(self) -> None:
        """Take up the rest of the work: the menu of examples, and which models were shown."""
        window = self._window
        # Not by QAction.menu(): before PySide6 6.11.2 the menu dies with what that gives.
        menu = next(menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "File")
        menu.insertMenu(window.actions_by_name["open"], self.examples_menu)
        self.examples_menu.setToolTipsVisible(True)
        for example in EXAMPLES:
            action = self.examples_menu.addAction(example.title)
            action.setToolTip(example.sentence)
            action.triggered.connect(lambda _checked=False, name=example.name: self._open(name))
        self.examples_menu.addSeparator()
        for section in gallery.SECTIONS:
            self._add_section(section)
        window.desk.shown.connect(self.remember_model)
        self.remember_model(window.desk.scene)

    def _add_section(self, section: gallery.Section) -> None:
        """A menu of a section's scenes, which are read when it is first opened."""
        menu = QMenu(section.title, self.examples_menu)
        menu.setStyle(self._large_icons)
        self.examples_menu.addMenu(menu)
        menu.setToolTipsVisible(True)

        def fill() -> None:
            if menu.isEmpty():
                for name in section.scenes:
                    self._add_scene(menu, gallery.entry(name))

        menu.aboutToShow.connect(fill)

    def _add_scene(self, menu: QMenu, entry: gallery.Entry) -> None:
        picture = picture_in_gallery(entry.name)
        action = menu.addAction(QIcon(str(picture)), entry.short)
        action.setToolTip(f'<img src="{escape(picture.as_uri())}" width="{TIP}"><br>{escape(entry.learn)}')
        action.triggered.connect(lambda _checked=False: self._open(entry.name))

    def remember_model(self, scene: Shown) -> None:
        """Of a model that is no file of its own the name is remembered; files are, where they are opened."""
        model = scene.document.model
        if model is not None and as_file(str(scene.folder / model.path)) is None:
            settings.remember_model(model.path)

    def show_page(self) -> None:
        """Show the start page."""
        if self.page is None:
            self.page = StartDialog(self._window, self._models)
            self.page.chosen.connect(self._open)
            self.page.dropped.connect(self._open_several)
        self.page.present()

    def welcome(self) -> None:
        """Play the tour where it was never played; not over a question."""
        if settings.tour_seen() or not self._window.isVisible():
            return
        if QApplication.activeModalWidget() is not None:
            QTimer.singleShot(AGAIN, self, self.welcome)
        else:
            self.show_tour()

    def show_tour(self) -> None:
        """Play the tour from its beginning."""
        settings.keep_tour_seen()
        if self.tour is None:
            self.tour = Tour(self._window, self._places(), keys_said, self._show_tab)
            self.tour.ended.connect(self._window.view.setFocus)
        self.tour.begin()

    def _places(self) -> dict[str, Callable[[], QRect]]:
        window = self._window
        found = {
            "picture": lambda: self._box(window.view),
            "play": lambda: self._box(window.findChild(QWidget, "transport")),
            "export": lambda: self._menu("File"),
            "help": lambda: self._menu("Help"),
        }
        return found | {name: lambda: self._box(window.findChild(QTabWidget, "tabs")) for name in TABS}

    def _box(self, part: QWidget | None) -> QRect:
        """Where a part is in the window; empty where it is not seen."""
        if part is None or not part.isVisible():
            return QRect()
        return QRect(part.mapTo(self._window, QPoint(0, 0)), part.size())

    def _menu(self, title: str) -> QRect:
        bar = self._window.menuBar()
        menu = next((menu for menu in bar.findChildren(QMenu) if menu.title() == title), None)
        place = QRect() if menu is None else bar.actionGeometry(menu.menuAction())
        return place.translated(self._box(bar).topLeft()) if bar.isVisible() else QRect()

    def _show_tab(self, name: str) -> str:
        """Show the tab of a name, if it is one; which was shown."""
        tabs = self._window.findChild(QTabWidget, "tabs")
        if tabs is None:
            return ""
        names = [tabs.tabText(place) for place in range(tabs.count())]
        before = names[tabs.currentIndex()]
        if name in names:
            tabs.setCurrentIndex(names.index(name))
        return before

    def end(self) -> None:
        """The main window is being closed."""
        if self.tour is not None:
            self.tour.end()
        if self.page is not None:
            self.page.close()
