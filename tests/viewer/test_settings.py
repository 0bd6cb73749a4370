"""What the window remembers: it survives to the next window, and nothing that stands in the file breaks one."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile, QPoint, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer import settings
from tests.viewer.looking import opened

NOBODY = 2**22 + 1
"""The number of no process: more than Linux gives."""


def test_the_tests_keep_their_settings_in_a_folder_of_their_own(settings_folder: Path) -> None:
    settings.keep_folder("open", settings_folder)
    kept = Path(settings.settings().fileName())
    assert kept.is_relative_to(settings_folder)
    assert kept.is_file()


@pytest.mark.slow
def test_the_next_window_stands_where_the_last_one_stood(qtbot: QtBot, scene: Scene) -> None:
    first = opened(qtbot, scene, None, panel=True)
    first.resize(720, 510)
    first.panel.hide()
    first.close()
    second = opened(qtbot, scene, None, panel=True)
    assert (second.width(), second.height()) == (720, 510)
    assert not second.panel.isVisible()
    second.panel.show()
    second.close()
    assert opened(qtbot, scene, None, panel=True).panel.isVisible()


@pytest.mark.parametrize("kept", ["garbage", 7, ["a", "b"], "@ByteArray(x)", "@Variant(\\0\\0\\0\\x7f)", "@Invalid()"])
def test_a_window_opens_whatever_stands_in_its_settings(qtbot: QtBot, scene: Scene, kept: object) -> None:
    store = settings.settings()
    for key in ("window/geometry", "window/state", "recent", "folders/open", "folders/save", "folders/export"):
        store.setValue(key, kept)
    store.sync()
    window = opened(qtbot, scene, None, panel=True)
    assert window.isVisible()
    assert settings.recent() == []
    assert settings.last_folder("open") is None


def test_a_settings_file_that_is_none_counts_as_empty(settings_folder: Path) -> None:
    place = Path(settings.settings().fileName())
    place.parent.mkdir(parents=True)
    place.write_bytes(b"\x00\xff[[[\n=\nrecent")
    assert settings.recent() == []
    assert settings.last_folder("open") is None


def test_another_arrangement_of_panels_is_not_restored(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    panel = QDockWidget()
    panel.setObjectName("panel")
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, panel)
    panel.hide()
    for number, hidden in ((settings.LAYOUT + 1, False), (settings.LAYOUT, True)):
        settings.settings().setValue("window/state", window.saveState(number))
        panel.show()
        settings.restore_window(window)
        assert panel.isHidden() == hidden
        panel.hide()


def test_recent_files_are_the_newest_ten_and_each_stands_once(tmp_path: Path) -> None:
    places = [tmp_path / f"{number}.yaml" for number in range(12)]
    for place in places:
        place.touch()
        settings.remember(place)
    settings.remember(places[5])
    kept = settings.recent()
    assert kept[:2] == [places[5], places[11]]
    assert len(kept) == len(set(kept)) == settings.MOST_RECENT


def test_a_recent_file_that_is_gone_is_dropped_for_good(tmp_path: Path) -> None:
    here, gone = tmp_path / "here.yaml", tmp_path / "gone.yaml"
    here.touch()
    settings.remember(here)
    settings.remember(gone)
    assert settings.recent() == [here]
    gone.touch()
    assert settings.recent() == [here]


def test_a_single_recent_file_is_remembered_as_well_as_many(tmp_path: Path) -> None:
    place = tmp_path / "a, b; c=ü.yaml"
    place.touch()
    settings.remember(place)
    settings.settings().sync()
    assert settings.recent() == [place]
    fresh = QSettings(settings.settings().fileName(), QSettings.Format.IniFormat)
    assert fresh.value("recent") in (str(place), [str(place)])


def test_a_folder_that_is_gone_is_not_proposed(tmp_path: Path) -> None:
    folder = tmp_path / "scenes"
    folder.mkdir()
    settings.keep_folder("save", folder)
    assert settings.last_folder("save") == folder
    assert settings.last_folder("open") is None
    folder.rmdir()
    assert settings.last_folder("save") is None


def test_the_window_of_another_process_is_stepped_aside_for(qtbot: QtBot, settings_folder: Path) -> None:
    settings.turn.cache_clear()
    folder = Path(settings.settings().fileName()).parent
    folder.mkdir(exist_ok=True)
    other = QLockFile(str(folder / "window-0.lock"))
    assert other.tryLock(0)
    window = QMainWindow()
    qtbot.addWidget(window)
    window.move(100, 90)
    before = window.pos()
    settings.place(window)
    assert settings.turn()[0] == 1
    settings.turn.cache_clear()
    other.unlock()
    alone = QMainWindow()
    qtbot.addWidget(alone)
    alone.move(before)
    settings.place(alone)
    assert settings.turn()[0] == 0
    assert window.pos() - alone.pos() == QPoint(settings.ASIDE, settings.ASIDE)
    settings.turn.cache_clear()


def test_a_lock_that_a_killed_process_left_is_none(settings_folder: Path) -> None:
    settings.turn.cache_clear()
    folder = Path(settings.settings().fileName()).parent
    folder.mkdir(exist_ok=True)
    taken = QLockFile(str(folder / "window-0.lock"))
    assert taken.tryLock(0)
    content = (folder / "window-0.lock").read_text()
    taken.unlock()
    (folder / "window-0.lock").write_text(content.replace(str(os.getpid()), str(NOBODY), 1))
    assert settings.turn()[0] == 0
    settings.turn.cache_clear()
