"""The shape around points, and what lies in it, against Matplotlib's polygons."""

import numpy as np
import pytest
from matplotlib.path import Path

from mmviz.picture.eye.convex import hull, inside


@pytest.mark.parametrize("seed", range(5))
def test_a_shape_around_points_holds_all_of_them_and_turns_one_way(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(20, 2))
    shape = hull(points)
    sides = np.roll(shape, -1, axis=0) - shape
    after = np.roll(sides, -1, axis=0)
    assert (sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0] > 0).all()
    within = inside(points, shape[None])[0]
    corners = (points[:, None] == shape).all(axis=2).any(axis=1)
    assert (within | corners).all()
    assert corners.sum() == len(shape)


@pytest.mark.parametrize("way", [1, -1])
def test_points_lie_in_the_shapes_in_which_matplotlib_finds_them(way: int) -> None:
    random = np.random.default_rng(7)
    shapes = np.array([[[0, 0], [3, 0], [4, 2], [1, 3]], [[-2, -1], [1, -1], [1, 1], [-2, 1]]], float)[:, ::way]
    points = random.uniform(-3, 5, (300, 2))
    expected = [Path(shape, closed=False).contains_points(points) for shape in shapes]
    assert np.array_equal(inside(points, shapes), expected)
    assert 0 < np.sum(expected) < np.size(expected)
