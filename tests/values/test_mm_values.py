"""Values against mm: every initializer and epilog, to the rounding of float32; where we differ, and why."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.pipeline import Scene
from mmviz.scene.keys.sources import RANDOM, SCALED, Initializer, InitializerName
from mmviz.values.tensors.initializers import initialize

Numbers = NDArray[np.float64]
Expected = Callable[[Mapping[str, Numbers]], dict[str, Numbers]]

CASES = json.loads((Path(__file__).parents[1] / "mm" / "values.json").read_text(encoding="utf-8"))["cases"]
ROUNDING = 3e-7
"""Two steps of float32."""
ERF = 2e-7
"""Error of mm's polynomial for erf, as a share of |x|; ours is exact."""


def sums(leaves: Mapping[str, Numbers]) -> Numbers:
    with np.errstate(all="ignore"):
        return leaves["left"] @ leaves["right"]


def normal_rows(x: Numbers) -> Numbers:
    with np.errstate(all="ignore"):
        mean = x.mean(axis=1, keepdims=True)
        scaled: Numbers = (x - mean) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    return scaled


def softmax_rows(x: Numbers) -> Numbers:
    with np.errstate(all="ignore"):
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        shares: Numbers = powers / powers.sum(axis=1, keepdims=True)
    return shares


def causal_rows(x: Numbers) -> Numbers:
    allowed = np.tri(*x.shape, dtype=np.bool_)
    return np.where(allowed, softmax_rows(np.where(allowed, x, -np.inf)), 0)


def normal_chain(leaves: Mapping[str, Numbers]) -> dict[str, Numbers]:
    inner = normal_rows(leaves["left.left"] @ leaves["left.right"])
    return {"left": inner, "": (inner.astype(np.float32) @ leaves["right"]) ** 2}


NAN = "a sum that is NaN stays NaN (oddity 4)"
ROWS = "layernorm takes each row by itself, and its variance is never negative (oddity 3)"
INFINITE = "a row with +Infinity is not all 0 (oddity 1)"
DIFFERENT: dict[str, tuple[str, Expected]] = {
    "init expr nan: i==j ? 0/0 : 1": (NAN, lambda leaves: {"": sums(leaves)}),
    "init expr object: ({})": (NAN, lambda leaves: {"": sums(leaves)}),
    "epilog layernorm: wide 3x4x7": (ROWS, lambda leaves: {"": normal_rows(sums(leaves))}),
    "epilog layernorm: all negative, large 3x2x4": (ROWS, lambda leaves: {"": normal_rows(sums(leaves))}),
    "epilog layernorm: infinity 3x3x3": (ROWS, lambda leaves: {"": normal_rows(sums(leaves))}),
    "epilog layernorm: constant 1000.1 4x1x4": (ROWS, lambda leaves: {"": normal_rows(sums(leaves))}),
    "epilog softmax: infinity 3x3x3": (INFINITE, lambda leaves: {"": softmax_rows(sums(leaves))}),
    "epilog softmax(x/sqrt(k)): infinity 3x3x3": (INFINITE, lambda leaves: {"": softmax_rows(sums(leaves) / 3**0.5)}),
    "epilog softmax(tril(x/sqrt(k))): infinity 3x3x3": (
        INFINITE,
        lambda leaves: {"": causal_rows(sums(leaves) / 3**0.5)},
    ),
    "epilog softmax(tril(x/8)): infinity 3x3x3": (INFINITE, lambda leaves: {"": causal_rows(sums(leaves) / 8)}),
    "chain (A@B)@C, child epilog layernorm, root x**2": (ROWS, normal_chain),
}
"""Cases in which we differ from mm on purpose: the reason, and what is right by an independent computation."""


def measured(case: dict[str, Any]) -> dict[str, Numbers]:
    """path -> mm's values; our path of a product is that of its result."""
    return {
        ".".join(part for part in mat["path"].split(".") if part != "result"): np.array(
            [float(x) for x in mat["values"]]
        ).reshape(mat["H"], mat["W"])
        for mat in case["mats"]
    }


def test_every_case_that_differs_is_there() -> None:
    assert set(DIFFERENT) <= {case["name"] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_values_are_those_of_mm_but_for_its_mistakes(case: dict[str, Any]) -> None:
    expected = measured(case)
    if case["name"] in DIFFERENT:
        expected |= DIFFERENT[case["name"]][1](expected)
    found = Scene.from_mm(case["params"]).values()
    assert set(found) == set(expected)
    error = ERF if "gelu" in case["name"] else 0.0
    for path, values in expected.items():
        size = np.abs(values[np.isfinite(values)]).max(initial=0)
        np.testing.assert_allclose(found[path], values, rtol=ROUNDING, atol=1e-7 * min(size, 1) + error * size)


def test_causal_softmax_of_a_tall_matrix_looks_at_its_own_row_only_unlike_mm() -> None:
    tall = {"epilog": "softmax(tril(x/8))", "left": {"h": 6, "w": 2, "init": "cols"}, "right": {"h": 2, "w": 3}}
    values = Scene.from_mm(tall).values()
    expected = causal_rows(values["left"].astype(float) @ values["right"].astype(float) / 8)
    np.testing.assert_allclose(values[""], expected, rtol=1e-6)
    np.testing.assert_allclose(values[""].sum(axis=1), 1, rtol=1e-6)


def test_softmax_of_a_row_far_below_zero_still_sums_to_one_unlike_mm() -> None:
    low = {"epilog": "softmax", "left": {"h": 2, "w": 1, "init": "expr", "expr": "-1e5"}, "right": {"h": 1, "w": 3}}
    np.testing.assert_allclose(Scene.from_mm(low).values()[""].sum(axis=1), 1, rtol=1e-6)


def test_sigmoid_of_nan_is_nan_unlike_mm() -> None:
    params = {"epilog": "sigmoid", "left": {"h": 1, "w": 1, "init": "expr", "expr": "0/0"}, "right": {"h": 1, "w": 1}}
    assert np.isnan(Scene.from_mm(params).values()[""]).all()


@pytest.mark.parametrize("name", [*SCALED, *RANDOM])
def test_dropout_sets_its_share_to_zero_and_leaves_the_rest(name: InitializerName) -> None:
    whole = initialize(Initializer(init=name, min=1, max=2, seed=3), 200, 300)
    some = initialize(Initializer(init=name, min=1, max=2, seed=3, dropout=0.3), 200, 300)
    dropped = some != whole
    assert not some[dropped].any()
    np.testing.assert_allclose(dropped.mean(), 0.3, atol=0.01)
    assert not initialize(Initializer(init=name, dropout=1), 5, 7).any()


@pytest.mark.parametrize("name", ["eye", "diff", "tril mask", "triu mask"])
def test_masks_are_not_dropped_as_in_mm(name: InitializerName) -> None:
    np.testing.assert_array_equal(
        initialize(Initializer(init=name, dropout=1), 5, 7), initialize(Initializer(init=name), 5, 7)
    )
