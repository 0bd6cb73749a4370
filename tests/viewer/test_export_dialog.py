"""The dialog for exports: what it asks for, how it tells, and that nothing is left of what was cancelled."""

import subprocess
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.orders.kinds import KINDS, MESH, PICTURE, USDZ
from mmviz.orders.order import MeshOrder, PictureOrder
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.render.offscreen import offscreen
from mmviz.render.renderer import Renderers
from mmviz.viewer import dialogs
from mmviz.viewer.export.export_dialog import ExportDialog
from mmviz.viewer.export.export_strip import time_text
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.export_hands import fill, opened_dialog, ordered, tiny_scene
from tests.viewer.looking import opened

pytestmark = pytest.mark.usefixtures("quick_workers", "canvases_kept")

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 60_000
"""Milliseconds until a test gives up waiting for a process."""
QUICK = 8_000
"""Milliseconds within which a process that is told to stop must be gone."""


@pytest.fixture(scope="module")
def tiny() -> Scene:
    return tiny_scene()


@pytest.fixture
def renderers() -> Renderers:
    return Dabber


@pytest.fixture
def window(
    qtbot: QtBot, tiny: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renderers: Renderers
) -> MainWindow:
    monkeypatch.chdir(tmp_path)
    return opened(qtbot, tiny, (480, 400), renderers=renderers)


@pytest.fixture
def dialog(window: MainWindow) -> ExportDialog:
    return opened_dialog(window)


def export(dialog: ExportDialog, qtbot: QtBot) -> str:
    """Press Export and wait; gives what the dialog says then."""
    with qtbot.waitSignal(dialog._exporter.ended, timeout=PATIENCE):
        QTest.mouseClick(dialog.export, LEFT)
        assert dialog._exporter.running, dialog.message.text()
    return dialog.message.text()


def begin_long(dialog: ExportDialog, qtbot: QtBot, path: Path) -> None:
    """Begin a film of many frames, and wait until some of them are there."""
    fill(dialog, "film", path, 320, 240, 240)
    QTest.mouseClick(dialog.export, LEFT)
    qtbot.waitUntil(lambda: dialog._exporter.frames[0] > 3, timeout=PATIENCE)


def frames_of(film: Path) -> list[np.ndarray]:
    with av.open(str(film)) as opened:
        return [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]


@pytest.mark.process
def test_a_film_is_written_and_told(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path, tiny: Scene) -> None:
    fill(dialog, "film", tmp_path / "x.mp4")
    count = len(tiny.film(8))
    assert dialog.form.length.text() == f"{count} frames, {count / 8:.1f} s"
    told: list[tuple[int, int]] = []
    dialog._exporter.changed.connect(lambda: told.append(dialog._exporter.frames))
    assert export(dialog, qtbot) == f"Done: {tmp_path / 'x.mp4'}"
    frames = frames_of(tmp_path / "x.mp4")
    assert len(frames) == count
    assert frames[0].shape == (48, 64, 3)
    assert (0, count) in told
    assert (count, count) in told
    assert dialog.folder.isVisible()
    assert dialog._window.events.kept[-1].text == f"x.mp4 written: {tmp_path / 'x.mp4'}"
    assert [path.name for path in tmp_path.iterdir()] == ["x.mp4"]


