"""Imports what takes long, and lists models, off the interface thread, while the start page is looked at."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from mmviz.errors import MmvizError
from mmviz.viewer.session.models_here import ModelsHere


class Preparing(QObject):
    """Does it once, from `start` on.

    Args:
        models: Lists the models of this machine.
        prepare: Imports what opening a scene would have to; done last.
    """

    listed = Signal(object)
    """The models, in the interface's thread."""

    def __init__(self, models: ModelsHere, prepare: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models, self._prepare = models, prepare
        self._thread = threading.Thread(target=self._work, daemon=True, name="mmviz: preparing")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def finish(self) -> None:
        """Wait until it is done: two threads that import the same packages could stand in each other's way.

        Where it was not started, the imports are done now, in this thread.
        """
        if self._thread.ident is not None:
            self._thread.join()
        else:
            self._import()

    def _work(self) -> None:
        try:
            found = self._models()
        except (MmvizError, OSError):  # a list that cannot be had keeps nobody from opening something else
            found = ()
        try:
            self.listed.emit(found)
        except RuntimeError:
            return  # the window was closed meanwhile
        self._import()

    def _import(self) -> None:
        try:
            self._prepare()
        except Exception:  # noqa: BLE001  (whoever opens a scene is told what is wrong)
            return
