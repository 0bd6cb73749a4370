"""The pyramid against a slow reference that looks at every square of two by two."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.render.pyramid import HEADER, MASKED, Atlas, build_atlas

Level = NDArray[np.float32]
NUMBERS = st.floats(width=32, min_value=-(2.0**100), max_value=2.0**100, allow_subnormal=False)
STRANGE = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0])
SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=13)
MATRICES = SHAPES.flatmap(lambda shape: arrays(np.float32, shape, elements=NUMBERS | STRANGE))


def levels(atlas: Atlas, shape: tuple[int, ...]) -> list[Level]:
    """The levels of an atlas, read as the shader reads them: by a running number, split into row and column."""
    rows, columns = shape
    place, found = HEADER, []
    for _ in range(atlas.levels):
        numbers = place + np.arange(rows)[:, None] * columns + np.arange(columns)
        found.append(atlas.texels[numbers >> atlas.shift, numbers & ((1 << atlas.shift) - 1)])
        place += rows * columns
        rows, columns = (rows + 1) // 2, (columns + 1) // 2
    return found


def rank(x: np.float32) -> float:
    """What comes first: NaN and infinities, then by size, masked elements last."""
    if x == MASKED:
        return -1.0
    return float("inf") if np.isnan(x) else abs(float(x))


def check_level(fine: Level, coarse: Level) -> None:
    assert coarse.shape == ((fine.shape[0] + 1) // 2, (fine.shape[1] + 1) // 2)
    for (i, j), entry in np.ndenumerate(coarse):
        square = fine[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].reshape(-1)
        assert any(entry == x or (np.isnan(entry) and np.isnan(x)) for x in square), "it is one of the four"
        assert rank(entry) == max(map(rank, square))


@given(MATRICES, st.data())
def test_each_entry_is_the_strongest_of_four(values: Level, data: st.DataObject) -> None:
    masked = data.draw(st.none() | arrays(np.bool_, values.shape))
    found = levels(build_atlas(values, masked, 1.0), values.shape)
    expected = values if masked is None else np.where(masked, MASKED, values)
    np.testing.assert_array_equal(found[0], expected)
    assert found[-1].shape == (1, 1)
    for fine, coarse in pairwise(found):
        check_level(fine, coarse)


@given(MATRICES)
def test_the_values_are_not_modified(values: Level) -> None:
    before = values.copy()
    values.flags.writeable = False
    atlas = build_atlas(values, None, 1.0)
    atlas.texels[:] = 0
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 31), (31, 1), (5, 1000), (1000, 5), (257, 129)])
def test_every_element_is_found_by_its_number(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    atlas = build_atlas(values, None, 1.0)
    np.testing.assert_array_equal(levels(atlas, shape)[0], values)
    assert atlas.texels.shape[1] == 1 << atlas.shift
    assert atlas.texels.flags.c_contiguous
    assert atlas.texels.dtype == np.float32


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_order_in_memory_does_not_matter(order: str) -> None:
    values = np.random.default_rng(0).standard_normal((6, 40)).astype(np.float32)
    copy = np.array(values, order="F" if order == "F" else "C")
    for view in (copy, np.repeat(values, 2, axis=1)[:, ::2], values[::-1][::-1]):
        np.testing.assert_array_equal(build_atlas(view, None, 1.0).texels, build_atlas(values, None, 1.0).texels)


def test_the_header_says_how_much_each_level_is_scaled() -> None:
    values = np.random.default_rng(0).standard_normal((256, 256)).astype(np.float32)
    atlas = build_atlas(values, None, 2.0)
    scales = 1 / atlas.texels.reshape(-1)[: atlas.levels]
    assert scales[0] == pytest.approx(2.0)
    assert (scales >= 2.0 - 1e-6).all()
    for scale, level in zip(scales[1:], levels(atlas, values.shape)[1:], strict=True):
        assert np.mean(np.abs(level) <= scale * 1.000001) >= 0.99, "hardly any entry of a coarse level is clipped"
    assert (atlas.texels.reshape(-1)[atlas.levels : HEADER] == 0).all()


def test_masked_elements_do_not_count_for_the_scale() -> None:
    values = np.full((64, 64), 2.0, np.float32)
    masked = np.arange(64) > np.arange(64)[:, None]
    scales = 1 / build_atlas(values, masked, 1.0).texels.reshape(-1)[:7]
    np.testing.assert_allclose(scales, [1, 2, 2, 2, 2, 2, 2])
    everywhere = build_atlas(values, np.ones_like(masked), 1.0)
    np.testing.assert_allclose(everywhere.texels.reshape(-1)[:7], 1.0)


@pytest.mark.parametrize("scale", [1e-45, 1e-40, 1e-38, 1.0, 3e38])
def test_every_scale_has_a_finite_reciprocal(scale: float) -> None:
    """Graphics drivers take the smallest float32 numbers for zero; zero times infinity would be NaN."""
    unit = build_atlas(np.zeros((1, 1), np.float32), None, scale).texels[0, 0]
    assert np.finfo(np.float32).tiny <= unit < np.inf


def test_a_matrix_that_does_not_fit_is_refused_before_any_work() -> None:
    huge = np.broadcast_to(np.float32(1.0), (20_000, 20_000))
    tracemalloc.start()
    with pytest.raises(OutputError) as caught:
        build_atlas(huge, None, 1.0)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000  # bytes: nothing of the size of the matrix was made
    assert str(caught.value) == (
        "a matrix of 20000x20000 is too large to draw; at most 201,326,592 elements fit into a texture."
    )


def test_a_matrix_that_fits_but_for_its_blocks_is_refused_by_their_measure() -> None:
    large = np.broadcast_to(np.float32(1.0), (12_000, 12_000))
    with pytest.raises(OutputError) as caught:
        build_atlas(large, None, 1.0, blocks=(1, 0))
    assert str(caught.value) == (
        "a matrix of 12000x12000 is too large to draw; at most 201,326,592 elements fit into a texture, of thin blocks "
        "two thirds of that."
    )


@pytest.mark.parametrize("size", [1e-30, 1e-37, 1e-39, 1e-41])
def test_small_numbers_are_drawn_as_large_ones_are(size: float) -> None:
    values = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, 0.0]])
    small = (values * size).astype(np.float32)
    scale = float(small.max())
    atlas = build_atlas(small, None, scale)
    unit, (finest, *_) = atlas.texels.reshape(-1)[0], levels(atlas, values.shape)
    assert np.finfo(np.float32).tiny <= unit < np.inf
    assert (np.abs(finest[small != 0]) >= np.finfo(np.float32).tiny).all(), "no driver takes them for 0"
    np.testing.assert_allclose(finest.astype(np.float64) * unit, small.astype(np.float64) / scale, rtol=1e-6)


def test_what_is_not_zero_is_not_drawn_as_zero_beside_a_large_number() -> None:
    values = np.array([[1e-40, -1e-30, 0.0, 1e10]], np.float32)
    atlas = build_atlas(values, None, 1e10)
    shown = (levels(atlas, values.shape)[0] * atlas.texels.reshape(-1)[0]).tolist()[0]
    assert [np.sign(x) for x in shown] == [1, -1, 0, 1]
    assert 0 < shown[0] < 1e-30
    lifted = levels(
        build_atlas(np.array([[1e-40, np.inf, -np.inf, np.nan, 1e38, -1e38]], np.float32), None, 1e-40), (1, 6)
    )
    assert np.isinf(lifted[0][0, [1, 2]]).all()
    assert np.isnan(lifted[0][0, 3])
    assert lifted[0][0, 4] > 1e30
    assert MASKED < lifted[0][0, 5] < -1e30
