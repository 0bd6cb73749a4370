"""Opening, saving, pasting, dropping, recent files and screenshots, as a user does them."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.machine.shipped import find_scene
from mmviz.viewer import file_commands, settings
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened
from tests.viewer.small_scene import change, paste, small

Key, CONTROL, SHIFT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LINK = 'https://bhosmer.github.io/mm/?params={"name":"P","left":{"name":"A","h":6,"w":4},"right":{"name":"B","w":5}}'
TEXT = """
title: Pasted
expr: C = A @ B
tensors:
  A: {init: rows, shape: [3, 4]}
  B: {init: cols, shape: [4, 2]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def make_window(qtbot: QtBot) -> Callable[[Scene], MainWindow]:
    return lambda scene: opened(qtbot, scene, (700, 560), panel=True)


@pytest.fixture
def window(make_window: Callable[[Scene], MainWindow], folder: Path) -> MainWindow:
    return make_window(small(folder / "small.yaml"))


def title(window: MainWindow) -> str:
    return window.desk.scene.document.title


def test_ctrl_o_shows_the_file_that_is_chosen(
    window: MainWindow, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder / "other" / "second.yaml"
    place.parent.mkdir()
    small(place, "Second")
    monkeypatch.setattr(file_commands, "ask_open", lambda window, begin: place)
    with qtbot.waitSignal(window.desk.opened):
        QTest.keyClick(window, Key.Key_O, CONTROL)
    assert title(window) == "Second"
    assert window.windowTitle().startswith("Second")
    assert window.desk.file == place
    assert settings.recent() == [place, folder / "small.yaml"]
    assert settings.last_folder("open") == place.parent


def test_what_cannot_be_opened_is_one_message_and_the_scene_stays(
    window: MainWindow, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = folder / "broken.yaml"
    broken.write_text("expr: A @\n")
    monkeypatch.setattr(file_commands, "ask_open", lambda window, begin: broken)
    with qtbot.waitSignal(window.desk.failed):
        QTest.keyClick(window, Key.Key_O, CONTROL)
    window.view.turn(5, 0)
    QApplication.processEvents()  # the message stays when a picture is drawn
    assert window.status.text().startswith(str(broken))
    assert title(window) == "Small"
    assert window.desk.file == folder / "small.yaml"
    assert broken not in settings.recent()


def test_ctrl_s_writes_the_file_that_the_scene_came_from(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    change(window, qtbot)
    QTest.keyClick(window, Key.Key_S, CONTROL)
    assert Scene.load(folder / "small.yaml").document.title == "Changed"
    assert not window.isWindowModified()
    assert str(folder / "small.yaml") in window.status.text()


def test_the_window_tells_which_comments_could_not_be_kept(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    change(window, qtbot)
    file = folder / "small.yaml"
    file.write_text("# mine\nexpr: [", encoding="utf-8")
    QTest.keyClick(window, Key.Key_S, CONTROL)
    assert window.status.text() == f"{file}: was written anew; the comments of {file} could not be kept."
    assert not window.isWindowModified()


def test_a_shipped_scene_is_never_overwritten(
    make_window: Callable[[Scene], MainWindow], qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = find_scene("matmul")
    assert shipped is not None
    before = shipped.read_bytes()
    window = make_window(Scene.load("matmul"))
    change(window, qtbot)
    chosen = iter([shipped, folder / "mine.yaml"])
    proposed: list[Path] = []

    def ask(window: MainWindow, place: Path) -> Path:
        proposed.append(place)
        return next(chosen)

    monkeypatch.setattr(file_commands, "ask_save", ask)
    QTest.keyClick(window, Key.Key_S, CONTROL)
    assert "comes with mmviz" in window.status.text()
    assert window.isWindowModified()
    QTest.keyClick(window, Key.Key_S, CONTROL)
    assert proposed == [folder / "matmul.yaml"] * 2
    assert shipped.read_bytes() == before
    assert Scene.load(folder / "mine.yaml").document == window.desk.scene.document
    assert window.desk.file == folder / "mine.yaml"


def test_save_as_writes_another_file_and_goes_on_with_it(
    window: MainWindow, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(window, qtbot)
    monkeypatch.setattr(file_commands, "ask_save", lambda window, place: folder / "next.json")
    QTest.keyClick(window, Key.Key_S, CONTROL | SHIFT)
    assert json.loads((folder / "next.json").read_text())["title"] == "Changed"
    assert Scene.load(folder / "small.yaml").document.title == "Small"
    assert window.desk.file == folder / "next.json"
    assert settings.recent()[0] == folder / "next.json"


def test_a_file_that_cannot_be_written_leaves_the_scene_unsaved(
    window: MainWindow, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(window, qtbot)
    monkeypatch.setattr(file_commands, "ask_save", lambda window, place: folder / "none" / "x.yaml")
    QTest.keyClick(window, Key.Key_S, CONTROL | SHIFT)
    assert "does not exist" in window.status.text()
    assert window.isWindowModified()


def test_the_menu_of_recent_files_opens_them(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    small(folder / "second.yaml", "Second")
    settings.remember(folder / "second.yaml")
    settings.remember(folder / "gone.yaml")
    window.files.recent_menu.aboutToShow.emit()
    entries = [action for action in window.files.recent_menu.actions() if action.toolTip().endswith(".yaml")]
    assert [action.toolTip() for action in entries] == [str(folder / "second.yaml"), str(folder / "small.yaml")]
    with qtbot.waitSignal(window.desk.opened):
        entries[0].trigger()
    assert title(window) == "Second"


def test_without_recent_files_the_menu_says_so(qtbot: QtBot, scene: Scene) -> None:
    menu = opened(qtbot, scene).files.recent_menu
    menu.aboutToShow.emit()
    assert [(action.text(), action.isEnabled()) for action in menu.actions()] == [("No files yet", False)]


def test_the_dialogs_give_the_file_that_is_chosen_and_nothing_where_none_is(
    window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name without an ending gets the one of scenes."""
    proposed = folder / "proposed"
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 1)
    assert file_commands.ask_save(window, proposed) == folder / "proposed.yaml"
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 0)
    assert file_commands.ask_save(window, proposed) is None
    for answer, place in ((str(proposed), proposed), ("", None)):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, answer=answer: (answer, ""))
        assert file_commands.ask_open(window, folder) == place


def test_a_path_is_pasted(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    place = folder / "with space.yaml"
    small(place, "Spacious")
    for text in (str(place), f'"{place}"\n', place.as_uri(), place.name):
        with qtbot.waitSignal(window.desk.opened):
            paste(window, text)
        assert title(window) == "Spacious"
        assert window.desk.file == place


def test_a_link_of_mm_is_pasted(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.desk.opened):
        paste(window, LINK)
    assert window.desk.scene.shapes.of[""] == (6, 5)
    assert window.desk.file is None


@pytest.mark.parametrize("as_json", [False, True])
def test_a_whole_scene_is_pasted(window: MainWindow, qtbot: QtBot, folder: Path, as_json: bool) -> None:
    content = {"expr": "A @ A", "title": "Pasted", "tensors": {"A": {"init": "eye", "shape": [3, 3]}}}
    with qtbot.waitSignal(window.desk.opened):
        paste(window, json.dumps(content, indent=1) if as_json else TEXT)
    assert title(window) == "Pasted"
    assert window.desk.file is None
    assert settings.recent() == [folder / "small.yaml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no such thing", "no such thing: there is no such file"),
        ("expr: A @\ntitle: x\n", "pasted scene"),
        ("Dear all,\n\nthe meeting is at ten.\n", "pasted scene: 'Dear all,"),
        ('{"expr": "A @ B"', "pasted scene, line 1"),
        ("", "There is nothing to paste"),
    ],
)
def test_what_is_no_scene_is_refused_with_a_message(window: MainWindow, qtbot: QtBot, text: str, said: str) -> None:
    paste(window, text)
    qtbot.waitUntil(lambda: window.status.text().startswith(said))
    assert title(window) == "Small"


def test_in_a_text_field_ctrl_v_pastes_into_the_field(window: MainWindow, qtbot: QtBot) -> None:
    field = QLineEdit(window.transport)
    field.show()
    field.setFocus()
    QGuiApplication.clipboard().setText("scale(A)")
    QTest.keyClick(field, Key.Key_V, CONTROL)
    assert field.text() == "scale(A)"
    assert not window.desk.background.waiting


def drop(window: MainWindow, offered: QMimeData) -> bool:
    """Drop something on the middle of the picture; False where it is not taken."""
    spot, none = QPoint(200, 200), Qt.KeyboardModifier.NoModifier
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # there is no other way to make one
        enter = QDragEnterEvent(spot, Qt.DropAction.CopyAction, offered, Qt.MouseButton.LeftButton, none)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        fall = QDropEvent(QPointF(spot), Qt.DropAction.CopyAction, offered, Qt.MouseButton.LeftButton, none)
        QApplication.sendEvent(window, fall)
    return enter.isAccepted()


def test_a_file_and_a_link_can_be_dropped(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    small(folder / "dropped.yaml", "Dropped")
    for url, shape in ((QUrl.fromLocalFile(str(folder / "dropped.yaml")), (4, 2)), (QUrl(LINK), (6, 5))):
        offered = QMimeData()
        offered.setUrls([url])
        with qtbot.waitSignal(window.desk.opened):
            assert drop(window, offered)
        assert window.desk.scene.shapes.of[""] == shape


def test_of_several_files_none_is_opened(window: MainWindow, folder: Path) -> None:
    offered = QMimeData()
    offered.setUrls([QUrl.fromLocalFile(str(small(folder / name).folder / name)) for name in ("a.yaml", "b.yaml")])
    before = window.desk.scene
    drop(window, offered)
    assert window.status.text() == "Drop one file at a time, or several files of tensors."
    assert window.desk.scene is before


def test_folders_and_weights_go_to_the_opener(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    asked = []

    def opener(what: str) -> Scene:
        asked.append(what)
        return Scene.load("matmul")

    window.opener = opener
    (folder / "model").mkdir()
    for name in ("x.safetensors", "y.gguf"):
        (folder / name).touch()
    for name in ("model", "x.safetensors", "y.gguf"):
        offered = QMimeData()
        offered.setUrls([QUrl.fromLocalFile(str(folder / name))])
        with qtbot.waitSignal(window.desk.opened):
            drop(window, offered)
        assert asked[-1] == str(folder / name)
        assert window.desk.file is None


def test_a_picture_cannot_be_dropped(window: MainWindow) -> None:
    offered = QMimeData()
    offered.setData("image/png", b"x")
    assert not drop(window, offered)


def test_a_screenshot_is_the_picture_in_all_its_pixels(window: MainWindow, folder: Path) -> None:
    window.view.turn(25, 5)
    for number in (1, 2):
        QTest.keyClick(window, Key.Key_F12)
        place = folder / f"small_{number:04d}.png"
        assert str(place) in window.status.text()
        with Image.open(place) as picture:
            assert picture.size == (window.view.width(), window.view.height())
            pixels = np.asarray(picture)
        grabbed = window.view.grab().toImage().convertToFormat(window.view.grab().toImage().Format.Format_RGB888)
        rows = np.frombuffer(grabbed.constBits(), np.uint8).reshape(grabbed.height(), grabbed.bytesPerLine())
        assert np.array_equal(pixels.reshape(grabbed.height(), -1), rows[:, : 3 * grabbed.width()])
    assert sorted(path.name for path in folder.iterdir()) == ["small.yaml", "small_0001.png", "small_0002.png"]


@pytest.mark.slow
def test_a_screenshot_that_cannot_be_written_is_a_message(
    window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.desk.file = folder / "gone" / "x.yaml"
    QTest.keyClick(window, Key.Key_F12)
    assert window.status.text().startswith("Screenshot: ")
