"""The main window: the picture, the transport bar, the status line and the keys; draws and computes nothing itself."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QIcon, QKeySequence
from PySide6.QtWidgets import QLabel, QMainWindow, QSizePolicy, QVBoxLayout, QWidget

from mmviz.picture.composition import Composition
from mmviz.picture.picking import Picked, describe
from mmviz.viewer import theme
from mmviz.viewer.player import Player
from mmviz.viewer.transport import Transport
from mmviz.viewer.view import ZOOM_A_NOTCH, View

HINT = "drag: turn  ·  Shift+drag: move  ·  wheel: zoom  ·  Space: play  ·  ← →: step  ·  R: reset view  ·  Q: close"
FIRST_SIZE = (1280, 860)


class MainWindow(QMainWindow):
    """One scene in a window. Call `release` when it was closed.

    Args:
        composition: The scene.
        title: Of the scene.
        speed: Of the animation, in steps a second.

    Raises:
        DisplayError: this machine cannot draw.
    """

    closed = Signal()

    def __init__(self, composition: Composition, *, title: str, speed: float) -> None:
        super().__init__()
        self.composition = composition
        self.player = Player(composition.timeline.steps, speed, parent=self)
        self.view = View(composition, self.player.time)
        self._trouble = ""
        self._said = ""
        self._add_actions()
        self.transport = Transport(self.player, self.step_back, self.play, self.step_on)
        self.status = QLabel()
        self._assemble(title)
        self.player.moved.connect(self.view.show_time)
        self.player.moved.connect(self._allow_steps)
        self.player.playing_changed.connect(self._show_playing)
        self.view.pointed.connect(self.point)
        self.view.failed.connect(self.complain)
        self.view.drawn.connect(self._calm)
        self._allow_steps(self.player.time)
        self.point(None)

    def release(self) -> None:
        """Stop playing and free what the graphics driver holds."""
        self.player.pause()
        self.view.release()

    def point(self, picked: Picked | None) -> None:
        """Say in the status line what is under the pointer."""
        self._said = "" if picked is None else describe(picked, self.composition)
        self._speak()

    def complain(self, message: str) -> None:
        """Say in the status line what went wrong; it stays until something is drawn again."""
        self._trouble = message
        self._speak()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell who waits for it."""
        self.player.pause()
        super().closeEvent(event)
        self.closed.emit()

    def _assemble(self, title: str) -> None:
        self.setWindowTitle(f"{title} - mmviz")
        self.setPalette(theme.dark_palette())
        self.status.setContentsMargins(12, 2, 12, 6)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # long texts are cut off
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.transport)
        column.addWidget(self.status)
        self.setCentralWidget(body)
        self.setMinimumSize(480, 360)
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(FIRST_SIZE[0], round(0.9 * screen.width())), min(FIRST_SIZE[1], round(0.9 * screen.height())))
        self.view.setFocus()

    def _add_actions(self) -> None:
        player, view = self.player, self.view
        self.play = self._action("Play", ["Space"], player.toggle, theme.icon(theme.PLAY))
        self.step_on = self._action("Step on", ["Right", "S"], lambda: player.step(1), theme.icon(theme.FORWARD))
        self.step_back = self._action("Step back", ["Left"], lambda: player.step(-1), theme.icon(theme.BACK))
        self._action("Pause", ["P"], player.pause)
        self._action("First step", ["Home"], lambda: self._rest_at(0))
        self._action("Last step", ["End"], lambda: self._rest_at(player.steps))
        self._action("Zoom in", ["Up"], lambda: view.zoom(ZOOM_A_NOTCH))
        self._action("Zoom out", ["Down"], lambda: view.zoom(1 / ZOOM_A_NOTCH))
        self._action("Reset view", ["R"], view.reset)
        self._action("Close", ["Q", "Ctrl+Q"], self.close)

    def _action(self, text: str, keys: list[str], do: Callable[[], object], icon: QIcon | None = None) -> QAction:
        """An action of the whole window: its keys work whichever child has the focus."""
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setToolTip(f"{text} ({keys[0]})")
        action.triggered.connect(lambda _checked=False: do())
        if icon is not None:
            action.setIcon(icon)
        self.addAction(action)
        return action

    def _rest_at(self, time: float) -> None:
        self.player.pause()
        self.player.seek(time)

    def _show_playing(self, playing: bool) -> None:
        self.play.setIcon(theme.icon(theme.PAUSE if playing else theme.PLAY))
        self.play.setToolTip("Pause (Space)" if playing else "Play (Space)")

    def _allow_steps(self, time: float) -> None:
        self.step_back.setEnabled(time > 0)
        self.step_on.setEnabled(time < self.player.steps)

    def _calm(self) -> None:
        self._trouble = ""
        self._speak()

    def _speak(self) -> None:
        color = theme.TROUBLE if self._trouble else theme.TEXT if self._said else theme.QUIET
        palette = self.status.palette()
        palette.setColor(theme.Role.WindowText, color)
        self.status.setPalette(palette)
        self.status.setText(self._trouble or self._said or HINT)
        self.status.setToolTip(self._trouble)
