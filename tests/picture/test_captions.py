"""Lines of text over a picture, and the names of its elements: whole texts."""

from itertools import pairwise

import pytest

from mmviz import Scene
from mmviz.picture.cell.element_names import bracketed, element_name, place_name
from mmviz.picture.marks.captions import BADGE, DOUBT, READABLE, Captions
from mmviz.render.text.captions import placed


def texts(captions: Captions, told: str = "") -> dict[str, str]:
    return {caption.key: caption.text for caption in captions.at(told)}


def test_empty_lines_are_left_out_and_the_others_are_there() -> None:
    assert texts(Captions("", "", "", "")) == {}
    assert texts(Captions("Title", "A @ B", "", "blue: positive"), "row 3") == {
        "title": "Title",
        "subtitle": "A @ B",
        "caption": "row 3",
        "legend": "blue: positive",
    }


def test_lines_stand_one_above_the_other_and_none_on_another() -> None:
    lines = sorted(Captions("Title", "A @ B", "fine", "blue: positive").at("told"), key=lambda line: line.level)
    assert [line.text for line in lines] == ["blue: positive", "told", "A @ B", "Title", "fine"]
    for below, above in pairwise(lines):
        assert above.level - above.height / 2 > below.level + below.height / 2


def test_a_long_expression_is_told_whole() -> None:
    (line,) = Captions("", "A @ B + " * 99, "", "").at("")
    assert line.text == "A @ B + " * 99


def test_a_badge_has_the_colour_of_what_it_says() -> None:
    for text, color in (("✓ 1e-6 from transformers", BADGE), ("✗ 0.3 from transformers", DOUBT)):
        (line,) = Captions("", "", text, "").at("")
        assert (line.text, line.color, line.badge) == (text, color, True)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x", "x"),
        ("A @ B", "(A @ B)"),
        ("f(A @ B)", "f(A @ B)"),
        ("f(a) @ b", "(f(a) @ b)"),
        ("(a @ b).T", "(a @ b).T"),
    ],
)
def test_a_name_with_a_space_outside_brackets_gets_brackets(name: str, shown: str) -> None:
    assert bracketed(name) == shown


def test_an_element_says_the_tokens_of_its_indices() -> None:
    composition = Scene.load("attention_head").composition
    tokens = composition.tokens
    path = next(path for path, axes in composition.axes.items() if axes == ("tokens", "tokens"))
    assert element_name(composition, path, 2, 0, "attn") == f"attn[2 “{tokens[2]}”, 0 “{tokens[0]}”]"
    assert place_name(composition, "d_head", 2) == "2"
    assert place_name(composition, "tokens", len(tokens)) == str(len(tokens))


@pytest.mark.parametrize("height", [360, 480, 720, 2160])
def test_what_is_taken_for_bands_is_what_they_really_are(height: int) -> None:
    """As they are placed for drawing, within a line of small letters."""
    captions = Captions("Title", "A @ B + " * 30, "", "blue: positive " * 12)
    aspect, size = 16 / 9, (round(height * 16 / 9), height)
    boxes = captions.boxes(aspect, height)
    drawn = placed(captions.at("what is told"), size)
    low = max(box[3] for box in boxes if box[1] == 0)
    high = min(box[1] for box in boxes if box[3] == 1)
    line = 2 * max(READABLE / height, 0.0135)
    assert low == pytest.approx(max(one.band[3] for one in drawn if one.band[1] < height / 2) / height, abs=line)
    assert high == pytest.approx(min(one.band[1] for one in drawn if one.band[1] > height / 2) / height, abs=line)
