"""Whether somebody can close a window, or an event loop goes on beside the caller's own work; imports no Qt itself.

A window that nobody sees would be waited for without end, and one whose event loop nobody runs would stand there dead.
"""

import os
import sys
from typing import Any

from mmviz.errors import DisplayError
from mmviz.viewer.screen import REMEDY

UNSEEN = ("minimal", "minimalegl", "offscreen")
"""Of Qt's platforms those that no person looks at. With vnc one looks from elsewhere."""
NAME = "mmviz"
"""What the application is called where we made it: then nobody else runs its loop."""
MAGIC = "%gui qt"
"""What makes IPython and Jupyter run a Qt event loop beside the prompt."""


def check_seen() -> None:
    """Nothing, if a window that is opened now can be closed: by a person, or by who runs an event loop around us.

    Raises:
        DisplayError: it would be waited for without end.
    """
    platform = _platform()
    if platform in UNSEEN and not _loop_runs():
        raise DisplayError(
            f"QT_QPA_PLATFORM is {platform!r}, where nobody can see a window or close it; unset it where there is a "
            f"screen; {REMEDY}"
        )


def check_loop() -> None:
    """Nothing, if a window lives on when the caller goes on: somebody runs a Qt event loop, or has made one to be run.

    Raises:
        DisplayError: nobody does, or another Qt than that of PySide6 runs.
    """
    shell = _shell()
    if str(getattr(shell, "active_eventloop", None)).startswith("qt"):
        _check_same_qt()
        return
    if _loop_runs():
        return
    application = _application()
    if shell is not None:
        raise DisplayError(
            f"show(block=False) needs a Qt event loop beside the prompt: type {MAGIC} and show it again."
        )
    if application is None or application.applicationName() == NAME:
        raise DisplayError(
            "show(block=False) needs a Qt event loop that goes on, and this program has none: leave block=False out, "
            f"and show() waits until the window is closed; in IPython or Jupyter type {MAGIC} first."
        )


def _check_same_qt() -> None:
    """IPython takes the first binding that it finds, and a window lives in one of them only."""
    chosen = getattr(sys.modules.get("IPython.external.qt_for_kernel"), "QtCore", None)
    binding = str(getattr(chosen, "__name__", "PySide6")).partition(".")[0]
    if binding != "PySide6":
        raise DisplayError(
            f"this IPython runs the event loop of {binding}, and the window needs that of PySide6: start it anew, and "
            f"type import PySide6 before {MAGIC}."
        )


def _shell() -> Any:
    """The IPython or Jupyter around us; None where there is none."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _application() -> Any:
    """The Qt application of this process that has a screen; None where there is none."""
    gui = sys.modules.get("PySide6.QtGui")
    found = None if gui is None else gui.QGuiApplication.instance()
    return found if gui is not None and isinstance(found, gui.QGuiApplication) else None


def _loop_runs() -> bool:
    core = sys.modules.get("PySide6.QtCore")
    return core is not None and core.QThread.currentThread().loopLevel() > 0


def _platform() -> str:
    """What Qt draws on, or will draw on."""
    application = _application()
    if application is not None:
        return str(application.platformName())
    return os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
