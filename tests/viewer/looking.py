"""Windows for the tests of what is done in one, and mice for those of how one looks around; no tests."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.space.placement import Vector
from mmviz.render.renderer import Renderers
from mmviz.viewer.canvas.view import View
from mmviz.viewer.session.shown_scene import BuildAgain, Opener, built_by_nobody
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber

LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def gaussian(rows: int, columns: int) -> dict[str, object]:
    return {"init": "gaussian", "shape": [rows, columns], "seed": rows + 31 * columns}


def attention() -> Scene:
    """A product of a product, with a sum on top."""
    tensors = {"x": gaussian(12, 10), "Q": gaussian(12, 8), "Kt": gaussian(8, 12), "V": gaussian(12, 10)}
    return Scene("out = x + (attn = softmax(Q @ Kt)) @ V", tensors)


def opened(
    qtbot: QtBot,
    scene: Scene,
    size: tuple[int, int] | None = (900, 640),
    *,
    panel: bool = False,
    opener: Opener = Scene.named,
    renderers: Renderers = Dabber,
    build_again: BuildAgain = built_by_nobody,
) -> MainWindow:
    """A window that has drawn a scene, and whose picture has the focus.

    Args:
        qtbot: Closes and releases it after the test.
        scene: What it shows.
        size: Width and height, in Qt's pixels; None: as it opens by itself.
        panel: False: hidden; True: as it opens by itself.
        opener: Makes a scene of what is named in it.
        renderers: What draws in it; `offscreen` where the test looks at the picture.
        build_again: Builds another layer, head or model of a scene that was built.
    """
    window = MainWindow(scene, opener, renderers, build_again)
    qtbot.addWidget(window, before_close_func=MainWindow.release)
    if not panel:
        window.panel.hide()
    if size is not None:
        window.resize(*size)
    with qtbot.waitSignal(window.view.drawn):
        window.show()
    window.activateWindow()
    window.view.setFocus()
    QApplication.processEvents()
    return window


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until every change that was asked for is there."""
    qtbot.waitUntil(lambda: not window.desk.changing and not window.desk.background.waiting, timeout=20_000)


def move(view: View, spot: QPointF, button: Qt.MouseButton = NO_BUTTON, modifier: Qt.KeyboardModifier = NONE) -> None:
    event = QMouseEvent(QEvent.Type.MouseMove, spot, view.mapToGlobal(spot), NO_BUTTON, button, modifier)
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


def seen_at(view: View, point: Vector) -> tuple[float, float]:
    """Where the view shows a point in space, in its own pixels."""
    x, y = project(view.camera, point[None], view.aspect)[0]
    return x * view.width(), (1 - y) * view.height()


def looked_at(qtbot: QtBot, scene: Scene) -> MainWindow:
    """A window with the panel, whose tab Look is in front."""
    window = opened(qtbot, scene, (1100, 700), panel=True)
    window.tabs.setCurrentWidget(window.look_panel)
    QApplication.processEvents()
    return window
