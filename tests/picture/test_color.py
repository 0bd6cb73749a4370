"""How a value looks: what size, lightness and colour say about it, and which |x| is drawn at full size."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from mmviz.picture.look.color import OUTLIER, SAMPLE, clipped, color, magnitude, radius, robust_scale
from mmviz.picture.look.palette import PALETTE

scales = st.floats(1e-38, 1e38)
finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
anything = arrays(np.float32, array_shapes(max_dims=2, max_side=8), elements=st.floats(width=32))
ordinary = arrays(np.float32, array_shapes(max_dims=2, max_side=8), elements=finite)
quantiles = st.floats(0.01, 1.0)


@pytest.fixture(autouse=True, scope="module")
def _numpy_errors_are_raised() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


def lightness(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """The L of HSL: (..., 3) -> (...)."""
    light: NDArray[np.float64] = (rgb.max(axis=-1) + rgb.min(axis=-1)) / 2
    return light


@given(finite.filter(bool), scales)
def test_positive_is_blue_and_negative_red(x: float, scale: float) -> None:
    red, _, blue = color(x, scale)
    assert (blue > red) == (x > 0)
    assert (red > blue) == (x < 0)


@given(finite, finite, scales)
def test_size_and_lightness_grow_with_the_size_of_the_number(x: float, y: float, scale: float) -> None:
    small, large = sorted((x, y), key=abs)
    assert radius(small, scale) <= radius(large, scale)
    assert radius(-large, scale) == radius(large, scale)
    if small * large > 0 or small == 0:  # the two ramps are not equally light
        assert lightness(color(small, scale)) <= lightness(color(large, scale)) + 1e-12


@given(st.floats(0, 1), scales)
def test_the_share_of_the_full_size_is_a_square_root(share: float, scale: float) -> None:
    assert magnitude(share * scale, scale) == pytest.approx(np.sqrt(share), rel=1e-6)
    grown = (radius(share * scale, scale) - PALETTE.smallest) / (PALETTE.largest - PALETTE.smallest)
    assert grown == pytest.approx(np.sqrt(share), rel=1e-6, abs=1e-12)


def test_the_ramps_go_from_dark_to_light_and_zero_is_darkest() -> None:
    shares = np.linspace(0, 1, 101)[1:]
    for sign in (1, -1):
        light = lightness(color(sign * shares, 1.0))
        assert (np.diff(light) > 0).all()
        assert lightness(np.array(PALETTE.zero)) < light[0]


def test_a_zero_is_small_and_grey_and_has_no_sign() -> None:
    for zero in (0.0, -0.0):
        assert radius(zero, 3.0) == PALETTE.smallest
        np.testing.assert_array_equal(color(zero, 3.0), PALETTE.zero)
        assert not clipped(zero, 3.0)


def test_what_is_no_number_shows_itself_at_full_size() -> None:
    odd = np.array([np.nan, np.inf, -np.inf], np.float32)
    np.testing.assert_array_equal(color(odd, 2.0), [PALETTE.nan, PALETTE.infinite, PALETTE.infinite])
    np.testing.assert_array_equal(radius(odd, 2.0), PALETTE.largest)
    np.testing.assert_array_equal(clipped(odd, 2.0), [False, True, True])


@given(anything, scales)
def test_every_value_has_a_colour_and_a_size_within_bounds(values: NDArray[np.float32], scale: float) -> None:
    rgb, sizes = color(values, scale), radius(values, scale)
    assert rgb.shape == (*values.shape, 3)
    assert sizes.shape == values.shape
    assert ((rgb >= 0) & (rgb <= 1)).all()
    assert ((sizes >= PALETTE.smallest - 1e-12) & (sizes <= PALETTE.largest + 1e-12)).all()


@given(st.floats(1.0001, 1e6), scales)
def test_beyond_the_scale_a_value_is_clipped_and_looks_like_the_scale(factor: float, scale: float) -> None:
    assert clipped(factor * scale, scale)
    assert clipped(-factor * scale, scale)
    assert not clipped(scale, scale)
    assert radius(factor * scale, scale) == PALETTE.largest
    np.testing.assert_allclose(color(factor * scale, scale), PALETTE.positive[2], atol=1e-12)
    np.testing.assert_allclose(color(-factor * scale, scale), PALETTE.negative[2], atol=1e-12)


# The scale


@given(anything, quantiles)
def test_the_scale_is_always_a_positive_number(values: NDArray[np.float32], quantile: float) -> None:
    scale = robust_scale(values, quantile)
    assert np.isfinite(scale)
    assert scale > 0


@given(ordinary, quantiles)
def test_no_more_than_the_rest_of_the_quantile_is_clipped(values: NDArray[np.float32], quantile: float) -> None:
    sizes = abs(values[values != 0]).astype(float)
    assert clipped(values, robust_scale(values, quantile)).sum() <= (1 - quantile) * sizes.size


@given(ordinary.filter(np.any), quantiles)
def test_the_scale_is_the_largest_or_far_below_it(values: NDArray[np.float32], quantile: float) -> None:
    scale, largest = robust_scale(values, quantile), float(abs(values).max())
    assert scale == largest or scale * OUTLIER < largest


@given(st.integers(-3, 3), st.integers(0, 2**32 - 1))
def test_the_scale_goes_with_the_unit(power: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(7, 9)).astype(np.float32)
    unit = np.float32(2.0**power)
    assert robust_scale(values * unit, 0.9) == pytest.approx(robust_scale(values, 0.9) * unit)


def test_an_outlier_is_clipped_and_the_rest_is_not() -> None:
    values = np.random.default_rng(5).uniform(-1, 1, (40, 50)).astype(np.float32)
    values[3, 4] = -1e4
    marked = clipped(values, robust_scale(values, 0.995))
    assert marked[3, 4]
    assert marked.sum() <= 0.005 * values.size


def test_without_an_outlier_nothing_is_clipped() -> None:
    values = np.random.default_rng(5).uniform(-1, 1, (40, 50)).astype(np.float32)
    assert not clipped(values, robust_scale(values, 0.995)).any()


def test_the_odd_values_are_left_out_of_the_scale() -> None:
    values = np.array([[0, 0, 0, np.nan], [np.inf, -np.inf, -2, 1]], np.float32)
    assert robust_scale(values, 0.995) == 2.0


@pytest.mark.parametrize("odd", [0.0, np.nan, np.inf, -np.inf])
def test_where_there_is_no_ordinary_number_the_scale_is_one(odd: float) -> None:
    assert robust_scale(np.full((3, 4), odd, np.float32), 0.995) == 1.0
    assert robust_scale(np.zeros((0, 4), np.float32), 0.995) == 1.0


@pytest.mark.parametrize("constant", [1e-38, -0.5, 3e38])
def test_a_constant_is_its_own_scale(constant: float) -> None:
    values = np.full((3, 4), constant, np.float32)
    assert robust_scale(values, 0.995) == abs(float(np.float32(constant)))
    assert not clipped(values, robust_scale(values, 0.995)).any()


def large(columns: int) -> NDArray[np.float32]:
    """A matrix of which only every second value is sampled."""
    return np.random.default_rng(5).uniform(-1, 1, (2 * SAMPLE // columns, columns)).astype(np.float32)


@pytest.mark.parametrize("column", [0, 1])
def test_a_column_of_outliers_does_not_set_the_scale_of_a_large_matrix(column: int) -> None:
    values = large(256)
    values[:, column] = 1e4  # 0.4 % of the values; every second value of a row would make it 0.8 % or nothing
    assert robust_scale(values, 0.995) < 1.01


def test_the_largest_value_of_a_large_matrix_is_not_overlooked() -> None:
    values = large(256)
    values[0, 1] = -1.9
    assert robust_scale(values, 0.995) == pytest.approx(1.9)
