"""The windows beside the main window, for exports, keys and messages: made when they are first asked for."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from mmviz.viewer.event_window import EventWindow
from mmviz.viewer.export.export_dialog import ExportDialog
from mmviz.viewer.export.export_strip import ExportStrip
from mmviz.viewer.export.exporter import Exporter
from mmviz.viewer.help import HelpWindow
from mmviz.viewer.host import Host
from mmviz.viewer.question import Answer, Question


class Dialogs(QObject):
    """What a main window opens beside itself."""

    def __init__(self, window: Host) -> None:
        super().__init__(window)
        self._window = window
        self.exporter = Exporter(self)
        self.strip = ExportStrip(window, self.exporter)
        self.export: ExportDialog | None = None
        self.help: HelpWindow | None = None
        self.messages: EventWindow | None = None
        self._ended = False  # nothing is asked any more
        self.strip.work.clicked.connect(self.show_export)
        window.status.asked.connect(self.show_messages)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {
            "export": self.show_export,
            "film_from_view": self.film_from_view,
            "help": self.show_help,
            "messages": self.show_messages,
        }

    def show_export(self) -> None:
        """Show the dialog for exports."""
        self._export_dialog().present()

    def film_from_view(self) -> None:
        """Show the dialog for exports, for a film that is seen as in the window."""
        self._export_dialog().present_film_from_view()

    def _export_dialog(self) -> ExportDialog:
        if self.export is None:
            self.export = ExportDialog(self._window, self.exporter)
        return self.export

    def show_help(self) -> None:
        """Show all keys."""
        if self.help is None:
            self.help = HelpWindow(self._window)
        self.help.present()

    def show_messages(self) -> None:
        """Show all that was told."""
        if self.messages is None:
            self.messages = EventWindow(self._window)
        self.messages.present()

    def may_close(self) -> bool:
        """Whether the window may be closed: no export is under way, or the user does not want it any more."""
        order = self.exporter.order
        return self._ended or order is None or ask_stop(self._window, order.place.name)

    def end(self) -> None:
        """Stop what is under way, and close them. The main window is being closed."""
        self._ended = True
        for dialog in (self.export, self.help, self.messages):
            if dialog is not None:
                dialog.close()
        self.exporter.end()


def ask_stop(window: Host, name: str) -> bool:
    """Whether the user wants an export to be stopped, so that the window can close."""
    words = {Answer.Cancel: "&Keep going", Answer.Discard: "&Stop the export and close"}
    told = "If it is stopped, nothing is left of it."
    return Question(window, f"An export is running: {name}", told, words).answer() == Answer.Discard
