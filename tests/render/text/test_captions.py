"""Captions in pictures of every size: readable, inside, none over another, over a badge or over the inset."""

from itertools import combinations

import pytest

from mmviz.picture.drawlist import Caption
from mmviz.picture.marks.captions import READABLE
from mmviz.render.text.captions import CRAMPED, PlacedCaption, capital_of, placed
from mmviz.render.text.fonts import CAPITAL

WHITE = (1.0, 1.0, 1.0)
LONG = "What a lecture says of the keys, the queries and the values of every token 注意力 in one sentence. "
EXPRESSION = "out = softmax(tril(scale(Q @ K.T))) @ (V = input @ wV) @ wO + " * 6
SIZES = [(854, 480), (1280, 720), (1920, 1080), (480, 854), (320, 240), (7680, 4320)]


def captions(title: str = "Title", below: str = "told") -> tuple[Caption, ...]:
    return (
        Caption("title", title, 0.955, WHITE, 0.019),
        Caption("subtitle", EXPRESSION, 0.915, WHITE, 0.0135),
        Caption("caption", below, 0.05, WHITE, 0.0155),
        Caption(
            "legend",
            "blue: positive   red: negative   size and lightness: √|x|, its own scale " * 2,
            0.016,
            WHITE,
            0.0092,
        ),
        Caption("badge", "✓ max |Δ| 3.1e-07 of transformers", 0.99, WHITE, 0.0095, badge=True),
    )


def letters(caption: PlacedCaption) -> tuple[float, float, float, float]:
    boxes = [line.box() for line in caption.lines]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("title", "below"), [("Title", "told"), (LONG * 2, LONG * 3)])
def test_all_is_inside_nothing_covers_another_and_no_letter_is_lost(
    size: tuple[int, int], title: str, below: str
) -> None:
    given = captions(title, below)
    found = placed(given, size)
    assert [one.key for one in found] == [one.key for one in given]
    for caption in found:
        left, bottom, right, top = letters(caption)
        assert 0 <= left < right <= size[0], caption.key
        assert 0 <= bottom < top <= size[1], caption.key
    for one, other in combinations(found, 2):
        assert not meet(letters(one), letters(other)), (one.key, other.key)
    if size[0] >= 854:
        whole = ["".join(line.line.text for line in caption.lines).replace(" ", "") for caption in found]
        assert whole == [caption.text.replace(" ", "") for caption in given]


@pytest.mark.parametrize("height", [480, 720, 1080])
def test_the_smallest_capitals_of_films_can_be_read(height: int) -> None:
    for caption in placed(captions(), (height * 16 // 9, height)):
        assert min(line.size for line in caption.lines) * CAPITAL >= READABLE - 1e-9
        assert all(line.y == int(line.y) for line in caption.lines), "letters stand on whole pixels"


def test_letters_are_a_share_of_large_pictures() -> None:
    one = Caption("title", "Title", 0.955, WHITE, 0.019)
    assert capital_of(one, (1920, 1080)) == pytest.approx(20.52)
    assert capital_of(one, (19200, 10800)) == pytest.approx(205.2)
    (small,) = placed((one,), (1920, 1080))
    (large,) = placed((one,), (19200, 10800))
    assert large.lines[0].size == pytest.approx(10 * small.lines[0].size)


def test_captions_that_would_reach_into_an_inset_stand_beside_it() -> None:
    inset = (20.0, 40.0, 320.0, 400.0)
    (narrow,) = placed((Caption("caption", "short", 0.05, WHITE, 0.0155),), (854, 480), inset)
    assert narrow.lines[0].x > 320
    (wide,) = placed((Caption("caption", LONG * 2, 0.05, WHITE, 0.0155),), (854, 480), inset)
    assert not meet(letters(wide), inset)
    (free,) = placed((Caption("caption", "short", 0.03, WHITE, 0.0155),), (854, 480), inset)
    assert sum(letters(free)[::2]) / 2 == pytest.approx(427, abs=2)


def test_captions_at_the_bottom_stay_below_colour_bars() -> None:
    told, legend = Caption("caption", LONG * 3, 0.05, WHITE, 0.0155), Caption("legend", LONG * 3, 0.016, WHITE, 0.0092)
    free, below = (placed((told, legend), (568, 320), None, roof) for roof in (320.0, 29.0))
    assert max(letters(one)[3] for one in free) > 29
    assert max(letters(one)[3] for one in below) < 29
    assert {one.key for one in below} == {"caption", "legend"}


def test_pictures_without_room_have_no_captions() -> None:
    assert placed(captions(), (64, 36)) == ()
    assert placed((), (854, 480)) == ()


def test_a_band_reaches_beyond_its_letters_and_has_the_colour_of_the_ground() -> None:
    for caption in placed(captions(), (1280, 720)):
        left, bottom, right, top = letters(caption)
        assert caption.band[0] < left < right < caption.band[2]
        assert caption.band[1] < bottom < top < caption.band[3]
        assert caption.plate == (0.0, 0.0, 0.0)


def test_captions_with_little_room_below_bars_are_smaller_rather_than_cut() -> None:
    told, legend = Caption("caption", "One row", 0.05, WHITE, 0.0155), Caption("legend", LONG * 3, 0.016, WHITE, 0.0092)
    free, tight, least = (placed((told, legend), (640, 360), None, roof) for roof in (360.0, 40.0, 30.0))
    cut = ["…" in "".join(line.line.text for one in found for line in one.lines) for found in (free, tight, least)]
    assert cut == [False, False, True]
    capitals = {one.lines[0].size * CAPITAL for one in tight}
    assert min(capitals) == max(capitals) == pytest.approx(CRAMPED * READABLE)


def test_captions_stay_below_an_inset_that_takes_most_of_the_width() -> None:
    size, inset = (390, 750), (22.0, 64.0, 306.0, 348.0)
    found = placed(captions(below="A token reads those before it"), size, inset)
    low = [one for one in found if one.key in {"caption", "legend"}]
    assert len(low) == 2
    for one in low:
        assert one.band[3] <= inset[1]
        assert max(line.line.length * line.size for line in one.lines) > size[0] - inset[2]


def test_letters_of_narrow_pictures_go_by_the_width() -> None:
    one = Caption("title", "Title", 0.955, WHITE, 0.019)
    assert capital_of(one, (1080, 1440)) == pytest.approx(0.019 * 1440)
    assert capital_of(one, (1080, 1920)) == pytest.approx(0.019 * 1440)


def test_a_caption_is_left_out_where_an_inset_leaves_room_for_torn_words_only() -> None:
    told = Caption("caption", "Then each token: query, attention, mixed values", 0.05, (1.0, 1.0, 1.0), 0.0155)
    size, capital = (240, 450), 7.0
    for room, there in ((6 * capital, []), (20 * capital, ["caption"])):
        inset = (10.0, 10.0, size[0] - room, 200.0)
        assert [one.key for one in placed((told,), size, inset)] == there
