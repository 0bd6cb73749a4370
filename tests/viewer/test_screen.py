"""Where no window can be opened there is one message and no crash; importing the viewer imports no Qt."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from mmviz.errors import DisplayError
from mmviz.viewer import check_screen, screen
from mmviz.viewer.screen import PACKAGES, REMEDY, explain
from tests.processes import MAIN, Outcome, ran, without

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has these variables")
View = Callable[..., Outcome]


@pytest.fixture
def view(environment: dict[str, str], tmp_path: Path) -> View:
    """Runs `mmviz view matmul` with some variables."""
    return lambda **variables: ran(MAIN, "view", "matmul", folder=tmp_path, environment=environment | variables)


@pytest.mark.process
@LINUX
@pytest.mark.parametrize("platform", ["", "xcb", "wayland", "xcb:tablet"])
def test_view_without_a_screen_ends_in_one_message(view: View, platform: str) -> None:
    done = view(QT_QPA_PLATFORM=platform)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "mmviz: there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set; "
        "'mmviz render' and 'mmviz movie' (in Python: screenshot and movie) need none, and 'ssh -X' brings the window "
        "of another machine to yours.\n"
    )


@pytest.mark.process
@LINUX
def test_view_on_a_screen_that_is_not_there_ends_in_one_message(view: View) -> None:
    done = view(DISPLAY=":4711")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"mmviz: the screen :4711 does not answer; {REMEDY}\n"


@pytest.mark.process
@LINUX
def test_view_with_a_broken_library_names_it_and_the_packages(view: View, tmp_path: Path) -> None:
    (tmp_path / "libxcb-cursor.so.0").write_text("no library")
    done = view(DISPLAY=":4711", LD_LIBRARY_PATH=str(tmp_path))
    assert done.code == 1
    first, second = done.err.splitlines()
    assert first.startswith("mmviz: the viewer cannot start: ")
    assert "libxcb-cursor.so.0" in first
    assert second == PACKAGES


@pytest.mark.process
@LINUX
def test_view_with_an_unknown_platform_says_so(view: View) -> None:
    done = view(QT_QPA_PLATFORM="nothing")
    assert done.code == 1
    assert done.err == "mmviz: QT_QPA_PLATFORM is 'nothing', which Qt does not know; unset it.\n"


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (
            'qt.core.library: "/x/libqxcb.so" cannot load: Cannot load library /x/libqxcb.so: libxcb-cursor.so.0: '
            "cannot open shared object file: No such file or directory\n",
            "the viewer cannot start: libxcb-cursor.so.0: cannot open shared object file: No such file or directory.\n"
            + PACKAGES,
        ),
        (
            "Traceback (most recent call last):\n  File ...\n"
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory\n",
            "the viewer cannot start: libGL.so.1: cannot open shared object file: No such file or directory.\n"
            + PACKAGES,
        ),
        ("qt.qpa.xcb: could not connect to display :77\n", f"the screen :77 does not answer; {REMEDY}"),
        ("qt.qpa.xcb: could not connect to display \n", f"the screen of this machine does not answer; {REMEDY}"),
        ("Aborted\n", "the viewer cannot start: Qt finds no working way to the screen.\n" + PACKAGES),
    ],
)
def test_what_qt_reports_is_explained(report: str, message: str) -> None:
    assert explain(report, "") == message


def test_without_pyside_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "find_spec", lambda name: None)
    with pytest.raises(DisplayError) as error:
        check_screen()
    assert str(error.value) == (
        f'the viewer needs PySide6; install it with: {sys.executable} -m pip install "mmviz[viewer]"'
    )


@pytest.mark.parametrize(("python", "qt"), [((3, 11), "6.12.0"), ((3, 12), "6.12.0"), ((3, 11), "6.11.3")])
def test_a_pyside_that_crashes_is_refused(monkeypatch: pytest.MonkeyPatch, python: tuple[int, int], qt: str) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(screen, "version", lambda package: qt)
    monkeypatch.setattr(sys, "version_info", python)
    if (python, qt) != ((3, 11), "6.12.0"):
        check_screen()
        return
    with pytest.raises(DisplayError) as error:
        check_screen()
    assert str(error.value) == (
        "PySide6 6.12.0 lets windows crash under Python 3.11; install another with: "
        f'{sys.executable} -m pip install "PySide6-Essentials!=6.12.0"'
    )


def test_signals_and_turns_of_the_event_loop_leave_references_as_they_are(qapp: QApplication) -> None:
    counted = QObject()
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(50):
        counted.objectNameChanged.emit("x")
        qapp.processEvents()
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert [abs(a - b) < 25 for a, b in zip(before, after, strict=True)] == [True, True]


def test_a_screen_that_draws_into_memory_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    check_screen()


@pytest.mark.process
def test_importing_the_viewer_imports_no_qt(tmp_path: Path) -> None:
    code = "import mmviz.viewer; print([name for name in sys.modules if name.startswith('PySide6')])"
    assert ran(without("PySide6") + code, folder=tmp_path) == Outcome(0, "[]\n", "")
