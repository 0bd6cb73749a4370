"""Texts that name keys: those that commands have now, by the user's own choice; it gives no command a key."""

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from mmviz.viewer.commands import COMMANDS, Command
from mmviz.viewer.own_keys import Keys, keys_by_name, native


def keys_said() -> dict[str, str]:
    """What gives each command, by its name: its first key, or its place in the menus where it has none."""
    keys = keys_by_name()
    return {command.name: _said(command, keys[command.name][:1]) for command in COMMANDS}


def key_of(name: str) -> str:
    """What gives one command: its first key, or its place in the menus where it has none."""
    return keys_said()[name]


@cache
def _said(command: Command, keys: Keys) -> str:
    return native(keys) or f"{command.menu} > {command.text.rstrip(' …')}"


def tip_of_now(widget: QWidget, text: str) -> None:
    """Let a widget have a tool tip with keys that is true whenever it is read.

    Args:
        widget: Gets it.
        text: In it {undo} stands for the key of the command `undo`.
    """
    tip = _TipOfNow(widget, lambda: text.format_map(keys_said()))
    tip.refresh()


class _TipOfNow(QObject):
    """Makes the tool tip of a widget anew before it is shown."""

    def __init__(self, widget: QWidget, make: Callable[[], str]) -> None:
        super().__init__(widget)
        self._widget, self._make = widget, make
        widget.installEventFilter(self)

    def refresh(self) -> None:
        self._widget.setToolTip(self._make())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The user may have chosen other keys meanwhile."""
        if event.type() == QEvent.Type.ToolTip:
            self.refresh()
        return super().eventFilter(watched, event)
