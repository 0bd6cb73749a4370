"""What matrices and flying things are scaled by: their own numbers but masked ones, and of cubes an even sample."""

from typing import Any

import numpy as np
import pytest

from mmviz.picture.space.item_key import ItemKey, of_matrix
from mmviz.picture.time.planes import Matrix
from mmviz.picture.time.scales import SAMPLED_PLANES, SAMPLED_SIDE, numbers_of
from mmviz.picture.time.timeline import Timeline
from mmviz.scene.keys.options import AnimationOptions, Counts
from tests.picture.test_timeline import animate


def matrix(rows: int, columns: int, seed: int = 0) -> Matrix:
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def timeline(text: str, cuts: tuple[tuple[str, Counts], ...] = (), **said: Any) -> Timeline:
    options = AnimationOptions.model_validate({"algorithm": "vmprod", **said})
    return animate(text, {"A": matrix(4, 3, 1), "B": matrix(3, 5, 2), "C": matrix(4, 5, 3)}, options, cuts)


def numbers(film: Timeline, masked: Any = None) -> dict[ItemKey, Matrix]:
    end = film.frame(film.steps)
    return numbers_of({path: state.values for path, state in end.items()}, masked or {}, film)


def test_a_matrix_is_scaled_by_its_own_numbers_without_those_that_a_mask_forbids() -> None:
    film = timeline("A @ B")
    mask = np.zeros((4, 5), bool)
    mask[0, 1:] = True
    found, whole = numbers(film, {"": mask}), numbers(film)
    product = film.frame(film.steps)[""].values
    np.testing.assert_array_equal(whole[of_matrix("")], product)
    np.testing.assert_array_equal(np.sort(found[of_matrix("")]), np.sort(product[~mask]))
    assert found[of_matrix("left")].shape == (4, 3)


def test_small_cubes_are_scaled_by_all_of_their_products() -> None:
    film = timeline("A @ B")
    left, right = film.inputs("")
    expected = left[:, :, None] * right[None]
    np.testing.assert_array_equal(numbers(film)[ItemKey("plane", "")], expected)


def test_of_large_cubes_planes_evenly_over_the_rows_are_looked_at() -> None:
    tall, wide = matrix(500, 2), matrix(2, 700)
    film = animate("A @ B", {"A": tall, "B": wide}, AnimationOptions())
    sampled = numbers(film)[ItemKey("plane", "")]
    assert sampled.shape == (SAMPLED_PLANES, 2, SAMPLED_SIDE)
    for corner, row, column in (((0, 0, 0), 0, 0), ((-1, 0, -1), 499, 699)):
        assert sampled[corner] == tall[row, 0] * wide[0, column]
    rows = [int(np.flatnonzero(tall[:, 0] * wide[0, 0] == plane[0, 0])[0]) for plane in sampled]
    assert max(np.diff(rows)) - min(np.diff(rows)) <= 1


def test_products_that_are_too_large_for_a_number_are_infinite_and_no_error() -> None:
    opposite = np.array([[2e38, -2e38]], np.float32)  # so that the sum of the two products is 0
    film = animate("A @ B", {"A": opposite, "B": np.full((2, 1), 2.0, np.float32)}, AnimationOptions())
    sampled = numbers_of({}, {}, film)[ItemKey("plane", "")]
    assert sampled.ravel().tolist() == [np.inf, -np.inf]


def test_partial_results_are_scaled_by_all_blocks_together() -> None:
    film = timeline("A @ B", (("", Counts(k=3)),))
    found = numbers(film)[ItemKey("partial", "")]
    assert found.shape == (3, 4, 5)
    np.testing.assert_allclose(found.sum(axis=0), film.frame(film.steps)[""].values, rtol=1e-5)


@pytest.mark.parametrize(("sums", "there"), [("running", True), ("together", False)])
def test_terms_are_scaled_as_the_sum_that_they_fly_to(sums: str, there: bool) -> None:
    film = timeline("A @ B + C", sums=sums)
    found = numbers(film)
    assert (ItemKey("term", "") in found) == there
    if there:
        assert found[ItemKey("term", "")] is found[of_matrix("")]
