"""Fields of the tab "Model": a number of a few, a prompt, a model's name; they know no scene and change nothing."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mmviz.viewer.controls.fields import Manners, unasked
from mmviz.viewer.controls.setting_rows import tip as explained
from mmviz.viewer.controls.themed import SliderBar
from mmviz.viewer.controls.typed_keys import instead_of, is_typed
from mmviz.viewer.wording import counted

PROMPT_LINES = 6
MODEL_FILES = "Models (*.safetensors *.gguf);;All files (*)"


class Typing(Manners):
    """Keeps the plain keys for the field that has the focus, too."""

    def keeps(self, event: QKeyEvent) -> bool:
        """Every key but Esc, the function keys and those that are held with Ctrl, Alt or Meta."""
        return is_typed(event) and event.key() != Qt.Key.Key_Escape


class PickField(QWidget):
    """One of the numbers from 0 on, to be dragged or typed.

    Args:
        name: What is counted.
        tip: What it means.
    """

    picked = Signal(int)
    """Another number is asked for."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self._tip = tip
        self._shown: tuple[int | None, int, str] | None = None  # the number, how many there are, why no other one
        self.name = QLabel(name.capitalize())
        self.name.setFixedWidth(44)
        self.spin = QSpinBox()
        self.spin.setKeyboardTracking(False)  # a number counts when it is typed to its end
        self.spin.setAccelerated(True)
        self.spin.setAccessibleName(name)
        self.spin.setFixedWidth(self.spin.fontMetrics().horizontalAdvance("00 of 0–00") + 36)
        self.spin.installEventFilter(Typing(self))
        self.slider = SliderBar()
        self.slider.setPageStep(1)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.installEventFilter(Typing(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.name, self.spin):
            row.addWidget(widget)
        row.addWidget(self.slider, 1)
        self.spin.valueChanged.connect(lambda number: self._ask(number, self.slider))
        self.slider.valueChanged.connect(lambda number: self._ask(number, self.spin))

    def show_pick(self, number: int | None, count: int, why_not: str = "") -> None:
        """Stand at a number without asking for it.

        Args:
            number: The number, or None where there is none.
            count: How many there are.
            why_not: Why no other one can be picked; "" where it can.
        """
        pick = number, count, why_not
        if pick != self._shown:  # else what is being typed would be lost
            self._shown = pick
            with unasked(self.spin):
                self.spin.setSuffix(f" of 0–{count - 1}" if number is not None else "")
                self.spin.setSpecialValueText("" if number is not None else "–")
            self.forget()
        for widget in (self.spin, self.slider):
            with unasked(widget):
                if widget.maximum() != count - 1:
                    widget.setRange(0, count - 1)
                if widget.value() != (number or 0):
                    widget.setValue(number or 0)
        self.setEnabled(not why_not)
        tip = why_not or f"{self._tip}: 0 to {count - 1}"
        for part in (self, self.name, self.spin, self.slider):
            part.setToolTip(tip)

    @property
    def title(self) -> str:
        """What is counted."""
        return self.name.text()

    @property
    def number(self) -> int | None:
        """The number that is shown; None where there is none."""
        return None if self._shown is None else self._shown[0]

    @property
    def count(self) -> int:
        """How many can be asked for; none where it is hidden, as there is no model."""
        can = self.number is not None and self.isEnabled() and not self.isHidden()
        return self.spin.maximum() + 1 if can else 0

    def ask(self, number: int) -> None:
        """Ask for a number, as if it had been typed."""
        self.spin.setValue(number)

    def forget(self) -> None:
        """Take back what is typed: else it would be asked for as soon as the keyboard goes elsewhere."""
        with unasked(self.spin):
            self.spin.setValue(self.spin.value())

    def _ask(self, number: int, other: QSpinBox | SliderBar) -> None:
        with unasked(other):
            other.setValue(number)
        if self.isEnabled():  # else nobody can have asked
            self.picked.emit(number)


class PromptField(QWidget):
    """What the model reads, on several lines; it is applied by a button or by Ctrl+Enter.

    Args:
        key: Of a scene's model.
        tip: What it means.
    """

    applied = Signal(str)
    """Another prompt is asked for."""

    def __init__(self, key: str = "prompt", tip: str = "What the model reads. Ctrl+Enter applies it") -> None:
        super().__init__()
        self._shown, self._count = "", ""
        self.editor = QPlainTextEdit()
        self.editor.setTabChangesFocus(True)
        self.editor.setToolTip(explained(tip, f"model.{key}"))
        self.editor.setAccessibleName(key)
        self.editor.setFixedHeight(PROMPT_LINES * self.editor.fontMetrics().lineSpacing() + 14)
        self.editor.installEventFilter(Typing(self))
        self.count = QLabel()
        self.button = QPushButton("Apply")
        self.button.setAutoDefault(False)
        line = QHBoxLayout()
        line.addWidget(self.count, 1)
        line.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.editor)
        column.addLayout(line)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self._apply)
        self.button.clicked.connect(self._apply)
        self.editor.textChanged.connect(self._follow)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.editor.toPlainText()

    def show_prompt(
        self, prompt: str | None, count: int, most: int, *, special: Sequence[str] = (), anew: bool = False
    ) -> None:
        """Show what the scene reads; what was typed and not applied stays.

        Args:
            prompt: The text; None where it reads token ids.
            count: How many tokens it is.
            most: How many the model can read.
            special: The special tokens around the text.
            anew: Another scene is shown, so that what was typed goes, too.
        """
        text = prompt or ""
        typed = self.text != self._shown
        self._shown = text
        self._count = f"{counted(count, 'token')} of at most {most:,}" if count else ""
        self._count += f", with {' '.join(special)}" if special and count else ""
        self.editor.setPlaceholderText(instead_of(prompt, count))
        if self.text != text and (anew or not typed):
            self.editor.setPlainText(text)
        self._follow()

    def _apply(self) -> None:
        if self.button.isEnabled():
            self.applied.emit(self.text)

    def _follow(self) -> None:
        typed = self.text != self._shown
        self.button.setEnabled(typed)
        self.button.setToolTip("Let the model read this (Ctrl+Enter)" if typed else "The model reads this already")
        self.count.setText("not applied yet" if typed else self._count)


