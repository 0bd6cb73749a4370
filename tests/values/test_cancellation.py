"""What is 0 but for rounding is 0; what is small and right stays, against sums of fractions that lose nothing."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.values.arithmetic.cancellation import of_product
from tests.examples import examples

SIDES = st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 5))
NUMBERS = st.floats(-8, 8, width=32, allow_subnormal=False)


def exact(left: NDArray[np.float32], right: NDArray[np.float32]) -> list[list[Fraction]]:
    columns = [[Fraction(float(x)) for x in column] for column in right.T]
    rows = [[Fraction(float(x)) for x in row] for row in left]
    return [[sum((a * b for a, b in zip(row, column, strict=True)), Fraction()) for column in columns] for row in rows]


@pytest.mark.parametrize("size", [48, 96, 256])
@pytest.mark.parametrize("pattern", ["rows", "cols"])
def test_patterns_that_cancel_leave_no_noise(size: int, pattern: str) -> None:
    source = {"init": pattern, "shape": [size, size]}
    scene = Scene("A @ B", {"A": source, "B": source}, animation={"algorithm": "vvprod"})
    values = scene.values()
    assert values["left"].any()
    noise = values["left"].astype(np.float64) @ values["right"].astype(np.float64)
    assert 0 < np.abs(noise).max() < 1e-13
    assert not values[""].any()
    assert scene.evaluated.cancelled[""] > 0
    assert not scene.evaluated.finish("", scene.timeline().sums("", scene.timeline().steps - 1)).any()
    assert scene.composition.cancelled == scene.evaluated.cancelled


@given(sides=SIDES, chosen=st.data())
@examples(60)
def test_nothing_is_taken_for_0_that_could_be_anything_else(sides: tuple[int, int, int], chosen: st.DataObject) -> None:
    i, k, j = sides
    left = chosen.draw(arrays(np.float32, (i, k), elements=NUMBERS))
    right = chosen.draw(arrays(np.float32, (k, j), elements=NUMBERS))
    if chosen.draw(st.booleans()):  # all cancels but for what is far smaller, which may be nothing
        chance = np.random.default_rng(chosen.draw(st.integers(0, 1000)))
        left = (chance.normal(size=(i, k)) * 2.0 ** chance.integers(-8, 8, k)).astype(np.float32)
        right = chance.normal(size=(k, j)).astype(np.float32)
        rest = np.full((1, j), chosen.draw(st.sampled_from([0.0, 2.0**-60, 2.0**-52, 2.0**-48, 2.0**-40])), np.float32)
        left = np.hstack([left, left, np.ones((i, 1), np.float32)])
        right = np.vstack([right, -right, rest])
    a, b = torch.from_numpy(left).double(), torch.from_numpy(right).double()
    found = a @ b
    bounds = of_product(a, b, found, (False, False))
    sums = exact(abs(left), abs(right))
    for row, line in enumerate(exact(left, right)):
        for column, right_one in enumerate(line):
            bound = 0.0 if bounds is None else float(bounds[row, column])
            # as many roundings as products of a sum in double precision, each by 2 ** -53 of what has come at most
            assert Fraction(bound) <= left.shape[1] * sums[row][column] * Fraction(1 + 1e-12) / 2**53
            assert bound == 0 or abs(right_one) <= 2 * Fraction(bound)
            if right_one == 0:
                assert abs(float(found[row, column])) <= bound


def test_small_numbers_that_are_right_stay() -> None:
    large = float(1 << 24)
    kept = Scene("A @ B", {"A": [[large, 1 - large]], "B": [[1], [1]]})
    assert kept.values()[""].tolist() == [[1]]  # 2 ** -25 of the products
    whole = Scene("(A @ I) @ B", {"A": [[large, 1 - large]], "I": [[1, 0], [0, 1]], "B": [[1], [1]]})
    assert whole.values()[""].tolist() == [[1]]  # computed, and not rounded
    assert whole.evaluated.cancelled == {}
    tiny = Scene("A @ B", {"A": [[1e20, 1]], "B": [[0], [1]]})
    assert tiny.values()[""].tolist() == [[1]]


def test_a_difference_of_what_was_rounded_is_0_where_only_rounding_differs() -> None:
    ulp = 2.0**-23  # of float32, from 1 to 2
    all_terms = {"A": [[1, 0.375 * ulp]], "B": [[1, 0.75 * ulp]], "C": [[1, 3 * ulp]], "one": [[1], [1]]}
    found = {"A @ one": 1, "B @ one": 1 + ulp, "relu(A @ one) - B @ one": 0, "relu(A @ one) - C @ one": -3 * ulp}
    for expression, expected in found.items():
        terms = {name: rows for name, rows in all_terms.items() if name in expression}
        assert Scene(expression, terms).values()[""].tolist() == [[expected]]
    assert Scene("A - B", {"A": [[1]], "B": [[1 + ulp]]}).values()[""].tolist() == [[-ulp]]  # nobody rounded these


def test_nan_and_infinities_stay_what_they_are() -> None:
    inf, nan = float("inf"), float("nan")
    scene = Scene("A @ B", {"A": [[inf, 1], [nan, 1], [1e-20, 1]], "B": [[1, 0], [1, 1]]})
    np.testing.assert_array_equal(scene.values()[""], np.array([[inf, nan], [nan, nan], [1, 1]], np.float32))
    beside = Scene("A @ B", {"A": [[1.0] * 48], "B": [[x, nan] for x in np.linspace(-1, 1, 48, dtype=np.float32)]})
    np.testing.assert_array_equal(beside.values()[""], [[0, nan]])
