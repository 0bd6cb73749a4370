"""Sweeps of matrices that are turned, joined and named: by masks of numpy, element by element."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.picture.time.algorithms import WAYS, computed, steps
from mmviz.picture.time.appearance import common, turned
from mmviz.picture.time.orders import TURNED, UNFINISHED
from mmviz.scene.keys.options import Algorithm

small = st.integers(1, 4)
sweeps = st.builds(
    Sweep,
    row_turn=st.integers(0, 3),
    column_turn=st.integers(0, 3),
    first=st.integers(0, 3),
    last=st.integers(0, 9),
    row_block=small,
    column_block=small,
    row_size=small,
    column_size=small,
)


@given(sweeps)
def test_a_turned_sweep_has_the_cells_of_the_transpose(sweep: Sweep) -> None:
    np.testing.assert_array_equal(turned(sweep, True).mask((5, 7)), sweep.mask((7, 5)).T)
    assert turned(sweep, False) == sweep
    assert turned(turned(sweep, True), True) == sweep


@given(st.sampled_from([(1, 0), (0, 1), (5, 1)]), st.integers(0, 30), st.integers(0, 30))
def test_what_two_sweeps_of_one_order_have_in_common_is_where_both_are(turns: tuple[int, int], a: int, b: int) -> None:
    one, other = (Sweep(*turns, first=0, last=last) for last in (a, b))
    both = one.mask((6, 5)) & other.mask((6, 5))
    np.testing.assert_array_equal(common(one, other).mask((6, 5)), both)


@given(sweeps)
def test_what_is_everywhere_leaves_the_other_as_it_is_and_other_orders_have_nothing_in_common(sweep: Sweep) -> None:
    assert common(EVERYWHERE, sweep) == common(sweep, EVERYWHERE) == sweep
    across = Sweep(sweep.row_turn + 1, sweep.column_turn)
    assert common(sweep, across) == (across if sweep == EVERYWHERE else NOWHERE)


@pytest.mark.parametrize("algorithm", sorted(set(WAYS) - UNFINISHED))
def test_the_turned_order_brings_the_same_cells_of_the_transpose_step_by_step(algorithm: Algorithm) -> None:
    other, block = TURNED[algorithm], (3, 2, 4)
    across = block[::-1]
    assert steps(other, across) == steps(algorithm, block)
    for step in range(steps(algorithm, block)):
        cells = computed(algorithm, block, step).mask((7, 9))
        np.testing.assert_array_equal(computed(other, across, step).mask((9, 7)).T, cells)
    assert TURNED[other] == algorithm
