"""The keys of every command: those of its table, or those that the user has chosen instead; gives nothing to do."""

from collections.abc import Mapping, Sequence
from functools import cache

from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence

from mmviz.viewer.commands import COMMANDS, HELD
from mmviz.viewer.settings import settings

Keys = tuple[str, ...]
MOST = 2
"""Keys that a command may have."""


def keys_by_name() -> dict[str, Keys]:
    """The keys of every command, by its name."""
    return merged(own_keys())


def merged(own: Mapping[str, Keys]) -> dict[str, Keys]:
    """The keys of every command where some have others than those of the table.

    A key has one meaning only: what was chosen wins over the table, and of two that were chosen the first.
    """
    return dict(_merged(tuple(own.items())))


@cache
def _merged(chosen_keys: tuple[tuple[str, Keys], ...]) -> Mapping[str, Keys]:
    """As `merged`: asked for by every part of a window that opens."""
    own, taken = dict(chosen_keys), set[str]()
    found: dict[str, Keys] = {}
    for chosen in (True, False):
        for command in COMMANDS:
            if (command.name in own) == chosen:
                found[command.name] = tuple(key for key in own.get(command.name, command.keys) if key not in taken)
                taken |= set(found[command.name])
    return found


def own_keys() -> dict[str, Keys]:
    """What the user has chosen, by the names of commands; what cannot be read counts as not there."""
    store = settings()
    store.beginGroup("keys")
    chosen = store.childKeys()  # nearly always none: to ask for that of every command takes longer than all else
    kept = {command.name: _kept(store, command.name) for command in COMMANDS if command.name in chosen}
    return {name: keys for name, keys in kept.items() if keys is not None}


def keep(name: str, keys: Sequence[str]) -> None:
    """Let a command have these keys, or none; those of its table need not be kept."""
    default = next(command.keys for command in COMMANDS if command.name == name)
    if tuple(keys) == default:
        settings().remove(f"keys/{name}")
    else:
        settings().setValue(f"keys/{name}", list(keys))


def forget_all() -> None:
    """Let every command have the keys of its table again."""
    settings().remove("keys")


def meaning(key: str, but: str = "") -> str:
    """What a key is for already, in words; "" where it is free.

    Args:
        key: As Qt writes it, such as "Ctrl+E".
        but: The name of a command that may have it.
    """
    if key in HELD:
        return HELD[key]
    keys = keys_by_name()
    return next((c.text.rstrip(" …") for c in COMMANDS if c.name != but and key in keys[c.name]), "")


def native(keys: Sequence[str]) -> str:
    """Keys as this system calls them."""
    return ", ".join(map(_native, keys))


def with_keys(text: str, keys: Mapping[str, Keys], name: str) -> str:
    """A text, and in brackets the first key of a command that has one."""
    return f"{text} ({native(keys[name][:1])})" if keys[name] else text


@cache
def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _kept(store: QSettings, name: str) -> Keys | None:
    kept = store.value(name)
    # A list of one comes as a text, an empty one as nothing: see findings/qsettings-list-of-one.sh.
    texts = [] if kept is None else [kept] if isinstance(kept, str) else kept
    if not isinstance(texts, list):
        return None
    keys = tuple(QKeySequence(text).toString() if isinstance(text, str) else "" for text in texts)
    return keys[:MOST] if all(keys) and not set(keys) & HELD.keys() else None
