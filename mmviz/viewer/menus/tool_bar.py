"""A slim bar of icons above the picture: what is needed most often; it can be hidden, and stays so."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolBar

from mmviz.viewer.commands import TOOL_BAR
from mmviz.viewer.host import Host

ICON = 20
"""Side of an icon, in pixels."""


class ToolBar(QToolBar):
    """Buttons of the commands in `TOOL_BAR`.

    Args:
        window: Has the actions.
    """

    def __init__(self, window: Host) -> None:
        super().__init__("Tool bar", window)
        self.setObjectName("tool_bar")  # by which Qt remembers whether it is shown
        self.setMovable(False)
        self.setIconSize(QSize(ICON, ICON))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        known = window.actions_by_name
        for number, group in enumerate(TOOL_BAR):
            if number:
                self.addSeparator()
            for name in group:
                self.addAction(known[name])
                self.widgetForAction(known[name]).setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys stay the picture's
        self.visibilityChanged.connect(lambda _visible: known["tool_bar"].setChecked(not self.isHidden()))
