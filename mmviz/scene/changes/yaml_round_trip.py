"""A scene's YAML text with another content: comments, order, quotes and line breaks stay where nothing changes.

What comes out is read again by the bounded reader, and thrown away where it is not what was to be written.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import yaml
from pydantic import ValidationError

from mmviz.errors import SceneError
from mmviz.scene.changes.yaml_edits import Edits, same, written_out
from mmviz.scene.document import Document, to_mapping
from mmviz.scene.text.yaml_spans import comments
from mmviz.scene.text.yaml_text import read_yaml, write_yaml


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A text that says what was to be written."""

    text: str
    anew: tuple[str, ...] = ()  # keys of the scene that were written anew, without the comments that they had


def rewritten(text: str, document: Document) -> Rewriting | None:
    """The text of a scene file in which only that is changed which the document says otherwise.

    Args:
        text: Of the file as it is; a mark of its byte order and line ends of Windows stay.
        document: What it is to say.

    Returns:
        The new text; None where the old one is no scene, or cannot be changed with care.
    """
    try:
        before = Document.model_validate(read_yaml(text, "file"))
    except (SceneError, ValidationError):
        return None
    if same(to_mapping(before), to_mapping(document)):
        return Rewriting(text)
    for change in (_in_place, _by_keys):
        for start in (str, written_out):  # an anchor that changes leaves what its aliases say
            new = _tried(text, before, document, start, change)
            if new is not None and _says(new, document):
                return Rewriting(new, _without_comments(text, new) if change is _by_keys else ())
    return None


def _tried(
    text: str,
    before: Document,
    after: Document,
    start: Callable[[str], str],
    change: Callable[[str, Document, Document], str],
) -> str | None:
    try:
        return change(start(text), before, after)
    except (yaml.YAMLError, ValueError, KeyError, IndexError, RecursionError):  # a way of writing that is not followed
        return None


def _says(text: str, document: Document) -> bool:
    try:
        return same(to_mapping(Document.model_validate(read_yaml(text, "file"))), to_mapping(document))
    except (SceneError, ValidationError):
        return False


def _in_place(text: str, before: Document, after: Document) -> str:
    """The text with other letters only where a value is another one."""
    edits = Edits(text)
    old, new = (one.model_dump(mode="json") for one in (before, after))
    edits.change(edits.root, old, new, to_mapping(after))
    return edits.made()


def _by_keys(text: str, before: Document, after: Document) -> str:
    """The text in which the keys of the scene that change are written anew, and all other lines stay."""
    edits = Edits(text)
    if edits.root.kind != "mapping" or edits.root.is_flow:
        raise ValueError("no lines that belong to a key")
    old, new = to_mapping(before), to_mapping(after)
    entries = {entry.key: entry for entry in edits.root.entries}
    end = edits.end_of_line(edits.root.end) + 1
    for key in dict.fromkeys([*entries, *new]):
        if same(old.get(key), new.get(key)):
            continue
        lines = write_yaml({key: new[key]}) if key in new else ""
        if key in entries:
            edits.put(entries[key].start, edits.end_of_line(entries[key].end) + 1, lines)
        else:
            edits.put(end, end, lines)
    return edits.made()


def _without_comments(before: str, after: str) -> tuple[str, ...]:
    """The keys of a scene in which there are fewer comments than before."""
    old, new = (Counter(key for _, key in _comments(text)) for text in (before, after))
    return tuple(key for key in old if new[key] < old[key])


def _comments(text: str) -> list[tuple[int, str]]:
    """Where a comment stands, and in which key of the scene: within its lines, and not above it."""
    edits = Edits(text)
    within = [(entry.start, edits.end_of_line(entry.end), entry.key) for entry in edits.root.entries]
    return [(place, key) for place in comments(edits.text) for start, end, key in within if start <= place < end]
