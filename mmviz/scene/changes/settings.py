"""Single keys of a scene as a command line sets them, such as layout.gap=8; says what the parts become, checks none."""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mmviz.errors import SceneError
from mmviz.scene.document import Document, to_mapping
from mmviz.scene.keys.problems import found, printable
from mmviz.scene.text.scene_file import MAX_BYTES
from mmviz.scene.text.yaml_text import MAX_DEPTH, read_yaml

OPTION = "--set"
_PART = re.compile(r"""(?P<quote>["'])(?P<quoted>.*?)(?P=quote)(?=[.=])|(?P<plain>[^."'=][^.=]*)""")
"""A part of a key; one in quotes may hold dots and =."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A key and its new value."""

    text: str  # as it was given, for messages
    key: tuple[str, ...]  # from the document down
    whole: tuple[bool, ...]  # of each part of the key: whether it stood in quotes, and is never joined with others
    value: Any

    @property
    def where(self) -> str:
        """What it is called in messages."""
        return f"{OPTION} {printable(self.text)}"


def read_setting(text: str) -> Setting:
    """KEY=VALUE: a key with dots, and a value of YAML.

    Raises:
        SceneError: it is written in another way.
    """
    where = f"{OPTION} {printable(text)}"
    if len(text) > MAX_BYTES:
        raise SceneError(f"{where}: longer than {MAX_BYTES:,} letters; big matrices go into files of their own.")
    key: list[tuple[str, bool]] = []
    position = 0
    while len(key) < MAX_DEPTH and (part := _PART.match(text, position)):
        key.append((part["plain"].strip(), False) if part["quote"] is None else (part["quoted"], True))
        position = part.end() + 1
        if text[part.end() : position] == "=":
            names, whole = zip(*key, strict=True)
            return Setting(text, names, whole, read_yaml(text[position:], where))
    raise SceneError(
        f"{where}: a key and its value are needed, such as layout.gap=8; a name with dots stands in quotes, such as "
        "tensors.'a.b'.seed=3."
    )


def parts_set(document: Document, settings: Iterable[Setting]) -> Mapping[str, Any]:
    """The parts of a document in which keys are set, as a scene file would say them; the last one of a key counts.

    Raises:
        SceneError: a key leads into what has no keys, or to an entry that a list does not have.
    """
    content = to_mapping(document)
    defaults = document.model_dump(mode="json")
    for setting in settings:
        _put(content, defaults, setting)
    return {name: content[name] for name in dict.fromkeys(setting.key[0] for setting in settings)}


def _put(content: dict[str, Any], defaults: Any, setting: Setting) -> None:
    """Set one key in what a scene file says, where what equals the defaults is left out."""
    place: Any = content
    parts, whole = list(setting.key), list(setting.whole)
    done: list[str] = []
    while True:
        count = _joined(place, defaults, parts, whole)
        name = ".".join(parts[:count])
        done.append(name)
        at = _entry(place, name, setting, done)
        if count == len(parts):
            if isinstance(place, list) and at == len(place):
                place.append(setting.value)
            else:
                place[at] = setting.value
            return
        defaults = _below(defaults, at)
        if isinstance(place, list) or at in place:
            inner = _below(place, at)
        else:
            inner = deepcopy(defaults) if isinstance(defaults, list) else {}
        if not isinstance(inner, dict | list):
            raise SceneError(f"{setting.where}: {'.'.join(map(printable, done))} is {found(inner)}, which has no keys.")
        if isinstance(place, dict):
            place[at] = inner
        place, parts, whole = inner, parts[count:], whole[count:]


def _joined(place: Any, defaults: Any, parts: list[str], whole: list[bool]) -> int:
    """How many parts are one key: most that are one which is there, for names may have dots; else the first."""
    for count in range(len(parts), 1, -1):
        name = ".".join(parts[:count])
        known = any(isinstance(there, dict) and name in there for there in (place, defaults))
        if known and not any(whole[:count]):
            return count
    return 1


def _entry(place: Any, name: str, setting: Setting, done: list[str]) -> Any:
    """The key of a mapping or the number of an entry of a list; that after the last one adds an entry."""
    if isinstance(place, dict):
        return name
    before, count = ".".join(map(printable, done[:-1])), len(place)
    if name in map(str, range(count + 1)):
        return int(name)
    has = f"has the entries 0 to {count - 1}" if count else "is empty"
    raise SceneError(
        f"{setting.where}: {before} is a list and {has}; the number of one of them is needed, or {count} to add one, "
        f"got '{printable(name)}'."
    )


def _below(content: Any, at: Any) -> Any:
    """What stands there; None where nothing does."""
    if isinstance(content, dict):
        return content.get(at)
    return content[at] if isinstance(content, list) and isinstance(at, int) and at < len(content) else None
