"""The dialog in which every command gets the keys that one likes: changed at once, kept, and said where they clash."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from mmviz.viewer import own_keys
from mmviz.viewer.commands import COMMANDS, HELD
from mmviz.viewer.controls import theme
from mmviz.viewer.host import Host
from mmviz.viewer.menus.actions import give_keys

FIRST_SIZE = (640, 560)
KEY_WIDTH = 150
NAME = Qt.ItemDataRole.UserRole
HINT = "Click a field and press the keys. What you change is kept."


class Shortcuts(QObject):
    """Shows the dialog, which is made when it is first asked for.

    Args:
        window: Whose actions get the keys.
    """

    def __init__(self, window: Host) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: ShortcutsDialog | None = None

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {"shortcuts": self.show}

    def show(self) -> None:
        """Show the dialog, in front."""
        if self.dialog is None:
            self.dialog = ShortcutsDialog(self._window)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()


class KeyField(QKeySequenceEdit):
    """One key, with a button that takes it away while the field has the keyboard.

    Args:
        tip: Its tool tip.
    """

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setMaximumSequenceLength(1)
        self.setToolTip(tip)

    def show_key(self, key: str) -> None:
        """Show a key, or none, without telling anybody."""
        quiet = self.blockSignals(True)
        self.setKeySequence(QKeySequence(key))
        self.blockSignals(quiet)
        self._hint("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say what is to be done."""
        super().focusInEvent(event)
        self.setClearButtonEnabled(True)
        self._hint("press the keys")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Be as quiet as the others."""
        super().focusOutEvent(event)
        self.setClearButtonEnabled(False)
        self._hint("")

    def _hint(self, text: str) -> None:
        line = self.findChild(QLineEdit)
        if line is not None:
            line.setPlaceholderText(text)


class ShortcutsDialog(QDialog):
    """All commands, and two fields for the keys of each. The main window can be used meanwhile.

    Args:
        window: Whose actions get the keys.
    """

    def __init__(self, window: Host) -> None:
        super().__init__(window)
        self._window = window
        self._clash: tuple[str, int, str] | None = None  # a key that is taken: whose field, which, the key
        self.fields: dict[str, tuple[KeyField, KeyField]] = {}
        self.sought = QLineEdit()
        self.rows = QTreeWidget()
        self.said = QLabel(HINT)
        self.take = QPushButton("Use it here")
        self.reset = QPushButton("Reset all")
        self._assemble()
        self.sought.textChanged.connect(self._filter)
        self.take.clicked.connect(self._take)
        self.reset.clicked.connect(self._reset)

    def show_keys(self) -> None:
        """Let every field show the keys of its command."""
        keys = own_keys.keys_by_name()
        for name, fields in self.fields.items():
            for place, field in enumerate(fields):
                field.show_key(keys[name][place] if place < len(keys[name]) else "")

    def _edited(self, name: str, place: int) -> None:
        key = self.fields[name][place].keySequence().toString()
        now = own_keys.keys_by_name()[name]
        if key == (now[place] if place < len(now) else ""):
            return  # Qt says it once more a second later
        other = own_keys.meaning(key, but=name) if key else ""
        self._clash = (name, place, key) if other and key not in HELD else None
        self.take.setVisible(self._clash is not None)
        if other:
            self.show_keys()
            self._say(f"{own_keys.native([key])} means “{other}” already.", trouble=True)
        else:
            self._keep(name)
            self._say(HINT)

    def _keep(self, name: str) -> None:
        """Keep what the fields of a command say, and let it do so at once."""
        keys = dict.fromkeys(field.keySequence().toString() for field in self.fields[name])
        own_keys.keep(name, [key for key in keys if key])
        give_keys(self._window)
        self.show_keys()

    def _take(self) -> None:
        """Give a key to the command that wants it, and take it from the one that has it."""
        if self._clash is None:
            return
        name, place, key = self._clash
        for other, keys in own_keys.keys_by_name().items():
            if key in keys and other != name:
                own_keys.keep(other, [one for one in keys if one != key])
        self.fields[name][place].show_key(key)
        self._keep(name)
        self._clash = None
        self.take.hide()
        self._say(HINT)

    def _reset(self) -> None:
        own_keys.forget_all()
        give_keys(self._window)
        self.show_keys()
        self.take.hide()
        self._say("Every command has its own keys again.")

    def _say(self, text: str, *, trouble: bool = False) -> None:
        self.said.setText(text)
        theme.tint(self.said, "trouble" if trouble else "quiet")

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for number in range(self.rows.topLevelItemCount()):
            item = self.rows.topLevelItem(number)
            if item is not None:
                keys = own_keys.native([field.keySequence().toString() for field in self.fields[item.data(0, NAME)]])
                told = f"{item.text(0)} {item.text(1)} {keys}".lower()
                item.setHidden(not all(word in told for word in words))

    def _assemble(self) -> None:
        self.setWindowTitle("Keyboard shortcuts - mmviz")
        self.setAttribute(Qt.WidgetAttribute.WA_WindowPropagation)  # the theme of the main window
        self.sought.setPlaceholderText("Find a command or a key")
        self.sought.setClearButtonEnabled(True)
        self._assemble_rows()
        self.said.setWordWrap(True)
        self._say(HINT)
        self.take.hide()
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        for button in (self.take, self.reset, close):
            button.setAutoDefault(False)  # Enter is a key like others here
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        for button in (self.take, self.reset, close):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.sought)
        column.addWidget(self.rows, 1)
        column.addLayout(foot)
        self.resize(*FIRST_SIZE)

    def _assemble_rows(self) -> None:
        rows = self.rows
        rows.setColumnCount(4)
        rows.setHeaderLabels(["Command", "Menu", "Keys", "or"])
        rows.setRootIsDecorated(False)
        rows.setUniformRowHeights(True)
        rows.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for command in COMMANDS:
            item = QTreeWidgetItem([command.text.removesuffix("…").rstrip(), command.menu])
            item.setData(0, NAME, command.name)
            item.setToolTip(0, item.text(0))
            rows.addTopLevelItem(item)
            self.fields[command.name] = (self._field(command.name, 0), self._field(command.name, 1))
            for place, field in enumerate(self.fields[command.name]):
                rows.setItemWidget(item, 2 + place, field)
        self.show_keys()
        header = rows.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for column in (2, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, KEY_WIDTH)

    def _field(self, name: str, place: int) -> KeyField:
        field = KeyField(f"{'Another key' if place else 'The key'} of this command: press it")
        field.editingFinished.connect(lambda: self._edited(name, place))
        return field
