"""On white the page turns colours as the pictures do, and its commands are the window's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmviz
from mmviz.page.document import document
from mmviz.page.shell_section import GIVEN, shell_section
from mmviz.page.texts_found import captions, texts_in_space
from mmviz.picture.ground import Repainter, turned
from mmviz.viewer.commands import COMMANDS
from tests.page.engine import call

PART = st.floats(0, 1)


@given(st.tuples(PART, PART, PART))
def test_colours_are_turned_alike(color: tuple[float, float, float]) -> None:
    assert call("turned", color) == pytest.approx(turned(color), abs=1e-12)


def test_the_keys_of_a_page_are_those_of_the_window() -> None:
    told = shell_section(mmviz.Scene("A", {"A": [[1.0]]}).composition, None, light=False)["commands"]
    assert {one["name"] for one in told} == set(GIVEN), "each is a command of the window"
    by_name = {command.name: command for command in COMMANDS}
    assert all(tuple(one["keys"]) == by_name[one["name"]].keys for one in told)


def test_texts_are_found_wherever_the_marks_have_them() -> None:
    plated = {"text": "over", "plate": None, "texts": ["both"]}
    marks = {
        "names": {"all": [{"text": "A"}]},
        "titles": [{"text": "with"}],
        "rules": {"headings": {"texts": {"sink": ["sink", 0.0]}}},
        "readings": {"labels": [{"text": "d = 3"}], "sets": [{"texts": 4}], "ticks": [{"texts": ["a", "b"]}]},
        "inset": {"views": [{"caption": plated}, None]},
        "bars": [None, {"inset": {"drawing": {"captions": [plated], "labels": [{"text": "0"}]}}}],
        "tokens": {"tokens": {"texts": ["to"], "short": ["t"]}},
        "captions": [{"text": "title"}],
        "told": {"separator": " - ", "words": [["said", "done"], ["", "done"]]},
    }
    assert list(texts_in_space(marks)) == ["A", "with", "sink", "d = 3", "a", "b", "0", "to", "t"]
    assert list(captions(marks, {"chapters": [{"title": ""}, {"title": "One"}]})) == [
        *("title", "over", "both", "over", "both", "said - done", "One - done", "done", "One - done")
    ]


def test_captions_on_white_are_those_of_the_pictures() -> None:
    composition = mmviz.Scene("A", {"A": [[1.0]]}).composition
    drawing = composition.at(0.0, composition.camera_at(0.0, 1.0), 1.0)
    header, _ = document(composition, light=True)
    told = {one["key"]: one["text"] for one in header["marks"]["captions"]}
    for caption in Repainter("white")(drawing).captions:
        assert told[caption.key] == caption.text
        assert caption.text in header["letters"]["captions"]
    assert "size and darkness" in told["legend"]


def test_rows_and_columns_that_are_one_by_the_operations_lie_on_one_line() -> None:
    scene = mmviz.Scene("(A @ B) + C", {"A": np.ones((2, 3)), "B": np.ones((3, 4)), "C": np.ones((2, 4))})
    lines = shell_section(scene.composition, None, light=False)["lines"]
    assert lines[""] == lines["left"] == lines["right"]
    assert lines["left.left"][0] == lines["left"][0]
    assert lines["left.left"][1] == lines["left.right"][0]
    assert len({*lines["left.left"], *lines["left.right"]}) == 3
