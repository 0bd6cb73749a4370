"""A scene's YAML text with another content: comments, order, quotes and line breaks stay where nothing changes.

ruamel.yaml changes the values; lines that it would write otherwise only in their spaces are taken from the old text.
What comes out is read again by the bounded reader, and thrown away where it is not what was to be written.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import ScalarString

from mmviz.errors import SceneError
from mmviz.scene.document import Document, to_mapping
from mmviz.scene.text.yaml_text import read_yaml

Lines = Sequence[str]


def rewritten(text: str, document: Document) -> str | None:
    """The text of a scene file in which only that is changed which the document says otherwise.

    Args:
        text: Of the file as it is.
        document: What it is to say.

    Returns:
        The new text; None where the old one is no scene, or cannot be changed with care.
    """
    try:
        before = Document.model_validate(read_yaml(text, "file"))
    except (SceneError, ValidationError):
        return None
    if before == document:
        return text
    try:
        same, other = _written(text, before, before), _written(text, before, document)
    except (YAMLError, ValueError, TypeError, AttributeError, RecursionError):  # what ruamel.yaml cannot carry over
        return None
    return next((one for one in (_merged(text, same, other), other) if _says(one, document)), None)


def _says(text: str, document: Document) -> bool:
    try:
        return Document.model_validate(read_yaml(text, "file")) == document
    except (SceneError, ValidationError):
        return False


def _written(text: str, before: Document, after: Document) -> str:
    """The text as ruamel.yaml writes it, with what differs between two documents changed."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20  # no line is broken that was not
    yaml.map_indent, yaml.sequence_indent, yaml.sequence_dash_offset = _indents(text)
    content = yaml.load(text)
    if not isinstance(content, CommentedMap):
        raise ValueError("no mapping")
    _change_mapping(content, to_mapping(before), to_mapping(after))
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()


def _indents(text: str) -> tuple[int, int, int]:
    """By how much the first mapping and the first list in a text are indented: mapping, entry, dash."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    mapping, dash = 2, 0
    steps = [(_indent(line), _indent(after), after.lstrip()) for line, after in _opening(lines)]
    mapping = next((inner - outer for outer, inner, rest in steps if inner > outer and rest[:1] != "-"), mapping)
    dash = next((inner - outer for outer, inner, rest in steps if rest.startswith("- ")), dash)
    return mapping, dash + 2, dash


def _opening(lines: Lines) -> Iterator[tuple[str, str]]:
    """Every line that opens a mapping or list below it, with the next one."""
    for line, after in pairwise(lines):
        if line.split(" #")[0].rstrip().endswith(":"):
            yield line, after


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _change_mapping(node: CommentedMap, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Make a mapping say what it is to say; what is equal before and after is left as it stands, defaults, too."""
    for key in [key for key in before if key not in after]:
        node.pop(key, None)
    for key, value in after.items():
        if key in node:
            said = before.get(key, {} if isinstance(value, dict) else None)  # what is not there is the default
            node[key] = _changed(node[key], said, value)
        elif key not in before or before[key] != value:
            node.insert(_place(node, list(after), key), key, _new(value, node))


def _place(node: CommentedMap, order: list[str], key: str) -> int:
    """Where a new key goes: behind the nearest one of those that come before it in the order of the format."""
    keys = list(node)
    earlier = [keys.index(one) for one in order[: order.index(key)] if one in node]
    return earlier[-1] + 1 if earlier else len(keys)


def _changed(node: Any, before: Any, after: Any) -> Any:
    """What stands in the place of a value."""
    if before == after:
        return node
    if isinstance(node, CommentedMap) and isinstance(before, dict) and isinstance(after, dict):
        _change_mapping(node, before, after)
        return node
    if isinstance(node, CommentedSeq) and isinstance(before, list) and isinstance(after, list):
        return _changed_list(node, before, after)
    if isinstance(node, ScalarString) and isinstance(after, str):
        return type(node)(after)
    return _new(after, None)


def _changed_list(node: CommentedSeq, before: list[Any], after: list[Any]) -> Any:
    """A list with other entries; those that are equal keep their comments."""
    if len(before) != len(node):
        return _new(after, None)
    if len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            node[number] = _changed(node[number], one, other)
        return node
    old, new = ([json.dumps(entry) for entry in entries] for entries in (before, after))
    for kind, first, last, start, end in reversed(SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):
        if kind != "equal":
            for number in reversed(range(first, last)):
                del node[number]
            for entry in reversed(after[start:end]):
                node.insert(first, _new(entry, node))
    return node


def _new(value: Any, beside: CommentedMap | CommentedSeq | None) -> Any:
    """A value as ruamel.yaml writes it: lists of plain values on one line, and mappings as those beside them."""
    if isinstance(value, dict):
        made = CommentedMap((key, _new(entry, None)) for key, entry in value.items())
        others = [] if beside is None else beside.values() if isinstance(beside, CommentedMap) else beside
        if any(isinstance(one, CommentedMap) and one.fa.flow_style() for one in others) and _is_flat(value):
            made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        listed = CommentedSeq(_new(entry, None) for entry in value)
        if not any(isinstance(entry, list | dict) for entry in value):
            listed.fa.set_flow_style()
        return listed
    return value


def _is_flat(value: Mapping[str, Any]) -> bool:
    return not any(isinstance(entry, dict) for entry in value.values())


def _merged(text: str, same: str, other: str) -> str:
    """The other text, with lines of the old one where ruamel.yaml changes nothing, and all comments between keys.

    Args:
        text: As it was.
        same: As ruamel.yaml writes it with nothing changed.
        other: As ruamel.yaml writes it with something changed.
    """
    old, unchanged, new = (one.splitlines(keepends=True) for one in (text, same, other))
    place = _places(unchanged, old)
    lines: list[str] = []
    done = 0  # lines of the old text
    for kind, first, last, start, end in SequenceMatcher(None, unchanged, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if first not in place or last not in place:
            return other
        begin = place[first] if kind != "insert" else _before_comments(old, place[first], new[start])
        lines += old[done:begin] + new[start:end] + _comments_at_end(old[begin : place[last]], new[start:end])
        done = place[last]
    return "".join(lines + old[done:])


def _places(unchanged: Lines, old: Lines) -> dict[int, int]:
    """Which gap between old lines is which gap between those that ruamel.yaml writes, as far as that is known."""
    if len(unchanged) == len(old):
        return {number: number for number in range(len(old) + 1)}
    found = {0: 0, len(unchanged): len(old)}
    for first, start, size in SequenceMatcher(None, unchanged, old, autojunk=False).get_matching_blocks():
        found |= {first + number: start + number for number in range(size + 1)}
    return found


def _before_comments(old: Lines, gap: int, line: str) -> int:
    """Where a new line goes that stands behind comments: before those that speak of what comes after them."""
    at_end = gap == len(old)
    while gap and old[gap - 1].lstrip().startswith("#") and _indent(old[gap - 1]) + at_end <= _indent(line):
        gap -= 1
    return gap


def _comments_at_end(gone: list[str], come: list[str]) -> list[str]:
    """The comments at the end of lines that go away: they speak of what comes after them."""
    number = len(gone)
    while number and (not gone[number - 1].strip() or gone[number - 1].lstrip().startswith("#")):
        number -= 1
    kept = gone[number:]
    return [] if any(line in come for line in kept if line.strip()) else kept
