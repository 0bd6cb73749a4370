"""Each initializer against mm's formula, element by element, or transformers; random ones by their seed and range."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding
from transformers.models.t5.modeling_t5 import T5Attention

from mmviz import Scene
from mmviz.scene.keys.sources import Factor, Initializer, InitializerName
from mmviz.values.tensors.initializers import initialize

RANDOM: tuple[InitializerName, ...] = ("uniform", "gaussian", "pt linear")
SIZES = [(1, 1), (1, 5), (5, 1), (3, 4), (4, 3)]
Formula = Callable[[int, int, int, int], float]  # of i, j, h, w


def ramp(place: int, count: int) -> float:
    return place / (count - 1) if count > 1 else 0.0


RAMPS: dict[InitializerName, Formula] = {
    "rows": lambda i, j, h, w: ramp(i, h),
    "cols": lambda i, j, h, w: ramp(j, w),
    "row major": lambda i, j, h, w: ramp(i * w + j, h * w),
    "col major": lambda i, j, h, w: ramp(j * h + i, h * w),
}
FIXED: dict[InitializerName, Formula] = {
    "eye": lambda i, j, h, w: i == j,
    "diff": lambda i, j, h, w: 1 if i == j else -1 if i == j + 1 else 0,
    "tril mask": lambda i, j, h, w: j <= i,
    "triu mask": lambda i, j, h, w: j >= i,
    "zeros": lambda i, j, h, w: 0,
    "ones": lambda i, j, h, w: 1,
}
OF_TRANSFORMERS: tuple[InitializerName, ...] = ("sinusoidal", "alibi", "t5 buckets")


def by_loop(formula: Formula, h: int, w: int) -> NDArray[np.float32]:
    return np.array([[formula(i, j, h, w) for j in range(w)] for i in range(h)], np.float32)


def test_every_initializer_is_tested() -> None:
    assert {*RAMPS, *FIXED, *RANDOM, *OF_TRANSFORMERS, "full"} == set(get_args(InitializerName))


@pytest.mark.parametrize(("h", "w"), SIZES)
@pytest.mark.parametrize("name", sorted(RAMPS))
def test_a_ramp_runs_from_min_to_max(name: InitializerName, h: int, w: int) -> None:
    found = initialize(Initializer(init=name, min=-2.0, max=3.0), h, w)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, by_loop(lambda *at: -2 + 5 * RAMPS[name](*at), h, w))


@pytest.mark.parametrize(("h", "w"), SIZES)
@pytest.mark.parametrize("name", sorted(FIXED))
def test_a_mask_knows_no_range(name: InitializerName, h: int, w: int) -> None:
    found = initialize(Initializer(init=name, min=-2.0, max=3.0), h, w)
    np.testing.assert_array_equal(found, by_loop(FIXED[name], h, w))


@pytest.mark.parametrize("name", ["rows", "uniform", "gaussian"])
def test_a_range_upside_down_is_the_minimum(name: InitializerName) -> None:
    np.testing.assert_array_equal(initialize(Initializer(init=name, min=2.0, max=1.0), 3, 4), 2.0)


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_repeats_its_numbers_and_another_one_does_not(name: InitializerName) -> None:
    first, again, other = (initialize(Initializer(init=name, seed=seed), 16, 16) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not (first == other).any()


def test_uniform_numbers_fill_their_range() -> None:
    found = initialize(Initializer(init="uniform", min=-2.0, max=3.0, seed=3), 300, 300)
    assert -2 <= found.min() < -1.99
    assert 2.99 < found.max() <= 3
    assert abs(found.mean() - 0.5) < 0.02  # 4 deviations of the mean


def test_gaussian_numbers_have_their_mean_and_deviation_in_the_middle_of_the_range() -> None:
    found = initialize(Initializer(init="gaussian", min=-2.0, max=3.0, seed=3), 300, 300)
    assert abs(found.mean() - 0.5) < 0.04
    assert abs(found.std() - 2.5) < 0.03


def test_pt_linear_is_bound_by_the_number_of_columns() -> None:
    found = initialize(Initializer(init="pt linear", min=5.0, max=6.0), 300, 64)
    assert 0.124 < np.abs(found).max() <= 0.125
    assert abs(found.mean()) < 0.005


def test_tensors_without_a_seed_have_that_of_their_name() -> None:
    source = Initializer(init="gaussian")
    q, k = (initialize(source, 16, 16, name) for name in "QK")
    assert abs(np.corrcoef(q.ravel(), k.ravel())[0, 1]) < 0.2  # three standard deviations of chance
    known = {"Q": 0xCE6E8EEF, "123456789": 0xCBF43926, "": 0}  # the second is the check value of CRC-32/ISO-HDLC
    assert {name: source.seed_of(name) for name in known} == known
    np.testing.assert_array_equal(q, initialize(Initializer(init="gaussian", seed=known["Q"]), 16, 16))
    assert Initializer(init="gaussian", seed=0).seed_of("Q") == 0
    assert Initializer(init="gaussian", svd=Factor(part="U")).seed_of("U") == 0


def test_factors_without_a_seed_are_those_of_one_matrix() -> None:
    parts = {"a": "U", "b": "S", "c": "Vt"}
    sources = {name: {"init": "uniform", "shape": [5, 3], "svd": {"part": part}} for name, part in parts.items()}
    whole = initialize(Initializer(init="uniform"), 5, 3)
    np.testing.assert_allclose(Scene("a @ (b @ c)", sources).values()[""], whole, atol=1e-6)


@pytest.mark.parametrize("value", [0.0, -2.5, 1e30])
def test_full_is_one_number_everywhere(value: float) -> None:
    np.testing.assert_array_equal(initialize(Initializer(init="full", value=value), 3, 4), np.full((3, 4), value, "f"))


@pytest.mark.parametrize(("tokens", "width"), [(1, 1), (5, 1), (7, 16), (200, 7)])
def test_sinusoidal_positions_are_those_of_marian_with_sines_and_cosines_in_turn(tokens: int, width: int) -> None:
    found = initialize(Initializer(init="sinusoidal"), tokens, width)
    marian = MarianSinusoidalPositionalEmbedding(tokens, width).create_weight().numpy()  # all sines, then all cosines
    np.testing.assert_allclose(np.hstack([found[:, 0::2], found[:, 1::2]]), marian, atol=1e-6)


@pytest.mark.parametrize("heads", [1, 6, 8, 12])
def test_alibi_is_that_of_bloom_less_what_is_the_same_in_a_whole_row(heads: int) -> None:
    bloom = build_alibi_tensor(torch.ones(1, 9), heads, torch.float32).numpy()  # (heads, 1, keys)
    for head in range(heads):
        found = initialize(Initializer(init="alibi", head=head, heads=heads), 9, 9)
        np.testing.assert_allclose(found, bloom[head] - bloom[head].T, rtol=1e-5)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (300, 20), (20, 300)])
@pytest.mark.parametrize("causal", [False, True])
def test_buckets_are_those_of_t5(causal: bool, rows: int, columns: int) -> None:
    apart = torch.arange(columns)[None] - torch.arange(rows)[:, None]
    of_t5 = T5Attention._relative_position_bucket(apart, bidirectional=not causal, num_buckets=32, max_distance=128)
    found = initialize(Initializer(init="t5 buckets", causal=causal), rows, columns)
    np.testing.assert_array_equal(found, of_t5.numpy())
