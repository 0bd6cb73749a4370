"""Texts of a picture as letters on a page: where they stand, how large they are, and what they say."""

from dataclasses import replace

import numpy as np
import pytest

from mmviz.picture.drawlist import Caption, Label, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.region import Region
from mmviz.render.text.captions import OPACITY, placed
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.shaping import extent
from mmviz.render.vector.page import Letter, Outline, Text
from mmviz.render.vector.projection import Projection
from mmviz.render.vector.writing import caption_items, label_text, tick_texts

X, Y, Z = np.eye(3)
DISTANCE, SIDE = 20.0, 400
VIEW = Projection(Camera(DISTANCE * Z, np.zeros(3), Y, 30.0), Region(0, 0, SIDE, SIDE), SIDE)
CELL = SIDE / (2 * DISTANCE * np.tan(np.radians(15.0)))
"""Pixels that a cell takes at the distance of what is looked at."""
WHITE, RED = (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)
NAME = Label(ItemKey("name", "Q"), "HQI", np.zeros(3), X, Y, 0.5, WHITE, 0.75)


def ink(letter: Letter) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a letter that stands upright, on the page."""
    left, low, right, high = extent(letter.font, letter.number)
    a, _, _, d, e, f = letter.matrix
    return a * left + e, d * high + f, a * right + e, d * low + f


def label(**other: object) -> Text:
    found = label_text(replace(NAME, **other), VIEW, rimmed=False)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_name_before_the_eye_stands_upright_in_the_middle_and_as_large_as_it_is() -> None:
    text = label()
    for letter in text.letters:
        a, b, c, d, *_ = letter.matrix
        np.testing.assert_allclose((a, b, c, d), np.array([1, 0, 0, -1]) * CELL * 0.5 / CAPITAL, atol=1e-4)
    left, top, _, bottom = ink(text.letters[0])
    assert bottom - top == pytest.approx(0.5 * CELL, rel=0.02), "an H is as high as a capital"
    assert (top + bottom) / 2 == pytest.approx(SIDE / 2, abs=0.1)
    assert (left + ink(text.letters[-1])[2]) / 2 == pytest.approx(SIDE / 2, abs=0.1)
    assert (text.text, text.color, text.opacity) == ("HQI", WHITE, 0.75)


def test_letters_that_are_farther_away_are_smaller() -> None:
    sizes = [letter.matrix[0] for letter in label(along=(X - Z) / np.sqrt(2)).letters]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1.01 * sizes[-1]
    whole = label(center=-DISTANCE * Z).letters[0].matrix[0]
    assert whole == pytest.approx(label().letters[0].matrix[0] / 2, rel=1e-6), "twice as far away"


def test_what_is_not_wholly_before_the_eye_is_not_written() -> None:
    assert label_text(replace(NAME, center=(DISTANCE + 1) * Z), VIEW, rimmed=False) is None
    beside = replace(NAME, center=(DISTANCE - 0.1) * Z, along=Z)
    assert label_text(beside, VIEW, rimmed=False) is None


def test_only_light_letters_on_an_unknown_ground_have_a_rim() -> None:
    rims = [
        getattr(label_text(replace(NAME, color=color), VIEW, rimmed=rimmed), "rim", None)
        for color in (WHITE, RED)
        for rimmed in (True, False)
    ]
    assert [bool(rim) for rim in rims] == [True, False, False, False]
    assert None not in rims


@pytest.mark.parametrize(
    "said", ["softmax(Q @ K.T)", "office", "e\u0301x", "x\u0301", "q\u0323\u0301", "\u05d0\u05d1 12", "\u0644\u0627"]
)
def test_every_character_is_said_once_whatever_shapes_it_has(said: str) -> None:
    text = label(text=said)
    assert sorted("".join(letter.text for letter in text.letters)) == sorted(text.text)


def test_short_texts_begin_or_end_at_their_places() -> None:
    ticks = TickLabels(ItemKey("tokens", ""), ("H", "HHH"), np.array([0 * X, 2 * Y]), X, Y, 0.5, WHITE)
    for ends in (False, True):
        found = list(tick_texts(replace(ticks, ends=ends), VIEW))
        assert [text.text for text in found] == ["H", "HHH"]
        for text, (x, y, _) in zip(found, ticks.places, strict=True):
            _, top, _, bottom = ink(text.letters[0])
            edge = ink(text.letters[-1])[2] if ends else ink(text.letters[0])[0]
            assert edge == pytest.approx(SIDE / 2 + CELL * x, abs=0.1)
            assert (top + bottom) / 2 == pytest.approx(SIDE / 2 - CELL * y, abs=0.1)
    behind = replace(ticks, places=np.array([(DISTANCE + 1) * Z, 2 * Y]))
    assert [text.text for text in tick_texts(behind, VIEW)] == ["HHH"]
    faint = replace(ticks, opacities=(0.25, 1.0))
    assert [text.opacity for text in tick_texts(faint, VIEW)] == [0.25, 1.0]


def test_a_caption_stands_on_its_band_inside_its_frame() -> None:
    plate = (0.1, 0.1, 0.1)
    said = Caption("badge", "HIGH", 0.9, WHITE, 0.03, plate=plate, badge=True)
    (caption,) = placed((said,), (SIDE, SIDE))
    band, frame, text = caption_items(caption, 100.0, 500.0)
    assert isinstance(band, Outline)
    assert isinstance(frame, Outline)
    assert isinstance(text, Text)
    assert (band.fill, band.opacity, band.stroke) == (plate, OPACITY, None)
    assert (frame.fill, frame.stroke) == (None, (0.5, 0.5, 0.5))
    corners = np.array([place for _, place in band.commands if place])
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    assert (left > 100, right < 100 + SIDE, top > 500 - SIDE) == (True,) * 3
    assert (top, right) == pytest.approx((500 - 0.9 * SIDE, 100 + SIDE * (1 - 0.014)), abs=1)
    inner = np.array([place for _, place in frame.commands if place])
    np.testing.assert_allclose(
        [inner.min(axis=0), inner.max(axis=0)], [[left + 0.5, top + 0.5], [right - 0.5, bottom - 0.5]]
    )
    for letter in text.letters:
        edges = ink(letter)
        assert left < edges[0] < edges[2] < right
        assert top < edges[1] < edges[3] < bottom
        assert edges[3] - edges[1] == pytest.approx(0.03 * SIDE, rel=0.06)
    assert text.text == "".join(letter.text for letter in text.letters) == "HIGH"


def test_a_caption_without_band_and_frame_is_its_lines() -> None:
    said = Caption("title", " ".join(["one two three four five six"] * 3), 0.95, RED, 0.03, plate=None)
    (caption,) = placed((said,), (SIDE // 2, SIDE))
    items = list(caption_items(caption, 0.0, float(SIDE)))
    assert all(isinstance(item, Text) for item in items)
    assert len(items) > 1
    heights = [item.matrix[5] for item in items if isinstance(item, Text)]
    assert heights == sorted(heights), "from the top down"
