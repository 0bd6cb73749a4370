"""A scene that lies in a file, and a change of it in a window."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.window import MainWindow


def small(path: Path, title: str = "Small") -> Scene:
    """A scene that lies in a file."""
    tensors = {"A": {"init": "rows", "shape": [4, 3]}, "B": {"init": "cols", "shape": [3, 2]}}
    Scene("P = A @ B", tensors, title=title).save(path)
    return Scene.load(path)


def change(window: MainWindow, qtbot: QtBot, title: str = "Changed") -> None:
    with qtbot.waitSignal(window.desk.shown):
        window.desk.propose("the title", lambda scene: scene.changed(title=title))
    assert window.isWindowModified()
