"""Singular value decompositions and low ranks, against numpy in float64 and the theorem of Eckart and Young."""

import numpy as np
import pytest
import torch

from mmviz.errors import SourceError
from mmviz.values.arithmetic.decomposition import decompose, of_rank

SHAPES = [(40, 12), (12, 40), (9, 9), (1, 7), (7, 1)]

every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def matrix(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


@every_shape
def test_singular_values_are_numpys(shape: tuple[int, int]) -> None:
    found = decompose(torch.from_numpy(matrix(shape))).s.numpy()
    np.testing.assert_allclose(found, np.linalg.svd(matrix(shape), compute_uv=False), rtol=1e-12)


@every_shape
def test_what_is_cut_off_has_the_energy_of_the_tail(shape: tuple[int, int]) -> None:
    """Eckart and Young: |A - A_r|^2 is the sum of the squares of the other singular values, |A - A_r|_2 the next."""
    a = matrix(shape)
    s = np.linalg.svd(a, compute_uv=False)
    found = decompose(torch.from_numpy(a))
    for rank in range(1, len(s)):
        rest = a - found.approximation(rank).numpy()
        assert np.linalg.norm(rest) ** 2 == pytest.approx((s[rank:] ** 2).sum(), rel=1e-10)
        assert np.linalg.norm(rest, 2) == pytest.approx(s[rank], rel=1e-10)
        assert np.linalg.matrix_rank(found.approximation(rank).numpy()) == rank


def test_no_other_matrix_of_that_rank_is_nearer() -> None:
    a, random = matrix((20, 10)), np.random.default_rng(4)
    best = np.linalg.norm(a - decompose(torch.from_numpy(a)).approximation(3).numpy())
    for _ in range(50):
        columns = random.standard_normal((20, 3))
        nearest = columns @ np.linalg.lstsq(columns, a)[0]  # the best that these columns allow
        assert np.linalg.norm(a - nearest) > best


@every_shape
def test_shares_of_energy_are_those_of_the_frobenius_norm(shape: tuple[int, int]) -> None:
    found = decompose(torch.from_numpy(matrix(shape)))
    whole = np.linalg.norm(matrix(shape)) ** 2
    for rank, share in enumerate(found.shares(), start=1):
        assert share == pytest.approx(np.linalg.norm(found.approximation(rank).numpy()) ** 2 / whole, rel=1e-10)
    assert found.shares()[-1] == 1


@every_shape
def test_the_factors_give_the_matrix_back_within_float32(shape: tuple[int, int]) -> None:
    a = matrix(shape).astype(np.float32)
    found = decompose(torch.from_numpy(a))
    u, s, vt = (found.factor(part).double().numpy() for part in ("U", "S", "Vt"))
    assert np.abs(u @ s @ vt - a).max() < 4e-7 * np.abs(a).max() * min(shape) ** 0.5
    np.testing.assert_allclose(u.T @ u, np.eye(min(shape)), atol=1e-6)
    np.testing.assert_allclose(vt @ vt.T, np.eye(min(shape)), atol=1e-6)
    assert (s == np.diag(np.diag(s))).all()
    assert (np.diff(np.diag(s)) <= 0).all()


def test_the_largest_entry_of_each_left_vector_is_positive() -> None:
    for a in (matrix((30, 8)), -matrix((30, 8)), matrix((30, 8))[::-1].copy()):
        u = decompose(torch.from_numpy(a)).u.numpy()
        assert (u[np.abs(u).argmax(0), range(8)] > 0).all()


def test_a_matrix_of_a_lower_rank_is_told_by_its_singular_values() -> None:
    a = matrix((20, 3)) @ matrix((3, 12), 1)
    found = decompose(torch.from_numpy(a))
    assert (found.s[3:] < 1e-12 * found.s[0]).all()
    np.testing.assert_allclose(found.approximation(3).numpy(), a, atol=1e-12)


def test_of_a_matrix_of_zeros_everything_is_there_at_once() -> None:
    assert decompose(torch.zeros(4, 3)).shares() == (1.0, 1.0, 1.0)


def test_all_ranks_are_the_matrix_itself() -> None:
    a = torch.from_numpy(matrix((6, 4)).astype(np.float32))
    assert of_rank(a, 4) is a
    assert of_rank(a, 3).dtype == torch.float32


@pytest.mark.parametrize(
    ("odd", "said"), [([np.nan], "1 of its elements is"), ([np.inf, -np.inf], "2 of its elements are")]
)
def test_nan_and_infinity_have_no_singular_values(odd: list[float], said: str) -> None:
    a = matrix((5, 5))
    a[0, : len(odd)] = odd
    with pytest.raises(SourceError, match=f"^{said} NaN or infinite; singular values need finite numbers.$"):
        decompose(torch.from_numpy(a))
