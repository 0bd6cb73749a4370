"""A window that stays open while Python goes on, as Python holds it; it runs no event loop."""

import atexit
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from mmviz.viewer.session.shown_scene import Shown

if TYPE_CHECKING:
    from mmviz.viewer.window import MainWindow

SceneT = TypeVar("SceneT")


class OpenWindow(Generic[SceneT]):
    """What `show(block=False)` gives. The window stays open without it, until the user closes it or Python ends.

    Args:
        window: Which is shown.
        end: What is to be done when it was closed.
    """

    def __init__(self, window: "MainWindow", end: Callable[[], None]) -> None:
        self._window: MainWindow | None = window
        self._release = end
        self._left: Shown = window.desk.scene
        self._held = _held()
        self._held.windows.append(self)
        window.closed.connect(self._end)

    @property
    def scene(self) -> SceneT:
        """The scene as it is now: changed, undone, looked at; of a closed window, as it was left."""
        if self._window is not None:
            self._left = left_in(self._window)
        return cast(SceneT, self._left)

    @property
    def closed(self) -> bool:
        """Whether the window was closed, here or by the user."""
        return self._window is None

    def close(self) -> None:
        """Close it without a question: `scene` has what was changed. An export that is under way is given up."""
        if self._window is not None:
            window = self._window
            _ = self.scene
            window.files.leave()
            window.dialogs.end()
            window.close()

    def __repr__(self) -> str:
        return f"<window of {self.scene!r}, {'closed' if self.closed else 'open'}>"

    def let_go(self) -> None:
        """Python ends with the window open: what is unsaved there is kept for the next window to offer."""
        if self._window is not None:
            self._window.hide()
            self._window.recovering.autosave.write()
            self._end()

    def _end(self) -> None:
        window = self._window
        if window is not None:
            self._left, self._window = left_in(window), None
            self._release()
            self._held.windows.remove(self)


class Held(QObject):
    """The open windows of a process, which live as long as its application, though nobody holds them in Python."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self.windows: list[OpenWindow[Any]] = []
        atexit.register(self.let_go)

    def let_go(self) -> None:
        """Python ends."""
        for window in [*self.windows]:
            window.let_go()


def left_in(window: "MainWindow") -> Shown:
    """The scene of a window as it is now, and how the window looks at it."""
    return window.desk.as_seen(window.desk.scene)


def _held() -> Held:
    application = cast(QApplication, QApplication.instance())
    return application.findChild(Held) or Held(application)
