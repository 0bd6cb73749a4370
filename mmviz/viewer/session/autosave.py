"""Keeps what is unsaved in a file for the case of a crash: soon after every change, and away once it is saved."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from mmviz.errors import MmvizError
from mmviz.machine.left_folders import LeftFolder, make
from mmviz.scene.document import Document
from mmviz.viewer.session.file_names import stem_of
from mmviz.viewer.session.recovery import Kept, write
from mmviz.viewer.session.undo import Desk

SOON = 1.0
"""Seconds after a change until it is kept."""
EVERY = 15.0
"""Seconds after which the way one looks at the scene is kept again, and a change that could not be."""
SHARE = 0.02
"""Of its time that a window may spend on it, where scenes are large."""


class Autosave(QObject):
    """Keeps the unsaved scene of a desk.

    Args:
        desk: Holds it.
        home: The folder of all such files of this user.
        clock: Gives the time, in seconds since 1970.
    """

    failed = Signal(str)
    """It cannot be kept; the text is for the user, and comes once for each reason."""

    def __init__(self, desk: Desk, home: Path, clock: Callable[[], float] = time.time) -> None:
        super().__init__(desk)
        self._desk, self._home, self._clock = desk, home, clock
        self._left: LeftFolder | None = None
        self._written: Document | None = None
        self._told: set[str] = set()
        self._soon, self._every = QTimer(self, singleShot=True), QTimer(self)
        self._soon.setInterval(round(1000 * SOON))
        self._every.setInterval(round(1000 * EVERY))
        self._soon.timeout.connect(self.write)
        self._every.timeout.connect(self.write)
        desk.shown.connect(self._change)
        desk.unsaved_changed.connect(self._change)

    @property
    def folder(self) -> Path | None:
        """Where the scene is kept; None while there is nothing to keep."""
        return None if self._left is None else self._left.folder

    def write(self) -> bool:
        """Keep the scene as it is now, if it has changes that are not saved; True if it lies there."""
        desk = self._desk
        if not desk.unsaved:
            return False
        begin = time.perf_counter()
        try:
            scene = desk.as_seen(desk.scene)
            if self._left is not None and scene.document == self._written:
                return True
            name = stem_of(scene, desk.file)
            kept = Kept(name, scene.document, scene.folder, scene.where, desk.file, self._clock())
            self._left = self._left or make(self._home)
            write(kept, self._left.folder)
        except (MmvizError, OSError) as error:
            self._tell(error)
            return False
        self._written = scene.document
        took = time.perf_counter() - begin
        self._soon.setInterval(round(1000 * max(SOON, took / SHARE)))
        self._every.setInterval(round(1000 * max(EVERY, took / SHARE)))
        return True

    def end(self) -> None:
        """Nothing is to be kept any more: it is saved, or not wanted."""
        self._stop()
        if self._left is not None:
            self._left.remove()
        self._left = self._written = None

    def let_go(self) -> None:
        """The window goes away without a question: what is unsaved stays, for whoever asks for it."""
        if self._soon.isActive():
            self.write()
        self._stop()
        if self._left is not None:
            self._left.let_go()
        self._left = self._written = None

    def _change(self, _: object = None) -> None:
        if not self._desk.unsaved:
            self.end()
            return
        if not self._soon.isActive():
            self._soon.start()
        if not self._every.isActive():
            self._every.start()

    def _stop(self) -> None:
        self._soon.stop()
        self._every.stop()

    def _tell(self, error: MmvizError | OSError) -> None:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        text = f"unsaved changes are not kept for the case of a crash: {reason}"
        if text not in self._told:
            self._told.add(text)
            self.failed.emit(text)
