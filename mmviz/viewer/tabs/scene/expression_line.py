"""The expression as text that is read while it is typed; what is wrong is underlined and said below."""

from collections.abc import Callable
from math import ceil
from string import ascii_letters, digits

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontDatabase, QKeyEvent, QKeySequence, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from mmviz.errors import ExpressionError
from mmviz.scene.language.expression import Expression
from mmviz.scene.language.parsed import expression_of, tree_of
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.fields import Trouble
from mmviz.viewer.controls.setting_rows import tip

WORD = f"{ascii_letters}{digits}_"
LEAST_ROWS, MOST_ROWS = 2, 8
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
TIP = (
    "The expression: Enter shows it, Esc takes the typing back, Shift+Enter begins a new line.  @ multiplies, "
    ".T transposes, name = ... names a part; a line with a name can be used in those below"
)


class ExpressionLine(QWidget):
    """A field for the expression and what is wrong with it.

    Args:
        submit: Asks for the scene of another expression; the second argument is called where it cannot be had.
    """

    def __init__(self, submit: Callable[[str, Callable[[str], None]], None]) -> None:
        super().__init__()
        self._submit = submit
        self._shown = ""  # what the scene says
        self._asked = ""  # what was submitted and is not there yet
        self.field = ExpressionField()
        self.trouble = Trouble()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.field)
        column.addWidget(self.trouble)
        self.field.textChanged.connect(self._read)
        self.field.entered.connect(self._enter)
        self.field.left.connect(self._restore)

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.field.toPlainText()

    @property
    def typed(self) -> bool:
        """Whether something else stands in the field than what the scene says."""
        return self.text != self._shown

    def begin(self) -> None:
        """Let the user type."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def follow(self, text: str) -> None:
        """Show what the scene says; what is being typed stays."""
        keep = self.typed and self.text != self._asked
        if text == self._shown and keep:
            return
        self._shown = text
        self.field.typed = keep
        if not keep:
            self._restore()

    def _restore(self) -> None:
        self._asked = ""
        if self.typed:
            self.field.setPlainText(self._shown)  # which also forgets what could be undone in the field
        self._read()

    def _read(self) -> None:
        """Read what is typed, and say what is wrong with it."""
        self.field.typed = self.typed
        try:
            if self.typed:
                _tree(self.text)
        except ExpressionError as error:
            self.field.underline(error.position)
            self.trouble.say(str(error).split("\n", 1)[0])
            return
        self.field.calm()
        self.trouble.say("")

    def _enter(self) -> None:
        try:
            same = _tree(self.text) == _tree(self._shown)
        except ExpressionError:
            return  # it has been said already
        if same:
            self._restore()
            return
        self._asked = self.text
        self._submit(self.text, self._refused)

    def _refused(self, message: str) -> None:
        self._asked = ""
        self.trouble.say(message)


class ExpressionField(QPlainTextEdit):
    """A text of a few rows: Enter is a signal, Esc too, and so is nothing else; Shift+Enter begins another line."""

    entered = Signal()
    left = Signal()
    """Esc, after something was typed."""

    def __init__(self) -> None:
        super().__init__()
        self.typed = False  # otherwise Ctrl+Z and Esc are the window's
        self.setTabChangesFocus(True)
        self.setToolTip(tip(TIP, "expr"))
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """As many rows as there are, within bounds."""
        rows = min(max(round(self.document().size().height()), LEAST_ROWS), MOST_ROWS)
        frame = 2 * self.frameWidth() + 2 * round(self.document().documentMargin())
        first = self.document().firstBlock()
        self.blockBoundingRect(first)  # lays its lines out; as the last block it would count a margin as well
        row = first.layout().lineAt(0).height()
        return QSize(200, ceil(rows * row) + frame)

    def minimumSizeHint(self) -> QSize:
        """No more: there is room for scroll bars as it is."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width takes other rows."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """Undo, redo and Esc are the window's unless something is being typed."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            ours = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
            if ours or event.key() == Qt.Key.Key_Escape:
                event.setAccepted(self.typed)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc."""
        if event.key() in ENTER and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.insertPlainText("\n")
        elif event.key() in ENTER:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def underline(self, position: int | None) -> None:
        """Mark the character at a place, the last one where the place is the end, or all of the text."""
        length = len(self.toPlainText())
        first, last = (0, length) if position is None else (min(position, max(length - 1, 0)), self._word(position))
        mark = QTextEdit.ExtraSelection()
        wave = QTextCharFormat()
        wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        trouble = QColor(theme.of(self).trouble)
        wave.setUnderlineColor(trouble)
        wave.setForeground(trouble)
        cursor = QTextCursor(self.document())
        cursor.setPosition(first)
        cursor.setPosition(min(last, length), QTextCursor.MoveMode.KeepAnchor)
        mark.format, mark.cursor = wave, cursor
        self.setExtraSelections([mark])

    def _word(self, position: int) -> int:
        """Where the word ends that begins at a place; any other sign is a word of its own."""
        rest = self.toPlainText()[position:]
        return position + max(1, len(rest) - len(rest.lstrip(WORD)) if rest[:1] in WORD else 1)

    def calm(self) -> None:
        """Mark nothing."""
        self.setExtraSelections([])


def _tree(text: str) -> Expression:
    """The expression of a text that means something.

    Raises:
        ExpressionError: it means nothing.
    """
    expression = expression_of(text)
    tree_of(text)
    return expression
