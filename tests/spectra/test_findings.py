"""What stands out in a table, found again in tables whose answer is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.spectra import findings
from mmviz.spectra.selection import Selection
from mmviz.spectra.table import Table, tabulate
from mmviz.values.families.reading import read_model_config
from mmviz.values.model.head_spectra import HeadSpectra, LayerSpectra, Matrix

CONFIG = read_model_config(
    {
        "model_type": "llama",
        "num_hidden_layers": 12,
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": 8,
    },
    "config.json",
)
Floats = NDArray[np.float64]

LAYERS, HEADS = tuple(range(1, 11)), (0, 2, 3)


def spectra(values: Floats, noise: float = 0.0) -> HeadSpectra:
    odd = np.isnan(values).sum(1)
    return HeadSpectra(values, np.ones(len(values)), np.full(len(values), noise), np.stack([odd, 0 * odd], 1))


def table(noise: float = 0.0, **matrices: Floats) -> Table:
    """Of arrays (layers, heads, 16), by the names of matrices."""
    names: tuple[Matrix, ...] = tuple(matrices)  # type: ignore[arg-type]
    layers: list[LayerSpectra] = [{m: spectra(matrices[m][at], noise) for m in names} for at in range(len(LAYERS))]
    return tabulate("x", CONFIG, Selection(LAYERS, HEADS, names), dict.fromkeys(names, "F32"), layers)


def powers(decay: Floats) -> Floats:
    """Singular values that fall by a factor at each: (..., 16)."""
    return np.asarray(decay[..., None] ** np.arange(16.0))


def test_the_head_whose_values_fall_the_fastest_is_the_extreme_by_every_ratio() -> None:
    decay = np.full((10, 3), 0.9)
    decay[6, 1] = 0.5
    for measure in ("top10_ratio", "first_last_ratio", "least10_ratio", "stable_rank", "entropy_rank"):
        found = findings.extreme(table(q=powers(decay), v=powers(decay * 0 + 0.9)), ["q", "v"], measure)
        assert found is not None
        assert (found.matrix, found.layer, found.head) == ("q", 7, 2)
    least, largest = findings.ends(table(q=powers(decay)), "q", "top10_ratio") or (None, None)
    assert least is not None
    assert largest is not None
    assert (least.layer, least.head, largest.layer, largest.head) == (1, 0, 7, 2)


def test_a_trend_has_the_sign_of_what_was_put_in() -> None:
    fewer = np.linspace(0.95, 0.7, 10)[:, None] * np.ones(3)
    shown = table(q=powers(fewer), k=powers(fewer[::-1]))
    falls, rises = findings.trend(shown, "q", "stable_rank"), findings.trend(shown, "k", "stable_rank")
    assert falls is not None
    assert rises is not None
    assert falls.correlation == pytest.approx(-1)
    assert falls.first > falls.last
    assert rises.correlation == pytest.approx(1)


def test_what_is_left_out_counts_nowhere() -> None:
    values = powers(np.full((10, 3), 0.9))
    values[3, 1] = np.nan
    shown = table(q=values)
    assert findings.beyond(shown, "q", "top10_ratio")[1] == 29
    assert len(findings.layer_medians(shown, "q", "top10_ratio")) == 10
    assert np.isfinite(findings.median(shown, ["q"], "entropy_rank"))
    assert [(one.layer, one.head) for one in shown.left_out] == [(4, 2)]


def test_values_below_the_noise_floor_are_counted() -> None:
    """0.5^n is below 0.01 from n = 7 on: 9 of 16."""
    shown = table(noise=0.01, q=powers(np.full((10, 3), 0.5)))
    assert findings.below_noise(shown, "q") == (270, 480, 30)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([1, 2, 3, 4], [10, 20, 30, 1000], 1),
        ([1, 2, 3, 4], [4, 3, 2, 1], -1),
        ([86, 97, 99, 100, 101, 103, 106, 110, 112, 113], [2, 20, 28, 27, 50, 29, 7, 17, 6, 12], -29 / 165),
        ([1, 2, 2, 3], [1, 2, 2, 3], 1),
        ([1, 2, 3], [5, 5, 5], 0),
    ],
)
def test_spearmans_correlation_is_that_of_textbooks(left: list[float], right: list[float], expected: float) -> None:
    assert findings.spearman(left, right) == pytest.approx(expected)
