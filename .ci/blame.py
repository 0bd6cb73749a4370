"""A pytest plugin: at the end, which package broke which tests, and where versions are others than the lock's.

A failure belongs to the package whose code raised it, the innermost of its traceback; where that is mmviz's own (an
assertion, say), the packages are named that the test's module uses and that have another version than the lock. Judges
nothing by names of tests, and changes no outcome.
"""

import sysconfig
from collections import defaultdict
from collections.abc import Generator, Iterator
from importlib.metadata import distributions, packages_distributions
from pathlib import Path
from traceback import walk_tb
from types import ModuleType, TracebackType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / ".ci" / "lock.txt"
PACKAGES = [Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")]
RUNNERS = {"pytest", "pluggy", "hypothesis", "pytest-qt", "pytest-benchmark", "pytest-xdist", "pytest-cov"}
OURS = "mmviz"
_OWNERS = {name: canonicalize_name(names[0]) for name, names in packages_distributions().items()}


def versions() -> dict[str, str]:
    """The version of every package that is installed, without the name of its build ('+cpu')."""
    found = {canonicalize_name(each.metadata["Name"]): each.version.partition("+")[0] for each in distributions()}
    return {name: version for name, version in found.items() if name != OURS}


def locked(text: str) -> dict[str, str]:
    """The version of every package in a lock that this machine and Python install."""
    pins = [Requirement(line) for line in text.splitlines() if line and not line.startswith("#")]
    here = [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in here}


def differences(here: dict[str, str], lock: dict[str, str]) -> dict[str, str]:
    """How each package that is installed differs from the lock, such as '5.24.0 -> 5.25.1'."""
    found = {}
    for name, version in sorted(here.items()):
        if name in lock and lock[name] != version:
            found[name] = f"{lock[name]} -> {version}"
        elif name not in lock and name not in ("pip", "setuptools", "wheel"):
            found[name] = f"not in the lock -> {version}"
    return found


def origin(traceback: TracebackType | None) -> str:
    """The package whose code is innermost in a traceback; Python itself and what runs tests do not count."""
    files = [Path(frame.f_code.co_filename) for frame, _ in walk_tb(traceback)]
    return next(filter(None, map(_package, reversed(files))), OURS)


def _package(file: Path) -> str:
    for folder in PACKAGES:
        if file.is_relative_to(folder):
            top = file.relative_to(folder).parts[0].removesuffix(".py")
            owner = _OWNERS.get(top, canonicalize_name(top))
            return "" if owner in RUNNERS else owner
    return OURS if file.is_relative_to(ROOT) else ""


def used(module: ModuleType | None) -> set[str]:
    """The packages that a module has imported names from."""
    values = vars(module).values() if module else ()
    names = {value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "") for value in values}
    return {_OWNERS[top] for top in (str(name).partition(".")[0] for name in names) if top in _OWNERS}


_CHANGED = differences(versions(), locked(LOCK.read_text(encoding="utf-8")))


def _blame(report: pytest.TestReport | pytest.CollectReport, error: BaseException, module: ModuleType | None) -> None:
    package = origin(error.__traceback__)
    suspects = sorted((used(module) & set(_CHANGED)) - RUNNERS) if package == OURS else []
    # Attributes of a report come from the processes of pytest-xdist, too.
    report.blamed = package  # type: ignore[union-attr]
    report.suspects = suspects  # type: ignore[union-attr]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write beside a failure where it came from."""
    report = yield
    if report.failed and call.excinfo is not None:
        _blame(report, call.excinfo.value, getattr(item, "module", None))
    return report


def pytest_exception_interact(call: pytest.CallInfo[None], report: pytest.TestReport | pytest.CollectReport) -> None:
    """Do the same for a module that cannot be imported; pytest keeps its error as the cause of another."""
    if isinstance(report, pytest.CollectReport) and call.excinfo is not None:
        error = call.excinfo.value
        _blame(report, error.__cause__ or error, None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it all once more, package by package."""
    failed = [*terminalreporter.stats.get("failed", []), *terminalreporter.stats.get("error", [])]
    terminalreporter.section("versions that are not the lock's")
    for line in _table(_CHANGED) or ["none"]:
        terminalreporter.write_line(line)
    if failed:
        terminalreporter.section("what broke, package by package")
        for line in _told(failed):
            terminalreporter.write_line(line)


def _table(changed: dict[str, str]) -> list[str]:
    width = max(map(len, changed), default=0)
    return [f"{name:{width}}  {change}" for name, change in changed.items()]


def _told(failed: list[pytest.TestReport]) -> Iterator[str]:
    groups: dict[str, list[pytest.TestReport]] = defaultdict(list)
    for report in failed:
        groups[getattr(report, "blamed", OURS)].append(report)
    for package, reports in sorted(groups.items(), key=lambda group: (group[0] == OURS, -len(group[1]))):
        change = "its own code" if package == OURS else _CHANGED.get(package, "as in the lock")
        yield f"{package} ({change}): {len(reports)} failed"
        for report in reports:
            suspects = getattr(report, "suspects", [])
            yield f"  {report.nodeid}" + (f"; uses {', '.join(suspects)}" if suspects else "")
