"""Unsaved changes are kept for the case of a crash, offered after one, and lost by no answer but one that says so."""

import json
import os
import signal
import stat
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.machine.left_folders import left, make
from mmviz.viewer import recovering, settings
from mmviz.viewer.host import Host
from mmviz.viewer.question import Answer, Question
from mmviz.viewer.recovering import NOTHING
from mmviz.viewer.session.autosave import Autosave
from mmviz.viewer.session.recovery import BROKEN, NAME, Kept, read, write
from mmviz.viewer.start.left_changes import left_changes
from mmviz.viewer.window import MainWindow
from tests.processes import started
from tests.viewer.looking import opened, settle
from tests.viewer.small_scene import change, small

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no locks that tell")

WINDOW = """
import os, sys
from pathlib import Path
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from mmviz import Scene
from mmviz.viewer.application import application
qt = application()
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
window = MainWindow(Scene.load("small.yaml"), Scene.named, Dabber)
window.show()
window.view.turn(30, 5)
window.desk.propose("the title", lambda scene: scene.changed(title="Changed"))
window.desk.shown.connect(lambda _: window.navigation.hiding.hide("right"))
def look():
    folder = window.recovering.autosave.folder
    if folder is not None:
        Path("kept").write_text(str(folder))
from PySide6.QtCore import QTimer
timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
qt.exec()
"""


def answers(monkeypatch: pytest.MonkeyPatch, *given: Answer) -> list[tuple[str, str]]:
    """Answer what is asked after a crash; gives the names and titles of what it was asked of."""
    asked: list[tuple[str, str]] = []
    waiting = list(given)

    def ask(_: Host, kept: Kept) -> Answer:
        asked.append((kept.name, kept.document.title))
        return waiting.pop(0)

    monkeypatch.setattr(recovering, "ask_recover", ask)
    return asked


def crash(window: MainWindow) -> None:
    """The window's process is gone: what it held locked is free, and nothing was tidied up."""
    autosave = window.recovering.autosave
    assert autosave.write()
    assert autosave._left is not None
    autosave._left.let_go()
    autosave._left = None
    window.desk.undo.undo()


def kept() -> list[Path]:
    home = settings.recovery_folder()
    return sorted(home.iterdir()) if home.exists() else []


