import numpy as np
import pytest

from mmviz.picture.camera import Camera, placed
from mmviz.picture.crowding import apart, uncrowded
from mmviz.picture.drawlist import Label

SQUARE = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])


@pytest.fixture
def camera() -> Camera:
    return placed((0.0, 0.0, 100.0), (0.0, 0.0, 0.0), 30.0, 1.0)


def label(key: str, x: float, y: float = 0.0, height: float = 1.0, z: float = 0.0) -> Label:
    return Label(
        key, "I = 64", np.array([x, y, z]), np.array([1.0, 0, 0]), np.array([0.0, 1, 0]), height, (1.0, 1.0, 1.0)
    )


@pytest.mark.parametrize(
    ("move", "expected"),
    [((1.01, 0), True), ((0.99, 0), False), ((0.5, 0.5), False), ((0, -1.2), True), ((0.9, 0.9), False)],
)
def test_squares_are_apart_when_they_share_no_point(move: tuple[float, float], expected: bool) -> None:
    assert apart(SQUARE, (SQUARE + np.array(move))[None]).tolist() == [expected]


def test_a_turned_square_beside_a_corner_is_apart_although_its_box_is_not() -> None:
    turned = np.array([[0.0, -1], [1, 0], [0, 1], [-1, 0]]) + np.array([1.55, 1.55])
    assert (turned.min(0) < SQUARE.max(0)).all()
    assert apart(SQUARE, turned[None]).all()
    assert not apart(SQUARE, (turned - 0.1)[None]).any()


def test_apart_is_the_same_seen_from_either_side() -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        a, b = (SQUARE @ random.normal(size=(2, 2)) + random.normal(size=2) for _ in range(2))
        assert apart(a, b[None])[0] == apart(b, a[None])[0]


def test_points_inside_another_quadrilateral_are_never_apart() -> None:
    random = np.random.default_rng(1)
    for _ in range(100):
        a = SQUARE @ random.normal(size=(2, 2))
        inside = a.mean(0) + 0.01 * (SQUARE - 0.5)
        assert not apart(a, inside[None])[0]


def test_of_two_sizes_that_cover_each_other_the_larger_one_stays(camera: Camera) -> None:
    small, large, far = label("size:0:a", 0, height=1), label("size:0:b", 1, height=2), label("size:0:c", 40)
    assert uncrowded((), (small, large, far), camera) == (large, far)


def test_names_stay_and_sizes_behind_them_go(camera: Camera) -> None:
    names = (label("name:a", 0), label("name:b", 0.5))
    assert uncrowded(names, (label("size:0:a", 0.2),), camera) == names


def test_sizes_side_by_side_stay_in_their_order(camera: Camera) -> None:
    sizes = tuple(label(f"size:0:{n}", 10 * n - 20, height=1 + n % 2) for n in range(5))
    assert uncrowded((), sizes, camera) == sizes


def test_a_label_behind_the_eye_takes_no_room(camera: Camera) -> None:
    sizes = (label("size:0:a", 0, z=150), label("size:0:b", 0))
    assert uncrowded((), sizes, camera) == sizes
