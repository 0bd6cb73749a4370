"""Makes the actions of a window from the table of commands, and its menus of them; does nothing of what they do."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction, QKeySequence

from mmviz.viewer.commands import COMMANDS, Command
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.icons import icon
from mmviz.viewer.host import Host
from mmviz.viewer.own_keys import Keys, keys_by_name, with_keys

Bindings = Mapping[str, Callable[[], object]]
"""What commands do, by their names."""


def bind(window: Host, bindings: Bindings) -> None:
    """Give commands of a window something to do; their keys work whichever child has the focus."""
    keys = keys_by_name()
    for command in COMMANDS:
        if command.name in bindings:
            action = _action(window, command)
            action.triggered.connect(lambda _checked=False, do=bindings[command.name]: do())
            window.actions_by_name[command.name] = action
            _give_keys(action, command, keys)  # first: all that watch the window would be told of each
            window.addAction(action)


def fill_menu_bar(window: Host) -> None:
    """A menu for each word of the table, with a line before each group of commands."""
    bar, known = window.menuBar(), window.actions_by_name
    for title in dict.fromkeys(command.menu for command in COMMANDS):
        menu = bar.addMenu(title)
        menu.setToolTipsVisible(True)
        for command in COMMANDS:
            if command.menu == title and command.name in known:
                if command.parted:
                    menu.addSeparator()
                menu.addAction(known[command.name])


def give_keys(window: Host) -> None:
    """Give the actions of a window the keys that the user wants, and tell them in their tool tips."""
    keys = keys_by_name()
    for command in COMMANDS:
        if command.name in window.actions_by_name:
            _give_keys(window.actions_by_name[command.name], command, keys)


def dress(window: Host) -> None:
    """Give the actions of a window their icons, in the colours of its theme."""
    worn = theme.of(window)
    for command in COMMANDS:
        if command.icon and command.name in window.actions_by_name:
            window.actions_by_name[command.name].setIcon(icon(command.icon, worn))


def _give_keys(action: QAction, command: Command, keys: Mapping[str, Keys]) -> None:
    action.setShortcuts([QKeySequence(key) for key in keys[command.name]])
    action.setToolTip(with_keys(command.text.rstrip(" …"), keys, command.name))


def _action(window: Host, command: Command) -> QAction:
    action = QAction(command.text, window)
    action.setCheckable(command.switch)
    action.setAutoRepeat(command.repeats)
    return action
