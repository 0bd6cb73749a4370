"""What letters cover of pixels: the area that their outlines enclose, wherever they stand and however they are cut."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.render.region import Region
from mmviz.render.text.raster import Written, coverage
from mmviz.render.text.shaping import shaped
from mmviz.render.text.system_fonts import FontFile
from tests.render.text.conftest import Install
from tests.render.text.made_font import write_font


def test_a_square_covers_its_pixels_and_shares_of_those_at_its_rim(tmp_path: Path, install: Install) -> None:
    install(FontFile(write_font(tmp_path / "own.ttf", "我矩")))
    line = shaped("我")  # a square of 0.11 ems
    covered = coverage((Written(line, 2.25, 1.5, 100.0),), Region(0, 0, 20, 16))
    assert covered.sum() / 255 == pytest.approx(11 * 11, rel=0.01)
    np.testing.assert_allclose(covered[-3, [1, 2, 3, 12, 13, 14]] / 255, [0, 0.75, 1, 1, 0.25, 0], atol=0.01)
    np.testing.assert_allclose(covered[[2, 3, 4, -3, -2, -1], 5] / 255, [0, 0.5, 1, 1, 0.5, 0], atol=0.01)


def test_a_part_of_a_line_is_the_same_as_that_part_of_the_whole() -> None:
    lines = (Written(shaped("Qµ שלום"), 3.3, 9.0, 31.0), Written(shaped("second"), -2.0, -25.0, 20.0))
    whole = region_of(lines)
    picture = coverage(lines, whole)
    part = Region(whole.left + 20, whole.bottom + 10, 37, 23)
    top = whole.height - 10 - 23
    np.testing.assert_array_equal(coverage(lines, part), picture[top : top + 23, 20:57])
    assert picture[1].any()
    assert picture[:, 1].any()
    assert not coverage(lines, Region(9999, 0, 4, 4)).any()


def region_of(lines: tuple[Written, ...]) -> Region:
    """The whole pixels that some lines touch."""
    left, bottom = np.floor(np.min([line.box()[:2] for line in lines], axis=0)).astype(int).tolist()
    right, top = np.ceil(np.max([line.box()[2:] for line in lines], axis=0)).astype(int).tolist()
    return Region(left, bottom, right - left, top - bottom)


def test_letters_that_touch_each_other_are_one_shape() -> None:
    """Joined Arabic letters overlap: where they do is not covered twice, nor left out."""
    lines = (Written(shaped("ببب"), 0.0, 0.0, 200.0),)
    picture = coverage(lines, region_of(lines))
    assert picture.max() == 255
    longest = max(longest_run(row > 127) for row in picture)
    assert longest > 0.4 * picture.shape[1], "the stroke on which they are joined is whole"


def longest_run(lit: NDArray[np.bool_]) -> int:
    """How many pixels side by side are lit."""
    ends = np.flatnonzero(np.diff(np.concatenate([[0], lit.astype(int), [0]])))
    return int(np.diff(ends)[::2].max(initial=0))


def test_a_line_without_letters_covers_nothing() -> None:
    blank = (Written(shaped(" "), 0.0, 0.0, 20.0),)
    assert not coverage(blank, Region(-5, -5, 30, 30)).any()
