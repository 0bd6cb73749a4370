"""Whether a window can be opened here, found out before Qt is started; imports no Qt itself.

Where the screen or a library is missing Qt does not raise, it aborts the process. So another process tries first, which
takes about 0.12 s.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec

from mmviz.errors import DisplayError
from mmviz.machine.children import ran
from mmviz.machine.installing import pip_install

REMEDY = (
    "'mmviz render' and 'mmviz movie' (in Python: screenshot and movie) need none, and 'ssh -X' brings the window "
    "of another machine to yours."
)
PACKAGES = (
    "On Debian or Ubuntu: apt-get install libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 "
    "libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcursor1"
)
PLUGIN_FOLDERS = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_PLUGIN_PATH")
"""Variables that say where Qt looks for plugins before its own, such as those of another Qt."""
CRASHING = "6.12.0"
"""The PySide6 under which a window dies after some hundred signals, where Python counts references of True and None.

Seen with PySide6 6.12.0 and Python 3.11: every `emit` takes a reference of True, every turn of the event loop one of
None. From Python 3.12 on these objects are not counted; 6.10.1, 6.11.1 and 6.11.3 do not do it. See
findings/pyside-takes-references.sh.
"""
NEEDS_SCREEN = ("", "wayland", "xcb")
"""The beginnings of QT_QPA_PLATFORM with which Qt looks for a screen; the others draw into memory or a network."""
TRIAL = """
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from PySide6.QtGui import QGuiApplication
QGuiApplication([])
"""
PATIENCE = 20.0
"""Seconds after which a screen that neither answers nor refuses counts as silent."""


def check_screen() -> None:
    """Nothing, if a window can be opened here.

    Raises:
        DisplayError: PySide6, a library or the screen is missing, does not work, or is known to crash.
    """
    if find_spec("PySide6") is None:
        raise DisplayError(f"the viewer needs PySide6; install it with: {pip_install('mmviz[viewer]')}")
    if version("shiboken6") == CRASHING and sys.version_info < (3, 12):
        raise DisplayError(
            f"PySide6 {CRASHING} lets windows crash under Python {sys.version_info[0]}.{sys.version_info[1]}; install "
            f"another with: {pip_install(f'PySide6-Essentials!={CRASHING}')}"
        )
    if sys.platform.startswith("linux"):
        _check_named(os.environ)
        variables = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", *PLUGIN_FOLDERS)
        reason = _trial(tuple(os.environ.get(name, "") for name in variables))
        if reason:
            raise DisplayError(reason)


def _check_named(environment: Mapping[str, str]) -> None:
    platform = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    named = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    if not named and platform.split("-")[0] in NEEDS_SCREEN:
        raise DisplayError(f"there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set; {REMEDY}")


@cache
def _trial(variables: tuple[str, ...]) -> str:
    """Why another process cannot start Qt with these values, or "".

    variables: Of DISPLAY, WAYLAND_DISPLAY, QT_QPA_PLATFORM and PLUGIN_FOLDERS.
    """
    try:
        trial = ran(
            [sys.executable, "-c", TRIAL],
            os.environ | {"QT_DEBUG_PLUGINS": "1", "QT_FORCE_STDERR_LOGGING": "1"},
            PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return f"the screen {variables[0] or variables[1]} does not answer within {PATIENCE:.0f} s; {REMEDY}"
    return (
        ""
        if trial.returncode == 0
        else explain(trial.stderr, variables[2], dict(zip(PLUGIN_FOLDERS, variables[3:], strict=True)))
    )


def explain(report: str, platform: str, plugins: Mapping[str, str] | None = None) -> str:
    """What Qt's own report of a failed start means, and what to do.

    Args:
        report: What Qt wrote, with QT_DEBUG_PLUGINS=1.
        platform: QT_QPA_PLATFORM, or "".
        plugins: What the variables of PLUGIN_FOLDERS say.
    """
    if silent := re.search(r"could not connect to display ?(\S*)", report):
        return f"the screen {silent[1] or 'of this machine'} does not answer; {REMEDY}"
    if re.search(r"Could not find the Qt platform plugin", report):
        return f"QT_QPA_PLATFORM is {platform!r}, which Qt does not know; unset it."
    for name, folders in (plugins or {}).items():
        for folder in filter(None, folders.split(os.pathsep)):
            if elsewhere := re.search(rf"Cannot load library {re.escape(folder)}[^:\n]*: ([^\n\"]+)", report):
                return (
                    f"{name} is {folders!r}, from where Qt can load no plugin ({elsewhere[1].strip(' ()')}); unset it."
                )
    broken = re.search(r"Cannot load library [^:\n]+: ([^\n\"]+)|ImportError: ([^\n]+)", report)
    reason = (broken[1] or broken[2]).strip(" )") if broken else "Qt finds no working way to the screen"
    return f"the viewer cannot start: {reason}.\n{PACKAGES}"
