"""A few words at the right end of the status line: which device computes the scene, and with what numbers."""

from PySide6.QtWidgets import QLabel

from mmviz.viewer.controls import theme
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.session.undo import Desk


class DeviceLabel(QLabel):
    """Such as "cpu · float32".

    Args:
        desk: Where the scene is from.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        theme.tint(self, "quiet")
        desk.shown.connect(self.show_scene)
        self.show_scene(desk.scene)

    def show_scene(self, scene: Shown) -> None:
        """Say what computes a scene."""
        device, numbers = scene.computed_on()
        self.setText(f"{device} · {numbers}")
        self.setToolTip(f"Numbers are computed on {device}; activations of a model with {numbers}")
