"""Which letters of a scene's YAML text change when it is to say something else; all others stay as they are."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import Any

from mmviz.scene.text.yaml_spans import Entry, Span, spans
from mmviz.scene.text.yaml_text import read_yaml, write_flow

MOST_COMPARED = 2000
"""Entries of lists of different lengths in which equal ones are looked for; longer ones are written anew."""


def same(one: Any, other: Any) -> bool:
    """Whether two plain values say the same; NaN is NaN."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


class Edits:
    """Changes of a text, which are made all at once.

    Args:
        text: Of a scene file.
    """

    def __init__(self, text: str) -> None:
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.text = text if text.endswith("\n") else text + self.newline
        self.root = spans(self.text)
        self._found: list[tuple[int, int, str]] = []
        self._step, self._dash = _indents(self.text)

    def made(self) -> str:
        """The text with all changes.

        Raises:
            ValueError: two of them touch the same letters.
        """
        pieces: list[str] = []
        done = 0
        for start, end, new in sorted(self._found, key=lambda one: one[:2]):
            if start < done:
                raise ValueError("two changes in one place")
            pieces += [self.text[done:start], new.replace("\n", self.newline)]
            done = end
        return "".join([*pieces, self.text[done:]])

    def put(self, start: int, end: int, new: str) -> None:
        """Let other letters stand in the place of text[start:end]."""
        self._found.append((start, end, new))

    def change(self, span: Span, before: Any, after: Any, said: Any) -> None:
        """Let a value say something else.

        Args:
            span: Where it stands.
            before: What it says, with all defaults.
            after: What it is to say, with all defaults.
            said: The same as it is written: without what equals the default.
        """
        if same(before, after):
            return
        if span.kind == "mapping" and isinstance(before, dict) and isinstance(after, dict) and said:
            self._change_mapping(span, before, after, said)
        elif span.kind == "list" and isinstance(before, list) and isinstance(after, list) and after:
            self._change_list(span, before, after, said)
        elif span.kind == "list" and _are_lines(before, span) and isinstance(after, str):
            self._change_list(span, before.split("\n"), after.split("\n"), after.split("\n"))
        elif span.style in ("|", ">"):
            self._change_block_text(span, said)
        elif _stands_in_lines(said) and self._is_key(span):
            end = self.end_of_line(span.end)
            self.put(span.start, span.end, f"{_space(self.text, span)}|-")
            self.put(end, end, self._below(said))
        else:
            quote = span.style if span.style in ("'", '"') else None
            self.put(span.start, span.end, _space(self.text, span) + write_flow(_as_whole(said, span), quote))  # type: ignore[arg-type]

    def _change_block_text(self, span: Span, said: Any) -> None:
        """A text below its key: it stays there, line by line, where that says the same."""
        head = self.text[span.start : self.end_of_line(span.start)].rstrip()
        mark, _, comment = head.partition(" ")
        first = self.text.index("\n", span.start) + 1
        body = self.text[first : span.end]
        if _stands_in_lines(said, least=1) and mark in ("|-", "|", ">-"):
            indent = body[: len(body) - len(body.lstrip())].rpartition("\n")[2]
            self.put(span.start, span.start + len(mark), ">-" if mark == ">-" and "\n" not in said else "|-")
            self.put(first, span.end, indent + said.replace("\n", f"\n{indent}"))
        else:
            self.put(span.start, span.end, f"{write_flow(said)} {comment.strip()}".rstrip())

    def _is_key(self, span: Span) -> bool:
        """Whether a value stands behind a key of the scene, in lines of its own."""
        return not self.root.is_flow and any(entry.value is span for entry in self.root.entries)

    def _below(self, said: str) -> str:
        """The lines of a text below a key of the scene."""
        return "".join(f"\n{' ' * self._step}{line}" for line in said.split("\n"))

    def _change_mapping(
        self, span: Span, before: Mapping[str, Any], after: Mapping[str, Any], said: Mapping[str, Any]
    ) -> None:
        gone: list[bool] = []
        for entry in span.entries:
            old, new = before.get(entry.key), after.get(entry.key)
            gone.append(_is_gone(entry, old, new, entry.key in said))
            if not gone[-1]:
                self.change(entry.value, old, new, _with_defaults(entry.value, new, said.get(entry.key)))
        self._remove(span, gone)
        there = {entry.key for entry in span.entries}
        new_keys = [key for key in said if key not in there and not same(before.get(key), after[key])]
        if span.is_flow and new_keys:
            pairs = ", ".join(f"{write_flow(key)}: {write_flow(said[key])}" for key in new_keys)
            kept = [entry for entry, is_gone in zip(span.entries, gone, strict=True) if not is_gone]
            place = kept[-1].end if kept else span.start + 1 if not span.entries else span.entries[0].start
            self.put(place, place, f", {pairs}" if kept else pairs)
            return
        for key in new_keys:
            self._add_key(span, key, said)

    def _add_key(self, span: Span, key: str, said: Mapping[str, Any]) -> None:
        """A new key below others: behind the nearest of those that come before it in the format."""
        order = list(said)
        earlier = [entry for entry in span.entries if entry.key in order[: order.index(key)]]
        place = self.end_of_line((earlier or span.entries)[-1].end) + 1
        flow = any(entry.value.style == "{" for entry in span.entries) and _is_flat(said[key])
        lines = self._pair(key, said[key], flow=flow)
        self._add_lines(place, lines, self._column(span.entries[0].start))

    def _change_list(self, span: Span, before: list[Any], after: list[Any], said: list[Any]) -> None:
        if len(before) != len(span.entries):
            raise ValueError("a list that is read otherwise")
        if len(before) == len(after):
            for entry, old, new, written in zip(span.entries, before, after, said, strict=True):
                self.change(entry.value, old, new, written)
            return
        if max(len(before), len(after)) > MOST_COMPARED:
            self.put(span.start, span.end, _space(self.text, span) + write_flow(_as_whole(said, span)))
            return
        gone = [False] * len(before)
        old, new = ([json.dumps(entry, sort_keys=True) for entry in entries] for entries in (before, after))
        for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind == "equal":
                continue
            both = min(last - first, end - start)
            for number in range(both):
                mine, its = first + number, start + number
                self.change(span.entries[mine].value, before[mine], after[its], said[its])
            gone[first + both : last] = [True] * (last - first - both)
            if start + both < end:
                self._add_entries(span, first + both, [_as_whole(one, span) for one in said[start + both : end]])
        self._remove(span, gone)

    def _add_entries(self, span: Span, number: int, values: list[Any]) -> None:
        """New entries of a list, before the one of that number."""
        if span.is_flow:
            texts = [write_flow(value) for value in values]
            if number:
                place = span.entries[number - 1].end
                self.put(place, place, "".join(f", {text}" for text in texts))
            else:
                place = span.entries[0].start if span.entries else span.start + 1
                self.put(place, place, ", ".join(texts) + (", " if span.entries else ""))
            return
        flow = any(entry.value.is_flow for entry in span.entries)
        lines = [line for value in values for line in self._item(value, flow=flow and _is_flat(value))]
        first = span.entries[0].start
        place = self.end_of_line(span.entries[number - 1].end) + 1 if number else self._above(first)
        self._add_lines(place, lines, self._column(first))

    def _remove(self, span: Span, gone: Sequence[bool]) -> None:
        numbered = list(zip(range(len(gone)), gone, strict=True))
        for is_gone, group in groupby(numbered, key=lambda one: one[1]):
            run = [number for number, _ in group]
            if is_gone and span.is_flow:
                self._remove_between_commas(span, run[0], run[-1])
            elif is_gone:
                for number in run:
                    self._remove_lines(span, number)

    def _remove_lines(self, span: Span, number: int) -> None:
        """An entry below others goes with the comments right above it and behind it."""
        entry = span.entries[number]
        if not self.text[self.start_of_line(entry.start) : entry.start].strip():
            self.put(self._above(entry.start), self.end_of_line(entry.end) + 1, "")
            return
        if number + 1 == len(span.entries):  # it stands behind a dash
            raise ValueError("nothing would be left behind a dash")
        after = span.entries[number + 1].start
        if "#" in self.text[min(self.end_of_line(entry.end), after) : after]:
            raise ValueError("a comment that would stand behind a dash")
        self.put(entry.start, after, "")

    def _remove_between_commas(self, span: Span, first: int, last: int) -> None:
        start, end = span.entries[first].start, span.entries[last].end
        is_last = last + 1 == len(span.entries)
        stop = span.end - 1 if is_last else span.entries[last + 1].start
        if "\n" in self.text[end:stop]:
            stop = self.end_of_line(end)
            if not self.text[self.start_of_line(start) : start].strip():  # it has lines of its own
                start, stop = self._above(start), stop + 1
        elif is_last:
            before = span.entries[first - 1].end if first else start
            start, stop = (start if "#" in self.text[before:start] else before), end
        self.put(start, stop, "")

    def start_of_line(self, place: int) -> int:
        """Of the line in which a letter stands."""
        return self.text.rfind("\n", 0, place) + 1

    def end_of_line(self, place: int) -> int:
        """Of the line in which a letter stands: where its line break is."""
        return self.text.index("\n", place)

    def _column(self, place: int) -> int:
        start = self.start_of_line(place)
        return place - start - self.text.startswith("\ufeff", start, place)

    def _above(self, place: int) -> int:
        """The start of a line, with the comments right above it that are as deep; not those at the top of the file."""
        own = first = self.start_of_line(place)
        while first:
            above = self.start_of_line(first - 1)
            line = self.text[above : first - 1].removeprefix("\ufeff")
            if not line.lstrip().startswith("#") or _indent(line) != self._column(place):
                return first
            first = above
        return own

    def _add_lines(self, place: int, lines: Sequence[str], indent: int) -> None:
        self.put(place, place, "".join(f"{' ' * indent}{line}\n" for line in lines))

    def _pair(self, key: str, value: Any, *, flow: bool) -> list[str]:
        """The lines of a key and its value."""
        if not flow and isinstance(value, dict) and value:
            below = [line for name, one in value.items() for line in self._pair(name, one, flow=False)]
            return [f"{write_flow(key)}:", *(" " * self._step + line for line in below)]
        if isinstance(value, list) and any(isinstance(one, list | dict) for one in value):
            below = [line for one in value for line in self._item(one, flow=True)]
            return [f"{write_flow(key)}:", *(" " * self._dash + line for line in below)]
        return [f"{write_flow(key)}: {write_flow(value)}"]

    def _item(self, value: Any, *, flow: bool) -> list[str]:
        """The lines of an entry of a list."""
        if flow or not isinstance(value, dict) or not value:
            return [f"- {write_flow(value)}"]
        lines = [line for name, one in value.items() for line in self._pair(name, one, flow=False)]
        return [f"{'  ' if number else '- '}{line}" for number, line in enumerate(lines)]


