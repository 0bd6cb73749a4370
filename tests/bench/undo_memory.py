"""A window that is changed many times, and the memory that its process has; run in a process of its own."""

import os
import time
from itertools import cycle

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from mmviz import Scene
from mmviz.builders.by_name import scene_named
from mmviz.machine.allocator import give_back_large_blocks
from mmviz.viewer.application import application
from mmviz.viewer.window import MainWindow


def resident() -> float:
    """MB that this process has in memory now; Linux alone says it."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def resident_after_changes(words: int, changes: int, every: int) -> list[float]:
    """MB before the first change and after each `every` of them: another head or another gap in turn."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application()
    give_back_large_blocks()
    window = MainWindow(Scene.load("attention_head"), scene_named)
    window.resize(640, 400)
    loop = QEventLoop()
    window.view.drawn.connect(loop.quit)
    window.show()
    loop.exec()
    window.model_panel.prompt.editor.setPlainText("The number of words that this text has is large. " * (words // 10))
    window.model_panel.prompt.button.click()
    _settle(window)
    found, heads = [resident()], cycle(range(9))
    for number in range(1, changes + 1):
        if number % 2:
            window.model_panel.head.spin.setValue(next(heads))
        else:
            gap = 2.0 + number % 7
            window.desk.propose("gap", lambda scene, gap=gap: scene.changed(layout={"gap": gap}))  # type: ignore[misc]
        _settle(window)
        if number % every == 0:
            found.append(resident())
    return found


def _settle(window: MainWindow) -> None:
    while window.desk.changing or window.desk.background.waiting:
        QApplication.processEvents()
        time.sleep(0.005)
    for _ in range(5):
        QApplication.processEvents()
