"""How Qt is started and ends: one application with our look, Ctrl+C as 130, and a loop that signals leave alone."""

import signal
import threading
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from mmviz import Scene
from mmviz.errors import DisplayError
from mmviz.viewer import application
from mmviz.viewer.session.shown_scene import built_by_nobody
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Painters


def test_an_application_that_runs_is_used_as_it_is(qapp: QApplication) -> None:
    name = qapp.applicationName()
    assert application.application() is qapp
    assert qapp.applicationName() == name


def test_a_program_that_runs_qt_without_widgets_is_told_so() -> None:
    class Bare:
        """What `instance` gives where somebody made a QGuiApplication."""

    with pytest.MonkeyPatch.context() as other:  # over before anything else asks for the application
        other.setattr(QApplication, "instance", Bare)
        with pytest.raises(DisplayError) as caught:
            application.application()
    assert str(caught.value) == (
        "this program already runs Qt without widgets; start the viewer in a process of its own."
    )


def test_a_new_application_has_our_name_and_look(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> None:
    """A second one cannot be made in a process: what a new one is told is noted."""
    told: dict[str, Any] = {}

    class New:
        def __init__(self, arguments: list[str]) -> None:
            told["arguments"] = arguments

        @staticmethod
        def instance() -> QCoreApplication | None:
            return None

        def __getattr__(self, name: str) -> Any:
            return lambda value: told.update({name: value})

    monkeypatch.setattr(application, "QApplication", New)
    made = application.application()
    assert isinstance(made, New)
    assert (told["arguments"], told["setApplicationName"], told["setStyle"]) == (["mmviz"], "mmviz", "Fusion")
    assert told["setDesktopFileName"] == "mmviz", "by which a desktop finds the icon"
    assert told["setPalette"].window().color().lightness() < 64
    assert qapp.palette() is not told["setPalette"]


def test_ctrl_c_ends_the_loop_with_130_and_its_handler_goes_with_it(qapp: QApplication) -> None:
    before, loop = signal.getsignal(signal.SIGINT), QEventLoop()
    with application._interruptible(loop):
        QTimer.singleShot(0, lambda: signal.raise_signal(signal.SIGINT))
        assert loop.exec() == application.INTERRUPTED == 128 + signal.SIGINT
    assert signal.getsignal(signal.SIGINT) is before


def test_the_handler_goes_also_where_the_loop_fails(qapp: QApplication) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), application._interruptible(QEventLoop()):
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_signals_are_left_alone(qapp: QApplication) -> None:
    before, seen = signal.getsignal(signal.SIGINT), list[Any]()

    def enter() -> None:
        with application._interruptible(QEventLoop()):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.parametrize("interrupted", [False, True])
def test_run_returns_when_the_window_is_closed_and_raises_where_it_was_interrupted(
    interrupted: bool, scene: Scene, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    painters, loops = Painters(), list[QEventLoop]()
    given_back: list[bool] = []
    monkeypatch.setattr(application, "give_back_large_blocks", lambda: given_back.append(True))

    class Ending(QEventLoop):
        """A loop that ends by itself: as a closed window or Ctrl+C would end it."""

        def exec(self) -> int:  # type: ignore[override]
            loops.append(self)
            (window,) = (w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible())
            assert window.isVisible()
            if interrupted:
                return application.INTERRUPTED
            QTimer.singleShot(0, window.close)
            return super().exec()

    monkeypatch.setattr(application, "QEventLoop", Ending)
    if interrupted:
        with pytest.raises(KeyboardInterrupt):
            application.run(scene, Scene.named, painters, built_by_nobody)
    else:
        application.run(scene, Scene.named, painters, built_by_nobody)
    assert len(loops) == 1
    assert given_back == [True]
    assert all(painter.closed for painter in painters.opened), "what draws is given back"
