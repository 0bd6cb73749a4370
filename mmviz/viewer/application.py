"""Starts Qt, shows one window and waits until it is closed; the start page, or what is loaded, comes before it.

The window itself is imported late: what comes before it must be on the screen at once.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from mmviz.errors import DisplayError
from mmviz.machine.allocator import give_back_large_blocks
from mmviz.render.offscreen import prepare
from mmviz.render.renderer import Renderers
from mmviz.viewer import settings
from mmviz.viewer.controls import theme
from mmviz.viewer.held_window import OpenWindow, left_in
from mmviz.viewer.loops import NAME
from mmviz.viewer.session.clipboard import maker
from mmviz.viewer.session.models_here import ModelsHere, none_here
from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown
from mmviz.viewer.start.outside import First, Outside
from mmviz.viewer.start.preparing import Preparing
from mmviz.viewer.start.start_window import StartWindow

if TYPE_CHECKING:
    from mmviz.viewer.window import MainWindow

HEARTBEAT = 200
"""Milliseconds between the moments at which Python may notice Ctrl+C while Qt is idle."""
INTERRUPTED = 130


def begin(first: First | None, outside: Outside, renderers: Renderers) -> None:
    """Show a scene as `run` does, and until it is there, its name; or without a scene, the start page.

    Args:
        first: The scene; without it one is chosen on the start page.
        outside: What knows scenes and models.
        renderers: Opens what draws the picture.

    Raises:
        MmvizError: the scene cannot be had; or as `run`.
        KeyboardInterrupt: Ctrl+C in the terminal.
    """
    application()
    preparing = Preparing(outside.models, _import_window)
    before = StartWindow(lambda text: maker(text, outside.first, outside.kind, Path.cwd()), preparing)
    before.instead = partial(_filled, before, outside.kind)
    try:
        if first is not None:
            before.load(first.name, first.make)
        else:
            before.offer_left(outside.kind)
        loop = QEventLoop()
        before.ended.connect(loop.quit)
        before.show()
        _wait(loop)
        if before.error is not None:
            raise before.error
        before.let_go()
        if before.scene is not None:
            run(before.scene, outside.opener, renderers, outside.build_again, outside.models, before)
    finally:
        before.let_go()
        before.hide()
        before.deleteLater()


def _filled(parent: QWidget, kind: type[Shown], text: str) -> Callable[[], Shown] | None:
    """What makes the scene of a link of mm whose files are missing, if the user says what takes their place."""
    from mmviz.viewer.browser.missing_matrices import filled  # noqa: PLC0415  (nobody waits for it)

    return filled(parent, text, kind, None)


def run(
    scene: Shown,
    opener: Opener,
    renderers: Renderers,
    build_again: BuildAgain,
    models: ModelsHere = none_here,
    before: StartWindow | None = None,
) -> Shown:
    """Show a scene in a window until it is closed. A running QApplication is used as it is.

    Args:
        scene: The scene; its numbers are there.
        opener: Makes other scenes.
        renderers: Opens what draws the picture.
        build_again: Builds another layer, head or model of a scene that was built.
        models: Lists the models of this machine.
        before: What is in the window's place until it has drawn, with what was chosen there besides the scene.

    Returns:
        The scene as it was left.

    Raises:
        DisplayError: this machine cannot draw, or the program around us runs Qt without widgets.
        KeyboardInterrupt: Ctrl+C in the terminal.
    """
    window, end = _made(scene, opener, renderers, build_again, models)
    loop = QEventLoop()
    try:
        window.closed.connect(loop.quit)
        if before is not None:
            window.restoreGeometry(before.saveGeometry())
            window.view.drawn.connect(before.hide)
            window.view.failed.connect(before.hide)
        _show(window, before)
        _wait(loop)
        return left_in(window)
    finally:
        end()


def stay(
    scene: Shown,
    opener: Opener,
    renderers: Renderers,
    build_again: BuildAgain,
    models: ModelsHere = none_here,
) -> OpenWindow[Shown]:
    """Show a scene in a window, and go on: somebody else runs the event loop. Arguments and errors as of `run`."""
    window, end = _made(scene, opener, renderers, build_again, models)
    try:
        _show(window)
    except BaseException:
        end()
        raise
    return OpenWindow(window, end)


def _made(
    scene: Shown, opener: Opener, renderers: Renderers, build_again: BuildAgain, models: ModelsHere
) -> tuple["MainWindow", Callable[[], None]]:
    """A window that heeds the end of the session, and what is to be done when it is closed."""
    from mmviz.viewer.window import MainWindow  # noqa: PLC0415  (see above)

    qt = application()
    give_back_large_blocks()
    window = MainWindow(scene, opener, renderers, build_again, models)
    end_session = partial(heed_session_end, window)
    qt.commitDataRequest.connect(end_session)

    def end() -> None:
        qt.commitDataRequest.disconnect(end_session)
        window.release()
        window.deleteLater()

    return window, end


def _show(window: "MainWindow", before: StartWindow | None = None) -> None:
    recovered = None if before is None else before.recovered
    if recovered is not None:
        window.recovering.adopt(recovered)
    window.show()
    if recovered is None:
        QTimer.singleShot(0, window.recovering.offer)
    if before is not None and before.files:
        QTimer.singleShot(0, partial(window.files.open_several, before.files))
    QTimer.singleShot(0, window.starts.welcome)


def _wait(loop: QEventLoop) -> None:
    """Until the loop is ended.

    Raises:
        KeyboardInterrupt: Ctrl+C in the terminal.
    """
    with _interruptible(loop):
        code = loop.exec()
    if code == INTERRUPTED:
        raise KeyboardInterrupt


def _import_window() -> None:
    prepare()
    import mmviz.viewer.window  # noqa: F401, PLC0415


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


def heed_session_end(window: "MainWindow", session: SessionEnd) -> None:
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
    made.setApplicationName(NAME)
    made.setDesktopFileName(NAME)
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
