"""A text in which a value is another one says just that, and all other letters stay."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mmviz.scene.changes import yaml_edits
from mmviz.scene.changes.yaml_edits import Edits, same, written_out

leaves = st.one_of(st.integers(0, 9), st.sampled_from([0.5, "a", "b c", "it's", "two\nlines", True]))
keys = st.sampled_from(["a", "b", "c", "d"])
mappings = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(keys, inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
).flatmap(lambda inner: st.dictionaries(keys, leaves | st.just(inner), min_size=1, max_size=4))
"""The dictionaries that a text says; one value may stand in several places."""


def changed(text: str, after: Any, said: Any = None) -> str:
    edits = Edits(text)
    edits.change(edits.root, yaml.safe_load(text), after, after if said is None else said)
    return edits.made()


@st.composite
def edits_of(draw: st.DrawFn, value: Any) -> Any:
    """Another value of the same kind: what is a list stays one."""
    if isinstance(value, dict):
        kept = {key: draw(edits_of(one)) for key, one in value.items() if draw(st.booleans())}
        return {
            **kept,
            **draw(st.dictionaries(st.sampled_from(["new", "more"]), mappings | leaves, max_size=1)),
        } or value
    if isinstance(value, list):
        kept_ones = [draw(edits_of(one)) for one in value if draw(st.booleans())]
        place = draw(st.integers(0, len(kept_ones)))
        return [*kept_ones[:place], *draw(st.lists(leaves, max_size=2)), *kept_ones[place:]] or value
    return draw(st.one_of(st.just(value), leaves))


@given(draw=st.data(), before=mappings, flow=st.sampled_from([True, False, None]))
def test_whatever_it_is_to_say_it_says(draw: st.DataObject, before: Any, flow: bool | None) -> None:
    after = draw.draw(edits_of(before))
    try:
        new = changed(yaml.safe_dump(json.loads(json.dumps(before)), default_flow_style=flow, sort_keys=False), after)
    except ValueError as error:  # half of an entry would be left
        if "behind a dash" not in str(error) and "two changes" not in str(error):
            raise
        return
    assert yaml.safe_load(new) == after


@given(value=mappings, flow=st.sampled_from([True, False]), width=st.sampled_from([9, 80]))
def test_a_text_that_says_it_already_stays_letter_by_letter(value: Any, flow: bool, width: int) -> None:
    text = yaml.safe_dump(json.loads(json.dumps(value)), default_flow_style=flow, width=width)
    assert changed(text, value) == text


@pytest.mark.parametrize(
    ("text", "after", "new"),
    [
        ("a: 1  # one\nb: 2\n", {"a": 3, "b": 2}, "a: 3  # one\nb: 2\n"),
        ("a: 'x'\nb: \"y\"\n", {"a": "u", "b": "v"}, "a: 'u'\nb: \"v\"\n"),
        ("a: 1", {"a": 2}, "a: 2\n"),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2, "c": 3}, "a: 1\r\nb: 2\r\nc: 3\r\n"),
        ("{a: 1, b: 2}\n", {"a": 1, "b": 2, "c": 3}, "{a: 1, b: 2, c: 3}\n"),
        ("{a: 1, b: 2}\n", {"a": 1}, "{a: 1}\n"),
        ("{a: 1, b: 2}\n", {"b": 2}, "{b: 2}\n"),
        ("{ a: 1 }\n", {"c": 3}, "{ c: 3 }\n"),
        ("a: [1, 2, 3]\n", {"a": [1, 3]}, "a: [1, 3]\n"),
        ("a: [1, 2]\n", {"a": [0, 1, 2]}, "a: [0, 1, 2]\n"),
        ("a: [1, 2]\n", {"a": [1, 9, 2, 7]}, "a: [1, 9, 2, 7]\n"),
        ("a: []\n", {"a": [1]}, "a: [1]\n"),
        ("a:\n- 1\n- 2\n", {"a": [1, 5, 2]}, "a:\n- 1\n- 5\n- 2\n"),
        ("a:\n  - 1\n  # two\n  - 2\n", {"a": [1]}, "a:\n  - 1\n"),
        ("# top\na: 1\n# of b\nb: 2\nc: 3\n", {"a": 1, "c": 3}, "# top\na: 1\nc: 3\n"),
        ("a:\n    x: 1\n", {"a": {"x": 1, "y": {"z": 2}}}, "a:\n    x: 1\n    y:\n        z: 2\n"),
        ("a:\n  x: {k: 1}\n", {"a": {"x": {"k": 1}, "y": {"k": 2}}}, "a:\n  x: {k: 1}\n  y: {k: 2}\n"),
        ("a: 1\nc: 3\n", {"a": 1, "b": [{"x": 1}], "c": 3}, "a: 1\nb:\n- {x: 1}\nc: 3\n"),
        ("a: >-\n  one\n  two\nb: 1\n", {"a": "three", "b": 1}, "a: >-\n  three\nb: 1\n"),
        ("a: |-  # said\n  one\n", {"a": "two\nlines"}, "a: |-  # said\n  two\n  lines\n"),
        ("a: |\n  one\n", {"a": "two"}, "a: |-\n  two\n"),
        ("a: 4\n", {"a": 5.0}, "a: 5\n"),
        ("a: 4.5\n", {"a": 5.0}, "a: 5.0\n"),
        ("a: [4, 4.5]\n", {"a": [5.0, 4.5]}, "a: [5, 4.5]\n"),
        ("a: 4\n", {"a": -0.0}, "a: -0.0\n"),
        ("a:\nb: 1\n", {"a": 2, "b": 1}, "a: 2\nb: 1\n"),
        ("a:\n  - {x: 1}\n", {"a": [{"x": 1}], "b": [{"x": 2}]}, "a:\n  - {x: 1}\nb:\n  - {x: 2}\n"),
        ("a: 1\n", {"a": 1, "b": {"c": {"d": 2}}}, "a: 1\nb:\n  c:\n    d: 2\n"),
        ("a:\n x: 1\n", {"a": {"x": 1, "y": {"z": 2}}}, "a:\n x: 1\n y:\n  z: 2\n"),
        ("a: |-\n  one\n  two\n", {"a": "three"}, "a: |-\n  three\n"),
        ("a: >-\n  one\n", {"a": ""}, "a: ''\n"),
        ("a: [3]\n", {"a": [1, 2, 3]}, "a: [1, 2, 3]\n"),
        ("a:\n- x: 1\n  y: 2\n", {"a": [{"y": 2}]}, "a:\n- y: 2\n"),
    ],
)
def test_only_the_letters_change_that_say_something_else(text: str, after: Any, new: str) -> None:
    assert changed(text, after) == new
    assert yaml.safe_load(new) == after


def test_what_is_the_default_stays_where_there_are_words_for_it_and_is_not_added() -> None:
    before, after = {"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"x": 1, "y": 5}, "b": 4}
    edits = Edits("a: {x: 1}\n")
    edits.change(edits.root, before, after, {"a": {"y": 5}, "b": 4})
    assert edits.made() == "a: {x: 1, y: 5}\nb: 4\n"
    edits = Edits("a: {x: 9}\nb: 3\n")
    edits.change(edits.root, {"a": {"x": 9, "y": 2}, "b": 3}, {"a": {"x": 1, "y": 2}, "b": 3}, {"b": 3})
    assert edits.made() == "a: {x: 1}\nb: 3\n"


@pytest.mark.parametrize(
    ("text", "entry", "why"),
    [
        ("a:\n- x: 1\n", {"z": 1}, "nothing would be left behind a dash"),
        ("a:\n- x: 1\n  # of y\n  y: 2\n", {"y": 2}, "a comment that would stand behind a dash"),
    ],
)
def test_what_would_leave_half_an_entry_is_not_made(text: str, entry: dict[str, int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        changed(text, {"a": [entry]})


def test_two_changes_in_one_place_are_not_made() -> None:
    edits = Edits("abc: 1\n")
    edits.put(0, 2, "x")
    edits.put(1, 3, "y")
    with pytest.raises(ValueError, match="two changes in one place"):
        edits.made()


def test_changes_are_made_in_the_order_of_the_text() -> None:
    edits = Edits("abc: 1\n")
    edits.put(5, 6, "2")
    edits.put(0, 0, "# first\n")
    edits.put(0, 1, "A")
    assert edits.made() == "# first\nAbc: 2\n"


def test_a_long_list_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_edits, "MOST_COMPARED", 4)
    assert changed("a: [1 , 2 , 3]\n", {"a": [1, 2, 3, 4]}) == "a: [1 , 2 , 3, 4]\n"
    assert changed("a: [1 , 2 , 3 , 4]\n", {"a": [1, 2, 3, 4, 5]}) == "a: [1, 2, 3, 4, 5]\n"
    assert changed("a: [1 , 2 , 3 , 4 , 5]\n", {"a": [1]}) == "a: [1]\n"
    assert changed("a: [1 , 2 , 3 , 4 , 5]\n", {"a": [1, 2, 3, 4, 6]}) == "a: [1 , 2 , 3 , 4 , 6]\n"


def test_aliases_are_written_out_and_nothing_else() -> None:
    text = "a: &x {k: 1}  # one\nb: *x\nc: [*x, 2]\n"
    new = written_out(text)
    assert new == "a: &x {k: 1}  # one\nb: {k: 1}\nc: [{k: 1}, 2]\n"
    assert yaml.safe_load(new) == yaml.safe_load(text)


def test_nan_is_nan_and_an_integer_is_no_float() -> None:
    nan = float("nan")
    assert same({"a": nan, "b": 1}, {"b": 1, "a": nan})
    assert not same(1, 1.0)
    assert not same(True, 1)
