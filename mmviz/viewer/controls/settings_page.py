"""A tab of settings that is made when it is first shown, and says while one of its sliders is held."""

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSlider, QVBoxLayout, QWidget

from mmviz.viewer.controls.setting_rows import SettingRows

Rows = TypeVar("Rows", bound=SettingRows)


class SettingsPage(QScrollArea, Generic[Rows]):
    """Rows of settings that are scrolled.

    Args:
        make: Makes the rows: they take a good part of the time that a window needs to open.
    """

    dragged = Signal(bool)
    """A slider is held, or let go."""

    def __init__(self, make: Callable[[], Rows]) -> None:
        super().__init__()
        self._make = make
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @cached_property
    def settings(self) -> Rows:
        """The rows, made when the tab is first shown or asked for."""
        made = self._make()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 4, 12, 12)
        column.addWidget(made)
        column.addStretch(1)
        for slider in page.findChildren(QSlider):
            slider.sliderPressed.connect(lambda: self.dragged.emit(True))
            slider.sliderReleased.connect(lambda: self.dragged.emit(False))
        self.setWidget(page)
        return made

    def showEvent(self, event: QShowEvent) -> None:
        """Make the rows before they are seen."""
        self.settings.setVisible(True)
        super().showEvent(event)
