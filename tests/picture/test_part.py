"""Parts of a layout are moved and joined as a whole: matrices, cubes and the box around them together."""

import numpy as np

from mmviz.picture.space.cube import Cube
from mmviz.picture.space.part import Part, bounds, joined
from mmviz.picture.space.placement import Placement

X, Y, Z = np.eye(3)
PART = Part(
    depth=4.0,
    box=np.array([[0.0, 0.0, 0.0], [5.0, 6.0, 4.0]]),
    placements={"": Placement((3, 2), np.array([1.0, 1.0, 0.0]), Y, X)},
    cubes={"": Cube((3, 2, 2), np.array([1.0, 1.0, 1.0]), Y, X, Z, (0, 0, 0), 1.0, positive=True, result_last=False)},
)
TURN = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
SHIFT = np.array([7.0, -2.0, 0.5])


def test_a_part_is_moved_with_all_that_is_in_it() -> None:
    moved = PART.moved(TURN, SHIFT)
    rows, columns = np.meshgrid(range(3), range(2), indexing="ij")
    np.testing.assert_allclose(
        moved.placements[""].element(rows, columns), PART.placements[""].element(rows, columns) @ TURN.T + SHIFT
    )
    np.testing.assert_allclose(moved.cubes[""].corners(), PART.cubes[""].corners() @ TURN.T + SHIFT)
    np.testing.assert_allclose(moved.box, bounds(PART.box @ TURN.T + SHIFT))
    assert moved.depth == PART.depth


def test_what_is_joined_fills_all_that_its_parts_fill() -> None:
    other = PART.moved(np.eye(3), np.array([10.0, 0.0, 0.0]))
    named = Part(other.depth, other.box, {"left": other.placements[""]}, {"left": other.cubes[""]})
    whole = joined(2.0, PART.box, [named], dict(PART.placements))
    assert set(whole.placements) == {"", "left"}
    assert set(whole.cubes) == {"left"}
    np.testing.assert_allclose(whole.box, [[0, 0, 0], [15, 6, 4]])
    assert whole.depth == 2.0
