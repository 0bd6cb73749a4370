"""Windows and mice for the tests of how one looks around."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.camera import Camera, project
from mmviz.viewer.view import View
from mmviz.viewer.window import MainWindow

LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def gaussian(rows: int, columns: int) -> dict[str, object]:
    return {"init": "gaussian", "shape": [rows, columns], "seed": rows + 31 * columns}


def attention() -> Scene:
    """A product of a product, with a sum on top."""
    tensors = {"x": gaussian(12, 10), "Q": gaussian(12, 8), "Kt": gaussian(8, 12), "V": gaussian(12, 10)}
    return Scene("out = x + (attn = softmax(Q @ Kt)) @ V", tensors)


def opened(qtbot: QtBot, scene: Scene, size: tuple[int, int] = (900, 640)) -> MainWindow:
    """A window that shows a scene and has the focus."""
    window = MainWindow(scene, Scene.named)
    qtbot.addWidget(window, before_close_func=MainWindow.release)
    window.panel.hide()
    window.resize(*size)
    with qtbot.waitSignal(window.view.drawn):
        window.show()
    window.activateWindow()
    window.view.setFocus()
    QApplication.processEvents()
    return window


def move(view: View, spot: QPointF, button: Qt.MouseButton = NO_BUTTON) -> None:
    event = QMouseEvent(QEvent.Type.MouseMove, spot, view.mapToGlobal(spot), NO_BUTTON, button, NONE)
    QApplication.sendEvent(view, event)


def spot_of(view: View, path: str, i: float, j: float) -> QPointF:
    """Where the view shows an element, in its own pixels."""
    place = view.composition.layout[path].element(i, j)
    x, y = project(view.camera, place[None], view.aspect)[0]
    return QPointF(x * view.width(), (1 - y) * view.height())


def seen_wholly(view: View, camera: Camera, paths: Sequence[str]) -> bool:
    """Whether a camera sees every corner of some matrices."""
    return all(
        ((spots > 0) & (spots < 1)).all()
        for path in paths
        for spots in (project(camera, view.composition.layout[path].corners(0.5), view.aspect),)
    )
