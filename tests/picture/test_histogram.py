"""Counts of the numbers of a matrix are numpy's."""

import numpy as np
import pytest

from mmviz.picture.look import histogram as histograms
from mmviz.picture.look.histogram import histogram


@pytest.mark.parametrize("chunk", [1 << 20, 50])
def test_the_counts_are_those_of_numpy_in_float64(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histograms, "CHUNK", chunk)
    values = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
    least, largest = float(values.min()), float(values.max())
    found = histogram(values, None, least, largest, 17)
    counts, edges = np.histogram(values.astype(np.float64), 17)
    np.testing.assert_array_equal(found.counts, counts)
    np.testing.assert_array_equal(found.edges, edges)
    assert found.counts.sum() == values.size


def test_what_is_masked_or_not_finite_is_not_counted() -> None:
    values = np.array([[1, 2, np.nan, 3], [np.inf, -np.inf, 100, 2]], np.float32)
    mask = values == 100
    found = histogram(values, mask, 1, 3, 4)
    assert found.counts.tolist() == [1, 0, 2, 1]


def test_equal_numbers_stand_in_one_bin() -> None:
    found = histogram(np.full((3, 3), 7, np.float32), None, 7, 7, 5)
    assert found.counts.tolist() == [0, 0, 9, 0, 0]
    assert (found.edges[0], found.edges[-1]) == (6.5, 7.5)
