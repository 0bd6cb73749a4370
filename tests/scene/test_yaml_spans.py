"""Where values stand in a YAML text: what PyYAML reads of those letters alone is what it reads of the whole."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mmviz.scene.text.yaml_spans import Span, spans

scalars = st.one_of(
    st.integers(-999, 999),
    st.floats(-1e6, 1e6),
    st.booleans(),
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=12),
    st.sampled_from(["a: b", "- c", "# d", "two\nlines", "it's", '"', "[x]", "é", "🙂", "null", "1"]),
)
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "long name", "é"]), inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


def everywhere(span: Span, value: Any) -> Iterator[tuple[Span, Any]]:
    """Every span with the value that stands there."""
    yield span, value
    for number, entry in enumerate(span.entries):
        yield from everywhere(entry.value, value[entry.key if span.kind == "mapping" else number])


def alone(text: str, span: Span) -> Any:
    """What the letters of a span say by themselves, in the column where they stand."""
    column = span.start - text.rfind("\n", 0, span.start) - 1
    return yaml.safe_load(" " * column + text[span.start : span.end])


@given(
    value=documents,
    flow=st.sampled_from([True, False, None]),
    quotes=st.sampled_from([None, "'", '"', "|", ">"]),
    width=st.sampled_from([10, 80]),
)
def test_the_letters_of_a_value_say_what_it_is(value: Any, flow: bool | None, quotes: str | None, width: int) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, default_style=quotes, width=width, allow_unicode=True)
    read = yaml.safe_load(text)
    for span, expected in everywhere(spans(text), read):
        found = alone(text, span)
        if isinstance(expected, str) and isinstance(found, str):  # of a block of text line ends at its end are left out
            assert found.rstrip("\n") == expected.rstrip("\n")
        else:
            assert found == expected
        assert span.kind == {"dict": "mapping", "list": "list"}.get(type(expected).__name__, "scalar")


TEXT = """\
title: "A" # shown
'size': [4, 5.5, 1e3]
rows:
  - {a: -1, b: +2,}
  -   0x10
  - |
    two
    lines

flow: {x: , y: [ ]}
empty:
base: &one {k: 7}
again: *one
"""


def at(path: str) -> Span:
    span = spans(TEXT)
    for key in path.split("."):
        keys = [entry.key for entry in span.entries]
        span = span.entries[int(key) if span.kind == "list" else keys.index(key)].value
    return span


@pytest.mark.parametrize(
    ("path", "letters", "style", "whole"),
    [
        ("title", '"A"', '"', None),
        ("size", "[4, 5.5, 1e3]", "[", None),
        ("size.0", "4", "", True),
        ("size.1", "5.5", "", False),
        ("rows.0", "{a: -1, b: +2,}", "{", None),
        ("rows.0.a", "-1", "", True),
        ("rows.1", "0x10", "", True),
        ("rows.2", "|\n    two\n    lines", "|", None),
        ("flow.x", "", "", None),
        ("flow.y", "[ ]", "[", None),
        ("empty", "", "", None),
        ("base", "&one {k: 7}", "{", None),
        ("again", "*one", "", None),
    ],
)
def test_a_value_is_cut_out_as_it_is_written(path: str, letters: str, style: str, whole: bool | None) -> None:
    span = at(path)
    assert (TEXT[span.start : span.end], span.style, span.whole) == (letters, style, whole)
    assert span.is_flow == (style in ("{", "["))


def test_entries_begin_at_their_key_or_dash_and_end_with_their_value() -> None:
    root = spans(TEXT)
    assert [TEXT[entry.start :].partition(":")[0] for entry in root.entries] == [
        "title", "'size'", "rows", "flow", "empty", "base", "again"
    ]  # fmt: skip
    assert root.end == root.entries[-1].end == len(TEXT) - 1
    rows = at("rows")
    assert [TEXT[entry.start : entry.end] for entry in rows.entries] == [
        "- {a: -1, b: +2,}",
        "-   0x10",
        "- |\n    two\n    lines",
    ]
    assert (rows.style, rows.end) == ("", rows.entries[-1].end)
    assert [(entry.key, entry.start, entry.end) for entry in at("size").entries] == [
        ("", span.start, span.end) for span in (at("size.0"), at("size.1"), at("size.2"))
    ]


def test_an_alias_stands_where_it_is_written_and_has_no_entries() -> None:
    assert (at("again").kind, at("again").entries) == ("alias", ())
    assert at("base").kind == "mapping"


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "an empty document"), ("# no more\n", "an empty document"), ("- # here\n  1\n", "a comment between a dash")],
)
def test_what_is_not_followed_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spans(text)


def test_what_is_no_yaml_is_refused_by_pyyaml() -> None:
    with pytest.raises(yaml.YAMLError):
        spans("a: [1")