def written_out(text: str) -> str:
    """The text without aliases: each has the value of its own that it stood for."""
    edits = Edits(text)

    def write(span: Span, value: Any) -> None:
        if span.kind == "alias":
            edits.put(span.start, span.end, write_flow(value))
        for number, entry in enumerate(span.entries):
            write(entry.value, value[entry.key if span.kind == "mapping" else number])

    write(edits.root, read_yaml(text, "file"))
    return edits.made()


def _are_lines(before: Any, span: Span) -> bool:
    """Whether a text is written as a list of its lines."""
    return isinstance(before, str) and before.count("\n") + 1 == len(span.entries)


def _stands_in_lines(said: Any, least: int = 2) -> bool:
    """Whether what is to be written is a text of at least so many lines, which may stand below a key as they are."""
    if not isinstance(said, str):
        return False
    lines = said.split("\n")
    return len(lines) >= least and all(line.isprintable() and line.strip() == line != "" for line in lines)


def _is_gone(entry: Entry, before: Any, after: Any, said: bool) -> bool:
    """Whether nothing is left to say: what is the default is said all the same where there are words for it."""
    if said or same(before, after):
        return False
    if after in (None, [], {}):
        return True
    if entry.value.kind != "mapping" or not isinstance(after, dict) or not isinstance(before, dict):
        return False
    return all(_is_gone(one, before.get(one.key), after.get(one.key), said=False) for one in entry.value.entries)


