"""Where things stand, in numbers by hand: corners and normals of matrices, cubes with their blocks, sets of cells."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.space.cube import Cube, CubeBlock
from mmviz.picture.space.facing import Facing
from mmviz.picture.space.layout import TERM_SPACE, lay_out
from mmviz.picture.space.placement import Placement, between, cross, length, spread, stretch
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.language.tree import walk
from tests.picture.plans import tree

X, Y, Z = np.eye(3)


def wall(shape: tuple[int, int] = (3, 5), at: tuple[float, float, float] = (10, 20, 30), gap: float = 0.0) -> Placement:
    """Columns to the right, rows down; blocks of two rows and two columns where there is a gap."""
    block = 2 if gap else 0
    return Placement(shape, np.array(at, float), -Y, X, block, block, gap)


def test_corners_go_round_from_the_top_left_and_out_by_the_margin_on_every_side() -> None:
    place = wall()
    assert place.corners().tolist() == [[10, 20, 30], [14, 20, 30], [14, 18, 30], [10, 18, 30]]
    assert place.corners(0.5).tolist() == [[9.5, 20.5, 30], [14.5, 20.5, 30], [14.5, 17.5, 30], [9.5, 17.5, 30]]


def test_corners_of_blocks_lie_beyond_the_gaps() -> None:
    place = wall(gap=3.0)
    assert place.corners()[2].tolist() == [10 + 4 + 2 * 3, 20 - 2 - 3, 30]
    assert list(place.reach) == [5, 10]
    assert place.center().tolist() == place.corners().mean(axis=0).tolist()
    assert [cut.blocks for cut in (place, wall())] == [(2, 3), (1, 1)]


@pytest.mark.parametrize(
    ("down", "across", "normal"), [(-Y, X, Z), (-3 * Y, 2 * X, Z), (-Y, -X, -Z), (-Z, X, -Y), (X, Y, Z)]
)
def test_the_normal_is_toward_who_reads_the_matrix(
    down: NDArray[np.float64], across: NDArray[np.float64], normal: NDArray[np.float64]
) -> None:
    assert Placement((2, 2), np.zeros(3), down.copy(), across.copy()).normal.tolist() == normal.tolist()


def test_between_two_places_is_a_share_of_the_way() -> None:
    first, second = wall(), wall(at=(20, 20, 10))
    assert [between(first, second, share).origin.tolist() for share in (0, 0.25, 1)] == [
        [10, 20, 30],
        [12.5, 20, 25],
        [20, 20, 10],
    ]


def test_vectors_are_as_those_of_numpy() -> None:
    chance = np.random.default_rng(4)
    for _ in range(20):
        a, b = chance.normal(size=(2, 3))
        np.testing.assert_allclose(cross(a, b), np.cross(a, b))
        assert length(a) == pytest.approx(np.linalg.norm(a))


@pytest.mark.parametrize("block", [0, 1, 2, 5, 7])
@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_an_axis_is_as_long_as_its_last_element_is_far(size: int, block: int) -> None:
    assert stretch(size, block, 2.5) == spread(size - 1, size, block, 2.5)


def test_a_place_cannot_be_written_to() -> None:
    place = wall()
    for vector in (place.origin, place.down, place.across):
        with pytest.raises(ValueError, match="read-only"):
            vector[0] = 1.0


# cubes


def cube(inner: int = 6, *, positive: bool = False, last: bool = True, gap: float = 4.0) -> Cube:
    """2 x inner x 3, k toward -z in blocks of two."""
    return Cube((2, inner, 3), np.array([1.0, 2, 3]), -Y, X, -Z, (0, 2, 0), gap, positive, last)


def depth(place: Placement) -> float:
    """How far a sheet is from the first product, along k, in cells."""
    return float((place.origin - np.array([1.0, 2, 3])) @ -Z)


def test_products_stand_a_cell_apart_and_blocks_a_gap() -> None:
    assert cube().element(1, 3, 2).tolist() == [1 + 2, 2 - 1, 3 - 3 - 4]
    assert [depth(cube().slice((0, k, 0), (2, 3), (0, 2))) for k in range(6)] == [0, 1, 6, 7, 12, 13]
    assert (cube().reach, cube().block, cube().counts) == ((1, 13, 2), (2, 2, 3), (1, 3, 1))


def test_a_cube_is_centred_between_its_eight_corners() -> None:
    corners = cube().corners()
    assert corners.shape == (8, 3)
    assert len({tuple(corner) for corner in corners.tolist()}) == 8
    assert corners.min(axis=0).tolist() == [1, 1, 3 - 13]
    assert corners.max(axis=0).tolist() == [3, 2, 3]
    assert cube().center().tolist() == corners.mean(axis=0).tolist()


def test_a_place_leads_to_the_product_that_is_there() -> None:
    one = cube()
    for i, k, j in np.ndindex(one.shape):
        assert one.at(one.element(i, k, j)) == (i, k, j)
        assert one.at(one.element(i, k, j) - np.array([0.0, 0, 0.4])) == (i, k, j), "on its way to the next"
    assert one.at(np.array([-9.0, 90, 90])) == (0, 0, 0)
    assert one.at(np.array([99.0, -99, -99])) == (1, 5, 2)


def test_a_slice_runs_along_the_axes_that_are_asked_for() -> None:
    place = cube().slice((1, 2.5, 0), (6, 3), (1, 2))
    assert (place.shape, place.down.tolist(), place.across.tolist()) == ((6, 3), (-Z).tolist(), X.tolist())
    assert place.origin.tolist() == [1, 1, 3 - 6.5]


def test_blocks_come_along_j_then_k_then_i_and_the_last_may_be_short() -> None:
    cut = Cube((3, 5, 2), np.zeros(3), -Y, X, -Z, (2, 3, 1))
    assert list(cut.cube_blocks()) == [
        CubeBlock((i, k, j), (rows, inner, 1))
        for i, rows in ((0, 2), (2, 1))
        for k, inner in ((0, 3), (3, 2))
        for j in (0, 1)
    ]


@pytest.mark.parametrize("positive", [True, False])
def test_partial_results_stand_between_their_block_and_the_next_one_toward_the_result(positive: bool) -> None:
    """The products of the blocks lie at 0 to 1, 6 to 7 and 12 to 13, the result at 17 or at -4."""
    last = [depth(cube(positive=positive).partial(number)) for number in range(3)]
    assert last == [2, 8, 17]
    first = [depth(cube(positive=positive, last=False).partial(number)) for number in range(3)]
    assert first == [-4, 5, 11]
    assert (cube().nearest, cube(last=False).nearest) == (2, 0)


@pytest.mark.parametrize(("last", "halfway"), [(True, (13 + 17) / 2), (False, (0 - 4) / 2)])
def test_halfway_to_the_result_is_between_the_outermost_products_and_it(last: bool, halfway: float) -> None:
    place = cube(last=last).between()
    assert depth(place) == halfway
    assert (place.shape, place.down.tolist(), place.across.tolist()) == ((2, 3), (-Y).tolist(), X.tolist())


def test_where_a_result_is_cut_its_partial_results_are_cut_alike() -> None:
    place = Cube((4, 4, 6), np.zeros(3), -Y, X, -Z, (2, 2, 3), 4.0).partial(0)
    assert (place.row_block, place.column_block, place.gap) == (2, 3, 4)


# layouts


def test_a_layout_is_a_mapping_of_all_matrices() -> None:
    root = tree("A @ B + C")
    layout = lay_out(root, {node.path: (3, 3) for node in walk(root)}, LayoutOptions())
    assert set(layout) == {node.path for node in walk(root)}
    assert len(layout) == 5
    assert list(layout.cubes) == ["left"]


@pytest.mark.parametrize("result", ["front", "back"])
def test_the_terms_of_a_sum_stand_behind_it_as_seen_from_its_result(result: str) -> None:
    root = tree("A + B")
    layout = lay_out(root, {node.path: (3, 3) for node in walk(root)}, LayoutOptions.model_validate({"result": result}))
    way = [float((layout[path].origin - layout[""].origin) @ Z) for path in ("left", "right")]
    side = 1 if result == "back" else -1
    assert 0 < side * way[0] < side * way[1]


@pytest.mark.parametrize(("side", "gap", "space"), [(3, 4.0, 4.0), (3, 0.0, 1.0), (50, 4.0, TERM_SPACE * 50)])
def test_terms_are_a_gap_apart_at_least_a_cell_and_farther_where_they_are_large(
    side: int, gap: float, space: float
) -> None:
    root = tree("A + B")
    layout = lay_out(root, {node.path: (side, side) for node in walk(root)}, LayoutOptions(gap=gap))
    steps = [layout[path].origin @ Z for path in ("", "left", "right")]
    assert -np.diff(steps) == pytest.approx([space, space])


def test_a_facing_is_that_of_mm_unless_it_is_said_otherwise() -> None:
    plain = Facing()
    assert plain == Facing(positive=False, left_at_right=False, right_at_bottom=False, result_at_back=False)
    assert plain.of_left() == plain.of_left("blocks") != plain.of_left("zigzag")


# sets of cells


def test_cells_of_a_sweep_have_their_turn_between_its_first_and_its_last() -> None:
    sweep = Sweep(row_turn=10, column_turn=1, first=12, last=21)
    there = [(i, j) for i in range(4) for j in range(4) if sweep.holds(i, j)]
    assert there == [(1, 2), (1, 3), (2, 0), (2, 1)], "both ends belong to it"
    np.testing.assert_array_equal(np.argwhere(sweep.mask((4, 4))), there)


def test_turns_begin_anew_in_every_block_and_count_tiles() -> None:
    rows = Sweep(1, 0, 1, 1, row_block=3)
    assert np.flatnonzero(rows.mask((7, 1))).tolist() == [1, 4]
    tiles = Sweep(0, 1, 1, 2, column_size=2)
    assert np.flatnonzero(tiles.mask((1, 8))).tolist() == [2, 3, 4, 5]


def test_a_sweep_that_says_nothing_holds_every_cell_and_nowhere_none() -> None:
    far = (1 << 29) + 5
    assert EVERYWHERE.holds(far, far)
    assert EVERYWHERE.mask((3, 2)).all()
    assert not NOWHERE.holds(0, 0)
    assert not NOWHERE.mask((3, 2)).any()
    assert [Sweep(row_turn=1, last=5).holds(row, 9) for row in (0, 5, 6)] == [True, True, False]
    assert Sweep(row_turn=1, first=far, last=far).holds(far, 0), "no block ends before that"
