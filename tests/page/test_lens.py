"""The page's lens shows what the window's does, and stands beside a finger where there is room."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.viewer import gestures
from mmviz.viewer.canvas.lens_part import lens_part
from tests.page.engine import call

LAWS = {"diameter": gestures.LENS_DIAMETER, "power": gestures.LENS_POWER, "patience": 0, "rim": 0}
APART = 28
lengths = st.floats(40, 3000)
shares = st.floats(0, 1)


@given(lengths, lengths, shares, shares, st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]))
def test_page_and_window_enlarge_the_same_pixels(
    width: float, height: float, right: float, down: float, ratio: float
) -> None:
    middle = right * width, down * height
    size, part = lens_part(middle, (width, height), ratio)
    assert call("lensPart", LAWS, middle, (width, height), ratio) == {
        "size": list(size),
        "left": part.left,
        "bottom": part.bottom,
        "side": part.height,
    }
    assert part.left + part.width / 2 == pytest.approx(size[0] * right, abs=1.5)
    assert part.bottom + part.height / 2 == pytest.approx(size[1] * (1 - down), abs=1.5)


@given(lengths, lengths, shares, shares)
def test_a_finger_never_covers_the_lens(width: float, height: float, right: float, down: float) -> None:
    x, y = right * width, down * height
    beside = call("besideFinger", LAWS, (x, y), (width, height), APART)
    radius = LAWS["diameter"] / 2
    assert math.dist(beside, (x, y)) >= radius + APART - 1e-6
    if max(width, height) > 2 * (2 * radius + APART) and min(width, height) > 2 * radius:
        assert all(radius - 1e-6 <= place for place in beside)
        assert beside[0] <= width - radius + 1e-6
        assert beside[1] <= height - radius + 1e-6