@pytest.mark.process
@pytest.mark.parametrize("renderers", [offscreen])
def test_a_picture_from_the_windows_camera_is_what_the_window_shows(
    dialog: ExportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = dialog._window
    window.player.seek(2.5)
    window.view.turn(40, 65)
    window.view.pan(0.1, 0.05)
    window.view.emphasize(Emphasis(hidden=frozenset({"left"})))
    shown = window.view.picture()
    fill(dialog, "picture", tmp_path / "x.png", shown.shape[1], shown.shape[0])
    as_shown = replace(ordered(dialog, PictureOrder), fine=False)  # a window has one sample a pixel
    monkeypatch.setattr(dialog, "order", lambda: as_shown)
    export(dialog, qtbot)
    with Image.open(tmp_path / "x.png") as picture:
        written = np.asarray(picture.convert("RGB")).astype(int)
    assert written.shape == shown.shape
    assert shown.max() > 100
    assert abs(written - shown).max() <= 2


def test_the_first_field_has_the_keyboard_and_tab_goes_on_to_the_files_name(dialog: ExportDialog) -> None:
    assert dialog.focusWidget() is dialog.form.kinds
    QTest.keyClick(dialog, Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.form.file


def test_a_picture_has_the_windows_size_unless_another_is_chosen(dialog: ExportDialog) -> None:
    view = dialog._window.view
    dialog.form.kinds.setCurrentIndex(KINDS.index(PICTURE))
    order = ordered(dialog, PictureOrder)
    assert (order.width, order.height) == (view.width(), view.height())
    assert order.camera is view.camera
    dialog.form.eye.setCurrentIndex(1)
    assert ordered(dialog, PictureOrder).camera is None


def test_a_narrower_picture_still_shows_all_that_the_window_shows(dialog: ExportDialog) -> None:
    view = dialog._window.view
    fill(dialog, "picture", "x.png", 100, 200)
    camera = ordered(dialog, PictureOrder).camera
    assert camera is not None
    assert np.tan(np.radians(camera.view_angle) / 2) * 100 / 200 == pytest.approx(
        np.tan(np.radians(view.camera.view_angle) / 2) * view.aspect
    )


def test_the_step_follows_the_window_until_it_is_typed(dialog: ExportDialog) -> None:
    player, step = dialog._window.player, dialog.form.step
    dialog.form.kinds.setCurrentIndex(KINDS.index(PICTURE))
    player.seek(1.5)
    assert step.value() == 1.5
    assert ordered(dialog, PictureOrder).step == player.moment
    dialog.form.kinds.setCurrentIndex(KINDS.index(MESH))
    assert ordered(dialog, MeshOrder).step == player.moment.time
    step.setValue(2.25)
    player.seek(0.5)
    assert ordered(dialog, MeshOrder).step == 2.25


def test_a_glb_can_have_triangles_only(dialog: ExportDialog) -> None:
    form = dialog.form
    for kind, offered in ((MESH, True), (USDZ, False), (PICTURE, False)):
        form.kinds.setCurrentIndex(KINDS.index(kind))
        assert form.plain.isVisibleTo(form) == offered
    form.kinds.setCurrentIndex(KINDS.index(MESH))
    assert not ordered(dialog, MeshOrder).plain
    form.plain.setChecked(True)
    assert ordered(dialog, MeshOrder).plain
    form.kinds.setCurrentIndex(KINDS.index(USDZ))
    assert not ordered(dialog, MeshOrder).plain


@pytest.mark.process
def test_cancel_leaves_nothing(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    begin_long(dialog, qtbot, tmp_path / "x.mp4")
    assert not dialog.export.isEnabled()
    assert "frame" in dialog.message.text()
    assert "left" in dialog.message.text()
    assert list(tmp_path.iterdir()) != []
    with qtbot.waitSignal(dialog._exporter.stopped, timeout=QUICK):
        QTest.mouseClick(dialog.cancel, LEFT)
    assert "cancelled" in dialog.message.text()
    assert dialog.export.isEnabled()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_closing_the_window_ends_the_export_if_the_user_agrees(
    dialog: ExportDialog,
    qtbot: QtBot,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialogs, "ask_stop", lambda window, name: True)
    begin_long(dialog, qtbot, tmp_path / "x.mp4")
    process = dialog._exporter._process
    assert process is not None
    ended = subprocess.Popen(["tail", f"--pid={process.pid}", "-f", "/dev/null"])
    window = dialog.parent()
    assert isinstance(window, MainWindow)
    with qtbot.waitSignal(window.closed, timeout=QUICK):
        window.close()
    ended.wait(QUICK / 1000)
    assert not dialog.isVisible()
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("film", "none/x.mp4", "does not exist"),
        ("picture", "none/x.png", "does not exist"),
        ("mesh", "none/x.glb", "does not exist"),
        ("film", "", "a file is needed"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(
    dialog: ExportDialog, tmp_path: Path, kind: str, name: str, said: str
) -> None:
    fill(dialog, kind, tmp_path / name if name else "")
    QTest.mouseClick(dialog.export, LEFT)
    assert said in dialog.message.text()
    assert not dialog._exporter.running


@pytest.mark.parametrize("kind", ["film", "gif", "picture", "mesh"])
@pytest.mark.parametrize("end", ["", "/"])
def test_a_folder_in_the_place_of_a_file_is_refused_and_nothing_written_beside_it(
    dialog: ExportDialog, tmp_path: Path, kind: str, end: str
) -> None:
    (tmp_path / "here").mkdir()
    fill(dialog, kind, f"{tmp_path}/here{end}")
    QTest.mouseClick(dialog.export, LEFT)
    assert f"{tmp_path}/here: this is a folder; name a file in it." in dialog.message.text()
    assert not dialog._exporter.running
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


def test_an_impossible_part_is_said_beside_the_steps(dialog: ExportDialog, tmp_path: Path) -> None:
    fill(dialog, "film", tmp_path / "x.mp4")
    dialog.form.first.setValue(3)
    dialog.form.last.setValue(2)
    assert dialog.form.length.text() == "not possible"
    QTest.mouseClick(dialog.export, LEFT)
    assert "must begin before it ends" in dialog.message.text()


@pytest.mark.process
def test_a_file_that_is_there_is_replaced_only_when_asked_twice_and_its_folder_is_shown(
    dialog: ExportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.glb").write_text("old")
    fill(dialog, "mesh", tmp_path / "x.glb")
    QTest.mouseClick(dialog.export, LEFT)
    assert "is there already" in dialog.message.text()
    assert (tmp_path / "x.glb").read_text() == "old"
    assert export(dialog, qtbot) == f"Done: {tmp_path / 'x.glb'}"
    assert (tmp_path / "x.glb").read_bytes()[:4] == b"glTF"
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    QTest.mouseClick(dialog.folder, LEFT)
    assert opened == [str(tmp_path)]


def test_a_name_is_proposed_and_what_is_typed_stays(dialog: ExportDialog, tmp_path: Path) -> None:
    kinds, file = dialog.form.kinds, dialog.form.file
    assert file.text() == str(tmp_path / "tiny.mp4")
    kinds.setCurrentIndex(KINDS.index(PICTURE))
    assert file.text() == str(tmp_path / "tiny.png")
    file.setText("mine.png")
    dialog._window.desk.put(dialog._window.desk.scene.changed(title="Other"))
    assert file.text() == "mine.png"
    kinds.setCurrentIndex(0)
    assert file.text() == "mine.mp4"


def test_the_window_stays_usable_and_its_keys_do_not_fire_in_the_dialog(dialog: ExportDialog) -> None:
    assert not dialog.isModal()
    dialog.form.file.setFocus()
    QTest.keyClicks(dialog.form.file, "qhs")
    assert dialog.form.file.text().endswith("qhs")
    window = dialog.parent()
    assert isinstance(window, MainWindow)
    assert window.isVisible()
    assert window.dialogs.help is None


def test_times_are_said_as_people_say_them() -> None:
    assert [time_text(seconds) for seconds in (0.2, 89, 95, 600, 9000)] == [
        "about 1 s",
        "about 89 s",
        "about 2 min",
        "about 10 min",
        "about 2.5 h",
    ]
