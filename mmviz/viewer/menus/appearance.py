"""How a main window looks: which theme it wears, and its icons in that theme; no colour is chosen here."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication

from mmviz.viewer import preferences, settings
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.icons import icon
from mmviz.viewer.gestures import RATES
from mmviz.viewer.host import Host
from mmviz.viewer.menus.actions import dress
from mmviz.viewer.menus.settings_dialog import SettingsDialog
from mmviz.viewer.own_keys import keys_by_name, with_keys

OURS = "mmviz"
"""What the application is called where we made it: then all of its windows look as ours."""


class Appearance(QObject):
    """Dresses a main window, and again when another theme is wanted.

    Args:
        window: `settle` is called when its actions are there.
    """

    def __init__(self, window: Host) -> None:
        super().__init__(window)
        self._window = window
        self._font = QApplication.font()  # the system's
        self.dialog: SettingsDialog | None = None
        window.player.playing_changed.connect(self._show_playing)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {"theme": self.switch, "settings": self.ask}

    def ask(self) -> None:
        """Show the settings, in front."""
        if self.dialog is None:
            self.dialog = SettingsDialog(self._window, self.choose, self.write)
        self.dialog.present()

    def settle(self) -> None:
        """Wear the theme that was chosen last."""
        self.wear(settings.theme())
        self.write(preferences.font_size())
        self._window.player.set_rate(preferences.rate(RATES))

    def wear(self, name: str) -> None:
        """Look so at once: "dark", "light", or "system"."""
        palette = theme.palette(theme.named(name))
        if QApplication.applicationName() == OURS:
            QApplication.setPalette(palette)
        self._window.setPalette(palette)
        dress(self._window)
        self._show_playing(self._window.player.playing)

    def write(self, points: int) -> None:
        """Write in a font of so many points; 0: as the system has it."""
        font = QFont(self._font)
        font.setPointSize(points or self._font.pointSize())
        if QApplication.applicationName() == OURS:
            QApplication.setFont(font)
        self._window.setFont(font)

    def choose(self, name: str) -> None:
        """Look so from now on, in the next window, too."""
        settings.keep_theme(name)
        self.wear(name)

    def switch(self) -> None:
        """Dark where it is light, and light where it is dark."""
        self.choose("light" if theme.of(self._window) is theme.DARK else "dark")

    def _follow_system(self) -> None:
        if settings.theme() == "system":
            self.wear("system")

    def _show_playing(self, playing: bool) -> None:
        action, worn = self._window.actions_by_name["play"], theme.of(self._window)
        action.setIcon(icon("pause" if playing else "play", worn))
        action.setToolTip(with_keys("Pause" if playing else "Play", keys_by_name(), "play"))
