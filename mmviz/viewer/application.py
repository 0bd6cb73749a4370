"""Starts Qt, shows one window and waits until it is closed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from mmviz.errors import DisplayError
from mmviz.machine.allocator import give_back_large_blocks
from mmviz.render.renderer import Renderers
from mmviz.viewer import settings
from mmviz.viewer.controls import theme
from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown
from mmviz.viewer.window import MainWindow

HEARTBEAT = 200
"""Milliseconds between the moments at which Python may notice Ctrl+C while Qt is idle."""
INTERRUPTED = 130


def run(scene: Shown, opener: Opener, renderers: Renderers, build_again: BuildAgain) -> None:
    """Show a scene in a window until it is closed. A running QApplication is used as it is.

    Args:
        scene: The scene; its numbers are there.
        opener: Makes other scenes.
        renderers: Opens what draws the picture.
        build_again: Builds another layer, head or model of a scene that was built.

    Raises:
        DisplayError: this machine cannot draw, or the program around us runs Qt without widgets.
        KeyboardInterrupt: Ctrl+C in the terminal.
    """
    qt = application()
    give_back_large_blocks()
    loop = QEventLoop()
    window = MainWindow(scene, opener, renderers, build_again)
    end_session = partial(heed_session_end, window)
    try:
        window.closed.connect(loop.quit)
        qt.commitDataRequest.connect(end_session)
        window.show()
        QTimer.singleShot(0, window.recovering.offer)
        with _interruptible(loop):
            code = loop.exec()
    finally:
        qt.commitDataRequest.disconnect(end_session)
        window.release()
        window.deleteLater()
    if code == INTERRUPTED:
        raise KeyboardInterrupt


class SessionEnd(Protocol):
    """What Qt tells of a session that ends: its QSessionManager."""

    def allowsInteraction(self) -> bool:
        """Whether the user may be asked."""
        ...

    def release(self) -> None:
        """The user was asked."""
        ...

    def cancel(self) -> None:
        """The session must not end."""
        ...


def heed_session_end(window: MainWindow, session: SessionEnd) -> None:
    """The user logs out: ask what closing the window asks, and stay where something is to be kept."""
    if not session.allowsInteraction():
        return
    may_end = window.may_close()
    session.release()
    if not may_end:
        session.cancel()


def application() -> QApplication:
    """The one QApplication of this process, made with our look if there is none.

    Raises:
        DisplayError: there is one that cannot show widgets.
    """
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    if found is not None:
        raise DisplayError("this program already runs Qt without widgets; start the viewer in a process of its own.")
    made = QApplication(["mmviz"])
    made.setApplicationName("mmviz")
    made.setDesktopFileName("mmviz")
    made.setStyle("Fusion")
    made.setPalette(theme.palette(theme.named(settings.theme())))
    return made


@contextmanager
def _interruptible(loop: QEventLoop) -> Iterator[None]:
    """Ctrl+C in the terminal ends the loop, or does what the program around us says; Qt alone would not notice it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may watch signals
        return
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: loop.exit(INTERRUPTED))
    heartbeat = QTimer()
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start(HEARTBEAT)
    try:
        yield
    finally:
        heartbeat.stop()
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, before)
