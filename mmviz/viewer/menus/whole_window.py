"""What is done to a window as a whole: the whole screen, its tool bar, its picture as a copy; draws nothing itself."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QImage

from mmviz.errors import MmvizError
from mmviz.viewer.controls.icons import window_icon
from mmviz.viewer.host import Host
from mmviz.viewer.menus.device_label import DeviceLabel
from mmviz.viewer.menus.tool_bar import ToolBar


class WholeWindow(QObject):
    """Commands about a main window.

    Args:
        window: `settle` is called when its actions are there.
    """

    def __init__(self, window: Host) -> None:
        super().__init__(window)
        self._window = window
        self._before = Qt.WindowState.WindowNoState  # it took the whole screen
        window.setWindowIcon(window_icon())

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {
            "copy_picture": self.copy_picture,
            "tool_bar": self.switch_tool_bar,
            "full_screen": self.switch_full_screen,
        }

    def settle(self) -> None:
        """Add the tool bar and what computes the scene, and leave the whole screen by Esc."""
        self.tool_bar = ToolBar(self._window)
        self._window.addToolBar(self.tool_bar)
        self._window.status.add_permanent(DeviceLabel(self._window.desk))
        self._window.actions_by_name["stop"].triggered.connect(self._leave_full_screen)
        self._window.installEventFilter(self)

    def copy_picture(self) -> None:
        """Put what is shown into the clipboard, in all pixels of the screen."""
        try:
            picture = self._window.view.picture()  # (height, width, 3)
        except MmvizError as error:
            self._window.complain(f"Copy of the picture: {error}")
            return
        height, width, _ = picture.shape
        image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        QGuiApplication.clipboard().setImage(image.copy())  # Qt's own: the array is gone soon
        self._window.tell(f"Copied the picture, {width} × {height} pixels")

    def switch_tool_bar(self) -> None:
        """Show the tool bar, or hide it."""
        self.tool_bar.setVisible(self.tool_bar.isHidden())

    def switch_full_screen(self) -> None:
        """Take the whole screen, or stand where the window stood before."""
        if self._window.isFullScreen():
            self._leave_full_screen()
        else:
            self._before = self._window.windowState()
            self._window.showFullScreen()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever takes the whole screen or gives it back, the menu knows."""
        if event.type() == QEvent.Type.WindowStateChange:
            self._window.actions_by_name["full_screen"].setChecked(self._window.isFullScreen())
        return super().eventFilter(watched, event)

    def _leave_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.setWindowState(self._before)
