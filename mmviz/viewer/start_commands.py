"""The start page and the tour of a window that is open: made when they are first asked for."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from mmviz.viewer.host import Host
from mmviz.viewer.session.models_here import ModelsHere
from mmviz.viewer.start.start_dialog import StartDialog


class Starts(QObject):
    """How one begins anew in a window.

    Args:
        window: The main window.
        open_named: Opens what a text names or says.
        models: Lists the models of this machine.
    """

    def __init__(self, window: Host, open_named: Callable[[str], object], models: ModelsHere) -> None:
        super().__init__(window)
        self._window, self._open, self._models = window, open_named, models
        self.page: StartDialog | None = None

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {"start": self.show_page}

    def show_page(self) -> None:
        """Show the start page."""
        if self.page is None:
            self.page = StartDialog(self._window, self._models)
            self.page.chosen.connect(self._open)
        self.page.present()

    def end(self) -> None:
        """The main window is being closed."""
        if self.page is not None:
            self.page.close()
