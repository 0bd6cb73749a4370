"""Blockwise attention by itself: turns and tiles by hand, numbers against a softmax, planes in their places."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.time.blockwise import Blockwise, Tiles, Turn, strange_numbers
from mmviz.picture.time.tiling import Tiling
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.language.tree import products
from tests.examples import examples
from tests.picture.plans import tree

Numbers = NDArray[np.float64]
FIVE = Tiles((5, 4), (2, 3))
"""Five queries in blocks of two, four keys in blocks of three."""


def turns(tiles: Tiles) -> list[tuple[int, int, str]]:
    return [(turn.query, turn.key, turn.phase) for turn in tiles.turns()]


def test_a_block_of_queries_sees_one_block_of_keys_after_the_other_and_is_divided() -> None:
    one = [(0, "scores"), (0, "add"), (1, "scores"), (1, "add"), (1, "divide")]
    assert turns(FIVE) == [(query, key, phase) for query in range(3) for key, phase in one]


def test_under_a_causal_mask_blocks_of_which_all_is_masked_are_left_out() -> None:
    causal = Tiles((5, 4), (2, 3), causal=True)
    assert [turn[:2] for turn in turns(causal) if turn[2] == "scores"] == [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert [turn[:2] for turn in turns(causal) if turn[2] == "divide"] == [(0, 0), (1, 1), (2, 1)]


def test_the_last_blocks_may_be_short() -> None:
    assert [FIVE.rows(query) for query in range(3)] == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert [FIVE.keys(key) for key in range(2)] == [slice(0, 3), slice(3, 4)]


@pytest.mark.parametrize(
    ("turn", "cells", "tile"),
    [
        (Turn(1, 0, "scores"), (2, 0, 0), (2, 0, 3)),
        (Turn(1, 0, "add"), (2, 2, 3), (2, 0, 3)),
        (Turn(1, 1, "scores"), (2, 2, 3), (2, 3, 4)),
        (Turn(1, 1, "add"), (2, 2, 4), (2, 3, 4)),
        (Turn(1, 1, "divide"), (2, 2, 4), (2, 0, 4)),
        (Turn(0, 0, "divide"), (0, 2, 4), (0, 0, 4)),
    ],
)
def test_the_cells_that_are_there_and_those_that_a_step_takes(
    turn: Turn, cells: tuple[int, int, int], tile: tuple[int, int, int]
) -> None:
    """cells: rows before, rows of the block, and up to which key; tile: first row, first and last key."""
    before, rows, upto = cells
    there = np.zeros((5, 4), bool)
    there[:before] = True
    there[before : before + rows, :upto] = True
    np.testing.assert_array_equal(FIVE.cells(turn).mask((5, 4)), there)
    row, first, last = tile
    taken = np.zeros((5, 4), bool)
    taken[row : row + 2, first:last] = True
    np.testing.assert_array_equal(FIVE.tile(turn).mask((5, 4)), taken)


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (Turn(0, 0, "scores"), "queries 1 to 2, keys 1 to 3: scores and their row maxima m"),
        (Turn(2, 1, "scores"), "queries 5 to 5, keys 4 to 4: larger row maxima rescale what is summed so far"),
        (Turn(1, 0, "add"), "queries 3 to 4, keys 1 to 3: exp(score - m) weighs the values, l adds it up"),
        (Turn(1, 1, "divide"), "queries 3 to 4: divided by l, the weights are those of the softmax"),
    ],
)
def test_what_a_step_does_is_told_in_words(turn: Turn, told: str) -> None:
    assert FIVE.told(turn) == told


def attention(logits: Numbers, values: Numbers, tiles: Tiles) -> Blockwise:
    with strange_numbers():
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        pattern = weights / weights.sum(axis=1, keepdims=True)
        result = pattern @ values
    return Blockwise(tiles, lambda: logits, *(one.astype(np.float32) for one in (values, pattern, result)))


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))
@examples(60)
def test_after_any_keys_the_sums_are_those_of_the_softmax_over_these_keys_times_l(
    queries: int, keys: int, rows: int, columns: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    logits, values = chance.normal(size=(queries, keys)), chance.normal(size=(keys, 3))
    tiles = Tiles((queries, keys), (rows, columns))
    own = attention(logits, values, tiles)
    for turn in tiles.turns():
        stage, block = own.at(turn), tiles.rows(turn.query)
        if turn.phase == "add":
            seen = tiles.keys(turn.key).stop
            weights = np.exp(logits[block, :seen] - logits[block, :seen].max(axis=1, keepdims=True))
            softmax = weights / weights.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(
                stage.sums[block], softmax @ values[:seen] * stage.totals[block], rtol=1e-5, atol=1e-5
            )
            np.testing.assert_allclose(stage.maxima[block, 0], logits[block, :seen].max(axis=1), rtol=1e-6)
            assert (stage.factors[block] == 1).all()
            assert (stage.weights[block, seen:] == 0).all()
        if turn.phase == "divide":
            np.testing.assert_array_equal(stage.sums[: block.stop], own.result[: block.stop])
            np.testing.assert_allclose(stage.factors[block] * stage.totals[block], 1, rtol=1e-6)
        for shown in (stage.sums, stage.totals, stage.factors, stage.weights):
            assert (shown[block.stop :] == 0).all()
        assert (stage.factors[: block.start] == 0).all()
        assert (
            stage.block.shape
            == {
                "scores": (block.stop - block.start, len(range(*tiles.keys(turn.key).indices(keys)))),
                "add": (block.stop - block.start, 3),
                "divide": (0, 0),
            }[turn.phase]
        )
    maxima, totals = own.ends
    np.testing.assert_allclose(maxima[:, 0], logits.max(axis=1), rtol=1e-6)
    np.testing.assert_allclose(totals[:, 0], np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1), rtol=1e-6)


def test_a_larger_score_rescales_by_how_much_it_is_larger() -> None:
    own = attention(np.array([[0.0, 1.0, 3.0, 2.0]]), np.ones((4, 1)), Tiles((1, 4), (1, 2)))
    assert own.at(Turn(0, 1, "scores")).factors[0, 0] == pytest.approx(np.exp(1.0 - 3.0))
    assert own.at(Turn(0, 0, "scores")).factors[0, 0] == 0, "there was nothing before"


def test_masked_scores_weigh_nothing_and_are_said_to_be_masked() -> None:
    logits = np.array([[0.0, -np.inf], [0.5, 1.0]])
    own = attention(logits, np.array([[1.0], [7.0]]), Tiles((2, 2), (2, 2)))
    first = own.at(Turn(0, 0, "scores"))
    assert first.forbidden is not None
    np.testing.assert_array_equal(first.forbidden, [[False, True], [False, False]])
    assert first.block[0, 1] == 0
    summed = own.at(Turn(0, 0, "add"))
    assert summed.weights[0].tolist() == [1, 0]
    assert summed.sums[0, 0] == 1
    assert summed.forbidden is None


def test_what_is_infinite_or_no_number_is_shown_as_it_is() -> None:
    own = attention(np.array([[np.inf, 0.0], [np.nan, 0.0]]), np.ones((2, 1)), Tiles((2, 2), (2, 1)))
    for turn in own.tiles.turns()[1:]:
        assert np.isnan(own.at(turn).sums).all()
    assert np.isnan(own.ends[1]).all()


SIDE = Tiles((4, 4), (2, 2))


def tiling(gap: float = 4.0) -> tuple[Tiling, Layout]:
    root = tree("softmax(Q @ K) @ V")
    shapes = dict.fromkeys(("", "left", "left.left", "left.right", "right"), (4, 4))
    layout = lay_out(root, shapes, LayoutOptions(gap=gap))
    chance = np.random.default_rng(3)
    values = {path: chance.normal(size=shape).astype(np.float32) for path, shape in shapes.items()}
    product = next(node for node in products(root) if node.path == "")
    return Tiling(product, SIDE, layout, values, lambda _, sums: sums, "linear"), layout


@pytest.mark.parametrize("left", ["left", "right"])
def test_of_more_keys_than_queries_each_plane_has_its_own_shape_and_scores_come_from_the_far_slice(left: str) -> None:
    """Four queries in blocks of two, six keys in blocks of three, three columns."""
    root = tree("softmax(Q @ K) @ V")
    shapes = {"": (4, 3), "left": (4, 6), "left.left": (4, 5), "left.right": (5, 6), "right": (6, 3)}
    layout = lay_out(root, shapes, LayoutOptions.model_validate({"left": left}))
    values = {path: np.ones(shape, np.float32) for path, shape in shapes.items()}
    product = next(node for node in products(root) if node.path == "")
    own = Tiling(product, Tiles((4, 6), (2, 3)), layout, values, lambda _, sums: sums, "linear")
    for step in range(len(own.turns)):
        for plane in own.planes(float(step)):
            flying = {"scores": (2, 3), "gain": (2, 3)}
            assert plane.shape == plane.values.shape == flying.get(plane.kind, (4, 1))
        rows = own.lit(step)["left.left" if own.turns[step].phase == "scores" else ""].mask((4, 1))
        assert np.flatnonzero(rows).tolist() == ([0, 1] if own.turns[step].query == 0 else [2, 3])
    assert layout.cubes["left"].result_last == (left == "left")
    start = own.planes(0.0)[-1].element(0, 0)
    ways = [layout.cubes["left"].element(0, k, 0) for k in range(5)]
    far = max(ways, key=lambda place: float(np.linalg.norm(place - layout["left"].element(0, 0))))
    np.testing.assert_allclose(start, far)


def steps_of(own: Tiling, phase: str) -> list[int]:
    return [step for step, turn in enumerate(own.turns) if turn.phase == phase]


def test_a_step_lights_its_block_of_queries_and_its_block_of_keys() -> None:
    own, _ = tiling()
    second = steps_of(own, "scores")[1]
    rows = np.array([True, True, False, False])
    lit = {path: sweep.mask((4, 4)) for path, sweep in own.lit(second).items()}
    assert set(lit) == {"left.left", "left.right"}
    np.testing.assert_array_equal(lit["left.left"], np.tile(rows[:, None], (1, 4)))
    np.testing.assert_array_equal(lit["left.right"], np.tile(~rows, (4, 1)))
    lit = {path: sweep.mask((4, 4)) for path, sweep in own.lit(steps_of(own, "add")[1]).items()}
    assert set(lit) == {"left", "right", ""}
    np.testing.assert_array_equal(lit["right"], np.tile(~rows[:, None], (1, 4)))
    np.testing.assert_array_equal(lit["left"], np.outer(rows, ~rows))
    np.testing.assert_array_equal(lit[""], np.tile(rows[:, None], (1, 4)))
    assert set(own.lit(steps_of(own, "divide")[0])) == {"left", ""}


def test_rows_of_the_result_are_there_from_their_second_block_of_keys_on() -> None:
    own, _ = tiling()
    there = [int(own.shown("", step).mask((4, 1)).sum()) for step in range(len(own.turns))]
    assert there == [0, 2, 2, 2, 2, 2, 4, 4, 4, 4]
    assert own.shown("left", 0) == SIDE.cells(own.turns[0])


def test_scores_are_half_way_to_their_place_half_way_through_a_step() -> None:
    own, layout = tiling()
    start, half = (own.planes(t)[-1] for t in (0.0, 0.5))
    assert (start.kind, start.owner, half.kind) == ("scores", "left", "scores")
    end = layout["left"].element(0, 0)
    np.testing.assert_allclose(half.element(0, 0), (start.element(0, 0) + end) / 2)
    cube = layout.cubes["left"]
    far = max((cube.element(0, k, 0) for k in range(4)), key=lambda place: float(np.linalg.norm(place - end)))
    np.testing.assert_allclose(start.element(0, 0), far)


def test_what_a_block_adds_comes_from_amid_the_slices_of_its_keys() -> None:
    own, layout = tiling()
    step = steps_of(own, "add")[1]
    plane = own.planes(float(step))[-1]
    cube = layout.cubes[""]
    np.testing.assert_allclose(plane.element(0, 0), (cube.element(0, 2, 0) + cube.element(0, 3, 0)) / 2)
    assert (plane.kind, plane.owner, plane.first) == ("gain", "", (0, 0))


@pytest.mark.parametrize(("gap", "far"), [(8.0, (3.0, 6.0, 4.0)), (0.0, (1.0, 2.0, 1.0))])
def test_maxima_sums_and_factors_stand_beyond_the_last_column(gap: float, far: tuple[float, float, float]) -> None:
    own, layout = tiling(gap)
    kinds = (("maximum", "left"), ("total", "left"), ("factor", ""))
    for (kind, path), distance in zip(kinds, far, strict=True):
        place = layout[path]
        expected = place.element(2, 3) + distance * place.across
        np.testing.assert_allclose(own.beside(kind).element(2, 0), expected)  # type: ignore[arg-type]
    maxima, totals = own.corners()
    np.testing.assert_array_equal(maxima, own.beside("maximum").corners(0.5))
    np.testing.assert_array_equal(totals, own.beside("total").corners(0.5))


def test_factors_are_shown_where_something_is_rescaled_and_nothing_flies_where_rows_are_divided() -> None:
    own, _ = tiling()
    for step, turn in enumerate(own.turns):
        kinds = [plane.kind for plane in own.planes(float(step))]
        rescaled = turn.phase == "divide" or (turn.phase == "scores" and turn.key == 1)
        flying = {"scores": ["scores"], "add": ["gain"], "divide": []}[turn.phase]
        assert kinds == ["maximum", "total", *(["factor"] if rescaled else []), *flying]


def test_a_stage_is_computed_once_for_all_that_is_asked_of_its_step() -> None:
    own, _ = tiling()
    assert own.values("left", 3) is own.stage(3).weights
    assert own.values("", 3) is own.stage(3).sums
    assert own.stage(3) is own.stage(3)


def test_planes_are_scaled_by_what_they_are_in_the_end() -> None:
    own, _ = tiling()
    samples = {(key.kind, key.path): numbers for key, numbers in own.samples().items()}
    np.testing.assert_array_equal(samples["maximum", "left"], own.attention.ends[0])
    np.testing.assert_array_equal(samples["total", "left"], own.attention.ends[1])
    assert samples["gain", ""] is own.attention.result
    assert samples["factor", ""].tolist() == [[1.0]]
    assert samples["scores", "left"].size == 16


def test_where_all_keys_are_one_block_everything_is_there_after_it() -> None:
    whole = Tiles((2, 3), (2, 3))
    assert turns(whole) == [(0, 0, "scores"), (0, 0, "add"), (0, 0, "divide")]
    assert whole.cells(Turn(0, 0, "divide")).mask((2, 3)).all()