def _with_defaults(span: Span, after: Any, said: Any) -> Any:
    """What is to be written, the defaults that stand in the text already among it."""
    if said is None or (span.kind == "mapping" and isinstance(after, dict)):
        if isinstance(after, dict):
            there = {entry.key for entry in span.entries}
            said = said or {}
            return {key: said.get(key, one) for key, one in after.items() if key in said or key in there}
        return after
    return said


def _space(text: str, span: Span) -> str:
    """What parts a value from the colon before it, where there was none to be parted."""
    return " " if span.start == span.end and text[span.start - 1 : span.start] == ":" else ""


def _as_whole(value: Any, span: Span) -> Any:
    """Numbers without a point, where they had none."""
    if isinstance(value, list):
        return [_as_whole(one, span) for one in value]
    kinds = set(_kinds(span))
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53
    return int(value) if is_whole and kinds == {True} and str(value) != "-0.0" else value


def _kinds(span: Span) -> Iterator[bool]:
    """Of all numbers in a value: whether they are written without a point."""
    if span.whole is not None:
        yield span.whole
    for entry in span.entries:
        yield from _kinds(entry.value)


def _is_flat(value: Any) -> bool:
    return isinstance(value, dict) and not any(isinstance(entry, dict) for entry in value.values())


def _indents(text: str) -> tuple[int, int]:
    """By how much the first mapping and the first dash below a key are indented in a text."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    opening = [pair for pair in pairwise(lines) if pair[0].split(" #")[0].rstrip().endswith(":")]
    steps = [(_indent(after) - _indent(line), after.lstrip().startswith("- ")) for line, after in opening]
    mapping = next((step for step, is_dash in steps if step > 0 and not is_dash), 2)
    return mapping, next((step for step, is_dash in steps if step >= 0 and is_dash), 0)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
