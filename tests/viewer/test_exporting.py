"""Exports in a process of their own: what is written, and that nothing is left where they are stopped or fail."""

import errno
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import av
import numpy as np
import pytest
import trimesh
from PIL import Image
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.errors import MmvizError
from mmviz.orders.kinds import FILM, FRAMES, GIF, MESH, ExportKind
from mmviz.orders.order import FilmOrder, MeshOrder, Order
from mmviz.viewer.export import export_work
from mmviz.viewer.export import exporter as exporter_module
from mmviz.viewer.export.export_form import with_ending
from mmviz.viewer.export.exporter import Exporter
from tests.processes import CONTEXT, Outcome, ran, started, without
from tests.viewer import misbehaving

pytestmark = pytest.mark.usefixtures("quick_workers", "canvases_kept")

PATIENCE = 60_000
"""Milliseconds until a test gives up waiting for a process."""
QUICK = 8_000
"""Milliseconds within which a process that is told to stop must be gone."""
SCRIPT = """
import os
print("run", flush=True)
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication
from mmviz.orders.order import FilmOrder
from mmviz.viewer.export.exporter import Exporter
from tests.flipbook import Leaflet
app = QApplication([])
exporter, loop = Exporter(), QEventLoop()
exporter.ended.connect(lambda order, trouble: (print(trouble or "done"), loop.quit()))
exporter.start(Leaflet(4), FilmOrder("x.mp4", 32, 32, fps=2))
loop.exec()
"""
AS_SCRIPT = """
import sys
sys.modules["__main__"].__file__ = "script.py"
exec(compile(open("script.py").read(), "script.py", "exec"), sys.modules["__main__"].__dict__)
"""
"""What `python script.py` does, as far as processes that it starts can see."""


@pytest.fixture(scope="module")
def tiny() -> Scene:
    tensors = {"A": {"init": "gaussian", "shape": [4, 3]}, "B": {"init": "cols", "shape": [3, 2]}}
    return Scene("P = A @ B", tensors, animation={"speed": 4, "hold": 0.5})


@pytest.fixture
def film(tmp_path: Path) -> Callable[[str], FilmOrder]:
    return lambda name: FilmOrder(f"{tmp_path}/{name}", 64, 48, fps=8)


@pytest.fixture
def exporter(qtbot: QtBot) -> Iterator[Exporter]:
    made = Exporter()
    yield made
    made.end()


def wait(exporter: Exporter, qtbot: QtBot, scene: Scene, order: Order) -> str:
    """Make an export; gives what went wrong."""
    with qtbot.waitSignal(exporter.ended, timeout=PATIENCE) as ended:
        exporter.start(scene, order)
    assert ended.args is not None
    assert ended.args[0] is order
    assert not exporter.running
    return str(ended.args[1])


@pytest.mark.process
def test_a_film_is_as_a_script_would_write_it(
    exporter: Exporter, qtbot: QtBot, film: Callable[[str], FilmOrder], tmp_path: Path, tiny: Scene
) -> None:
    white = replace(film("x.mp4"), ground="white", crf=30, workers=2)
    assert wait(exporter, qtbot, tiny, white) == ""
    tiny.changed(export={"ground": "white"}).movie(tmp_path / "y.mp4", width=64, height=48, fps=8, crf=30)
    assert (tmp_path / "x.mp4").read_bytes() == (tmp_path / "y.mp4").read_bytes()


@pytest.mark.process
def test_what_goes_wrong_in_the_process_is_told_once(
    exporter: Exporter, qtbot: QtBot, film: Callable[[str], FilmOrder], tmp_path: Path
) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 3)))
    tensors = {"A": {"file": "a.npy"}, "B": {"init": "cols", "shape": [3, 2]}}
    scene = Scene("A @ B", tensors, folder=tmp_path)
    assert scene.composition.timeline.steps == 4
    (tmp_path / "a.npy").unlink()
    assert "a.npy" in wait(exporter, qtbot, scene, film("x.mp4"))
    assert list(tmp_path.iterdir()) == []


