"""Windows that stay open while Python goes on: several at once, kept alive, and the scene as it is or was left."""

import gc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.machine.left_folders import left
from mmviz.viewer import keep_open, settings
from mmviz.viewer.application import run
from mmviz.viewer.held_window import Held, OpenWindow
from mmviz.viewer.session.recovery import read
from mmviz.viewer.session.shown_scene import Shown, built_by_nobody
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber, Painters
from tests.viewer.small_scene import change, small

Open = OpenWindow[Shown]


@pytest.fixture
def scene_of_file(tmp_path: Path) -> Scene:
    return small(tmp_path / "small.yaml")


@pytest.fixture(autouse=True)
def none_left(qapp: QApplication) -> Iterator[None]:
    """The tour is over, and no window stays."""
    settings.keep_tour_seen()
    yield
    for held in qapp.findChildren(Held):
        held.let_go()


def window_of(one: Open) -> MainWindow:
    assert one._window is not None
    return one._window


def test_it_returns_at_once_and_says_the_scene_as_it_is_now(qtbot: QtBot, scene_of_file: Scene) -> None:
    one = keep_open(scene_of_file, Scene.named, Dabber)
    window = window_of(one)
    assert (window.isVisible(), one.closed, one.scene) == (True, False, scene_of_file)
    assert repr(one) == '<window of Scene("P = A @ B", A 4x3, B 3x2, P 4x2), open>'
    change(window, qtbot, "Mine")
    window.player.seek(1)
    assert (one.scene.document.title, one.scene.document.view.step) == ("Mine", 1)
    one.close()
    assert one.closed
    assert (one.scene.document.title, one.scene.document.view.step) == ("Mine", 1), "closed without a question"
    assert repr(one).endswith(", closed>")
    one.close()


def test_several_stay_open_though_python_forgets_them(qapp: QApplication, scene_of_file: Scene) -> None:
    painters = Painters()
    windows = [window_of(keep_open(scene_of_file, Scene.named, painters)) for _ in range(3)]
    gc.collect()
    assert [window.isVisible() for window in windows] == [True, True, True]
    windows[1].close()
    (held,) = qapp.findChildren(Held)
    assert [window.isVisible() for window in windows] == [True, False, True]
    assert [one._window for one in held.windows] == [windows[0], windows[2]]
    assert [painter.closed for painter in painters.opened].count(True) == 1


def test_three_windows_do_not_stand_on_one_another(qapp: QApplication, scene_of_file: Scene) -> None:
    windows = []
    for _ in range(3):
        windows.append(window_of(keep_open(scene_of_file, Scene.named, Dabber)))
        settings.keep_window(windows[0])
    corners = sorted((window.x(), window.y()) for window in windows)
    assert all(after[0] - before[0] >= settings.ASIDE for before, after in pairwise(corners))
    assert all(window.screen().availableGeometry().contains(window.pos()) for window in windows)


def test_when_python_ends_what_is_unsaved_is_there_for_the_next_window(qtbot: QtBot, scene_of_file: Scene) -> None:
    one = keep_open(scene_of_file, Scene.named, Dabber)
    change(window_of(one), qtbot, "Mine")
    one.let_go()
    (kept,) = left(settings.recovery_folder())
    found = read(kept)
    assert found is not None
    assert found.document.title == "Mine"
    kept.remove()
    assert one.closed


def test_what_cannot_be_shown_is_not_held(
    qapp: QApplication, scene_of_file: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    painters = Painters()
    monkeypatch.setattr(MainWindow, "show", lambda window: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep_open(scene_of_file, Scene.named, painters)
    assert [painter.closed for painter in painters.opened] == [True]
    assert all(not held.windows for held in qapp.findChildren(Held))


def test_the_scene_is_given_back_as_it_was_left(
    qapp: QApplication, scene_of_file: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave() -> None:
        (window,) = (one for one in qapp.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible())
        window.player.seek(2)
        window.files.leave()  # the user has said that the changes need not be saved
        window.desk.shown.connect(window.close)
        window.desk.propose("the title", lambda scene: scene.changed(title="Left"))

    QTimer.singleShot(0, leave)
    after = run(scene_of_file, Scene.named, Dabber, built_by_nobody)
    assert isinstance(after, Scene)
    assert after.document.view.step == 2
    assert after.document.title == "Left"
    assert after.changed(title="Small", view={}).document == scene_of_file.document
