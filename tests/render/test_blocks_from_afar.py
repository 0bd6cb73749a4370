"""Coarse levels and blocks: a cell of any level is of one block, and every block shows its largest number."""

import numpy as np
import pytest

from mmviz.picture.look.palette import PALETTE
from mmviz.picture.space.placement import Placement
from mmviz.picture.space.sweep import Sweep
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.pyramid import build_atlas
from tests.render.test_lattice import SIDE, X, Y, draw, from_front, sheet


def test_blocks_that_are_the_whole_matrix_are_none() -> None:
    values = np.random.default_rng(0).normal(size=(13, 6)).astype(np.float32)
    plain = build_atlas(values, None, PALETTE, 1.0)
    for blocks in ((13, 6), (99, 99), (13, 0), (0, 0)):
        found = build_atlas(values, None, PALETTE, 1.0, blocks)
        np.testing.assert_array_equal(found.texels, plain.texels)
        np.testing.assert_array_equal(found.means, plain.means)


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
