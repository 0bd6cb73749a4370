"""YAML text to plain values and back, within bounds; nothing in it is executed.

PyYAML composes nodes, and the values are made here, so that tags, repeated keys, keys that are no text, and anchors
that grow without end are refused with a message. Plain words are read as in YAML 1.2.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import yaml

from mmviz.errors import SceneError
from mmviz.scene.keys.problems import printable

MAX_SIZE = 2 << 20
"""Most values and characters of a text, its anchors written out; a file without anchors is too large before this."""
SHORT = 1 << 14
"""Characters of a text of which what it is composed of is remembered."""
MAX_DEPTH = 20
"""Deepest nesting of lists and mappings."""

_TOO_DEEP = f"lists and mappings are nested more than {MAX_DEPTH} deep"
_TAG = "tag:yaml.org,2002:"
_HINTS = {
    "mapping values are not allowed here": "a text with ': ' in it stands in quotes",
    "found character '\\t' that cannot start any token": "indent with spaces, not with tabs",
    "expected <block end>": "is the line indented like the lines above it?",
    "but found another document": "a file holds one scene",
}


def read_yaml(text: str, where: str) -> Any:
    """The value of a YAML document; None where it is empty.

    Raises:
        SceneError: it is no YAML, or YAML that a scene may not use; the message starts with `where`.
    """
    try:
        node = _composed_once(text) if len(text) <= SHORT else _composed(text)
        return None if node is None else _Construction().content(node).value
    except _RefusedError as error:
        raise SceneError(f"{where}{_place(error.mark)}: {error}.") from None
    except yaml.MarkedYAMLError as error:
        hint = next((f" ({hint})" for start, hint in _HINTS.items() if str(error.problem).startswith(start)), "")
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        raise SceneError(f"{where}{_place(error.problem_mark)}: not YAML: {problem}{hint}.") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = f"the character U+{ord(text[error.position]):04X}"
        raise SceneError(f"{where}, line {line}: not YAML: {found} is not allowed in it.") from None


def _composed(text: str) -> yaml.Node | None:
    node: yaml.Node | None = yaml.compose(text, Loader=Loader)
    return node


_composed_once = lru_cache(16)(_composed)  # a file is read again to be checked, saved and looked for changes


def write_yaml(content: Any) -> str:
    """Plain values as YAML; reading it gives them back."""
    return yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)


def write_flow(value: Any, quote: Literal["'", '"'] | None = None) -> str:
    """A plain value on one line, as it may stand behind any key, dash or comma.

    Args:
        value: A text, a number, a list, a mapping ...
        quote: Around a text; where it cannot hold the text, or there is none, those that the text needs.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{write_flow(key)}: {write_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(write_flow(one) for one in value) + "]"
    style: str | None = quote if isinstance(value, str) else None
    if isinstance(value, str) and not value.isprintable():
        style = '"'  # the others would break the line
    content = [value]
    text = yaml.dump(content, Dumper=Dumper, default_style=style, allow_unicode=True, width=1 << 30)
    return text.strip()[1:-1] if style is None else text.strip()[1:-1].strip()


class _RefusedError(Exception):
    """YAML that a scene file may not use."""

    def __init__(self, problem: str, mark: yaml.Mark) -> None:
        super().__init__(problem)
        self.mark = mark


class Loader(yaml.SafeLoader):
    """Composes nodes with the plain words of YAML 1.2: 1e-3 is a number; yes, on and dates are text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own way)
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """A node, if it is not too deep."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _RefusedError(_TOO_DEEP, self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class Dumper(yaml.SafeDumper):
    """Writes lists of plain values on one line, and quotes every text that YAML 1.1 or 1.2 reads as something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  (PyYAML's own signature)
        """Values that occur twice are written twice."""
        return True

    def represent_scalar(self, tag: str, value: str, style: str | None = None) -> yaml.ScalarNode:
        """Only double quotes keep the rare line breaks; PyYAML writes them as spaces otherwise. Lines stand below."""
        if any(letter in value for letter in "\x85\u2028\u2029"):
            style = '"'
        elif style is None and self.default_style is None and "\n" in value:
            style = "|"
        return super().represent_scalar(tag, value, style=style)

    def represent_sequence(
        self,
        tag: str,
        sequence: Any,
        flow_style: bool | None = None,  # noqa: ARG002  (PyYAML's own signature)
    ) -> yaml.SequenceNode:
        """Lists of plain values stand on one line."""
        flat = not any(isinstance(value, list | dict) for value in sequence)
        return super().represent_sequence(tag, sequence, flow_style=flat)


_PLAIN_WORDS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
)
for _word, _pattern, _first in _PLAIN_WORDS:
    for _class in (Loader, Dumper):
        _class.add_implicit_resolver(f"{_TAG}{_word}", re.compile(rf"(?:{_pattern})\Z"), _first)


def _place(mark: yaml.Mark | None) -> str:
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


@dataclass(frozen=True, slots=True)
class _Content:
    """A value, and what it would take to write it without anchors."""

    value: Any
    size: int  # values and characters
    depth: int


class _Construction:
    """Nodes to values; what an anchor stands for is made once and counted wherever it is used."""

    def __init__(self) -> None:
        self.made: dict[int, _Content] = {}
        self.open: set[int] = set()

    def content(self, node: yaml.Node) -> _Content:
        if id(node) in self.made:
            return self.made[id(node)]
        if id(node) in self.open:
            raise _RefusedError("an anchor is used inside itself", node.start_mark)
        self.open.add(id(node))
        content = self._construct(node)
        if content.size > MAX_SIZE:
            raise _RefusedError("its anchors repeat so much that it grows too large", node.start_mark)
        if content.depth > MAX_DEPTH:
            raise _RefusedError(_TOO_DEEP, node.start_mark)
        self.made[id(node)] = content
        return content

    def _construct(self, node: yaml.Node) -> _Content:
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            entries = [self.content(entry) for entry in node.value]
            return _enclosing([entry.value for entry in entries], entries)
        if isinstance(node, yaml.ScalarNode) and node.tag.removeprefix(_TAG) in _SCALARS:
            return _Content(_scalar(node), 1 + len(node.value), 0)
        tag = printable(node.tag.replace(_TAG, "!!"))
        raise _RefusedError(
            f"the tag {tag} is not read; a scene holds texts, numbers, lists and mappings", node.start_mark
        )

    def _mapping(self, node: yaml.MappingNode) -> _Content:
        found: dict[str, Any] = {}
        parts: list[_Content] = []
        for key_node, value_node in node.value:
            key, value = self.content(key_node), self.content(value_node)
            if not isinstance(key.value, str):
                shown = key_node.value if isinstance(key_node, yaml.ScalarNode) else "given here"
                raise _RefusedError(f"the key {printable(shown)} must be text; put it in quotes", key_node.start_mark)
            if key.value in found:
                problem = f"the key '{printable(key.value)}' is given twice; every key stands once"
                raise _RefusedError(problem, key_node.start_mark)
            found[key.value] = value.value
            parts += [key, value]
        return _enclosing(found, parts)


def _enclosing(value: Any, parts: Sequence[_Content]) -> _Content:
    return _Content(value, 1 + sum(part.size for part in parts), 1 + max((part.depth for part in parts), default=0))


def _whole(text: str) -> int:
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def _real(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": _whole,
    "float": _real,
}


def _scalar(node: yaml.ScalarNode) -> Any:
    try:
        return _SCALARS[node.tag.removeprefix(_TAG)](node.value)
    except ValueError:
        raise _RefusedError(f"the number {printable(node.value)} cannot be read", node.start_mark) from None