class NameLine(QLineEdit):
    """A line in a list, which hands a key that the line does not take to the line again: Enter would count twice."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


class ModelField(QWidget):
    """The name of a model: typed, one of a few, or chosen as a folder or a file.

    Args:
        names: What is offered.
    """

    named = Signal(str)
    """A model is asked for."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        tip = explained(
            "A folder, a .safetensors or .gguf file, a model that comes with mmviz or was fetched, "
            "or organization/name",
            "model.path",
        )
        self.box = QComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.addItems(list(names))
        self.box.setCurrentIndex(-1)
        self.box.setMinimumContentsLength(8)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setAccessibleName("model")
        self.box.setToolTip(tip)
        self.box.installEventFilter(Typing(self))
        self.line = line = NameLine()
        self.box.setLineEdit(line)
        line.setPlaceholderText("name, path or org/name")
        line.setToolTip(tip)
        line.returnPressed.connect(self._ask)
        self.button = QPushButton("Open")
        self.button.setToolTip("Show a head of this model, or the same scene with it where that is right")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.box, 1)
        row.addWidget(self._chooser())
        row.addWidget(self.button)

    def ask(self) -> None:
        """Let the user type a name."""
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def show_name(self, name: str) -> None:
        """Stand at a name."""
        self.box.setEditText(name)

    def _chooser(self) -> QToolButton:
        button = QToolButton()
        button.setText("…")
        button.setToolTip("Choose a model's folder or file")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.addAction("Folder …").triggered.connect(self.choose_folder)
        menu.addAction("File …").triggered.connect(self.choose_file)
        button.setMenu(menu)
        return button

    def choose_folder(self) -> None:
        """Let the user choose a model's folder, and ask for it."""
        self._take(QFileDialog.getExistingDirectory(self.window(), "Open a model's folder"))

    def choose_file(self) -> None:
        """Let the user choose a file of weights, and ask for it."""
        self._take(QFileDialog.getOpenFileName(self.window(), "Open a model", "", MODEL_FILES)[0])

    def _take(self, path: str) -> None:
        if path:
            self.show_name(path)
            self._ask()

    def _ask(self) -> None:
        self.named.emit(self.box.currentText().strip())
