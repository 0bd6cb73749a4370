"""Colour bars by themselves: numbers stand where the colour rule puts them, bars take the room that they say."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.drawlist import Inset
from mmviz.picture.look.bars import MINUS, Bar
from mmviz.picture.look.color import magnitude
from mmviz.picture.look.palette import Palette
from mmviz.picture.marks.color_bar import ColorBars, Room
from mmviz.scene.keys.scales import BarPlace

BARS = [
    Bar("Q", Palette(), 7.0, True, False),
    Bar("K", Palette(curve="linear"), 0.04, False, True),
    Bar("V", Palette(curve="log", decades=3), 1e5, True, True),
]


def only(bars: ColorBars, aspect: float = 1.6) -> Inset:
    (inset,) = bars.insets(aspect)
    return inset


def numbers(inset: Inset) -> dict[str, NDArray[np.float64]]:
    """The texts beside the only bar, and where they stand."""
    names = {label.text: label.center for label in inset.drawing.labels}
    ticks = [one for one in inset.drawing.ticks if one.key.part == "0 numbers"]
    return names | {text: place for one in ticks for text, place in zip(one.texts, one.places, strict=True)}


@pytest.mark.parametrize("at", ["side", "below"])
@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.title)
def test_a_number_stands_beside_the_element_that_the_colour_rule_makes_as_large(bar: Bar, at: BarPlace) -> None:
    assert isinstance(bar.look, Palette)
    inset, axis = only(ColorBars([bar], at)), 1 if at == "side" else 0
    sheet = inset.drawing.sheets[0]
    values = sheet.values.reshape(-1).astype(float)
    places = sheet.placement.spot(*np.indices(sheet.values.shape).reshape(2, -1))[:, axis]
    sizes = np.sign(values) * magnitude(values, sheet.scale, bar.look)
    told = {text: place[axis] for text, place in numbers(inset).items() if text not in ("more", "less")}
    assert len(told) > 2
    for text, place in told.items():
        number = np.array([float(text.replace(MINUS, "-"))])
        size = np.sign(number) * magnitude(number, bar.full, bar.look)
        assert np.interp(place, places, sizes) == pytest.approx(float(size[0]), abs=1e-6), text


def test_what_is_beyond_the_full_size_stands_at_the_ends_that_can_have_it() -> None:
    one_sided, two_sided = (numbers(only(ColorBars([bar], "side"))) for bar in BARS[1:])
    assert ("less" in one_sided, "more" in one_sided, "less" in two_sided) == (False, True, True)
    for told in (one_sided, two_sided):
        assert max(told, key=lambda text: told[text][1]) == "more"
    assert min(two_sided, key=lambda text: two_sided[text][1]) == "less"


@pytest.mark.parametrize("aspect", [0.7, 16 / 9])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_bars_stay_in_the_room_that_they_take_of_the_picture(count: int, aspect: float) -> None:
    side, below = ColorBars(BARS[:count], "side"), ColorBars(BARS[:count], "below")
    ((left, bottom, right, top),) = side.boxes(aspect)
    assert aspect * (1 - side.room(aspect).right) < left < right < aspect
    assert (bottom + top) / 2 == pytest.approx(0.5)
    ((left, bottom, right, top),) = below.boxes(aspect)
    assert 0 < bottom < top < below.room(aspect).bottom
    assert (left + right) / 2 == pytest.approx(aspect / 2)


def test_beside_another_inset_bars_below_stand_at_the_right() -> None:
    (alone,) = ColorBars(BARS, "below").boxes(1.6)
    (beside,) = ColorBars(BARS, "below", beside_inset=True).boxes(1.6)
    assert beside[0] > alone[0]
    assert beside[2] <= 1.6


@pytest.mark.parametrize("at", ["side", "below"])
@pytest.mark.parametrize("aspect", [0.3, 0.5, 0.56, 0.9])
def test_in_high_pictures_bars_leave_the_scene_its_room_and_stand_over_no_inset(at: BarPlace, aspect: float) -> None:
    ((left, bottom, right, top),) = ColorBars(BARS, at, beside_inset=True).boxes(aspect)
    assert right - left < aspect / 4
    assert 0.5 <= bottom < top < 0.8, "the lower half is the inset's, and above are the title and the expression"
    assert left > 0.65 * aspect


def test_no_bars_take_no_room() -> None:
    for bars in (ColorBars(), ColorBars(BARS), ColorBars([], "side")):
        assert bars.insets(1.6) == ()
        assert bars.boxes(1.6) == []
        assert bars.room(1.6) == Room()


def test_what_stays_free_is_never_less_than_the_border() -> None:
    assert Room().border((0.03, 0.1)) == Room(right=0.02).border((0.03, 0.1)) == (0.03, 0.1)
    assert Room(right=0.2).border((0.03, 0.1)) == (0.2, 0.1)
    assert Room(bottom=0.05).below((0.03, 0.1)) == 0
    assert Room(bottom=0.25).below((0.03, 0.1)) == pytest.approx(0.15)
