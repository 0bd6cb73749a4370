"""What `mmviz doctor` says: what of mmviz works on this machine, what is missing, and the command that mends it.

Everything is tried, nothing is changed. A finding that is `needed` is one without which there are no pictures or films.
"""

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from mmviz import __version__
from mmviz.errors import DisplayError, MmvizError

PACKAGES_THAT_DRAW = "apt-get install libegl1 libgl1-mesa-dri"
ASIDE = ("docs", "dev")
"""Extras that only those need who change mmviz."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    name: str
    fine: bool
    found: str  # what is there, or why it does not work
    remedy: str = ""  # the command that mends it; empty where it is fine, or no command can
    needed: bool = True  # for pictures and films


Trial = Callable[[], str]
"""Tries one thing and gives what it found; an error of mmviz's family, or an ImportError, says why it does not work."""


@dataclass(frozen=True, slots=True)
class Trials:
    """What is tried on a machine, so that tests can plant faults."""

    draw: Trial
    encode: Trial
    window: Trial
    devices: Trial


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
    return [
        Finding("mmviz", True, f"{__version__}, Python {platform.python_version()}, {platform.platform()}"),
        *_packages(),
        _tried("OpenGL", trials.draw, PACKAGES_THAT_DRAW if sys.platform.startswith("linux") else ""),
        _tried("films", trials.encode, "pip install --force-reinstall av"),
        _tried("numbers", trials.devices, "pip install --force-reinstall torch"),
        _window(trials.window),
        *_folders(environment),
    ]


def on_this_machine() -> Trials:
    """The trials themselves; what each needs is imported when it is run."""
    return Trials(_draw, _encode, _open_window, _find_devices)


def _draw() -> str:
    from mmviz.render.opengl.trial import try_drawing

    drawn = try_drawing()
    return f"{drawn.renderer} by {drawn.vendor}, OpenGL {drawn.version}; it draws what it is told"


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


def _tried(name: str, trial: Trial, remedy: str) -> Finding:
    """A finding about what pictures and films need."""
    try:
        return Finding(name, True, trial())
    except (ImportError, OSError, MmvizError) as error:
        found, _, _ = str(error).partition("\nOn Debian or Ubuntu: ")
        return Finding(name, False, found, remedy)


def _window(trial: Trial) -> Finding:
    """A window is not needed; what the screen's check advises is taken out of its message."""
    try:
        return Finding("window", True, trial(), needed=False)
    except DisplayError as error:
        found, remedy = str(error), ""
        for mark in ("\nOn Debian or Ubuntu: ", "; install it with: ", "; install another with: "):
            if mark in found:
                found, _, remedy = found.partition(mark)
        return Finding("window", False, found, remedy, needed=False)


def _packages() -> list[Finding]:
    """What pyproject.toml asks for, held against what is installed."""
    try:
        lines = requires("mmviz") or []
    except PackageNotFoundError:
        return [Finding("packages", False, "mmviz is not installed; what it needs is not known", "pip install .")]
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
    remedy = (
        f'pip install "mmviz[{extra}]"'
        if extra
        else "pip install " + " ".join(f'"{need.name}{need.specifier}"' for need in wrong)
    )
    return Finding(name, False, said, remedy, needed=not extra)


def _folders(environment: Mapping[str, str]) -> list[Finding]:
    try:
        from mmviz.values.origin.fetch import models_folder
        from mmviz.values.origin.hub import hub_cache
    except ImportError:  # told among the packages
        return []
    return [
        folder_finding("fetched models", models_folder(), "MMVIZ_CACHE", environment),
        folder_finding("Hugging Face cache", hub_cache(), "HF_HUB_CACHE", environment),
    ]


def folder_finding(name: str, folder: Path, variable: str, environment: Mapping[str, str]) -> Finding:
    """Whether models can be kept in a folder, and how much lies there."""
    named = f" ({variable})" if environment.get(variable) else ""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        found = f"{folder}{named}: nothing can be written in {there}"
        return Finding(name, False, found, f'export {variable}="$HOME/models"', needed=False)
    return Finding(name, True, f"{folder}{named}: {_size(folder) // 10**6:,} MB", needed=False)


def _size(folder: Path) -> int:
    """Bytes of all files; a link counts as itself, as Hugging Face's cache links to what it has once."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_size
            except OSError:  # another program may be deleting there
                continue
    return total
