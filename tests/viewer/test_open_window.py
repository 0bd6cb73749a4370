"""open_window: it returns when the window is closed, and leaves nothing open, whatever happens."""

import gc
import os
import weakref

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import mmviz.viewer
from mmviz import Scene
from mmviz.errors import DisplayError
from mmviz.viewer import open_window
from mmviz.viewer.canvas.view import View
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Painter, Painters


@pytest.fixture(autouse=True)
def somebody_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests close their windows themselves."""
    monkeypatch.setattr(mmviz.viewer, "check_seen", lambda: None)


def close_when_drawn(seen: list[weakref.ref[View]]) -> None:
    """Close the window of a running `open_window` as soon as it has drawn, and remember it."""

    def look() -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        if windows and windows[0].view._pictures:
            seen.append(weakref.ref(windows[0].view))
            windows[0].close()
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)


@pytest.mark.slow
def test_open_window_returns_when_the_window_is_closed_and_leaves_nothing_open(
    qapp: QApplication, scene: Scene
) -> None:
    seen: list[weakref.ref[View]] = []
    open_files = []
    for _ in range(3):
        close_when_drawn(seen)
        open_window(scene, Scene.named)
        QApplication.sendPostedEvents(None, 52)  # DeferredDelete
        gc.collect()
        open_files.append(len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0)
    assert len(seen) == 3
    assert [view() for view in seen] == [None] * 3
    assert open_files[-1] == open_files[1]


def test_the_canvas_is_closed_also_when_the_window_cannot_be_shown(
    qapp: QApplication, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    painters = Painters()
    monkeypatch.setattr(MainWindow, "show", lambda window: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        open_window(scene, Scene.named, painters)
    assert [painter.closed for painter in painters.opened] == [True]


def test_a_machine_that_cannot_draw_is_one_error(qapp: QApplication, scene: Scene) -> None:
    def fail(*_: object, **__: object) -> Painter:
        raise DisplayError("this machine cannot draw.")

    with pytest.raises(DisplayError, match="cannot draw"):
        open_window(scene, Scene.named, fail)
