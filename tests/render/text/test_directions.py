"""The order of mixed lines, against the examples of Unicode's Annex 9 and the library's own answer."""

import pytest
from bidi import get_display
from hypothesis import given
from hypothesis import strategies as st

from mmviz.render.text.directions import LONGEST, leftward_base, seen_order

LETTERS = "ab ()[]12,-+%א\u05d1\u0627\u0628\u0633\u0301\u064e.:\u2067\u2069"
MIRRORED = dict(zip("()[]", ")(][", strict=True))


def seen(text: str) -> str:
    """The line as one sees it; what is read leftward has its brackets turned."""
    found = ((text[one.index], one.leftward) for one in seen_order(text))
    return "".join(MIRRORED.get(letter, letter) if leftward else letter for letter, leftward in found)


def test_latin_is_left_as_it_is() -> None:
    assert [one.index for one in seen_order("softmax(Q @ K.T)")] == list(range(16))
    assert seen_order("") == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("אבג", "גבא"),
        ("car אבג means", "car גבא means"),
        ("אבג (abc) 12", "12 (abc) גבא"),
        ("אב 12,5", "12,5 בא"),
        ("a(אב)c", "a(בא)c"),
    ],
)
def test_hebrew_is_seen_from_right_to_left_and_numbers_in_it_are_not(text: str, shown: str) -> None:
    assert seen(text) == shown


@given(st.text(LETTERS, max_size=30))
def test_every_character_is_seen_once_where_the_library_puts_it(text: str) -> None:
    order = seen_order(text)
    assert sorted(one.index for one in order) == list(range(len(text)))
    shown = get_display(text, base_dir="R" if leftward_base(text) else "L")
    assert "".join(text[one.index] for one in order) == shown


def test_a_line_of_a_hebrew_paragraph_keeps_its_direction_when_it_begins_with_latin() -> None:
    assert not leftward_base("abc א")
    assert [one.index for one in seen_order("a א", leftward=True)] == [2, 1, 0]


def test_lines_that_are_longer_than_their_marks_tell_apart_are_in_order_too() -> None:
    text = "אב " * LONGEST
    assert [one.index for one in seen_order(text)] == list(range(len(text) - 1, -1, -1))
    marks = "א\U000e0020\U000e0041ב"
    assert [one.index for one in seen_order(marks)] == [3, 2, 1, 0]
