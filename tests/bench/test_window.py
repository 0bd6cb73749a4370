"""Speed of the window, measured by hand: `pytest tests/bench/test_window.py --benchmark-only`. Nothing is asserted.

Compare figures by their ratios within one run; a machine that has something else to do shows several times as much. On
two CPU cores with software OpenGL at 1280x800, the first picture of attention_head takes 0.6 s of CPU time, its file
included. Another head was there 0.1 s after the click, of which 0.03 s were its numbers and the rest drawing.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture

from mmviz import Scene
from mmviz.builders.by_name import scene_named
from mmviz.picture.cell.picking import pick
from mmviz.viewer.application import application
from mmviz.viewer.session.shown_scene import ready
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import move, spot_of

os.environ["QT_QPA_PLATFORM"] = "offscreen"

SIZE = (1280, 800)
LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def opened(scene: Scene) -> MainWindow:
    """A window that has drawn its first picture."""
    application()
    window = MainWindow(scene, scene_named)
    window.resize(*SIZE)
    loop = QEventLoop()
    window.view.drawn.connect(loop.quit)
    window.show()
    loop.exec()
    return window


def close(window: MainWindow) -> None:
    window.hide()
    window.release()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window() -> Iterator[MainWindow]:
    made = opened(Scene.load("attention_head"))
    yield made
    close(made)


def test_from_the_scene_file_to_the_first_picture(benchmark: BenchmarkFixture) -> None:
    """At most 2 s; torch, VTK and Qt are imported, and shaders compiled, before."""
    close(opened(Scene.load("matmul")))
    windows: list[MainWindow] = []
    benchmark.pedantic(lambda: windows.append(opened(Scene.load("attention_head"))), rounds=5)
    for window in windows:
        close(window)


@pytest.mark.parametrize("what", ["head", "layer", "prompt"])
def test_from_the_click_to_the_picture_of_another(benchmark: BenchmarkFixture, window: MainWindow, what: str) -> None:
    """Head and layer at most 0.5 s: no forward pass is needed but for the first. A prompt of 30 words, at most 1 s."""
    panel, loop = window.model_panel, QEventLoop()
    before: object = window.view.composition
    window.view.drawn.connect(lambda: None if window.view.composition is before else loop.quit())
    numbers, words = cycle(range(2) if what == "layer" else range(9)), cycle(range(1000))

    def change() -> None:
        nonlocal before
        before = window.view.composition
        if what == "prompt":
            panel.prompt.editor.setPlainText(f"The number {next(words)} " + "and so on " * 9)
            QTest.mouseClick(panel.prompt.button, LEFT)
        else:
            field = getattr(panel, what)
            field.spin.setValue(next(number for number in numbers if number != field.spin.value()))
        loop.exec()

    benchmark.pedantic(change, rounds=20, warmup_rounds=2)


def test_a_step_of_a_drag(benchmark: BenchmarkFixture, window: MainWindow) -> None:
    """One picture a step, and no more; how many there were is in extra_info."""
    view, pictures = window.view, 0

    def count() -> None:
        nonlocal pictures
        pictures += 1

    view.drawn.connect(count)
    places = cycle([*range(300, 600, 7), *range(600, 300, -7)])
    QTest.mousePress(view, LEFT, NO_KEY, view.rect().center())
    steps = 0

    def step() -> None:
        nonlocal steps
        spot = QPointF(next(places), 300.0)
        event = QMouseEvent(QEvent.Type.MouseMove, spot, view.mapToGlobal(spot), Qt.MouseButton.NoButton, LEFT, NO_KEY)
        QApplication.sendEvent(view, event)
        QApplication.processEvents()
        steps += 1

    benchmark.pedantic(step, rounds=60, warmup_rounds=3)
    QTest.mouseRelease(view, LEFT)
    benchmark.extra_info |= {"steps": steps, "pictures": pictures, "seconds_a_picture": view._full_seconds}


@pytest.mark.parametrize("side", [32, 1000])
def test_what_is_under_the_pointer(benchmark: BenchmarkFixture, side: int) -> None:
    """1000 x 1000 at most twice as long as 32 x 32: a ray meets a few planes, whatever is on them."""
    tensors = {name: {"init": "gaussian", "shape": [side, side]} for name in "AB"}
    composition = ready(Scene("A @ B", tensors)).composition
    frame, camera = composition.timeline.frame(float(composition.timeline.steps)), composition.camera(1.6)
    places = cycle(np.random.default_rng(0).uniform(0, 1, (1000, 2)).tolist())

    def point() -> None:
        x, y = next(places)
        pick(composition, frame, camera, x, y, 1.6)

    benchmark(point)


@pytest.mark.parametrize("side", [32, 1000])
def test_numbers_beside_the_pointer(benchmark: BenchmarkFixture, side: int) -> None:
    """1000 x 1000 at most twice as long as 32 x 32, and a step under 5 ms."""
    sides = {"A": {"formula": "sin(i * j)", "shape": [side, 4]}, "B": {"formula": "cos(i + j)", "shape": [4, side]}}
    window = opened(Scene("A @ B", sides))
    QTest.keyClick(window, Qt.Key.Key_N)
    begin, places = spot_of(window.view, "", side // 2, side // 2), cycle(range(40))
    benchmark(lambda: move(window.view, begin + QPointF(next(places), 0)))
    assert window.navigation.spotlight.table
    close(window)


def test_memory_of_many_changes(benchmark: BenchmarkFixture) -> None:
    """Eighty changes of a head on some 900 tokens; MB at the start and after each twenty are in extra_info."""
    code = (
        "from tests.bench.undo_memory import resident_after_changes\n"
        "print(*resident_after_changes(words=760, changes=80, every=20))"
    )
    done = benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True), rounds=1
    )
    benchmark.extra_info["resident_mb"] = [float(number) for number in done.stdout.split()]
