"""A window is opened only where somebody can close it, and goes on beside Python only where a Qt event loop does."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

import mmviz
from mmviz import Scene
from mmviz.errors import DisplayError
from mmviz.showing import Shows
from mmviz.viewer import loops, open_window
from mmviz.viewer.loops import check_loop, check_seen
from mmviz.viewer.screen import REMEDY
from tests.processes import MAIN, Outcome, ran

UNSEEN = (
    "QT_QPA_PLATFORM is 'offscreen', where nobody can see a window or close it; unset it where there is a screen; "
    "'mmviz render' and 'mmviz movie' (in Python: screenshot and movie) need none, and 'ssh -X' brings the window of "
    "another machine to yours."
)
BESIDE_THE_PROMPT = "show(block=False) needs a Qt event loop beside the prompt: type %gui qt and show it again."
NO_LOOP = (
    "show(block=False) needs a Qt event loop that goes on, and this program has none: leave block=False out, and "
    "show() waits until the window is closed; in IPython or Jupyter type %gui qt first."
)


def shell(monkeypatch: pytest.MonkeyPatch, gui: str | None, binding: str = "PySide6") -> None:
    """We are in an IPython that runs an event loop, or none."""
    ipython, chosen = ModuleType("IPython"), ModuleType("qt_for_kernel")
    vars(ipython)["get_ipython"] = lambda: SimpleNamespace(active_eventloop=gui)
    vars(chosen)["QtCore"] = ModuleType(f"{binding}.QtCore")
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.external.qt_for_kernel", chosen)


def inside_a_loop(check: object) -> list[str]:
    """What goes wrong with a check that is made while an event loop runs."""
    assert callable(check)
    loop, told = QEventLoop(), list[str]()

    def look() -> None:
        try:
            check()
        except DisplayError as error:
            told.append(str(error))
        loop.quit()

    QTimer.singleShot(0, look)
    loop.exec()
    return told


def test_a_window_that_nobody_sees_is_not_waited_for(qapp: QApplication, scene: Scene) -> None:
    with pytest.raises(DisplayError) as caught:
        open_window(scene, Scene.named)
    assert str(caught.value) == UNSEEN
    assert UNSEEN.endswith(REMEDY)
    with pytest.raises(DisplayError) as caught:
        Scene("A @ B", {name: {"init": "eye", "shape": [2, 2]} for name in "AB"}).show()
    assert str(caught.value) == UNSEEN


@pytest.mark.parametrize("platform", ["xcb", "wayland", "vnc:port=5901", "", "cocoa", "windows"])
def test_elsewhere_somebody_does(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "_application", lambda: None)
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    check_seen()
    monkeypatch.setenv("QT_QPA_PLATFORM", "minimal:enable_fonts")
    with pytest.raises(DisplayError, match=r"^QT_QPA_PLATFORM is 'minimal', where nobody can see"):
        check_seen()


def test_who_runs_an_event_loop_closes_windows(qapp: QApplication) -> None:
    assert inside_a_loop(check_seen) == []
    assert inside_a_loop(check_loop) == []


@pytest.mark.process
@pytest.mark.parametrize("arguments", [(), ("matmul",)])
def test_view_where_nobody_sees_it_ends_at_once(
    environment: dict[str, str], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    unseen = environment | {"QT_QPA_PLATFORM": "offscreen"}
    done = ran(MAIN, "view", *arguments, folder=tmp_path, environment=unseen)
    assert done == Outcome(1, "", f"mmviz: {UNSEEN}\n")


def test_in_ipython_without_an_event_loop_it_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, scene: Scene, qapp: QApplication
) -> None:
    for gui in (None, "tk"):
        shell(monkeypatch, gui)
        with pytest.raises(DisplayError) as caught:
            scene.show(block=False)
        assert str(caught.value) == BESIDE_THE_PROMPT
    for gui in ("qt", "qt6"):
        shell(monkeypatch, gui)
        check_loop()


def test_the_event_loop_of_another_qt_is_told_from_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    shell(monkeypatch, "qt6", "PyQt6")
    with pytest.raises(DisplayError) as caught:
        check_loop()
    assert str(caught.value) == (
        "this IPython runs the event loop of PyQt6, and the window needs that of PySide6: start it anew, and type "
        "import PySide6 before %gui qt."
    )


def test_a_script_without_an_event_loop_is_told_to_wait(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "_shell", lambda: None)
    check_loop()  # the application of these tests is not ours: who made it runs it
    ours = SimpleNamespace(applicationName=lambda: "mmviz")
    for found in (None, ours):
        monkeypatch.setattr(loops, "_application", lambda found=found: found)
        with pytest.raises(DisplayError) as caught:
            check_loop()
        assert str(caught.value) == NO_LOOP


def test_what_is_asked_before_qt_is_there_starts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "PySide6"]:
        monkeypatch.delitem(sys.modules, name)
    assert loops._application() is None
    assert not loops._loop_runs()
    assert not {name for name in sys.modules if name.startswith("PySide6")}


def test_the_application_is_one_with_a_screen(qapp: QApplication) -> None:
    assert loops._application() is QGuiApplication.instance()


def test_every_scene_can_be_shown() -> None:
    assert issubclass(mmviz.Scene, Shows)
