"""Running sums of one product at any step against the products added up one by one; what flies beside them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.errors import SceneError
from mmviz.picture.space.cube import Cube
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.time import running_sums
from mmviz.picture.time.algorithms import I, J, K, Triple, steps
from mmviz.picture.time.planes import MOST_PLANES, Planes
from mmviz.picture.time.running_sums import APART, RunningSums
from mmviz.scene.keys.options import Algorithm
from tests.examples import examples

X, Y, Z = np.eye(3)
Numbers = NDArray[np.float32]


def numbers(rows: int, columns: int, seed: int) -> Numbers:
    return np.random.default_rng(seed).integers(-9, 10, (rows, columns)).astype(np.float32)


def so_far(left: Numbers, right: Numbers, algorithm: Algorithm, block: Triple, step: int) -> NDArray[np.float64]:
    """(i, j): every product whose turn within its block has come, added up."""
    sums = np.zeros((len(left), right.shape[1]))
    for k, j in np.ndindex(right.shape):
        turn = k % block[K] if algorithm == "vvprod" else (j % block[J]) * block[K] + k % block[K]
        if turn <= step:
            sums[:, j] += left[:, k].astype(float) * float(right[k, j])
    return sums


sides = st.integers(1, 6)


@given(st.sampled_from(["vvprod", "axpy"]), sides, st.integers(1, 3 * APART), sides, st.integers(1, 20), sides)
@examples(80)
def test_a_step_shows_the_products_whose_turn_has_come_in_every_block(
    algorithm: Algorithm, rows: int, inner: int, columns: int, inner_block: int, column_block: int
) -> None:
    left, right = numbers(rows, inner, 1), numbers(inner, columns, 2)
    block = (rows, min(inner_block, inner), min(column_block, columns))
    own = RunningSums(left, right, algorithm, block)
    count = steps(algorithm, block)
    for step in {0, count // 3, count // 2, count - 1}:
        np.testing.assert_array_equal(own.sums(step), so_far(left, right, algorithm, block, step))
        begun = [algorithm == "vvprod" or (j % block[J]) * block[K] <= step for j in range(columns)]
        assert own.begun(step).tolist() == begun
    np.testing.assert_array_equal(own.sums(count - 1), left.astype(float) @ right.astype(float))


def test_a_step_does_not_depend_on_which_were_asked_before() -> None:
    left, right = numbers(3, 50, 3), numbers(50, 4, 4)
    own = RunningSums(left, right, "vvprod", (3, 50, 4))
    for step in (49, 0, 31, 16, 15, 48):
        fresh = RunningSums(left, right, "vvprod", (3, 50, 4))
        np.testing.assert_array_equal(own.sums(step), fresh.sums(step))


def test_sums_are_kept_so_that_any_step_adds_few_products_and_never_more_of_them_than_memory_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left, right = numbers(2, 10 * APART, 5), numbers(10 * APART, 3, 6)
    own = RunningSums(left, right, "vvprod", (2, 10 * APART, 3))
    assert len(own._kept) == 11, "none, and every APART of them"
    monkeypatch.setattr(running_sums, "MOST_BYTES", 3 * (2 * 3 * 8))  # three sums of 2 x 3 in double precision
    small = RunningSums(left, right, "vvprod", (2, 10 * APART, 3))
    assert sum(kept.nbytes for kept in small._kept[1:]) <= running_sums.MOST_BYTES
    assert len(small._kept) == 3, "none, and each 54 of 160: a fourth sum would be too much"
    for step in (0, APART - 1, APART, 5 * APART + 3, 10 * APART - 1):
        np.testing.assert_array_equal(small.sums(step), own.sums(step))


def test_infinities_of_both_signs_are_no_number_and_no_error() -> None:
    left = np.array([[np.inf, -np.inf, 1]], np.float32)
    own = RunningSums(left, np.ones((3, 1), np.float32), "vvprod", (1, 3, 1))
    assert own.sums(0)[0, 0] == np.inf
    assert np.isnan(own.sums(1)[0, 0])


def test_sums_are_in_double_precision() -> None:
    left = np.array([[1e8, 1, -1e8]], np.float32)
    own = RunningSums(left, np.ones((3, 1), np.float32), "vvprod", (1, 3, 1))
    assert [own.sums(step)[0, 0] for step in range(3)] == [1e8, 1e8 + 1, 1]


# planes


def cube(shape: Triple, blocks: Triple = (0, 0, 0)) -> Cube:
    return Cube(shape, np.zeros(3), -Y, X, -Z, blocks, 4.0)


@pytest.mark.parametrize(("owner", "name"), [("", "the root"), ("left.right", "left.right")])
def test_more_blocks_than_can_move_are_refused(owner: str, name: str) -> None:
    with pytest.raises(SceneError) as caught:
        Planes(owner, cube((MOST_PLANES + 1, 1, 1), (1, 0, 0)), "vmprod")
    assert str(caught.value) == (
        f"animation: {name} is cut into 4,097 blocks, and each has a plane of its own; at most 4,096 can move at once. "
        "Cut it into fewer, or set its algorithm to none."
    )
    assert len(Planes(owner, cube((MOST_PLANES, 1, 1), (1, 0, 0)), "vmprod").cube_blocks) == MOST_PLANES


def test_nothing_flies_for_a_block_that_is_past_its_end() -> None:
    planes = Planes("", cube((5, 2, 2), (3, 0, 0)), "vmprod")
    left, right = numbers(5, 2, 7), numbers(2, 2, 8)
    shapes = [[product.shape for product in planes.products(left, right, step)] for step in range(3)]
    assert shapes == [[(2, 2), (2, 2)], [(2, 2), (2, 2)], [(2, 2), (0, 0)]]
    flying = planes.in_flight(2.0, planes.products(left, right, 2))
    assert [plane.number for plane in flying] == [0]
    both = planes.in_flight(0.0, planes.products(left, right, 0))
    assert [plane.key for plane in both] == [ItemKey("plane", ""), ItemKey("plane", "", 1)]
    assert {plane.look for plane in both} == {ItemKey("plane", "")}, "all of a product have one scale"
    np.testing.assert_array_equal(flying[0].values, left[2][:, None] * right)


def test_a_plane_glides_to_its_next_place_and_the_last_of_a_short_block_stays() -> None:
    planes = Planes("", cube((5, 2, 2), (3, 0, 0)), "vmprod", "linear")
    left, right = numbers(5, 2, 7), numbers(2, 2, 8)

    def rows(t: float) -> list[float]:
        """How far down the planes are, in cells."""
        found = planes.in_flight(t, planes.products(left, right, int(t)))
        return [float(plane.element(0, 0) @ -Y) for plane in found]

    assert rows(0.0) == [0, 3 + 4]
    assert rows(0.5) == [0.5, 3.5 + 4]
    assert rows(1.5) == [1.5, 4 + 4], "the second block has no third row"
    assert rows(2.5) == [2], "there is no row after the last one"


@pytest.mark.parametrize(
    ("algorithm", "limit", "there"),
    [
        ("vmprod", K, [[True, True], [True, True], [False, False]]),
        ("vmprod", J, [[True, True], [True, True], [True, True]]),
        ("mvprod", I, [[True, True], [True, True], [False, False]]),
        ("mvprod", K, [[True, True], [True, True], [True, True]]),
    ],
)
def test_under_a_limit_there_is_nothing_yet_beyond_the_step(
    algorithm: Algorithm, limit: int, there: list[list[bool]]
) -> None:
    """Rows of what flies are k for vmprod and i for mvprod; columns are j and k, of which step 1 has both."""
    planes = Planes("", cube((3, 3, 2) if algorithm == "vmprod" else (3, 2, 3)), algorithm)
    shape = planes.cube.shape
    products = planes.products(numbers(shape[I], shape[K], 9), numbers(shape[K], shape[J], 10), 1)
    (plane,) = planes.in_flight(1.0, products, limit)
    assert plane.visible.tolist() == there
    (whole,) = planes.in_flight(1.0, products)
    assert whole.visible.all()


def test_partial_results_are_of_their_own_block_of_k() -> None:
    left, right = numbers(2, 5, 11), numbers(5, 3, 12)
    planes = Planes("p", cube((2, 5, 3), (0, 2, 0)), "vmprod")
    sums = planes.partial_sums(left, right)
    expected = [left[:, k : k + 2].astype(float) @ right[k : k + 2].astype(float) for k in (0, 2, 4)]
    for found, own in zip(sums, expected, strict=True):
        np.testing.assert_array_equal(found, own)
    shown = planes.partials(0, sums)
    assert [(plane.kind, plane.number, plane.apart is None) for plane in shown] == [
        ("partial", 0, True),
        ("partial", 1, True),
        ("partial", 2, False),
    ], "the nearest stands where the whole result does, and is drawn apart from it"
    assert [plane.visible[:, 0].tolist() for plane in shown] == [[True, False]] * 3
    assert planes.has_partials
    assert not Planes("p", cube((2, 5, 3), (0, 2, 0)), "vvprod").has_partials, "running sums show all of them"
    assert not Planes("p", cube((2, 5, 3)), "vmprod").has_partials
