"""Runs one export at a time in a process of its own, and can stop it; knows no widget and draws nothing."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from time import monotonic
from types import ModuleType
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from mmviz.errors import MmvizError
from mmviz.machine.endings import ENDINGS
from mmviz.machine.output_files import work_folder
from mmviz.machine.workers import cause_of_death, interrupts_held
from mmviz.orders.order import Order
from mmviz.viewer.export.export_work import BEGUN, FAILED, TOLD, check, work
from mmviz.viewer.session.shown_scene import Shown

LOOK = 60
"""Milliseconds between two looks at what the process tells."""
PATIENCE = 2.5
"""Seconds that the process gets to clean up when it has been told to stop."""


class Exporter(QObject):
    """Has exports made, one at a time."""

    changed = Signal()
    """It began, came further or ended."""
    ended = Signal(object, str)
    """The order that ended, and what went wrong: "" where it is done."""
    stopped = Signal(object)
    """The order that was stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.order: Order | None = None  # that is under way
        self.frames: tuple[int, int] = (0, 0)  # done, and of how many; (0, 0) while that is not known
        self._process: SpawnProcess | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._made = ExitStack()  # what disappears when the process has ended
        self._begun = self._stopping = False
        self._first = 0.0  # when the first frame was begun
        self._look_again = QTimer(self, interval=LOOK)
        self._look_again.timeout.connect(self._look)
        self._lose_patience = QTimer(self, singleShot=True, interval=round(1000 * PATIENCE))
        self._lose_patience.timeout.connect(self._terminate)

    @property
    def running(self) -> bool:
        """Whether an export is under way."""
        return self.order is not None

    @property
    def left(self) -> float | None:
        """Seconds until it is done, guessed; None where nothing can be said."""
        done, count = self.frames
        return None if done == 0 else (monotonic() - self._first) * (count - done) / done

    def start(self, scene: Shown, order: Order) -> None:
        """Begin an export.

        Raises:
            MmvizError: another one is under way, or this one is impossible.
            OSError: the process cannot be started.
        """
        if self.order is not None:
            raise MmvizError(f"{self.order.place.name} is being exported; wait until it is done, or cancel it.")
        check(scene, order)
        context = get_context("spawn")  # a fork would share our OpenGL context and threads
        made = ExitStack()
        folder = made.enter_context(work_folder(order.place.absolute()))
        try:
            here, there = context.Pipe()
            process = context.Process(target=work, args=(scene, order, folder / "made", there), name="mmviz export")
            with there, interrupts_held(), _no_script(), ENDINGS.held():
                process.start()  # the pipe's other end is then its own: when it dies, the pipe breaks
                made.enter_context(ENDINGS.due(self.end))
                self._process, self._pipe, self._made = process, here, made
        except BaseException:
            made.close()
            raise
        self.order, self.frames = order, (0, 0)
        self._begun = self._stopping = False
        self._look_again.start()
        self.changed.emit()

    def stop(self) -> None:
        """Let the process clean up and end; it is ended by force when that takes long."""
        if self._process is None or self._stopping:
            return
        self._stopping = True
        self._ask()
        self._lose_patience.start()
        self.changed.emit()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop, and has not ended yet."""
        return self._stopping and self.running

    def end(self) -> None:
        """Stop, and wait until nothing is left of it. The window is being closed."""
        if self._process is None:
            return
        self._ask()
        self._process.join(PATIENCE)
        self._terminate()
        self._clear()

    def _ask(self) -> None:
        if self._process is None or self._pipe is None:
            return
        if not self._begun:
            self._process.terminate()  # there is nothing to be cleaned up yet
        with suppress(OSError):
            self._pipe.send("stop")

    def _terminate(self) -> None:
        if self._process is None:
            return
        for end in (self._process.terminate, self._process.kill):
            if self._process.is_alive():
                end()
                self._process.join(1.0)

    def _look(self) -> None:
        """Take over what the process has told."""
        try:
            while self._pipe is not None and self._pipe.poll():
                word, content = self._pipe.recv()
                self._take(word, content)
        except (EOFError, OSError):
            self._ended(self._death())

    def _take(self, word: str, content: Any) -> None:
        if word == BEGUN:
            self._begun = True
        elif word == TOLD:
            if content[0] == 0:
                self._first = monotonic()
            self.frames = content
            self.changed.emit()
        else:
            self._stopping = self._stopping and word == FAILED  # it may be done before it hears that it should stop
            self._ended(content if word == FAILED else "")

    def _death(self) -> str:
        """What to say of a process that has told neither success nor failure."""
        process, order = self._process, self.order
        if process is None or order is None or self._stopping:
            return ""
        reason = cause_of_death(process, PATIENCE)
        return f"{order.path}: the process that made it died ({reason}); if memory is short, choose a smaller size."

    def _ended(self, trouble: str) -> None:
        order, stopped = self.order, self._stopping
        if self._process is not None:
            self._process.join(PATIENCE)
            self._terminate()
        self._clear()
        self.changed.emit()
        if stopped:
            self.stopped.emit(order)
        else:
            self.ended.emit(order, trouble)

    def _clear(self) -> None:
        """Forget the process, and take away what it may have left."""
        self._look_again.stop()
        self._lose_patience.stop()
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.close()
        self._made.close()
        self._process = self._pipe = self.order = None
        self._stopping = False


@contextmanager
def _no_script() -> Iterator[None]:
    """A new process would run the script that opened this window once more, window and all: let it find none."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
