"""A field in place of the tokens in which the prompt is written, between special tokens that nobody edits."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from mmviz.viewer.controls.plain_label import label
from mmviz.viewer.controls.typed_keys import is_typed

Key, Modifier = Qt.Key, Qt.KeyboardModifier
LINES = 2
"""Lines of text that are seen."""
TIP = "What the model reads. Enter: let it read this; Shift+Enter: a new line; Esc: leave it as it is"


class PromptEdit(QPlainTextEdit):
    """Several lines; Enter applies, Esc leaves."""

    applied = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setToolTip(TIP)
        self.setAccessibleName("prompt")
        self.setFixedHeight(LINES * self.fontMetrics().lineSpacing() + 12)

    def event(self, event: QEvent) -> bool:
        """Keep the plain keys, Esc among them, from the commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_typed(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc end it."""
        enter = event.key() in (Key.Key_Return, Key.Key_Enter) and not event.modifiers() & Modifier.ShiftModifier
        if enter:
            self.applied.emit()
        elif event.key() == Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class PromptLine(QWidget):
    """The prompt while it is edited."""

    applied = Signal(str)
    """The model is to read this."""
    left = Signal()
    """Nothing is to be changed."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.after = (label("", "quiet") for _ in range(2))
        self.editor = PromptEdit()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for special in (self.before, self.after):
            special.setToolTip("The tokenizer puts it there")
        row.addWidget(self.before)
        row.addWidget(self.editor, 1)
        row.addWidget(self.after)
        self.editor.applied.connect(lambda: self.applied.emit(self.editor.toPlainText()))
        self.editor.left.connect(self.left)

    def begin(self, prompt: str, before: Sequence[str], after: Sequence[str], placeholder: str = "") -> None:
        """Edit a text between special tokens."""
        for special, tokens in ((self.before, before), (self.after, after)):
            special.setText(" ".join(tokens))
            special.setVisible(bool(tokens))
        self.editor.setPlaceholderText(placeholder)
        self.editor.setPlainText(prompt)
        self.editor.moveCursor(QTextCursor.MoveOperation.End)
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
