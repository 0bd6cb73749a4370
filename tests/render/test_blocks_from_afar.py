"""Coarse levels and blocks: a cell of any level is of one block, and every block shows its largest number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mmviz.picture.space.placement import Placement
from mmviz.picture.space.sweep import Sweep
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.pyramid import HEADER, Atlas, build_atlas
from tests.examples import examples
from tests.render.test_lattice import SIDE, X, Y, draw, from_front, sheet

SIDES = st.tuples(st.integers(1, 24), st.integers(1, 24))


def cells_of(size: int, block: int, level: int) -> list[tuple[int, int]]:
    """First and last element of every cell of a level, block by block."""
    cells = []
    for start in range(0, size, block):
        end = min(start + block, size)
        cells += [(first, min(first + 2**level, end) - 1) for first in range(start, end, 2**level)]
    return cells


def levels(atlas: Atlas, shape: tuple[int, int], blocks: tuple[int, int]) -> list[NDArray[np.float32]]:
    texels, place, found = atlas.texels.reshape(-1), HEADER, []
    for level in range(atlas.levels):
        rows, columns = (len(cells_of(size, block, level)) for size, block in zip(shape, blocks, strict=True))
        found.append(texels[place : place + rows * columns].reshape(rows, columns))
        place += rows * columns
    return found


@given(shape=SIDES, blocks=SIDES, chosen=st.data())
@examples(60)
def test_each_cell_of_each_level_has_the_largest_number_of_its_own_block_and_place(
    shape: tuple[int, int], blocks: tuple[int, int], chosen: st.DataObject
) -> None:
    values = chosen.draw(arrays(np.float32, shape, elements=st.integers(-99, 99).map(np.float32)))
    atlas = build_atlas(values, None, 1.0, blocks=blocks)
    found = levels(atlas, shape, blocks)
    for level, entries in enumerate(found):
        for i, (top, bottom) in enumerate(cells_of(shape[0], blocks[0], level)):
            for j, (left, right) in enumerate(cells_of(shape[1], blocks[1], level)):
                covered = values[top : bottom + 1, left : right + 1]
                assert abs(entries[i, j]) == np.abs(covered).max()
                assert entries[i, j] in covered
    whole = tuple(-(-size // block) for size, block in zip(shape, blocks, strict=True))
    assert found[-1].shape == whole, "the last level has one cell a block"


def test_blocks_that_are_the_whole_matrix_are_none() -> None:
    values = np.random.default_rng(0).normal(size=(13, 6)).astype(np.float32)
    plain = build_atlas(values, None, 1.0)
    for blocks in ((13, 6), (99, 99), (13, 0), (0, 0)):
        np.testing.assert_array_equal(build_atlas(values, None, 1.0, blocks=blocks).texels, plain.texels)


@pytest.mark.parametrize("height", [40.0, 80.0, 110.0])
@pytest.mark.parametrize(("rows", "block"), [(32, 1), (30, 3), (35, 9)])
def test_every_block_shows_its_own_sign_and_nothing_of_a_neighbours(
    canvas: Canvas, rows: int, block: int, height: float
) -> None:
    numbers = np.arange(rows) // block
    placement = Placement((rows, 8), np.zeros(3), -Y, X, block, 0, 1.0)
    values = np.where(numbers % 2 == 0, 1.0, -1.0)[:, None].repeat(8, axis=1)
    picture = draw(canvas, from_front(height, placement.center()), sheet(values, placement)).astype(int)
    hue = picture[..., 2] - picture[..., 0]
    middle, cell = placement.center()[1], SIDE / height
    for number in range(numbers[-1] + 1):
        first, *_, last = (*np.flatnonzero(numbers == number), *np.flatnonzero(numbers == number))
        top, bottom = (SIDE / 2 - (y - middle) * cell for y in placement.spot([first, last], 0)[:, 1] + [0.5, -0.5])
        if bottom < 1 or top > SIDE - 1:
            continue
        own = hue[max(int(top), 0) : int(np.ceil(bottom))] * (1 if number % 2 == 0 else -1)
        assert own.max() > 60, f"block {number} is there"
        assert own.min() > -12, f"block {number} shows nothing of another"


def test_a_sweep_over_blocks_shows_its_own_cells_alone(canvas: Canvas) -> None:
    values = np.ones((32, 8))
    placement = Placement((32, 8), np.zeros(3), -Y, X, 1, 0, 1.0)
    corners = placement.corners(0)
    camera = from_front(70.0, 0.5 * (corners.min(axis=0) + corners.max(axis=0)))
    upper = Sweep(row_turn=1, column_turn=0, first=0, last=15)
    lit = draw(canvas, camera, sheet(values, placement, shown=upper)).max(axis=2) > 12
    assert lit[: SIDE // 2].any()
    assert not lit[SIDE // 2 + 1 :].any()
