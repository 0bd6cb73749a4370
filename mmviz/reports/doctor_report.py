"""What `mmviz doctor` says: what of mmviz works on this machine, what is missing, and the command that mends it.

Everything is tried, nothing is changed. A finding that is `needed` is one without which there are no pictures or films.
"""

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from mmviz import __version__
from mmviz.errors import DisplayError, MmvizError
from mmviz.machine.homes import FETCHED, HUB, size_of
from mmviz.machine.installing import pip_install
from mmviz.reports.cache_folders import broken_home, led_by, mending, why_not_writable

PACKAGES_THAT_DRAW = "apt-get install libegl1 libgl1-mesa-dri"
ASIDE = ("docs", "dev")
"""Extras that only those need who change mmviz."""
LEAD_THE_DRAWING = (
    "VTK_DEFAULT_OPENGL_WINDOW",
    "VTK_EGL_DEVICE_INDEX",
    "LIBGL_DRIVERS_PATH",
    "GBM_BACKENDS_PATH",
    "__EGL_VENDOR_LIBRARY_FILENAMES",
    "__EGL_VENDOR_LIBRARY_DIRS",
    "MESA_LOADER_DRIVER_OVERRIDE",
    "GALLIUM_DRIVER",
    "LD_LIBRARY_PATH",
)
"""Variables that say by what is drawn; where one of them is wrong, no package mends it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    name: str
    fine: bool
    found: str  # what is there, or why it does not work
    remedy: str = ""  # the command that mends it; empty where it is fine, or no command can
    needed: bool = True  # for pictures and films


Trial = Callable[[], str]
"""Tries one thing and gives what it found; whatever it raises says why it does not work."""


@dataclass(frozen=True, slots=True)
class Trials:
    """What is tried on a machine, so that tests can plant faults."""

    draw: Trial
    encode: Trial
    window: Trial
    devices: Trial
    draws_without: Callable[[Sequence[str]], bool]  # whether it draws where these variables are not set


def doctor_report(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings as plain data; `fine`: there is all that pictures and films need."""
    return {"fine": is_fine(findings), "findings": [asdict(finding) for finding in findings]}


def is_fine(findings: Sequence[Finding]) -> bool:
    """Whether there is all that pictures and films need."""
    return all(finding.fine for finding in findings if finding.needed)


def doctor_text(findings: Sequence[Finding]) -> str:
    """The findings, a paragraph each; the last line sums up."""
    width = max(len(finding.name) for finding in findings)
    indent = "\n" + " " * (width + 11)
    lines = []
    for finding in findings:
        mark = "ok" if finding.fine else "missing" if finding.needed else "without"
        lines.append(f"{finding.name:{width}}  {mark:7}  " + finding.found.replace("\n", indent))
        if finding.remedy:
            lines.append(f"{indent[1:]}mend it: {finding.remedy}")
    end = "Pictures and films can be made." if is_fine(findings) else "Pictures and films cannot be made."
    return "\n".join([*lines, "", end])