def test_a_part_of_a_film_is_written(film: Callable[[str], FilmOrder], tmp_path: Path, tiny: Scene) -> None:
    part = replace(film("x.mp4"), steps=(1.0, 2.5))
    assert export_work._made(tiny, part, tmp_path / "beside", lambda done, count: None) == ""
    with av.open(str(tmp_path / "x.mp4")) as written:
        assert sum(1 for _ in written.decode(video=0)) == len(tiny.film(8, (1.0, 2.5))) < len(tiny.film(8))


@pytest.mark.slow
def test_the_other_kinds_are_written(film: Callable[[str], FilmOrder], tmp_path: Path, tiny: Scene) -> None:
    (tmp_path / "empty").mkdir()
    told: list[tuple[int, int]] = []
    films = [film(name) for name in ("x.gif", "pictures/", "empty/", "n%02d.png")]
    orders: list[Order] = [*films, MeshOrder(f"{tmp_path}/x.glb")]
    for order in orders:
        assert export_work._made(tiny, order, tmp_path / "beside", lambda *way: told.append(way)) == ""
    count = len(tiny.film(8))
    assert told == [(done, count) for done in range(count + 1)] * 4
    with Image.open(tmp_path / "x.gif") as moving:
        assert (moving.size, getattr(moving, "is_animated", False)) == ((64, 48), True)
    for folder in ("pictures", "empty"):
        names = sorted(path.name for path in (tmp_path / folder).iterdir())
        assert names == [f"frame_{number:05d}.png" for number in range(count)]
    assert len(trimesh.load_scene(tmp_path / "x.glb").geometry) > 0
    numbered = [f"n{number:02d}.png" for number in range(count)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", *numbered, "pictures", "x.gif", "x.glb"]


def test_messages_name_the_file_and_not_the_folder_beside_it(
    film: Callable[[str], FilmOrder], tmp_path: Path, tiny: Scene
) -> None:
    trouble = export_work._made(tiny, film("x.avi"), tmp_path / "beside", lambda done, count: None)
    assert trouble.startswith(f"{tmp_path / 'x.avi'}: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_an_export_can_be_stopped_before_it_has_begun(
    exporter: Exporter, qtbot: QtBot, film: Callable[[str], FilmOrder], tmp_path: Path, tiny: Scene
) -> None:
    exporter.start(tiny, film("x.mp4"))
    with qtbot.waitSignal(exporter.stopped, timeout=QUICK):
        exporter.stop()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_a_process_that_does_not_listen_is_ended_and_its_folder_removed(
    exporter: Exporter,
    qtbot: QtBot,
    film: Callable[[str], FilmOrder],
    tmp_path: Path,
    tiny: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporter_module, "work", misbehaving.deaf)
    exporter.start(tiny, film("x.mp4"))
    exporter._lose_patience.setInterval(100)
    qtbot.waitUntil(lambda: exporter._begun, timeout=PATIENCE)
    assert list(tmp_path.iterdir()) != []
    with qtbot.waitSignal(exporter.stopped, timeout=QUICK):
        exporter.stop()
    assert list(tmp_path.iterdir()) == []


EXPORTING = """
import sys
from mmviz.cli.stopping import heed_signals
heed_signals()
from PySide6.QtCore import QTimer
from mmviz import Scene
from mmviz.orders.order import FilmOrder
from mmviz.viewer.application import application
from mmviz.viewer.export.exporter import Exporter
app, exporter, heartbeat = application(), Exporter(), QTimer()
scene = Scene("A @ B", {name: {"init": "rows", "shape": [64, 64]} for name in "AB"}, animation={"speed": 0.05})
exporter.start(scene, FilmOrder("x.mp4", 64, 48, fps=8))
heartbeat.timeout.connect(lambda: None)
heartbeat.start(50)
app.exec()
"""
FORKED_EXPORTS = """
import signal
from multiprocessing import get_context
from mmviz.viewer.export import exporter
def work(*arguments, as_it_is=exporter.work):
    for number in (signal.SIGINT, signal.SIGTERM):  # a fork would heed what the window heeds
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    as_it_is(*arguments)
exporter.work, exporter.get_context = work, lambda _: get_context("fork")
"""
"""Exports that begin at once: they are forks of a window that has drawn nothing."""


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("begun", [False, True])
def test_a_signal_to_the_window_ends_its_export_and_leaves_nothing(begun: bool, tmp_path: Path) -> None:
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    code = FORKED_EXPORTS + EXPORTING if begun else EXPORTING
    with started(code, folder=tmp_path, environment=variables, leads_group=True) as window:
        window.until(lambda: list(tmp_path.glob("x.*.part/made/*" if begun else "x.*.part/lock")))
        window.send_signal(signal.SIGTERM)
        assert window.ended() == Outcome(143, "", "mmviz: interrupted\n")
        assert list(tmp_path.iterdir()) == []
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                os.killpg(window.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.02)
        else:
            pytest.fail("a process is left")


@pytest.mark.process
def test_a_process_that_dies_is_told(
    exporter: Exporter,
    qtbot: QtBot,
    film: Callable[[str], FilmOrder],
    tmp_path: Path,
    tiny: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporter_module, "work", misbehaving.dying)
    assert "died (exit code 7)" in wait(exporter, qtbot, tiny, film("x.mp4"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_nothing_is_under_way_when_no_process_can_be_started(
    exporter: Exporter,
    qtbot: QtBot,
    film: Callable[[str], FilmOrder],
    tmp_path: Path,
    tiny: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(process: BaseProcess) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(CONTEXT.Process, "start", fail)
        with pytest.raises(BlockingIOError):
            exporter.start(tiny, film("x.mp4"))
    assert not exporter.running
    exporter.end()  # as when the window is closed now
    assert list(tmp_path.iterdir()) == []
    assert wait(exporter, qtbot, tiny, MeshOrder(f"{tmp_path}/x.glb")) == ""


@pytest.mark.process
def test_there_is_one_export_at_a_time(exporter: Exporter, film: Callable[[str], FilmOrder], tiny: Scene) -> None:
    exporter.start(tiny, film("x.mp4"))
    with pytest.raises(MmvizError, match=r"x\.mp4 is being exported"):
        exporter.start(tiny, film("y.mp4"))


@pytest.mark.process
def test_a_script_that_opened_the_window_is_not_run_again(tmp_path: Path, environment: dict[str, str]) -> None:
    """Scripts without `if __name__ == "__main__"` would open a second window."""
    (tmp_path / "script.py").write_text(SCRIPT)
    assert ran(AS_SCRIPT, folder=tmp_path, environment=environment) == Outcome(0, "run\ndone\n", "")
    assert (tmp_path / "x.mp4").is_file()


@pytest.mark.process
def test_the_process_does_not_import_qt(tmp_path: Path) -> None:
    code = "import mmviz.viewer.export.export_work; print([name for name in sys.modules if 'PySide6' in name])"
    assert ran(without("PySide6") + code, folder=tmp_path) == Outcome(0, "[]\n", "")


@pytest.mark.parametrize(
    ("name", "kind", "whole"),
    [
        ("a", FILM, "a.mp4"),
        ("a.b", GIF, "a.b.gif"),
        ("a.PNG", MESH, "a.glb"),
        ("a/", FILM, "a.mp4"),
        ("a.mp4", FRAMES, "a/"),
        ("a_%05d.png", FRAMES, "a_%05d.png"),
    ],
)
def test_names_get_the_ending_of_what_is_made(name: str, kind: ExportKind, whole: str) -> None:
    assert with_ending(name, kind.ending) == whole
