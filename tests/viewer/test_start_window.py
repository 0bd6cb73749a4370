"""The window before the window: there at once, loads what was chosen or named, and says what goes wrong."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SceneError
from mmviz.machine.left_folders import left, make
from mmviz.machine.listening import tell_done
from mmviz.render import offscreen
from mmviz.values.tensors.below import below
from mmviz.viewer import application, settings
from mmviz.viewer.session.models_here import none_here
from mmviz.viewer.session.recovery import NAME, Kept, read, write
from mmviz.viewer.session.shown_scene import Shown, built_by_nobody
from mmviz.viewer.start.loading import Loading
from mmviz.viewer.start.outside import First, Outside
from mmviz.viewer.start.preparing import Preparing
from mmviz.viewer.start.start_page import LEFT
from mmviz.viewer.start.start_window import StartWindow
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Painters
from tests.processes import MAIN, UNSEEN, Outcome, ran, without

HEAVY = ("torch", "vtkmodules", "pyvista", "gguf", "huggingface_hub", "matplotlib")
OUTSIDE = Outside(Scene.named, Scene.named, Scene, built_by_nobody, none_here)


@dataclass
class Shelf:
    """Makes scenes when it is told to."""

    scene: Scene
    go: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    def maker(self, text: str) -> Callable[[], Shown]:
        def make() -> Shown:
            self.asked.append(text)
            assert self.go.wait(20)
            if text == "bad":
                raise SceneError("bad: there is no such scene.")
            if text == "odd":
                raise ZeroDivisionError("division by zero")
            return self.scene

        return make


@pytest.fixture
def shelf(scene: Scene) -> Shelf:
    return Shelf(scene)


@pytest.fixture
def window(shelf: Shelf, qtbot: QtBot) -> StartWindow:
    made = StartWindow(shelf.maker, Preparing(none_here, lambda: None))
    qtbot.addWidget(made)
    made.show()
    QApplication.processEvents()
    return made


def test_what_is_chosen_is_loaded_under_its_name(window: StartWindow, shelf: Shelf, qtbot: QtBot) -> None:
    assert window.windowTitle() == "Start - mmviz"
    window.page.examples.entries[0].click()
    assert (window.windowTitle(), window.loading.text.text()) == ("Loading matmul - mmviz", "Loading matmul …")
    assert window.loading.isVisible()
    assert not window.loading._picture.pixmap().isNull(), "the example's picture is there already"
    with qtbot.waitSignal(window.ended):
        shelf.go.set()
    assert (window.scene, window.error, shelf.asked) == (shelf.scene, None, ["matmul"])


def test_it_says_how_much_is_read_before_a_deep_scene_is_there(
    window: StartWindow, shelf: Shelf, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmviz.values.tensors.below.below", partial(below, least=1))
    shelf.scene = head_scene(Reading("smollm2-135m-2layers", tokens=(1, 2)), 1, 0)
    window.choose("a head")
    shelf.go.set()
    qtbot.waitUntil(lambda: window.scene is not None)
    said = "Layer 1 needs what the layer below it computes: 7.1 MB are read first."
    assert (window.loading.text.text(), window.loading.ahead.text()) == ("Loading a head …", said)
    window.loading.tell("another")
    assert window.loading.ahead.text() == ""


def test_its_bar_says_how_far_it_is_where_the_scene_tells(
    window: StartWindow, shelf: Shelf, qtbot: QtBot, scene: Scene
) -> None:
    told = threading.Event()

    def deep() -> Shown:
        tell_done(3, 70)
        told.wait(10)
        tell_done(70, 70)
        shelf.go.wait(10)
        return scene

    bar = window.loading.bar
    assert bar.maximum() == 0
    window._start("deep", deep)
    qtbot.waitUntil(lambda: (bar.value(), bar.maximum()) == (3, 70))
    told.set()
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    with qtbot.waitSignal(window.ended):
        shelf.go.set()


@pytest.mark.parametrize(
    ("text", "told"), [("bad", "bad: there is no such scene."), ("odd", "ZeroDivisionError: division by zero")]
)
def test_what_cannot_be_loaded_is_told_on_the_page(
    window: StartWindow, shelf: Shelf, qtbot: QtBot, text: str, told: str
) -> None:
    shelf.go.set()
    window.choose(text)
    qtbot.waitUntil(window.page.isVisible)
    assert (window.page.trouble.text(), window.windowTitle()) == (told, "Start - mmviz")
    window.choose("good")
    assert window.page.trouble.text() == "", "what comes next is not blamed"
    qtbot.waitUntil(lambda: window.scene is not None)


def test_esc_waits_no_longer_and_what_comes_late_is_not_shown(window: StartWindow, shelf: Shelf, qtbot: QtBot) -> None:
    window.choose("slow")
    qtbot.waitUntil(lambda: shelf.asked == ["slow"])
    QTest.keyClick(window.loading, Qt.Key.Key_Escape)
    assert window.page.isVisible()
    shelf.go.set()
    window.choose("good")
    with qtbot.waitSignal(window.ended):
        pass
    assert shelf.asked == ["slow", "good"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://example.org/mm/?left=1", "a link"),
        ("expr: A @ B\ntensors: {}", "a scene"),
        ("org/name", "org/name"),
        ("x" * 80, f"{'x' * 60} …"),
        (__file__, Path(__file__).name),
    ],
)
def test_what_is_loaded_is_called_shortly(window: StartWindow, shelf: Shelf, text: str, said: str) -> None:
    shelf.go.set()
    window.choose(text)
    assert window.loading.text.text() == f"Loading {said} …"


def test_a_window_for_one_scene_ends_with_it_or_with_its_error_or_without_both(
    shelf: Shelf, qtbot: QtBot, scene: Scene
) -> None:
    def opened(text: str) -> StartWindow:
        made = StartWindow(shelf.maker, Preparing(none_here, lambda: None))
        qtbot.addWidget(made)
        made.load(text, shelf.maker(text))
        assert made.windowTitle() == f"Loading {text} - mmviz"
        made.show()
        return made

    waiting = opened("slow")
    qtbot.waitUntil(lambda: shelf.asked == ["slow"])
    with qtbot.waitSignal(waiting.ended):
        QTest.keyClick(waiting.loading, Qt.Key.Key_Escape)
    assert (waiting.scene, waiting.error, waiting.isVisible()) == (None, None, False)
    shelf.go.set()
    for text in ("good", "bad"):
        window = opened(text)
        with qtbot.waitSignal(window.ended):
            pass
        assert (window.scene is scene) == (text == "good")
        assert str(window.error) == ("None" if text == "good" else "bad: there is no such scene.")


def test_nothing_is_prepared_before_the_window_is_on_the_screen_and_all_before_a_scene_is_made(
    qtbot: QtBot, scene: Scene
) -> None:
    done: list[str] = []

    def models() -> tuple[()]:
        done.append(f"models: {threading.current_thread().name}")
        return ()

    preparing = Preparing(models, lambda: done.append("imports"))

    def maker(text: str) -> Callable[[], Shown]:
        def make() -> Shown:
            done.append(text)
            return scene

        return make

    window = StartWindow(maker, preparing)
    qtbot.addWidget(window)
    QApplication.processEvents()
    assert done == []
    window.show()
    qtbot.waitUntil(lambda: len(done) == 2)
    window.choose("late")
    qtbot.waitUntil(lambda: window.scene is scene)
    assert done == ["models: mmviz: preparing", "imports", "late"]


def test_imports_that_fail_and_lists_that_cannot_be_had_keep_nobody_from_a_scene(qtbot: QtBot, scene: Scene) -> None:
    def fail() -> tuple[()]:
        raise OSError("the disk is gone")

    window = StartWindow(lambda _: lambda: scene, Preparing(fail, fail))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.page.no_models.text() == "None found.")
    window.choose("good")
    qtbot.waitUntil(lambda: window.scene is scene)


def test_it_stands_where_the_main_window_will(qtbot: QtBot, window: StartWindow, scene: Scene) -> None:
    other = StartWindow(Shelf(scene).maker, Preparing(none_here, lambda: None))
    qtbot.addWidget(other)
    settings.settings().setValue("window/geometry", _moved(window, 700, 500))
    settings.place(other)
    assert (other.width(), other.height()) == (700, 500)


def _moved(window: StartWindow, width: int, height: int) -> object:
    window.resize(width, height)
    return window.saveGeometry()


def unsaved(scene: Scene, folder: Path, title: str) -> None:
    """A window left its scene, with another title, and is gone."""
    changed = scene.changed(title=title)
    was = make(settings.recovery_folder())
    write(Kept(title.lower(), changed.document, folder, "scene", folder / "mine.yaml", time.time()), was.folder)
    was.let_go()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no locks that tell")
def test_the_page_offers_what_windows_left_and_keeps_what_is_not_chosen(
    window: StartWindow, scene: Scene, qtbot: QtBot, tmp_path: Path
) -> None:
    window.offer_left(Scene)
    assert not window.page.note.isVisible(), "there is nothing"
    for title in ("Old", "New"):
        unsaved(scene, tmp_path, title)
    broken = make(settings.recovery_folder())
    (broken.folder / NAME).write_text("{")
    broken.let_go()
    window.offer_left(Scene)
    assert (window.page.note.isVisible(), window.page.note.text()) == (True, LEFT)
    assert sorted(entry.text() for entry in window.page.left.entries) == ["Recover new", "Recover old"]
    assert all(entry.sentence.startswith("Unsaved changes of ") for entry in window.page.left.entries)
    assert "cannot be read (it is no JSON)" in window.page.trouble.text()
    (free,) = left(settings.recovery_folder())
    assert free.folder == broken.folder, "no other window takes the others meanwhile"
    free.remove()
    chosen = next(entry for entry in window.page.left.entries if entry.text() == "Recover old")
    with qtbot.waitSignal(window.ended):
        chosen.click()
    window.let_go()
    assert window.scene is not None
    assert window.scene.document.title == "Old"
    assert window.recovered is not None
    main = MainWindow(window.scene, Scene.named, Painters())
    qtbot.addWidget(main, before_close_func=MainWindow.release)
    main.recovering.adopt(window.recovered)
    assert main.isWindowModified()
    assert main.desk.file == tmp_path / "mine.yaml"
    assert not window.recovered.folder.folder.exists(), "the main window keeps it as its own"
    assert main.recovering.autosave.folder is not None
    others = [read(one) for one in left(settings.recovery_folder())]
    assert [one.name for one in others if one is not None] == ["new"]


def test_several_files_of_tensors_are_opened_together_and_others_refused(
    window: StartWindow, shelf: Shelf, qtbot: QtBot, tmp_path: Path
) -> None:
    places = [tmp_path / "a.npy", tmp_path / "b.npy"]
    for place in places:
        np.save(place, np.eye(3))
    (tmp_path / "notes.docx").write_text("no tensor")
    window.offer_left(Scene)
    window.choose_files([places[0], tmp_path / "notes.docx"])
    assert window.page.trouble.text() == "Drop one file at a time, or several files of tensors."
    shelf.go.set()
    with qtbot.waitSignal(window.ended):
        window.choose_files(places)
    assert shelf.asked == [str(places[0])]
    assert window.files == places


# as a whole


def windows(kind: type[QWidget]) -> list[QWidget]:
    return [window for window in QApplication.topLevelWidgets() if isinstance(window, kind) and window.isVisible()]


def test_the_main_window_takes_the_place_of_what_was_there_before(qapp: QApplication, scene: Scene) -> None:
    seen: list[tuple[int, int]] = []

    def look() -> None:
        seen.append((len(windows(StartWindow)), len(windows(MainWindow))))
        if seen[-1] == (0, 1):
            windows(MainWindow)[0].close()
        else:
            QTimer.singleShot(5, look)

    QTimer.singleShot(0, look)
    application.begin(First("matmul", lambda: scene), OUTSIDE, Painters())
    assert seen[0] == (1, 0)
    assert (0, 0) not in seen, "there is always a window"


def test_a_scene_that_cannot_be_had_is_raised_and_a_closed_window_is_no_error(qapp: QApplication) -> None:
    def fail() -> Shown:
        raise SceneError("bad: there is no such scene.")

    with pytest.raises(SceneError, match=r"^bad: there is no such scene\.$"):
        application.begin(First("bad", fail), OUTSIDE, Painters())

    def close() -> None:
        windows(StartWindow)[0].close()

    QTimer.singleShot(20, close)
    painters = Painters()
    application.begin(None, OUTSIDE, painters)
    assert painters.opened == []


def test_ctrl_c_before_the_window_is_there_is_raised(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ending(QEventLoop):
        def exec(self) -> int:  # type: ignore[override]
            return application.INTERRUPTED

    monkeypatch.setattr(application, "QEventLoop", Ending)
    with pytest.raises(KeyboardInterrupt):
        application.begin(None, OUTSIDE, Painters())


@pytest.mark.process
@pytest.mark.parametrize("arguments", [(), ("attention_head",)])
def test_a_window_is_on_the_screen_before_anything_heavy_is_imported(
    environment: dict[str, str], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """What is there at its first moment takes less than a second of one processor together."""
    code = (
        f"{without(*HEAVY)}from mmviz.viewer.start.start_window import StartWindow\n"
        "def show(window, event):\n"
        f"    print(window.windowTitle(), sorted(set({HEAVY}) & set(sys.modules)), flush=True)\n"
        "    os._exit(0)\n"
        "StartWindow.showEvent = show\n"
        f"{UNSEEN}{MAIN}"
    )
    offscreen_too = environment | {"QT_QPA_PLATFORM": "offscreen"}
    done = ran(f"import os\n{code}", "view", *arguments, folder=tmp_path, environment=offscreen_too)
    title = "Loading attention_head - mmviz" if arguments else "Start - mmviz"
    assert done == Outcome(0, f"{title} []\n", "")


def test_what_draws_can_be_imported_beforehand() -> None:
    offscreen.prepare()
    application._import_window()
    assert {"mmviz.render.opengl.canvas", "mmviz.viewer.window"} <= set(sys.modules)


def test_the_bar_of_a_load_says_how_far_it_is_until_nobody_knows(qtbot: QtBot) -> None:
    loading = Loading()
    qtbot.addWidget(loading)
    loading.tell("matmul")
    assert (loading.bar.minimum(), loading.bar.maximum()) == (0, 0), "it goes on without an end"
    loading.go_on(3, 12)
    assert (loading.bar.value(), loading.bar.maximum()) == (3, 12)
    loading.go_on(12, 12)
    assert loading.bar.maximum() == 0, "what follows does not say how far it is"
