"""Undo and redo in a window: menu, tool tip and status line say what it is; changes nothing else."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from mmviz.viewer.host import Host
from mmviz.viewer.key_words import key_of
from mmviz.viewer.own_keys import keys_by_name, with_keys


class Undoing(QObject):
    """The two commands.

    Args:
        window: `settle` is called when its actions are there.
    """

    def __init__(self, window: Host) -> None:
        super().__init__(window)
        self._window, self._stack = window, window.desk.undo

    def bindings(self) -> dict[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {"undo": self.undo, "redo": self.redo}

    def settle(self) -> None:
        """Say what can be undone from now on."""
        stack, named = self._stack, self._window.actions_by_name
        stack.undoTextChanged.connect(lambda text: self._name("undo", text))
        stack.redoTextChanged.connect(lambda text: self._name("redo", text))
        stack.canUndoChanged.connect(named["undo"].setEnabled)
        stack.canRedoChanged.connect(named["redo"].setEnabled)
        for name in ("undo", "redo"):
            named[name].setEnabled(False)

    def undo(self) -> None:
        """Take back the latest change."""
        if self._stack.canUndo():
            text = self._stack.undoText()
            self._stack.undo()
            self._window.tell(f"Undone: {text}; {key_of('redo')} does it again")

    def redo(self) -> None:
        """Do again what was undone."""
        if self._stack.canRedo():
            text = self._stack.redoText()
            self._stack.redo()
            self._window.tell(f"Done again: {text}; {key_of('undo')} undoes it")

    def _name(self, name: str, text: str) -> None:
        action = self._window.actions_by_name[name]
        action.setText(f"{name.capitalize()} {text}".rstrip())
        action.setToolTip(with_keys(f"{name.capitalize()}{text and f': {text}'}", keys_by_name(), name))
