"""Messages about scenes: places in texts, values as they were found, names in lists; whole texts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mmviz.errors import SceneError
from mmviz.scene.keys.fields import Line, Number, Text, Title, Whole
from mmviz.scene.keys.problems import MAX_NAMES, found, listed, printable
from mmviz.scene.keys.ranks import check_rank_names, check_ranks, ranks_told
from mmviz.scene.language.excerpt import AFTER, BEFORE, place, pointed


@given(st.text(), st.data())
def test_a_pointer_stands_below_the_letter_that_it_points_to(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text)))
    lines = str(pointed("expr", text, position, "no")).split("\n")
    shown, pointer = lines[-2], lines[-1]
    assert pointer.strip() == "^"
    at = pointer.index("^")
    wanted = text[position : position + 1]
    assert shown[at : at + 1].strip() == (wanted if wanted.isprintable() else "").strip()


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("abc", 0, "column 1"),
        ("abc", 3, "column 4"),
        ("ab\ncd", 1, "line 1, column 2"),
        ("ab\ncd", 3, "line 2, column 1"),
        ("ab\ncd", 2, "line 1, column 3"),
        ("abc\n", 1, "column 2"),
    ],
)
def test_a_place_is_told_by_its_column_and_where_there_are_several_by_its_line(
    text: str, position: int, words: str
) -> None:
    assert place(text, position) == words


def test_a_long_line_is_shown_around_the_place() -> None:
    text = "".join(chr(ord("a") + n % 26) for n in range(300))
    _, shown, pointer = str(pointed("expr", text, 150, "no")).split("\n")
    assert shown.strip() == text[150 - BEFORE : 150 + AFTER]
    assert pointer.index("^") - 2 == BEFORE


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "an empty mapping"),
        ({"b": 1, "a": 2}, "a mapping with the keys a, b"),
        ([1, "x", None], '[1, "x", nothing]'),
        ([1] * 8, "[1, 1, 1, 1, 1, 1, 1, 1]"),
        ([1] * 9, "a list of length 9"),
        ([[1]], "a list of length 1"),
        (None, "nothing"),
        (True, "true"),
        (1 << 256, "a number of very many digits"),
        (-3.5, "-3.5"),
        ("a\nb", '"a\\u000ab"'),
    ],
)
def test_what_was_found_is_told_in_a_few_words(value: object, words: str) -> None:
    assert found(value) == words
    assert "\n" not in words


@given(st.integers(-(1 << 255), 1 << 255) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans())
def test_a_number_is_told_as_json_has_it(value: float) -> None:
    assert printable(json.dumps(value)) == found(value)


def test_many_names_are_cut_and_counted() -> None:
    names = [f"n{number}" for number in range(MAX_NAMES + 1)]
    assert listed(names[:-1]) == ", ".join(names[:-1])
    assert listed(names) == f"{', '.join(names[:-1])}, ... ({MAX_NAMES + 1} in all)"


@given(st.text())
def test_a_name_in_a_message_fits_a_line(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 60 * len("\\u0000") + 4
    if len(text) <= 60 and text.isprintable():
        assert shown == text


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Number, [1, 2.5, -0.0], ["1", True, None]),
        (Whole, [1, -3], ["1", 1.5, True]),
        (Text, ["a", " a "], ["", "a\tb", "\ud800", "a" * 1001]),
        (Title, ["", "a"], ["\x07", "\ud800", "a" * 201]),
        (Line, ["a"], ["", "  ", "a\x00"]),
    ],
)
def test_fields_take_what_they_say_and_nothing_else(kind: Any, good: list[object], bad: list[object]) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    for value in good:
        assert adapter.validate_python(value) == value
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


def test_line_breaks_of_a_title_are_spaces() -> None:
    assert TypeAdapter(Title).validate_python(" a\n  b\t") == "a b"


def test_a_rank_is_of_an_input_and_no_higher_than_it_can_be() -> None:
    check_rank_names({"a": 1}, {"a", "b"}, "x.yaml")
    with pytest.raises(SceneError) as error:
        check_rank_names({"c": 1}, {"b", "a"}, "x.yaml")
    assert str(error.value) == (
        "x.yaml, rank.c: expr has no input of that name, and only inputs have a rank of their own; it has a, b."
    )
    check_ranks({"a": 3}, {"a": (3, 5)}, "x.yaml")
    with pytest.raises(SceneError) as error:
        check_ranks({"a": 4}, {"a": (5, 3)}, "x.yaml")
    assert str(error.value) == "x.yaml, rank.a: the matrix is 5x3; a rank from 1 to 3 is needed, got 4."
    assert (ranks_told({}), ranks_told({"wQ": 8, "wK": 2})) == ("", "rank: wQ 8, wK 2")