def examine(trials: Trials | None = None, environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """Try everything, the basis first."""
    trials = trials or on_this_machine()
    packages = _packages()
    window = _window(trials.window)
    told = bool(window.remedy) and window.remedy in [finding.remedy for finding in packages]
    return [
        Finding("mmviz", True, f"{__version__}, Python {platform.python_version()}, {platform.platform()}"),
        *packages,
        _drawing(trials, packages[0].remedy, environment),
        _tried("films", trials.encode, pip_install("av", again=True)),
        _tried("numbers", trials.devices, pip_install("torch", again=True)),
        *([] if told else [window]),
        _fetched_models(environment),
        _hub_cache(environment),
    ]


def on_this_machine() -> Trials:
    """The trials themselves; what each needs is imported when it is run."""
    return Trials(_draw, _encode, _open_window, _find_devices, _draws_without)


def _draw() -> str:
    from mmviz.render.opengl.trial import try_drawing

    drawn = try_drawing()
    return f"{drawn.renderer} by {drawn.vendor}, OpenGL {drawn.version}; it draws what it is told"


def _draws_without(variables: Sequence[str]) -> bool:
    from mmviz.render.opengl.trial import try_drawing

    try:
        try_drawing(without=variables)
    except DisplayError:
        return False
    return True


def _encode() -> str:
    from mmviz.render.film.trial import try_encoding

    return try_encoding()


def _find_devices() -> str:
    from mmviz.values.arithmetic.device import found_devices

    return ", ".join(found_devices())


def _open_window() -> str:
    from mmviz.viewer.screen import check_screen

    check_screen()
    place = os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    return f"PySide6 {version('PySide6-Essentials')} opens one" + (f" on {place}" if place else "")


def _drawing(trials: Trials, packages: str, environment: Mapping[str, str]) -> Finding:
    """A finding about pictures; what mends them depends on why there are none.

    Args:
        trials: Those of a machine.
        packages: The command that installs packages of Python that are missing, or "".
        environment: Variables in it may be what is wrong, which only drawing without them tells.
    """
    finding = _tried("OpenGL", trials.draw, "")
    if finding.fine:
        return finding
    if packages and "ModuleNotFoundError" in finding.found:
        return replace(finding, remedy=packages)
    wrong = [name for name in LEAD_THE_DRAWING if environment.get(name)]
    for names in [*([name] for name in wrong), *([wrong] if len(wrong) > 1 else [])]:
        if trials.draws_without(names):
            return replace(finding, remedy=f"unset {' '.join(names)}")
    if not sys.platform.startswith("linux"):
        return finding
    # A window that is named stays wrong whatever is installed for the others.
    named = [name for name in wrong if finding.found.startswith(name)]
    return replace(finding, remedy="".join(f"unset {name} && " for name in named) + PACKAGES_THAT_DRAW)


def _tried(name: str, trial: Trial, remedy: str) -> Finding:
    """A finding about what pictures and films need."""
    try:
        return Finding(name, True, trial())
    except Exception as error:  # noqa: BLE001  (whatever goes wrong in one trial, the others are still told)
        found, _, _ = _why(error).partition("\nOn Debian or Ubuntu: ")
        return Finding(name, False, found, remedy)


def _window(trial: Trial) -> Finding:
    """A window is not needed; what the screen's check advises is taken out of its message."""
    try:
        return Finding("window", True, trial(), needed=False)
    except Exception as error:  # noqa: BLE001  (as above)
        found, remedy = _why(error), ""
    for mark in ("\nOn Debian or Ubuntu: ", "; install it with: ", "; install another with: "):
        if mark in found:
            found, _, remedy = found.partition(mark)
    if found.startswith("QT_") and found.endswith("; unset it."):
        found, remedy = found.removesuffix("; unset it."), f"unset {found.partition(' ')[0]}"
    return Finding("window", False, found, remedy, needed=False)


def _why(error: Exception) -> str:
    """An error in words; what is none of ours is named by its kind, as its text alone may say nothing."""
    if isinstance(error, MmvizError | ImportError | OSError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _packages() -> list[Finding]:
    """What pyproject.toml asks for, held against what is installed."""
    try:
        lines = requires("mmviz") or []
    except PackageNotFoundError:
        return [Finding("packages", False, "mmviz is not installed; what it needs is not known", pip_install("."))]
    asked = [(extra, need) for need in map(Requirement, lines) for extra in [extra_of(need)] if extra not in ASIDE]
    groups = sorted({extra for extra, _ in asked if extra})
    return [
        package_finding("packages", [need for extra, need in asked if not extra], installed),
        *(
            package_finding(
                f"mmviz[{group}]", [need for extra, need in asked if extra == group], installed, extra=group
            )
            for group in groups
        ),
    ]


def extra_of(requirement: Requirement) -> str:
    """The extra that a requirement belongs to, or ""; mmviz's own extras have one name in their marker."""
    found = str(requirement.marker or "").partition("extra == ")[2]
    return found.strip().strip("\"'")


def installed(name: str) -> str:
    """The version of a package; empty where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def package_finding(name: str, needs: Sequence[Requirement], look: Callable[[str], str], *, extra: str = "") -> Finding:
    """Whether packages are there in a version of their range; one command installs all that are not.

    Args:
        name: Of the finding.
        needs: The packages and their ranges.
        look: Gives a package's version, or "".
        extra: The extra of mmviz that they are; what is missing then hinders no picture.
    """
    versions = {need: look(need.name) for need in needs}
    wrong = {
        need: found for need, found in versions.items() if not need.specifier.contains(found or "0", prereleases=True)
    }
    if not wrong:
        said = ", ".join(f"{need.name} {found}" for need, found in versions.items())
        return Finding(name, True, said, needed=not extra)
    said = ", ".join(
        f"{need.name} {found or 'is missing'}, {need.specifier} is needed" for need, found in wrong.items()
    )
    remedy = pip_install(*([f"mmviz[{extra}]"] if extra else [f"{need.name}{need.specifier}" for need in wrong]))
    return Finding(name, False, said, remedy, needed=not extra)


def _fetched_models(environment: Mapping[str, str]) -> Finding:
    def find() -> Path:
        from mmviz.values.origin.fetch import models_folder

        return models_folder()

    return folder_finding("fetched models", find, FETCHED, environment)


def _hub_cache(environment: Mapping[str, str]) -> Finding:
    def find() -> Path:
        from mmviz.values.origin.hub import hub_cache

        return hub_cache()

    return folder_finding("Hugging Face cache", find, HUB, environment)


def folder_finding(
    name: str, find: Callable[[], Path], variables: Sequence[str], environment: Mapping[str, str]
) -> Finding:
    """Whether models can be kept in a folder, and how much lies there.

    Args:
        name: Of the finding.
        find: Gives the folder.
        variables: Those that say where it is; of those that are set the first decides, and another place goes there.
        environment: In which they are looked up.
    """
    led, remedy = led_by(variables, environment), mending(variables, environment)
    home = "" if led else broken_home(environment)
    cause = f"; {home}" if home else ""
    try:
        folder = find()
        wrong = why_not_writable(folder)
        if wrong:
            return Finding(name, False, f"{folder}{led}: {wrong}{cause}", remedy, needed=False)
        return Finding(name, True, f"{folder}{led}: {size_of(folder) // 10**6:,} MB", needed=False)
    except ImportError as error:
        return Finding(name, False, str(error), needed=False)  # the packages' finding names the command
    except Exception as error:  # noqa: BLE001  (as above)
        return Finding(name, False, f"{led.strip()}{': ' if led else ''}{_why(error)}{cause}", remedy, needed=False)
