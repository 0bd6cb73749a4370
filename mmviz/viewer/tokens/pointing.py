"""What the pointer over the picture does: rows and columns are lit, a plate tells the cell; draws nothing itself."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from mmviz.viewer.canvas.cell_tip import CellTip
from mmviz.viewer.canvas.lighting import Lighting
from mmviz.viewer.canvas.navigation import Navigation
from mmviz.viewer.host import Host
from mmviz.viewer.settings import keep_switch, switched


class Pointing(QObject):
    """Two switches of the menu "View", which are remembered.

    Args:
        window: `settle` is called when its actions are there.
        navigation: Its lens and its numbers take the place of the plate.
    """

    def __init__(self, window: Host, navigation: Navigation) -> None:
        super().__init__(window)
        self.lighting = Lighting(window.view, window.desk, window.player)
        self.tip = CellTip(window.view)
        self._window, self._navigation = window, navigation
        navigation.lens.toggled.connect(self._give_way)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {"lighting": lambda: self._switch("lighting"), "cell_tip": lambda: self._switch("cell_tip")}

    def settle(self) -> None:
        """Stand as the last window did."""
        named = self._window.actions_by_name
        for name in ("lighting", "cell_tip"):
            named[name].setChecked(switched(name, default=True))
            self._take(name)
        named["stop"].triggered.connect(self.tip.put_away)
        named["spotlight"].triggered.connect(self._give_way)

    def _switch(self, name: str) -> None:
        keep_switch(name, self._window.actions_by_name[name].isChecked())
        self._take(name)

    def _take(self, name: str) -> None:
        on = self._window.actions_by_name[name].isChecked()
        (self.lighting if name == "lighting" else self.tip).switch(on)

    def _give_way(self) -> None:
        self.tip.quiet = self._navigation.spotlight.on or self._navigation.lens.is_open
        if self.tip.quiet:
            self.tip.put_away()
