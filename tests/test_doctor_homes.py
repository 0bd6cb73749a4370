"""A broken HOME, and a folder of plugins of another Qt, are named as the cause where they are."""

import os
import sys
from pathlib import Path

import pytest

from mmviz.reports import cache_folders
from mmviz.reports.doctor_report import Finding, Trials, examine, folder_finding
from mmviz.viewer.screen import PACKAGES, explain

VARIABLES = ("FIRST", "SECOND")
LOADING = (
    'qt.core.library: "/other/plugins/platforms/libqxcb.so" cannot load: Cannot load library '
    "/other/plugins/platforms/libqxcb.so: libQt5Gui.so.5: cannot open shared object file: No such file or directory\n"
)


def looked_at(folder: Path, **environment: str) -> Finding:
    return folder_finding("models", lambda: folder, VARIABLES, environment)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A home that is a file."""
    home = tmp_path / "home"
    home.touch()
    return home


def test_a_home_that_is_no_folder_is_the_cause(broken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_folders, "_own_home", lambda: "/home/me and you")
    found = f"{broken / 'x'}: {broken} is a file, not a folder; HOME is {str(broken)!r}, which is no folder"
    assert looked_at(broken / "x", HOME=str(broken)) == Finding(
        "models", False, found, "export HOME='/home/me and you'", needed=False
    )
    monkeypatch.setattr(cache_folders, "_own_home", lambda: "")
    assert looked_at(broken / "x", HOME=str(broken)).remedy == 'export FIRST="$PWD/models"'
    assert looked_at(tmp_path, HOME=str(broken)).fine


def test_a_home_that_did_not_lead_there_is_no_cause_but_no_remedy_either(broken: Path) -> None:
    assert looked_at(broken / "x", HOME=str(broken), SECOND="y") == Finding(
        "models",
        False,
        f"{broken / 'x'} (SECOND): {broken} is a file, not a folder",
        'export FIRST="$PWD/models"',
        needed=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX: accounts that have homes")
def test_the_home_of_the_account_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    home = pwd.getpwuid(os.getuid()).pw_dir
    assert cache_folders._own_home() == (home if os.path.isdir(home) else "")


@pytest.mark.parametrize("name", ["QT_QPA_PLATFORM_PLUGIN_PATH", "QT_PLUGIN_PATH"])
def test_a_folder_of_plugins_that_do_not_load_is_blamed(name: str) -> None:
    folders = os.pathsep.join(["/mine", "/other/plugins"])
    message = explain(LOADING, "", {name: folders})
    said = (
        f"{name} is {folders!r}, from where Qt can load no plugin (libQt5Gui.so.5: cannot open shared object file: No "
        "such file or directory)"
    )
    assert message == f"{said}; unset it."

    def fine() -> str:
        return "fine"

    def refuse() -> str:
        raise ImportError(message)

    findings = examine(Trials(fine, fine, refuse, fine, lambda names: False), {})
    assert next(f for f in findings if f.name == "window") == Finding(
        "window", False, said, f"unset {name}", needed=False
    )


def test_plugins_of_its_own_that_do_not_load_are_not_blamed_on_a_folder() -> None:
    found = "the viewer cannot start: libQt5Gui.so.5: cannot open shared object file: No such file or directory."
    assert (
        explain(LOADING, "", {"QT_PLUGIN_PATH": "/mine", "QT_QPA_PLATFORM_PLUGIN_PATH": ""}) == f"{found}\n{PACKAGES}"
    )
