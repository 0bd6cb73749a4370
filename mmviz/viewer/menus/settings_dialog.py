"""The settings: how the window looks, how fast it plays at first, where models are kept. Every change holds at once."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout

from mmviz.errors import MmvizError
from mmviz.machine.homes import Holds, ModelCache
from mmviz.viewer import preferences, settings
from mmviz.viewer.controls import theme
from mmviz.viewer.gestures import RATES
from mmviz.viewer.host import Host
from mmviz.viewer.question import Answer, Question
from mmviz.viewer.session.background import Background
from mmviz.viewer.wording import bytes_told

THEMES = {"dark": "Dark", "light": "Light", "system": "As the system"}
WIDTH, NARROW = 520, 440
KEEPS = "Clear …"
LOST: Mapping[Holds, str] = {
    "models": "Scenes that use them cannot be opened until they are fetched again.",
    "residual streams": "They are computed again where they are needed.",
}
"""What follows where all of a folder is deleted."""


class SettingsDialog(QDialog):
    """Esc closes it. The main window can be used meanwhile.

    Args:
        window: Whose scene knows where models are kept.
        wear: Lets windows look so: a theme's name, or "system".
        write: Lets windows write in a font of so many points; 0: as the system has it.
    """

    def __init__(self, window: Host, wear: Callable[[str], object], write: Callable[[int], object]) -> None:
        super().__init__(window)
        self._window, self._wear, self._write = window, wear, write
        self.theme, self.font_size, self.rate = QComboBox(), QSpinBox(), QComboBox()
        self.sizes: list[QLabel] = []
        self.clear: list[QPushButton] = []
        self.said = QLabel()
        self._background = Background(self)
        self._assemble()
        self.theme.activated.connect(self._choose_theme)
        self.font_size.valueChanged.connect(self._choose_font)
        self.rate.activated.connect(self._choose_rate)

    def present(self) -> None:
        """Show it, in front, with what holds now."""
        self.theme.setCurrentIndex(self.theme.findData(settings.theme()))
        quiet = self.font_size.blockSignals(True)
        self.font_size.setValue(preferences.font_size() or self.font_size.minimum())
        self.font_size.blockSignals(quiet)
        self.rate.setCurrentIndex(RATES.index(preferences.rate(RATES)))
        self._measure()
        self.show()
        self.raise_()
        self.activateWindow()

    def _choose_theme(self, number: int) -> None:
        self._wear(self.theme.itemData(number))

    def _choose_font(self, points: int) -> None:
        points = 0 if points < preferences.FONT_SIZES[0] else points
        preferences.keep_font_size(points)
        self._write(points)

    def _choose_rate(self, number: int) -> None:
        preferences.keep_rate(RATES[number])
        self._window.player.set_rate(RATES[number])

    # models

    def _measure(self) -> None:
        """Say how large the folders are, which may take a while."""
        caches = self._window.desk.scene.model_caches()
        self._background.start(
            "measuring", lambda: [cache.size() for cache in caches], self._tell_sizes, self._complain
        )

    def _tell_sizes(self, found: list[int]) -> None:
        for label, size in zip(self.sizes, found, strict=True):
            label.setText(bytes_told(size))
        for button, size in zip(self.clear, found, strict=True):
            button.setEnabled(size > 0)

    def _ask_clear(self, cache: ModelCache) -> None:
        text = f"Delete all {cache.holds} in {cache.folder}?"
        told = LOST[cache.holds]
        question = Question(self, text, told, {Answer.Cancel: "Cancel", Answer.Discard: "Delete"})
        if question.answer() != Answer.Discard:
            return
        try:
            cache.clear()
        except MmvizError as error:
            self._complain(str(error))
        self._measure()

    def _complain(self, message: str) -> None:
        self.said.setText(message)
        theme.tint(self.said, "trouble")
        self.said.setVisible(bool(message))

    # how it is put together

    def _assemble(self) -> None:
        self.setWindowTitle("Settings - mmviz")
        self.setAttribute(Qt.WidgetAttribute.WA_WindowPropagation)  # the theme of the main window
        for name, word in THEMES.items():
            self.theme.addItem(word, name)
        low, high = preferences.FONT_SIZES
        self.font_size.setRange(low - 1, high)  # below the smallest: none is chosen
        self.font_size.setSpecialValueText("as the system")
        self.font_size.setSuffix(" points")
        for times in RATES:
            self.rate.addItem(f"{times:g}×", times)
        self.rate.setToolTip("As a multiple of the scene's own speed; every window begins with it")
        self.said.setWordWrap(True)
        self.said.hide()
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.addRow("Theme", self.theme)
        form.addRow("Font of the interface", self.font_size)
        form.addRow("Speed at first", self.rate)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addLayout(form)
        heading = QLabel("Models on this machine")
        theme.tint(heading, "accent")
        column.addWidget(heading)
        for cache in self._window.desk.scene.model_caches():
            column.addLayout(self._cache(cache))
        column.addWidget(self.said)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column.addStretch(1)
        column.addLayout(foot)
        self.setMinimumWidth(NARROW)
        self.resize(WIDTH, self.sizeHint().height())

    def _cache(self, cache: ModelCache) -> QVBoxLayout:
        """Its name, size and buttons in a line, and its path below."""
        size, path = QLabel("…"), QLabel(str(cache.folder))
        path.setWordWrap(True)
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.tint(path, "quiet")
        show, clear = QPushButton("Show folder"), QPushButton(KEEPS)
        show.setEnabled(cache.folder.is_dir())
        show.clicked.connect(partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(cache.folder))))
        clear.clicked.connect(partial(self._ask_clear, cache))
        clear.setEnabled(False)
        self.sizes.append(size)
        self.clear.append(clear)
        if not cache.ours:
            clear.hide()
            path.setToolTip("Other programs use this folder, too")
        line = QHBoxLayout()
        line.addWidget(QLabel(cache.name), 1)
        for widget in (size, show, clear):
            line.addWidget(widget)
        box = QVBoxLayout()
        box.setSpacing(2)
        box.addLayout(line)
        box.addWidget(path)
        return box
