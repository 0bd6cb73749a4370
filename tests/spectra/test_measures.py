"""What the measures of singular values are: laws, and values that can be worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.spectra.measures import MEASURES, NORMS, RATIOS

POSITIVE = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=40)


def measured(values: list[float]) -> dict[str, float]:
    return {name: float(measure(np.array(values))) for name, measure in MEASURES.items()}


def test_measures_of_a_list_are_what_their_definitions_say() -> None:
    """Twelve values, 12 down to 1: sum 78, sum of squares 650, sum of fourth powers 60710."""
    entropy = -sum(i / 78 * math.log(i / 78) for i in range(1, 13))
    assert measured([float(i) for i in range(1, 13)]) == pytest.approx(
        {
            "top10_ratio": 75 / 78,
            "first_last_ratio": 12,
            "least10_ratio": 55 / 78,
            "stable_rank": 650 / 144,
            "participation_ratio": 650**2 / 60710,
            "entropy_rank": math.exp(entropy),
            "spectral_norm": 12,
            "frobenius_norm": math.sqrt(650),
        }
    )


@pytest.mark.parametrize("count", [1, 7, 10, 64])
def test_equal_values_have_full_ranks(count: int) -> None:
    found = measured([2.5] * count)
    share = min(10 / count, 1)
    assert found == pytest.approx(
        {
            "top10_ratio": share,
            "first_last_ratio": 1,
            "least10_ratio": share,
            "stable_rank": count,
            "participation_ratio": count,
            "entropy_rank": count,
            "spectral_norm": 2.5,
            "frobenius_norm": 2.5 * math.sqrt(count),
        }
    )


def test_a_matrix_of_rank_one_has_ranks_of_one() -> None:
    found = measured([3.0] + [0.0] * 20)
    assert [found[name] for name in ("stable_rank", "participation_ratio", "entropy_rank")] == [1, 1, 1]
    assert (found["top10_ratio"], found["least10_ratio"], found["first_last_ratio"]) == (1, 0, math.inf)


def test_a_matrix_of_zeros_has_norms_but_no_ratios() -> None:
    found = measured([0.0] * 12)
    assert [found[name] for name in NORMS] == [0, 0]
    assert all(math.isnan(found[name]) for name in RATIOS)


def test_what_is_left_out_has_no_measure() -> None:
    assert all(math.isnan(value) for value in measured([math.nan] * 12).values())


@given(POSITIVE, st.floats(1e-100, 1e100))
def test_ratios_do_not_depend_on_size_and_norms_grow_with_it(values: list[float], size: float) -> None:
    found, scaled = measured(values), measured([size * value for value in values])
    for name, value in found.items():
        assert scaled[name] == pytest.approx(value * (size if name in NORMS else 1), rel=1e-9)


@given(POSITIVE)
def test_ranks_lie_between_one_and_the_number_of_values_in_their_known_order(values: list[float]) -> None:
    found = measured(values)
    stable, participation, entropy = (found[n] for n in ("stable_rank", "participation_ratio", "entropy_rank"))
    assert 1 - 1e-9 <= stable <= participation * (1 + 1e-9)  # sum s^4 <= s1^2 sum s^2
    assert participation <= entropy * (1 + 1e-9) <= len(values) * (1 + 2e-9)  # orders of Renyi entropies
    assert found["frobenius_norm"] ** 2 == pytest.approx(math.fsum(value**2 for value in values))


def test_lists_are_measured_along_the_last_axis() -> None:
    random = np.random.default_rng(0).random((3, 4, 15))
    for measure in MEASURES.values():
        assert measure(random).shape == (3, 4)
        assert measure(random)[2, 1] == measure(random[2, 1])
