"""The Gaussian references, against matrices of Gaussian elements that are drawn and decomposed by numpy."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.spectra.gaussian import of_product, of_slice
from mmviz.spectra.measures import MEASURES, RATIOS

Floats = NDArray[np.float64]


def drawn(rows: int, columns: int, draws: int = 30) -> Floats:
    """(draws, values)"""
    random = np.random.default_rng(7)
    return np.array([np.linalg.svd(random.standard_normal((rows, columns)), compute_uv=False) for _ in range(draws)])


@pytest.mark.parametrize("shape", [(576, 64), (64, 576), (512, 128), (300, 200)], ids=str)
def test_values_of_a_slice_are_those_of_draws(shape: tuple[int, int]) -> None:
    draws, reference = drawn(*shape), np.array(of_slice(*shape))
    np.testing.assert_allclose(reference, draws.mean(0), rtol=0.04)
    for name, measure in MEASURES.items():
        assert float(measure(reference)) == pytest.approx(np.median(measure(draws)), rel=0.05), name


def test_of_a_square_matrix_all_but_the_least_values_are_those_of_draws() -> None:
    draws, reference = drawn(96, 96, 60), np.array(of_slice(96, 96))
    np.testing.assert_allclose(reference[:-6], draws.mean(0)[:-6], rtol=0.06)
    for name, measure in RATIOS.items():
        far = {"first_last_ratio": 0.5, "least10_ratio": 0.1}.get(name, 0.04)
        assert float(measure(reference)) == pytest.approx(np.median(measure(draws)), rel=far), name


def test_a_single_column_is_as_long_as_its_elements_say() -> None:
    assert of_slice(400, 1)[0] == pytest.approx(20, rel=0.01)


@pytest.mark.parametrize("outer", [200, 64, 40])
def test_values_of_a_product_are_those_of_whole_products(outer: int) -> None:
    random = np.random.default_rng(3)
    least = min(outer, 64)
    draws = []
    for _ in range(40):
        product = random.standard_normal((outer, 64)) @ random.standard_normal((64, outer))
        draws.append(np.linalg.svd(product, compute_uv=False)[:least])
    reference = np.array(of_product(outer, 64))
    assert len(reference) == least
    middle = slice(0, least - 8)
    np.testing.assert_allclose(reference[middle], np.mean(draws, axis=0)[middle], rtol=0.05)


def test_the_largest_value_is_near_the_edge_of_the_law() -> None:
    """sqrt(rows) + sqrt(columns), for large matrices."""
    assert of_slice(4096, 128)[0] == pytest.approx(np.sqrt(4096) + np.sqrt(128), rel=0.01)
    assert of_slice(4096, 128)[-1] == pytest.approx(np.sqrt(4096) - np.sqrt(128), rel=0.01)