@pytest.mark.process
def test_what_a_killed_window_had_not_saved_comes_back_as_it_was_seen(
    qtbot: QtBot, tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small(tmp_path / "small.yaml")
    before = (tmp_path / "small.yaml").read_text()
    with started(WINDOW, folder=tmp_path, environment=environment) as process:
        process.until((tmp_path / "kept").exists)
        process.send_signal(signal.SIGKILL)
        process.ended()
    assert (tmp_path / "small.yaml").read_text() == before
    (folder,) = kept()

    asked = answers(monkeypatch, Answer.Cancel, Answer.Open)
    window = opened(qtbot, Scene.load("matmul"))
    window.recovering.offer()
    assert kept() == [folder], "Later loses nothing"
    window.recovering.offer()
    settle(window, qtbot)
    assert asked == [("small", "Changed")] * 2
    assert window.desk.scene.document.title == "Changed"
    assert window.desk.file == tmp_path / "small.yaml"
    assert window.isWindowModified()
    assert window.view.chosen is not None
    assert window.navigation.hiding.hidden == {"right"}
    (again,) = kept()
    assert again != folder, "it is kept as this window's own now"
    assert window.files.save()
    assert kept() == []
    assert Scene.load(tmp_path / "small.yaml").document.title == "Changed"


def test_changes_are_kept_soon_and_go_once_they_are_saved_or_undone(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmviz.viewer.session.autosave.SOON", 0.05)
    window = opened(qtbot, small(tmp_path / "small.yaml"))
    window.navigation.hiding.hide("right")
    assert not window.recovering.autosave.write(), "looking around is no change"
    for undo in (window.desk.undo.undo, window.files.save):
        change(window, qtbot)
        qtbot.waitUntil(lambda: [path.name for folder in kept() for path in folder.iterdir()] == ["lock", NAME])
        assert stat.S_IMODE(os.stat(settings.recovery_folder()).st_mode) == 0o700
        undo()
        assert kept() == []
    change(window, qtbot, "Changed again")
    assert window.recovering.autosave.write()
    monkeypatch.setattr(window, "may_close", lambda: True)  # the user does not want it
    assert window.close()
    assert kept() == []


def test_a_window_that_goes_without_a_question_leaves_its_changes(qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(qtbot, small(tmp_path / "small.yaml"))
    change(window, qtbot)
    window.recovering.autosave.let_go()
    (found,) = left(settings.recovery_folder())
    scene = read(found)
    assert scene is not None
    assert (scene.name, scene.document.title) == ("small", "Changed")
    found.remove()


@pytest.mark.slow
def test_two_windows_do_not_touch_each_other_and_a_living_ones_is_not_offered(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answers(monkeypatch)
    one, other = (opened(qtbot, small(tmp_path / f"{name}.yaml")) for name in ("one", "other"))
    for window in (one, other):
        change(window, qtbot)
        assert window.recovering.autosave.write()
    assert len(kept()) == 2
    other.recovering.recover()
    assert (asked, other.status.text()) == ([], NOTHING)
    one.desk.undo.undo()
    assert kept() == [other.recovering.autosave.folder]


@pytest.mark.slow
def test_of_several_the_first_that_is_recovered_leaves_the_others_for_later(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(qtbot, small(tmp_path / "small.yaml"))
    for title in ("first", "second", "third"):
        change(window, qtbot, title)
        crash(window)
        time.sleep(0.02)  # the latest is known by its time
    asked = answers(monkeypatch, Answer.Discard, Answer.Open)
    window.actions_by_name["recover"].trigger()
    settle(window, qtbot)
    assert [title for _, title in asked] == ["third", "second"]
    assert window.desk.scene.document.title == "second"
    names = {json.loads((folder / NAME).read_text())["scene"]["title"] for folder in kept()}
    assert names == {"first", "second"}


def test_a_scene_that_cannot_be_opened_any_more_is_kept_for_later(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "A.csv").write_text("1,2\n3,4\n")
    scene = Scene("relu(A)", {"A": {"file": "A.csv"}}, folder=tmp_path)
    window = opened(qtbot, scene)
    change(window, qtbot)
    crash(window)
    (tmp_path / "A.csv").unlink()
    answers(monkeypatch, Answer.Open)
    other = opened(qtbot, small(tmp_path / "small.yaml"))
    before = other.desk.scene
    other.recovering.offer()
    settle(other, qtbot)
    assert other.desk.scene is before
    assert "A.csv" in other.status.text()
    (found,) = left(settings.recovery_folder())
    assert read(found) is not None
    found.let_go()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is no JSON"),
        ("[1]", "it is no scene that mmviz kept"),
        ('{"name": "x"}', "it is no scene that mmviz kept"),
        (
            '{"name": "x", "folder": "/", "where": "x", "file": null, "seconds": 1, "scene": {"expr": "A"}}',
            "scene, tensors: A of expr has no source; add it, for example A: {init: gaussian, shape: [32, 32]}",
        ),
    ],
)
def test_what_is_broken_is_told_once_and_stays(qtbot: QtBot, tmp_path: Path, text: str, reason: str) -> None:
    folder = make(settings.recovery_folder())
    (folder.folder / NAME).write_text(text)
    folder.let_go()
    window = opened(qtbot, small(tmp_path / "small.yaml"))
    window.recovering.offer()
    broken = folder.folder / BROKEN
    assert window.status.text() == (
        f"{broken}: unsaved changes of an earlier time that cannot be read ({reason}); the file stays there."
    )
    assert broken.read_text() == text
    window.recovering.recover()
    assert window.status.text() == NOTHING


@pytest.mark.slow
def test_numbers_that_could_not_be_saved_either_are_told_once(qtbot: QtBot) -> None:
    scene = Scene("A", {"A": [[0.5] * 800] * 700})
    window = opened(qtbot, scene)
    told: list[str] = []
    window.recovering.autosave.failed.connect(told.append)
    change(window, qtbot)
    assert not window.recovering.autosave.write()
    assert not window.recovering.autosave.write()
    assert told == [
        "unsaved changes are not kept for the case of a crash: tensors.A has 700x800 numbers, which makes the file "
        "larger than the 1 MiB that a scene file may have; write them to a file beside it, such as "
        'numpy.save("A.npy", A), and name it in the scene: tensors={"A": {"file": "A.npy"}}.'
    ]


def test_where_nothing_can_be_written_that_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    window = opened(qtbot, small(tmp_path / "small.yaml"))
    autosave = Autosave(window.desk, tmp_path / "file" / "recovery")
    told: list[str] = []
    autosave.failed.connect(told.append)
    change(window, qtbot)
    assert not autosave.write()
    assert told == ["unsaved changes are not kept for the case of a crash: Not a directory"]


def test_the_question_tells_when_and_of_what_and_escape_means_later(qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(qtbot, small(tmp_path / "small.yaml"))
    document, now = window.desk.scene.document, time.time()
    kept_now = Kept("small", document, tmp_path, "small.yaml", None, now)
    seen: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, Question)
        seen.extend([box.text(), box.informativeText(), *(button.text() for button in box.buttons())])
        QTest.keyClick(box, Qt.Key.Key_Escape)

    QTimer.singleShot(50, press)
    assert recovering.ask_recover(window, kept_now) == Answer.Cancel
    hour = time.strftime("%H:%M", time.localtime(now))
    assert seen[:2] == ["mmviz ended unexpectedly.", f"'small' has unsaved changes of {hour}."]
    assert set(seen[2:]) == {"&Recover", "&Throw away", "&Later"}
    assert Kept("small", document, tmp_path, "x", None, 86400 * 40.5).hour.startswith("10 February 1970")


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    scene = Scene("A @ B", {"A": [[1.5, float("inf")]], "B": {"init": "rows", "shape": [2, 3]}}, view={"step": 1})
    folder = make(tmp_path)
    before = Kept("n", scene.document, tmp_path / "sub", "where", tmp_path / "x.yaml", 12.25)
    write(before, folder.folder)
    assert read(folder) == before
    folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_start_page_is_told_of_what_was_left_and_of_what_is_broken(tmp_path: Path) -> None:
    assert left_changes(tmp_path) == ([], [])
    folder = make(tmp_path)
    (folder.folder / NAME).write_text("{")
    folder.let_go()
    found, troubles = left_changes(tmp_path)
    assert found == []
    assert [str(folder.folder / BROKEN) in trouble for trouble in troubles] == [True]
