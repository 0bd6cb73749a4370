"""Texts are broken where their writing allows it, lose nothing, and fit."""

from hypothesis import given
from hypothesis import strategies as st

from mmviz.render.text.wrapping import MORE, wrapped


def length(text: str) -> float:
    return float(len(text))


def test_a_text_that_fits_stays_one_line() -> None:
    assert wrapped("a b c", 5, 1, length) == ("a b c",)
    assert wrapped("", 5, 1, length) == ("",)


def test_lines_break_between_words_and_are_about_equally_long() -> None:
    assert wrapped("one two three four five", 20, 9, length) == ("one two three", "four five")
    assert wrapped("aaa bbb ccc ddd", 11, 9, length) == ("aaa bbb", "ccc ddd")


def test_chinese_breaks_between_characters_but_not_before_a_full_stop() -> None:
    assert wrapped("注意力矩阵。", 5, 9, length) == ("注意力", "矩阵。")
    assert wrapped("注意力矩。阵", 4, 9, length) == ("注意力", "矩。阵")


def test_a_word_that_is_too_long_breaks_anywhere_but_not_within_a_letter_with_its_accent() -> None:
    assert wrapped("xxxxxxx", 3, 9, length) == ("xxx", "xxx", "x")
    assert wrapped("e\u0301e\u0301e\u0301", 3, 9, length) == ("e\u0301", "e\u0301", "e\u0301")


def test_what_is_too_much_is_cut_off_and_says_so() -> None:
    assert wrapped("one two three four five six", 9, 2, length) == ("one two", f"three fo{MORE}")
    assert wrapped("wwww", 1, 1, length) == (MORE,)


@given(st.text("ab 注。e\u0301", max_size=40), st.integers(2, 12))
def test_no_letter_is_lost_and_every_line_fits(text: str, width: int) -> None:
    lines = wrapped(text, width, 99, length)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    clusters_fit = "\u0301\u0301" not in text and all(len(line) <= width or line == text for line in lines)
    assert clusters_fit or "\u0301\u0301" in text
