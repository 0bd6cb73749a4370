"""The line below the picture: what went wrong, what is being done, what was done, or what is under the pointer."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QSizePolicy

from mmviz.viewer.controls import theme

HINT = "  ·  ".join(
    (
        "drag: turn",
        "Shift+drag: move",
        "wheel: zoom",
        "click: explain",
        "Space: play",
        "← →: step",
        "R: reset view",
        "H: all keys",
    )
)
TOLD = 4000
"""Milliseconds that it shows what a command did."""
COMPLAINED = 20_000
"""Milliseconds that it shows what went wrong."""
BUSY_AFTER = 250
"""Milliseconds of work after which it is told: what is over sooner would only flash."""


class StatusLine(QLabel):
    """Shows of all that there is to say what matters most; where there is nothing, what the mouse does."""

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(12, 2, 12, 6)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # long texts are cut off
        self._undrawn = self._trouble = self._said = self._busy = self._awaited = self._told = ""
        self._telling = QTimer(self, singleShot=True, interval=TOLD)
        self._complaining = QTimer(self, singleShot=True, interval=COMPLAINED)
        self._waiting = QTimer(self, singleShot=True)
        self._telling.timeout.connect(lambda: self.tell(""))
        self._complaining.timeout.connect(lambda: self.complain(""))
        self._waiting.timeout.connect(self._tell_busy)
        self._speak()

    def say(self, text: str) -> None:
        """What is under the pointer."""
        self._said = text
        self._speak()

    def tell(self, message: str) -> None:
        """What a command did, for a while."""
        self._told = message
        self._trouble = "" if message else self._trouble
        if message:
            self._telling.start()
        self._speak()

    def complain(self, message: str) -> None:
        """What went wrong, for a while or until a command works."""
        self._trouble = message
        if message:
            self._complaining.start()
        self._speak()

    def wait(self, text: str) -> None:
        """What is being done, once that takes long; "": nothing any more."""
        self._awaited = f"{text}   (Esc: stop waiting)" if text else ""
        self._trouble = "" if text else self._trouble
        self._waiting.start(BUSY_AFTER if text and not self._busy else 0)  # 0: the next work may begin at once
        self._speak()

    def judge(self, trouble: str) -> None:
        """Something was drawn (""), or it could not be."""
        self._undrawn = trouble
        self._speak()

    def _tell_busy(self) -> None:
        self._busy = self._awaited
        self._speak()

    def _speak(self) -> None:
        spoken = self._busy or self._told or self._said
        trouble = self._undrawn or self._trouble
        theme.tint(self, "trouble" if trouble else "text" if spoken else "quiet")
        self.setText(trouble or spoken or HINT)
        self.setToolTip(trouble)
