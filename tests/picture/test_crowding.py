from dataclasses import replace

import numpy as np
import pytest

from mmviz.picture.drawlist import Label
from mmviz.picture.eye.camera import Camera, placed
from mmviz.picture.marks.crowding import apart, uncrowded
from mmviz.picture.space.item_key import ItemKey

SQUARE = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])


@pytest.fixture
def camera() -> Camera:
    return placed((0.0, 0.0, 100.0), (0.0, 0.0, 0.0), 30.0, 1.0)


def label(key: ItemKey, x: float, y: float = 0.0, height: float = 1.0, z: float = 0.0) -> Label:
    return Label(
        key,
        "I = 64",
        np.array([x, y, z]),
        np.array([1.0, 0, 0]),
        np.array([0.0, 1, 0]),
        height,
        (1.0, 1.0, 1.0),
    )


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ((1.01, 0), True),
        ((1.0, 0), True),
        ((0, -1.0), True),
        ((0.99, 0), False),
        ((0.5, 0.5), False),
        ((0, -1.2), True),
        ((0.9, 0.9), False),
    ],
)
def test_squares_are_apart_when_none_covers_a_part_of_the_other(move: tuple[float, float], expected: bool) -> None:
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


def test_apart_does_not_depend_on_which_way_around_corners_are_told_and_shared_points_are_never_apart() -> None:
    random = np.random.default_rng(2)
    shares = random.dirichlet(np.ones(4), size=400)  # of points inside
    parted = 0
    for _ in range(300):
        angles = np.sort(random.uniform(0, 2 * np.pi, size=(2, 4)))
        a, b = np.stack([np.cos(angles), np.sin(angles)], axis=-1)  # convex: their corners are on a circle
        b = b + random.uniform(-1.5, 1.5, size=2)
        found = apart(a, np.array([b, b[::-1]])).tolist() + apart(a[::-1], np.array([b, b[::-1]])).tolist()
        assert len(set(found)) == 1
        parted += found[0]
        sides = np.roll(a, -1, axis=0) - a
        off = (shares @ b)[:, None] - a  # (400, 4, 2)
        inside = (sides[:, 0] * off[..., 1] - sides[:, 1] * off[..., 0] > 1e-9).all(axis=1)
        assert not (found[0] and inside.any())
        assert found[0] or inside.any() or np.linalg.norm(a.mean(0) - b.mean(0)) > 0.1
    assert 50 < parted < 250


def test_points_inside_another_quadrilateral_are_never_apart() -> None:
    random = np.random.default_rng(1)
    for _ in range(100):
        a = SQUARE @ random.normal(size=(2, 2))
        inside = a.mean(0) + 0.01 * (SQUARE - 0.5)
        assert not apart(a, inside[None])[0]


def test_of_two_sizes_that_cover_each_other_the_larger_one_stays(camera: Camera) -> None:
    small, large, far = (
        label(ItemKey("size", "a", 0), 0, height=1),
        label(ItemKey("size", "b", 0), 1, height=2),
        label(ItemKey("size", "c", 0), 40),
    )
    assert uncrowded((), (small, large, far), camera) == (large, far)


def test_names_stay_and_sizes_behind_them_go(camera: Camera) -> None:
    names = (label(ItemKey("name", "a"), 0), label(ItemKey("name", "b"), 0.5))
    assert uncrowded(names, (label(ItemKey("size", "a", 0), 0.2),), camera) == names


def test_sizes_side_by_side_stay_in_their_order(camera: Camera) -> None:
    sizes = tuple(label(ItemKey("size", str(n), 0), 10 * n - 20, height=1 + n % 2) for n in range(5))
    assert uncrowded((), sizes, camera) == sizes


def test_a_label_behind_the_eye_takes_no_room(camera: Camera) -> None:
    sizes = (label(ItemKey("size", "a", 0), 0, z=150), label(ItemKey("size", "b", 0), 0))
    assert uncrowded((), sizes, camera) == sizes


def test_a_label_partly_behind_the_eye_covers_nothing(camera: Camera) -> None:
    for x in (0.5, 3.0, -3.0):
        beside = replace(label(ItemKey("size", "a", 0), x, z=100.2), along=np.array([0.0, 0, -1]))
        sizes = (beside, *(label(ItemKey("size", str(n), 0), 8 * n - 20, 0) for n in range(6)))
        assert uncrowded((), sizes, camera) == sizes


def test_names_behind_the_eye_stay_and_take_no_room(camera: Camera) -> None:
    names = (label(ItemKey("name", "a"), 0, z=150), label(ItemKey("name", "b"), 20))
    sizes = (label(ItemKey("size", "a", 0), 0),)
    assert uncrowded(names, sizes, camera) == (*names, *sizes)


def test_the_longest_is_the_largest(camera: Camera) -> None:
    long, high = (
        replace(label(ItemKey("size", "a", 0), 0), text="tokens = 1024"),
        replace(label(ItemKey("size", "b", 0), 0, height=2), text="8"),
    )
    assert uncrowded((), (high, long), camera) == (long,)
