"""What a step of each algorithm computes, takes and leaves there, against the products that it is said to compute."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.space.sweep import EVERYWHERE, Sweep
from mmviz.picture.time.algorithms import SUMMING, WAYS, I, J, K, Triple, computed, indices, steps, taken, way
from mmviz.picture.time.orders import TURNED, UNFINISHED
from mmviz.picture.time.starts import Arrival, comes_piecewise
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.tree import Worn
from tests.examples import examples

Mask = NDArray[np.bool_]
STEPS: dict[Algorithm, Callable[[Triple], int]] = {
    "vmprod": lambda b: b[I],
    "mvprod": lambda b: b[J],
    "vvprod": lambda b: b[K],
    "dotprod": lambda b: b[I] * b[J],
    "dotprod-columns": lambda b: b[I] * b[J],
    "axpy": lambda b: b[K] * b[J],
    "whole": lambda _: 1,
}
IN_A_STEP: dict[Algorithm, Callable[[Triple, int, Triple], bool]] = {
    "vmprod": lambda _, step, at: at[I] == step,  # a row of the result
    "mvprod": lambda _, step, at: at[J] == step,  # a column
    "vvprod": lambda _, step, at: at[K] == step,  # an outer product
    "dotprod": lambda b, step, at: at[I] * b[J] + at[J] == step,  # an element, row by row
    "dotprod-columns": lambda b, step, at: at[J] * b[I] + at[I] == step,  # an element, column by column
    "axpy": lambda b, step, at: at[J] * b[K] + at[K] == step,  # a column of the left matrix, for one column
    "whole": lambda _, __, ___: True,
}
"""Whether a step computes the product L[i, k] * R[k, j]; all by their indices from the beginning of their block."""
sides = st.integers(1, 4)
blocks = st.tuples(sides, sides, sides)
algorithms = st.sampled_from(list(STEPS))


def in_step(algorithm: Algorithm, block: Triple, step: int, shape: Triple) -> Mask:
    """(i, k, j): the products of a step."""
    found = np.zeros(shape, bool)
    for i, k, j in np.ndindex(shape):
        found[i, k, j] = IN_A_STEP[algorithm](block, step, (i % block[I], k % block[K], j % block[J]))
    return found


def mask(sweep: Sweep | None, shape: tuple[int, int]) -> Mask:
    return np.ones(shape, bool) if sweep is None else sweep.mask(shape)


@given(algorithms, blocks, blocks)
@examples(80)
def test_a_step_takes_of_its_arguments_what_its_products_are_made_of(
    algorithm: Algorithm, block: Triple, shape: Triple
) -> None:
    assert steps(algorithm, block) == STEPS[algorithm](block)
    for step in range(steps(algorithm, block)):
        i, k, j = (max(side, size) for side, size in zip(block, shape, strict=True))  # no block is short of the step
        products = in_step(algorithm, block, step, (i, k, j))
        left, right = taken(algorithm, block, step)
        np.testing.assert_array_equal(mask(left, (i, k)), products.any(axis=J))
        np.testing.assert_array_equal(mask(right, (k, j)), products.any(axis=I))


@given(algorithms, blocks)
@examples(80)
def test_every_product_is_computed_in_one_step(algorithm: Algorithm, block: Triple) -> None:
    count = sum(in_step(algorithm, block, step, block).astype(int) for step in range(steps(algorithm, block)))
    assert (np.asarray(count) == 1).all()


@given(algorithms, blocks)
@examples(80)
def test_the_cells_of_a_result_are_there_when_all_of_their_products_were_computed(
    algorithm: Algorithm, block: Triple
) -> None:
    """Or from the start, where running sums are shown or one step computes all."""
    done = np.zeros(block, bool)
    for step in range(steps(algorithm, block)):
        done |= in_step(algorithm, block, step, block)
        there = computed(algorithm, block, step)
        if algorithm in SUMMING or algorithm == "whole":
            assert there == EVERYWHERE
        else:
            np.testing.assert_array_equal(there.mask((block[I], block[J])), done.all(axis=K))


@given(algorithms, blocks)
@examples(60)
def test_the_indices_of_a_step_are_those_that_all_of_its_products_share(algorithm: Algorithm, block: Triple) -> None:
    for step in range(steps(algorithm, block)):
        places = np.argwhere(in_step(algorithm, block, step, block))
        found = indices(algorithm, block, step)
        for axis, index in found.items():
            assert (places[:, axis] == index).all()
        shared = (places == places[0]).all(axis=0)
        assert all(axis in found or block[axis] == 1 for axis in (I, K, J) if shared[axis])


@pytest.mark.parametrize(
    ("algorithm", "limit", "left", "right"),
    [
        ("vmprod", J, [[0, 0, 0], [0, 0, 0], [1, 1, 1]], [[0, 0, 1]] * 3),
        ("vmprod", K, [[0, 0, 0], [0, 0, 0], [1, 1, 1]], [[0, 0, 0], [0, 0, 0], [1, 1, 1]]),
        ("mvprod", I, [[0, 0, 0], [0, 0, 0], [1, 1, 1]], [[0, 0, 1]] * 3),
        ("mvprod", K, [[0, 0, 1]] * 3, [[0, 0, 1]] * 3),
    ],
)
def test_under_a_limit_the_newest_row_or_column_of_the_other_argument_is_taken(
    algorithm: Algorithm, limit: int, left: list[list[int]], right: list[list[int]]
) -> None:
    found = taken(algorithm, (3, 3, 3), 2, limit)
    assert [mask(one, (3, 3)).astype(int).tolist() for one in found] == [left, right]


def test_what_flies_spans_the_axes_that_a_step_has_no_single_index_on_or_one_of_them() -> None:
    for algorithm, one in WAYS.items():
        open_axes = {I, K, J} - set(one.turns)
        assert open_axes <= set(one.plane), algorithm
    assert way("whole").turns == way("blockwise").turns == ()


@pytest.mark.parametrize("algorithm", TURNED)
def test_what_comes_in_an_order_comes_in_the_transpose_as_its_turned_order_says(algorithm: Algorithm) -> None:
    turned = TURNED[algorithm]
    assert TURNED[turned] == algorithm
    assert {algorithm, turned} <= set(get_args(Algorithm))
    for step in range(steps(algorithm, (2, 5, 3))):
        there = computed(algorithm, (2, 5, 3), step).mask((2, 3))
        np.testing.assert_array_equal(computed(turned, (3, 5, 2), step).mask((3, 2)), there.T)


def test_cells_of_sums_and_of_blockwise_products_change_after_they_have_appeared() -> None:
    assert {"vvprod", "axpy", "blockwise"} == UNFINISHED
    assert set(get_args(Algorithm)) >= UNFINISHED


@pytest.mark.parametrize(
    ("functions", "piecewise"),
    [
        ((), {"vmprod", "mvprod", "dotprod", "whole"}),
        ((Worn("relu"),), {"vmprod", "mvprod", "dotprod", "whole"}),
        ((Worn("softmax"),), {"vmprod", "whole"}),
        ((Worn("softmax", turned=True),), {"mvprod", "whole"}),
        ((Worn("relu"), Worn("softmax"), Worn("tanh")), {"vmprod", "whole"}),
        ((Worn("softmax"), Worn("softmax", turned=True)), {"whole"}),
    ],
)
def test_what_a_step_computes_is_final_unless_a_function_looks_across_steps(
    functions: tuple[Worn, ...], piecewise: set[str]
) -> None:
    tried: tuple[Algorithm, ...] = ("vmprod", "mvprod", "dotprod", "whole")
    assert {algorithm for algorithm in tried if comes_piecewise(functions, algorithm)} == piecewise


@pytest.mark.parametrize(("order", "ready"), [("vmprod", 5 + 7), ("mvprod", 5 + 2)])
def test_what_comes_by_tokens_is_there_when_the_last_row_or_column_of_a_block_has_come(
    order: Algorithm, ready: int
) -> None:
    assert Arrival(order, begins=5, block=(7, 2)).ready == ready
