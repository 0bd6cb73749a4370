"""The two textures of a matrix against a slow reference that looks at every element of every cell."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.picture.look import color, mm_color
from mmviz.picture.look.palette import BLUE_ORANGE, PALETTE, SEQUENTIAL, MmLook, Palette
from mmviz.render.footprint import FULL
from mmviz.render.pyramid import HEADER, MASKED, OFFSETS, STANDS_OUT, Atlas, build_atlas
from mmviz.scene.keys.options import MmColors
from tests.examples import examples

Level = NDArray[np.float32]
Numbers = NDArray[np.float64]
Cell = tuple[slice, slice]
SIDES = st.tuples(st.integers(1, 13), st.integers(1, 13))
NUMBERS = st.floats(width=32, min_value=-2.0, max_value=2.0, allow_subnormal=False)
STRANGE = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 50.0])
WAITS = st.sampled_from([(0, 0), (0, 0), (1, 0), (3, 0), (0, 2), (0, 5)])
LINEAR, LOG = Palette(curve="linear"), Palette(curve="log", decades=2.0)
MM = MmLook(MmColors(), 0.0, 1.0)


def cells_of(size: int, block: int, level: int) -> list[slice]:
    """The elements of every cell of a level along a side, block by block."""
    cells = []
    for start in range(0, size, block):
        end = min(start + block, size)
        cells += [slice(first, min(first + 2**level, end)) for first in range(start, end, 2**level)]
    return cells


def read(
    atlas: Atlas, shape: tuple[int, int], blocks: tuple[int, int], late: tuple[int, int] = (0, 0)
) -> list[tuple[Level, Numbers, list[list[Cell]]]]:
    """Of every level the elements or codes, light and coverage, and the elements of each cell, as the shader reads."""
    texels, means = atlas.texels.reshape(-1), atlas.means.reshape(-1, 4)
    found = []
    for level in range(atlas.levels):
        rows, columns = (
            cells_of(size, block, max(level - wait, 0)) for size, block, wait in zip(shape, blocks, late, strict=True)
        )
        first = int(means[level, 0]) + (int(means[level, 1]) << 16)
        there = slice(first, first + len(rows) * len(columns))
        told = means[HEADER:][there].reshape(len(rows), len(columns), 4) / FULL
        cells = [[(row, column) for column in columns] for row in rows]
        found.append((texels[there].reshape(len(rows), len(columns)), told, cells))
    return found


def reference(values: Level | Numbers, look: Palette | MmLook) -> NDArray[np.float64]:
    """(rows, columns, 4): what each element gives to a picture: its colour times coverage; coverage."""
    if isinstance(look, MmLook):
        rgb, radius = (rule(values, look.low, look.high, look.colors) for rule in (mm_color.color, mm_color.radius))
    else:
        rgb, radius = color.color(values, 1.0, look), color.radius(values, 1.0, look)
    cover = np.pi * radius**2
    return np.concatenate([rgb * cover[..., None], cover[..., None]], axis=-1)


@pytest.mark.parametrize("look", [PALETTE, BLUE_ORANGE, SEQUENTIAL, LINEAR, LOG, MM])
def test_an_element_gives_the_light_and_the_coverage_of_its_sphere(look: Palette | MmLook) -> None:
    x = np.concatenate([np.linspace(-1, 1, 197), [0.0, 1e-4, -1e-4, np.nan]]).astype(np.float32)[None]
    (_, told, _), *_ = read(build_atlas(x, None, look, 1.0), (1, x.size), (1, x.size))
    np.testing.assert_allclose(told, reference(x, look), atol=2e-3)


@pytest.mark.parametrize("x", [1.5, -80.0, np.inf])
def test_what_is_beyond_the_scale_gives_more_light_for_its_white_cap(x: float) -> None:
    (_, told, _), *_ = read(build_atlas(np.array([[x]], np.float32), None, PALETTE, 1.0), (1, 1), (1, 1))
    full = reference(np.array([[np.sign(x)]], np.float32), PALETTE)
    assert told[0, 0, 3] == pytest.approx(full[0, 0, 3], abs=1e-4)
    assert told[0, 0, :3].sum() > full[0, 0, :3].sum()


@given(shape=SIDES, blocks=SIDES, late=WAITS, chosen=st.data())
@examples(60)
def test_each_cell_tells_the_mean_of_its_own_elements_that_are_there(
    shape: tuple[int, int], blocks: tuple[int, int], late: tuple[int, int], chosen: st.DataObject
) -> None:
    values = chosen.draw(arrays(np.float32, shape, elements=NUMBERS))
    masked, there = (chosen.draw(st.none() | arrays(np.bool_, shape)) for _ in range(2))
    atlas = build_atlas(values, masked, PALETTE, 2.0, blocks, late, there)
    gone = np.zeros(shape, bool) if masked is None else masked
    gone = gone if there is None else gone | ~there
    given_ = np.where(gone[..., None], 0.0, reference(values / 2, PALETTE))
    for _, told, cells in read(atlas, shape, blocks, late):
        expected = np.array([[given_[cell].reshape(-1, 4).mean(axis=0) for cell in row] for row in cells])
        np.testing.assert_allclose(told[..., 3], expected[..., 3], atol=2e-3)
        np.testing.assert_allclose(told[..., :3].sum(axis=-1), expected[..., :3].sum(axis=-1), atol=4e-3)
    whole = tuple(-(-size // block) for size, block in zip(shape, blocks, strict=True))
    assert told.shape[:2] == whole, "the last level has one cell a block"


@given(shape=SIDES, blocks=SIDES, late=WAITS, chosen=st.data())
@examples(60)
def test_a_cell_tells_where_its_strongest_element_is_and_only_where_it_stands_out(
    shape: tuple[int, int], blocks: tuple[int, int], late: tuple[int, int], chosen: st.DataObject
) -> None:
    values = chosen.draw(arrays(np.float32, shape, elements=NUMBERS | STRANGE))
    masked = chosen.draw(st.none() | arrays(np.bool_, shape))
    there = chosen.draw(st.none() | arrays(np.bool_, shape))
    atlas = build_atlas(values, masked, PALETTE, 1.0, blocks, late, there)
    gone = np.zeros(shape, bool) if masked is None else masked
    gone = gone if there is None else gone | ~there
    rank = np.where(gone, 0.0, np.nan_to_num(np.abs(values), nan=np.inf, posinf=np.inf))
    _, *coarse = read(atlas, shape, blocks, late)
    for codes, _, cells in coarse:
        for code, cell in ((codes[i, j], cell) for i, row in enumerate(cells) for j, cell in enumerate(row)):
            if not code:
                assert not np.isinf(rank[cell]).any(), "NaN and infinities always stand out"
                continue
            assert rank[cell][divmod(int(code) - 1, OFFSETS)] == rank[cell].max() > 0
    assert atlas.has_outliers == any(codes.any() for codes, _, _ in coarse)


def test_one_large_number_stands_out_on_every_level_and_a_gaussian_on_none() -> None:
    values = np.random.default_rng(0).standard_normal((96, 160)).astype(np.float32)
    assert not build_atlas(values, None, PALETTE, 4.0).has_outliers
    values[37, 101] = 40.0
    _, *coarse = read(build_atlas(values, None, PALETTE, 4.0), (96, 160), (96, 160))
    for level, (codes, _, _) in enumerate(coarse, 1):
        assert np.argwhere(codes).tolist() == [[37 >> level, 101 >> level]]
    values[37, 101] = 0.9 * STANDS_OUT * np.abs(values).mean()
    assert not build_atlas(values, None, PALETTE, 4.0).has_outliers


def test_the_sign_that_outweighs_shows_the_more_the_surer_it_is_and_as_much_light_is_seen() -> None:
    random = np.random.default_rng(0)
    chance = random.choice([-1.0, 1.0], (64, 64)).astype(np.float32)
    biased = random.choice([-1.0, 1.0], (64, 64), p=[0.4, 0.6]).astype(np.float32)
    blue = {}
    for name, values in (("chance", chance), ("biased", biased)):
        levels = read(build_atlas(values, None, PALETTE, 1.0), (64, 64), (64, 64))
        light = [told[..., :3].sum(axis=-1).mean() for _, told, _ in levels]
        np.testing.assert_allclose(light, light[0], rtol=1e-3)
        blue[name] = [float((told[..., 2] > told[..., 0]).mean()) for _, told, _ in levels]
    assert all(0.3 < share < 0.7 for share in blue["chance"][:4])
    assert blue["biased"][4] > 0.95 > blue["biased"][0]


@given(SIDES.flatmap(lambda shape: arrays(np.float32, shape, elements=NUMBERS | STRANGE)))
def test_the_values_are_not_modified(values: Level) -> None:
    before = values.copy()
    values.flags.writeable = False
    atlas = build_atlas(values, None, PALETTE, 1.0)
    atlas.texels[:] = 0
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 31), (31, 1), (5, 1000), (1000, 5), (257, 129)])
def test_every_element_is_found_by_its_number(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    masked = values > 1
    atlas = build_atlas(values, masked, PALETTE, 1.0)
    textures: tuple[NDArray[np.generic], ...] = (atlas.texels, atlas.means)
    for texture, shift in zip(textures, atlas.shifts, strict=True):
        assert texture.shape[1] == 1 << shift
        assert texture.flags.c_contiguous
    assert [texture.dtype.name for texture in textures] == ["float32", "uint16"]
    numbers = np.arange(values.size).reshape(shape)
    found = atlas.texels[numbers >> atlas.shifts[0], numbers & ((1 << atlas.shifts[0]) - 1)]
    np.testing.assert_array_equal(found, np.where(masked, MASKED, values))


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_order_in_memory_does_not_matter(order: str) -> None:
    values = np.random.default_rng(0).standard_normal((6, 40)).astype(np.float32)
    expected = build_atlas(values, None, PALETTE, 1.0)
    copy = np.array(values, order="F" if order == "F" else "C")
    for view in (copy, np.repeat(values, 2, axis=1)[:, ::2], values[::-1][::-1]):
        found = build_atlas(view, None, PALETTE, 1.0)
        np.testing.assert_array_equal(found.texels, expected.texels)
        np.testing.assert_array_equal(found.means, expected.means)


@pytest.mark.parametrize("blocks", [(0, 0), (7, 3), (1, 0)])
def test_rows_that_are_summed_up_in_parts_give_what_they_do_at_once(
    blocks: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(0).standard_normal((33, 40)).astype(np.float32)
    expected = build_atlas(values, None, PALETTE, 4.0, blocks)
    monkeypatch.setattr("mmviz.render.pyramid.BAND", 130)
    np.testing.assert_array_equal(build_atlas(values, None, PALETTE, 4.0, blocks).means, expected.means)


@pytest.mark.parametrize("scale", [1e-45, 1e-40, 1e-38, 1.0, 3e38])
def test_every_scale_has_a_finite_reciprocal(scale: float) -> None:
    """Graphics drivers take the smallest float32 numbers for zero; zero times infinity would be NaN."""
    unit = build_atlas(np.zeros((1, 1), np.float32), None, PALETTE, scale).unit
    assert np.finfo(np.float32).tiny <= unit < np.inf


def test_a_matrix_that_does_not_fit_is_refused_before_any_work() -> None:
    huge = np.broadcast_to(np.float32(1.0), (20_000, 20_000))
    tracemalloc.start()
    with pytest.raises(OutputError) as caught:
        build_atlas(huge, None, PALETTE, 1.0)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000  # bytes: nothing of the size of the matrix was made
    assert str(caught.value) == (
        "a matrix of 20000x20000 is too large to draw; at most 201,326,592 elements fit into a texture."
    )


def test_a_matrix_that_fits_but_for_its_blocks_is_refused_by_their_measure() -> None:
    large = np.broadcast_to(np.float32(1.0), (12_000, 12_000))
    with pytest.raises(OutputError) as caught:
        build_atlas(large, None, PALETTE, 1.0, blocks=(1, 0))
    assert str(caught.value) == (
        "a matrix of 12000x12000 is too large to draw; at most 201,326,592 elements fit into a texture, of thin blocks "
        "two thirds of that."
    )


@pytest.mark.parametrize("size", [1e-30, 1e-37, 1e-39, 1e-41])
def test_small_numbers_are_drawn_as_large_ones_are(size: float) -> None:
    values = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, 0.0]])
    small = (values * size).astype(np.float32)
    scale = float(small.max())
    atlas = build_atlas(small, None, PALETTE, scale)
    unit, finest = atlas.unit, elements(atlas, (2, 3))
    assert np.finfo(np.float32).tiny <= unit < np.inf
    assert (np.abs(finest[small != 0]) >= np.finfo(np.float32).tiny).all(), "no driver takes them for 0"
    np.testing.assert_allclose(finest.astype(np.float64) * unit, small.astype(np.float64) / scale, rtol=1e-6)


def test_what_is_not_zero_is_not_drawn_as_zero_beside_a_large_number() -> None:
    values = np.array([[1e-40, -1e-30, 0.0, 1e10]], np.float32)
    atlas = build_atlas(values, None, PALETTE, 1e10)
    shown = (elements(atlas, (1, 4)) * atlas.unit).tolist()[0]
    assert [np.sign(x) for x in shown] == [1, -1, 0, 1]
    assert 0 < shown[0] < 1e-30
    strange = np.array([[1e-40, np.inf, -np.inf, np.nan, 1e38, -1e38]], np.float32)
    lifted = elements(build_atlas(strange, None, PALETTE, 1e-40), (1, 6))
    assert np.isinf(lifted[0, [1, 2]]).all()
    assert np.isnan(lifted[0, 3])
    assert lifted[0, 4] > 1e30
    assert MASKED < lifted[0, 5] < -1e30


def elements(atlas: Atlas, shape: tuple[int, int]) -> Level:
    (found, _, _), *_ = read(atlas, shape, shape)
    return found
