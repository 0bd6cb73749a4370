"""The small cube is turned as the scene is, and shows what an eye there would see of it."""

import numpy as np
import pytest

from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.eye.compass import SIDES, chosen, corners, sides

POINTS = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])


def seen_from(direction: tuple[float, float, float]) -> Camera:
    return fit(POINTS, direction, 1.0)


@pytest.mark.parametrize("name", SIDES)
def test_right_before_a_side_it_alone_is_seen_upright_as_a_square(name: str) -> None:
    out, _, _ = SIDES[name]
    (side,) = sides(seen_from(out))
    assert side.name == name
    assert side.facing == pytest.approx(1)
    half = 1 / np.sqrt(3)
    assert side.corners == pytest.approx(half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]), abs=1e-9)


def test_from_a_corner_three_sides_and_seven_corners_are_seen() -> None:
    camera = seen_from((-1.0, 1.0, 1.0))
    assert {side.name for side in sides(camera)} == {"front", "left", "top"}
    seen = {corner.direction: corner.place for corner in corners(camera)}
    assert len(seen) == 7
    assert (1, -1, -1) not in seen
    assert seen[-1, 1, 1] == pytest.approx([0, 0], abs=1e-9)
    assert all(np.hypot(*place) <= 1 + 1e-9 for place in seen.values())


def test_who_stands_there_already_goes_around() -> None:
    front = seen_from((0.0, 0.0, 1.0))
    assert chosen(front, (0, 0, 1)) == (0, 0, -1)
    assert chosen(front, (0, 1, 0)) == (0, 1, 0)
    assert chosen(seen_from((1.0, 1.0, 1.0)), (1, 1, 1)) == (-1, -1, -1)
