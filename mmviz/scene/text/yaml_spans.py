"""Where each value of a YAML text stands, from its first letter to its last; says nothing of what it means."""

import copy
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from mmviz.scene.text.yaml_text import Loader


@dataclass(frozen=True, slots=True)
class Span:
    """A value in a text: text[start:end], with its anchor, without comments behind it."""

    kind: Literal["alias", "mapping", "list", "scalar"]
    start: int
    end: int
    style: str  # { or [ on one line or between brackets, | or > a block of text, quotes; empty if none of these
    whole: bool | None = None  # of a number: written without a point
    entries: tuple["Entry", ...] = ()

    @property
    def is_flow(self) -> bool:
        """Whether it stands between brackets."""
        return self.style in ("{", "[")


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value, or a dash with what it lists; between brackets, what stands between commas."""

    key: str  # of a list: empty
    start: int  # of its key, or dash
    value: Span

    @property
    def end(self) -> int:
        """Behind its last letter."""
        return self.value.end


def spans(text: str) -> Span:
    """The spans of all values of a YAML document.

    Raises:
        yaml.YAMLError: it is no YAML.
        ValueError: it is empty, or written in a way that is not followed.
    """
    node = _Composer(text).get_single_node()
    if node is None:
        raise ValueError("an empty document")
    return _span(node, text)


def comments(text: str) -> list[int]:
    """Where the comments of a YAML document begin, each at its sign.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    found: list[int] = []
    done = 0
    for token in yaml.scan(text, Loader=Loader):
        start, end = token.start_mark.index, token.end_mark.index
        found += _signs(text, done, start)
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):  # a comment may stand behind its mark
            found += _signs(text, start, text.find("\n", start))
        done = max(done, end)
    return found + _signs(text, done, len(text))


def _signs(text: str, start: int, end: int) -> list[int]:
    """The first sign of a comment in each line of what stands between two values."""
    first, *others = text[start:end].split("\n")
    places, place = [], start
    for line in (first, *others):
        if "#" in line:
            places.append(place + line.index("#"))
        place += len(line) + 1
    return places


class _Composer(Loader):
    """Composes an alias as a node of its own, which stands where the alias stands."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        alias = self.peek_event() if self.check_event(yaml.AliasEvent) else None  # type: ignore[no-untyped-call]
        node = super().compose_node(parent, index)
        if alias is None or node is None:
            return node
        node = copy.copy(node)
        node.start_mark, node.end_mark = alias.start_mark, alias.end_mark
        node.tag = "alias"
        return node


def _span(node: yaml.Node, text: str) -> Span:
    start, end = node.start_mark.index, node.end_mark.index
    flow = isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
    if node.tag == "alias":
        return Span("alias", start, end, "")
    if isinstance(node, yaml.MappingNode):
        pairs = tuple(Entry(key.value, key.start_mark.index, _span(value, text)) for key, value in node.value)
        return Span("mapping", start, end if flow else _last(pairs, end), "{" if flow else "", None, pairs)
    if isinstance(node, yaml.SequenceNode):
        values = [_span(value, text) for value in node.value]
        listed = tuple(Entry("", one.start if flow else _dash(text, one.start), one) for one in values)
        return Span("list", start, end if flow else _last(listed, end), "[" if flow else "", None, listed)
    style = str(getattr(node, "style", None) or "")
    if style in ("|", ">"):
        end = start + len(text[start:end].rstrip())
    kind = node.tag.rpartition(":")[2]
    return Span("scalar", start, end, style, {"int": True, "float": False}.get(kind))


def _last(entries: tuple[Entry, ...], end: int) -> int:
    """Where a value ends that has no closing bracket: PyYAML says where the next one starts."""
    return entries[-1].end if entries else end


def _dash(text: str, start: int) -> int:
    dash = text.rfind("-", 0, start)
    if dash < 0 or text[dash + 1 : start].strip():
        raise ValueError("a comment between a dash and its value")
    return dash
