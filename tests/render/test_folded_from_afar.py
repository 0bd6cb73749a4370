"""Folded axes and coarse levels: the nearer elements are put together first, and no row is merged with another one."""

import numpy as np
import pytest

from mmviz.picture.space.placement import Placement
from mmviz.picture.space.sweep import Sweep
from mmviz.render.opengl.canvas import Canvas
from tests.render.test_lattice import SIDE, X, Y, draw, from_front, sheet


@pytest.mark.parametrize("height", [14.0, 24.0])
@pytest.mark.parametrize("turned", [False, True], ids=["columns", "rows"])
def test_rows_keep_their_signs_where_many_columns_share_a_cell(canvas: Canvas, height: float, *, turned: bool) -> None:
    values = np.where(np.arange(8) % 2 == 0, 1.0, -1.0)[:, None].repeat(256, axis=1)
    placement = Placement((8, 256), np.zeros(3), -Y, X / 32)
    if turned:
        values, placement = values.T, Placement((256, 8), np.zeros(3), X / 32, -Y)
    picture = draw(canvas, from_front(height, placement.center()), sheet(values, placement)).astype(int)
    hue = picture[..., 2] - picture[..., 0]
    for number in range(8):
        middle = SIDE / 2 + (number - 3.5) * SIDE / height
        line = hue[int(middle), SIDE // 2 - int(2.5 * SIDE / height) : SIDE // 2 + int(2.5 * SIDE / height)]
        own = line * (1 if number % 2 == 0 else -1)
        assert own.max() > 60
        assert own.min() > -12, "nothing of the row beside it"


def test_from_near_each_folded_column_is_a_disc_of_its_own(canvas: Canvas) -> None:
    values = np.where(np.arange(8) % 2 == 0, 1.0, -1.0)[None].repeat(2, axis=0)
    placement = Placement((2, 8), np.zeros(3), -Y, X / 4)
    lit = Sweep(column_turn=1, first=2, last=5)
    picture = draw(canvas, from_front(2.4, placement.center()), sheet(values, placement, shown=lit)).astype(int)
    hue = picture[..., 2] - picture[..., 0]
    row = hue[int(SIDE / 2 - 0.5 * SIDE / 2.4)]
    for number in range(8):
        middle = round(SIDE / 2 + (number - 3.5) / 4 * SIDE / 2.4)
        expected = 0 if not 2 <= number <= 5 else 1 if number % 2 == 0 else -1
        assert np.sign(row[middle]) == expected


def test_columns_that_cannot_be_told_apart_are_put_together_only_until_they_can_be_seen(canvas: Canvas) -> None:
    values = np.where(np.arange(64) // 16 % 2 == 0, 1.0, -1.0)[None].repeat(2, axis=0)
    placement = Placement((2, 64), np.zeros(3), -Y, X / 32)
    height = 3.0
    picture = draw(canvas, from_front(height, placement.center()), sheet(values, placement)).astype(int)
    hue = picture[..., 2] - picture[..., 0]
    row = hue[int(SIDE / 2 - 0.5 * SIDE / height)]
    for number in range(4):
        middle = round(SIDE / 2 + (16 * number + 7.5 - 31.5) / 32 * SIDE / height)
        assert row[middle] * (1 if number % 2 == 0 else -1) > 60, "a square of 32 columns would have both colours"
