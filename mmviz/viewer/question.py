"""Asks the person one thing in a box; what they are still typing when it comes up answers nothing."""

from collections.abc import Callable, Mapping
from time import monotonic

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMessageBox, QWidget

Answer = QMessageBox.StandardButton
DEAF = 0.4
"""Seconds after it came up in which no key but Esc answers: it was meant for something else."""
HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Question(QMessageBox):
    """A box with a few answers, of which Cancel changes nothing and is what Esc gives.

    Args:
        parent: Whose question it is.
        text: What is asked.
        told: What the answers mean for what might be lost.
        words: What stands on the buttons, from the one that Enter presses on.
        clock: Gives the time, in seconds.
    """

    def __init__(
        self,
        parent: QWidget,
        text: str,
        told: str,
        words: Mapping[Answer, str],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(QMessageBox.Icon.Question, "mmviz", text, parent=parent)
        self._clock = clock
        self._shown = clock()
        self.setInformativeText(told)
        for answer, word in words.items():
            button = self.addButton(answer)
            button.setText(word)
            button.setIcon(QIcon())  # a cross beside "Keep going" would say the opposite
            button.installEventFilter(self)
        self.setDefaultButton(next(iter(words)))
        self.setEscapeButton(Answer.Cancel)

    def answer(self) -> Answer:
        """Wait for the answer."""
        chosen = Answer(self.exec())
        self.deleteLater()
        return chosen

    def showEvent(self, event: QShowEvent) -> None:
        """It comes up now."""
        super().showEvent(event)
        self._shown = self._clock()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep from the buttons what is typed too early."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            early = self._clock() - self._shown < DEAF
            return early and event.key() not in (Qt.Key.Key_Escape, Qt.Key.Key_Tab)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter alone is no answer, as it would be in a message box: it takes Alt to press a button with it."""
        if event.text().strip() and not event.modifiers() & HELD and event.key() != Qt.Key.Key_Escape:
            event.accept()
            return
        super().keyPressEvent(event)
