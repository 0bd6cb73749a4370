"""Letters side by side in one picture: each once, whole, apart from the others, and the same wherever it lies."""

import numpy as np
import pytest

from mmviz.render.region import Region
from mmviz.render.text.atlas import AROUND, EM, GRID, WIDTH, Atlas, FullError, Quads
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.raster import Written, coverage
from mmviz.render.text.shaping import shaped


def shown(atlas: Atlas, quads: Quads, number: int) -> np.ndarray:
    """The texels of one letter of a text."""
    (left, bottom), (width, height) = quads.corners[number].astype(int), quads.sizes[number].astype(int)
    return atlas.texels[bottom : bottom + height, left : left + width]


def test_a_letter_is_there_once_and_looks_as_its_outline_does() -> None:
    atlas = Atlas()
    quads = atlas.quads("aba")
    np.testing.assert_array_equal(quads.corners[0], quads.corners[2])
    assert (quads.corners[0] != quads.corners[1]).any()
    version = atlas.version
    atlas.quads("bab")
    assert atlas.version == version
    region = Region(*(np.array(quads.places[0, :2]) * 0 - AROUND).astype(int), *quads.sizes[0].astype(int))
    left, bottom, *_ = shaped("a").ink
    own = Region(int(np.floor(left * EM)) - AROUND, int(np.floor(bottom * EM)) - AROUND, region.width, region.height)
    np.testing.assert_array_equal(shown(atlas, quads, 0), coverage((Written(shaped("a"), 0, 0, EM),), own)[::-1])


def test_letters_stand_where_the_line_has_them() -> None:
    atlas, line = Atlas(), shaped("Qx سلام")
    quads = atlas.quads("Qx سلام")
    left, bottom, right, top = line.ink
    assert quads.left == pytest.approx(left / CAPITAL)
    assert quads.right == pytest.approx(right / CAPITAL)
    drawn = quads.places * CAPITAL * EM  # in texels
    inner = drawn + np.array([AROUND, AROUND, -AROUND, -AROUND])
    assert inner[:, 0].min() == pytest.approx(left * EM, abs=1)
    assert inner[:, 2].max() == pytest.approx(right * EM, abs=1)
    assert inner[:, 1].min() == pytest.approx((bottom - CAPITAL / 2) * EM, abs=1)
    assert inner[:, 3].max() == pytest.approx((top - CAPITAL / 2) * EM, abs=1)
    np.testing.assert_allclose(drawn[:, 2:] - drawn[:, :2], quads.sizes, atol=1e-9)


def test_a_letter_looks_the_same_wherever_it_lies_at_all_levels() -> None:
    first, later = Atlas(), Atlas()
    later.quads("what has been written before")
    (here,), (there,) = first.quads("g").corners.astype(int), later.quads("g").corners.astype(int)
    assert (here != there).any()
    assert not (here % GRID).any()
    assert not (there % GRID).any()
    width, height = first.quads("g").sizes[0].astype(int) // GRID * GRID
    for level, (left, bottom) in enumerate([(0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (1.25, 0.5)]):
        pieces = []
        for atlas, corner in ((first, here), (later, there)):
            picture, scale = atlas.picture(), 1 << level
            x, y = int(left * WIDTH) + corner[0] // scale, int(bottom * len(picture)) + corner[1] // scale
            pieces.append(picture[y : y + height // scale, x : x + width // scale])
        np.testing.assert_array_equal(pieces[0], pieces[1])
        exact = shown(first, first.quads("g"), 0)[:height, :width].reshape(height // scale, scale, -1, scale)
        np.testing.assert_allclose(pieces[0], exact.mean(axis=(1, 3)), atol=2)


def test_no_two_letters_touch() -> None:
    atlas = Atlas()
    quads = atlas.quads("".join(map(chr, range(0x21, 0x7F))))
    low, high = quads.corners, quads.corners + quads.sizes
    for number in range(len(low)):
        apart = (high[number] + GRID <= low) | (high + GRID <= low[number])
        assert apart.any(axis=1).sum() == len(low) - (low == low[number]).all(axis=1).sum()


def test_the_picture_grows_and_says_when_it_is_full() -> None:
    atlas = Atlas(tallest=512)
    before = len(atlas.texels)
    letters = "".join(map(chr, range(0x400, 0x500)))
    with pytest.raises(FullError):
        _ = [atlas.quads(letter) for letter in letters]
    assert len(atlas.texels) == 512 > before
    assert len(atlas.quads(letters[0]).places) == 1, "what is there stays"
    assert (Atlas().quads(" ").places.shape, Atlas().quads("").places.shape) == ((0, 4), (0, 4))
