"""The export that is under way, in the status line: how far it is, back to its dialog, and what was written."""

from math import ceil
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from mmviz.orders.order import Order
from mmviz.viewer.controls.work import Work
from mmviz.viewer.events import Kind
from mmviz.viewer.export.exporter import Exporter
from mmviz.viewer.host import Host


class ExportStrip(QObject):
    """Follows an exporter, and tells the window of its end.

    Args:
        window: In whose status line it stands.
        exporter: Makes exports.
    """

    def __init__(self, window: Host, exporter: Exporter) -> None:
        super().__init__(exporter)
        self._window, self._exporter = window, exporter
        self.work = Work("Stop the export; nothing is left of it")
        window.status.add_work(self.work)
        self.work.stopped.connect(exporter.stop)
        exporter.changed.connect(self._follow)
        exporter.ended.connect(self._end)
        exporter.stopped.connect(self._tell_stopped)

    def _follow(self) -> None:
        if self._exporter.running:
            told = progress_told(self._exporter)
            self.work.show_work(told, *self._exporter.frames, tip=f"{told}\n(click: the dialog for exports)")

    def _end(self, order: Order, trouble: str) -> None:
        if trouble:
            self.work.put_away()
            self._window.complain(trouble)
            return
        place = order.place.absolute()
        actions = {"Show in folder": lambda: show_in_folder(place), "Open": lambda: open_file(place)}
        self.work.show_done(f"{place.name} written", actions, tip=f"{place}\n(click: the dialog for exports)")
        self._window.events.add(Kind.DONE, f"{place.name} written: {place}")

    def _tell_stopped(self, order: Order) -> None:
        self.work.put_away()
        self._window.tell(f"{order.place.name}: stopped; nothing is left of it")


def progress_told(exporter: Exporter) -> str:
    """How far an export that is under way has come."""
    if exporter.order is None:
        return ""
    name, (done, count) = exporter.order.place.name, exporter.frames
    if exporter.stopping:
        return f"{name}: stopping …"
    if count == 0:
        return f"{name}: computing and drawing …"
    left = exporter.left
    rest = "" if left is None or done == count else f", {time_text(left)} left"
    return f"{name}: frame {done:,} of {count:,}{rest}"


def time_text(seconds: float) -> str:
    """A time that is guessed, as people say it."""
    if seconds < 90:
        return f"about {ceil(seconds)} s"
    return f"about {round(seconds / 60)} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def show_in_folder(place: Path) -> None:
    """Show a file in the file manager, or the folder that was written itself."""
    open_file(place if place.is_dir() else place.parent)


def open_file(place: Path) -> None:
    """Open a file with the program that the desktop has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(place)))
