"""What is shown while a scene is read and computed: its name, its picture if it has one, and that something goes on."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from mmviz.viewer.controls import theme
from mmviz.viewer.start.examples import picture_of

SHARE = 0.45
"""Of the window's width and height that the picture takes, at most."""
BAR = QSize(220, 3)
BAR_STYLE = (
    "QProgressBar { border: 0; background: palette(button); } QProgressBar::chunk { background: palette(link); }"
)
"""The colours are those of the theme."""


class Loading(QWidget):
    """Says what is loaded."""

    stopped = Signal()
    """Esc was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.ahead, self._picture, self._whole = QLabel(), QLabel(), QLabel(), QPixmap()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)  # nobody knows how long it takes
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(BAR)
        self.bar.setStyleSheet(BAR_STYLE)
        for label in (self.text, self.ahead):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            theme.tint(label, "quiet")
        self.ahead.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addStretch(1)
        for part in (self._picture, self.text, self.bar):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.ahead)
        column.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def tell(self, name: str) -> None:
        """Say that something is loaded; an example's picture is there already.

        Args:
            name: What it is called, in a few words.
        """
        self.text.setText(f"Loading {name} …")
        self.ahead.clear()
        self.bar.setRange(0, 0)
        file = picture_of(name) if name.isidentifier() else None
        self._whole = QPixmap(str(file)) if file is not None and file.is_file() else QPixmap()
        self._fit()

    def foresee(self, _: str, sentence: str) -> None:
        """How much is read for it."""
        self.ahead.setText(f"{sentence[:1].upper()}{sentence[1:]}.")

    def go_on(self, done: int, count: int) -> None:
        """How many parts of it are done, where that is told; when all are, what follows does not say how far it is."""
        self.bar.setRange(0, count if done < count else 0)
        self.bar.setValue(done)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture goes with the window."""
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc waits no longer."""
        if event.key() == Qt.Key.Key_Escape:
            self.stopped.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        self._picture.setVisible(not self._whole.isNull())
        if self._whole.isNull():
            return
        ratio = self.devicePixelRatioF()
        size = self._whole.size().boundedTo(self.size() * SHARE * ratio)
        modes = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        shown = self._whole.scaled(size, *modes)
        shown.setDevicePixelRatio(ratio)
        self._picture.setPixmap(shown)
