"""The report in words: numbers that are known beforehand stand in the sentences that are about them."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.spectra.measures import MEASURES, RATIOS
from mmviz.spectra.report import LISTED, MEANINGS, RANKED, WORDS, report
from mmviz.spectra.selection import Selection
from mmviz.spectra.table import LeftOut, Table, tabulate
from mmviz.values.families.config import ModelConfig
from mmviz.values.model.head_spectra import LayerSpectra
from tests.spectra.test_findings import CONFIG, HEADS, LAYERS, powers, spectra

Floats = NDArray[np.float64]


def table(
    layers: tuple[int, ...] = LAYERS, noise: float = 0.0, config: ModelConfig = CONFIG, **matrices: Floats
) -> Table:
    names: Any = tuple(matrices)
    found: list[LayerSpectra] = [{m: spectra(matrices[m][at], noise) for m in names} for at in range(len(layers))]
    return tabulate("org/m", config, Selection(layers, HEADS, names), dict.fromkeys(names, "BF16"), found)


def section(of: Table, title: str, figures: tuple[str, ...] = ()) -> list[str]:
    text = report(of, figures)
    found = re.search(rf"^## {re.escape(title)}\n\n(.*?)(?=\n## |\Z)", text, re.S | re.M)
    assert found is not None, title
    return found[1].rstrip().split("\n")


def flat(decay: float, layers: int = 10) -> Floats:
    return powers(np.full((layers, 3), decay))


def test_a_report_has_a_title_its_sections_and_the_figures() -> None:
    text = report(table(q=flat(0.9), v=flat(0.9)), ["figures/q_top10_ratio.png", "all.png"])
    assert re.findall("^#+ .*", text, re.M) == [
        "# Spectra of org/m",
        "## What stands out",
        "## Queries and keys against values and outputs",
        "## With depth",
        "## What is said of Llama 3, and what holds here",
        "## Against Gaussian weights",
        "## Noise floor",
        "## Left out",
        "## All measures",
        "## What the columns mean",
        "## Figures",
    ]
    assert text.endswith("![q top10 ratio](figures/q_top10_ratio.png)\n\n![all](all.png)\n")
    assert "\n\n\n" not in text
    assert WORDS.keys() == {*MEASURES, "rank"}


def test_what_was_computed_is_said_first() -> None:
    values = flat(0.9)
    values[3, 1] = np.nan
    lines = report(table(q=values, ov=flat(0.8)), ()).split("\n")
    assert lines[2] == (
        "59 spectra: 10 layers of 12 (1 to 10), 3 query heads of 4 (0, 2 to 3), 2 of which share a key-value head "
        "(2 in all); d_model 64, d_head 16. Singular values are computed in float64; biases are left out."
    )
    assert lines[4:8] == [
        "| matrix | what it is | rows x columns | singular values | stored as |",
        "|---|---|---|---|---|",
        f"| q | {MEANINGS['q']} | 64 x 16 | 16 | BF16 |",
        f"| ov | {MEANINGS['ov']} | 64 x 64 | 16 | BF16 |",
    ]
    alone = replace(CONFIG, kv_heads=4)
    assert "share" not in report(table(config=alone, q=values), ()).split("\n")[2]


@pytest.mark.parametrize(("matrix", "kv"), [("q", ""), ("k", " (key-value head 1)")])
def test_the_head_that_is_furthest_from_chance_is_named(matrix: str, kv: str) -> None:
    decay = np.full((10, 3), 0.9)
    decay[6, 1] = 0.5
    values: dict[str, Any] = {matrix: powers(decay)}
    lines = section(table(**values), "What stands out")
    assert lines[0] == f"Of {matrix}, these are furthest from Gaussian weights:"
    named = [line for line in lines if line.startswith("- by ")]
    assert [line.split(",")[0][5:] for line in named] == [WORDS[measure] for measure in RATIOS]
    assert all(f"**{matrix} of layer 7, head 2**{kv}, " in line for line in named)
    first = next(line for line in named if "first/last ratio" in line)
    assert "highest against its reference" in first
    assert f", {2.0**15:.4g}, " in first
    assert "lowest against its reference" in next(line for line in named if "stable rank" in line)


def test_slices_and_products_are_told_apart() -> None:
    lines = section(table(q=flat(0.9), k=flat(0.9), qk=flat(0.8)), "What stands out")
    assert [line for line in lines if line.startswith("Of ")] == [
        "Of q and k, these are furthest from Gaussian weights:",
        "Of qk, these are furthest from Gaussian weights:",
    ]


def test_layers_with_the_fewest_and_the_most_directions_are_named() -> None:
    decay = np.full((10, 3), 0.8)
    decay[2], decay[5] = 0.5, 0.95
    lines = section(table(q=powers(decay)), "What stands out")
    said = next(line for line in lines if line.startswith("- q: "))
    squares = {one: (powers(np.array([one])) ** 2)[0] for one in (0.5, 0.95, 0.8)}
    ratio = {one: values.sum() ** 2 / (values**2).sum() for one, values in squares.items()}
    assert said == (
        f"- q: the fewest directions in layer 3 ({ratio[0.5]:.4g}), the most in layer 6 ({ratio[0.95]:.4g}); "
        f"{ratio[0.8]:.4g} in the middle"
    )
    one = section(table((3,), q=flat(0.9, 1)), "What stands out")
    assert not any("over their heads" in line for line in one)


def test_heads_that_are_not_of_full_rank_are_listed_the_lowest_first() -> None:
    values = flat(1.0)
    values[0, 0, 4:] = 1e-9
    values[1, 0, 9:] = 1e-9
    lines = section(table(noise=1e-6, q=values), "What stands out")
    start = next(number for number, line in enumerate(lines) if "noise floor" in line)
    assert lines[start].startswith("2 spectra with values below the noise floor, which count in no ratio; ")
    assert lines[start + 2 : start + 4] == [
        "- q of layer 1, head 0: **rank 4 of 16**",
        "- q of layer 2, head 0: **rank 9 of 16**",
    ]
    values[:, :, 12:] = 1e-9
    many = section(table(noise=1e-6, q=values), "What stands out")
    assert sum("**rank " in line for line in many) == RANKED
    assert f"- and {30 - RANKED} more, each of a higher share of its full rank or the same" in many
    values = flat(1.0)
    values[0, 0, 4:] = 1e-9
    single = section(table(noise=1e-6, q=values), "What stands out")
    assert any(line.startswith("1 spectrum with values below") for line in single)


def test_two_sides_are_compared_where_both_are_there() -> None:
    alone = section(table(q=flat(0.9), k=flat(0.9)), "Queries and keys against values and outputs")
    assert alone == ["This takes at least one of q and k, and one of v and o."]
    found = section(table(q=flat(0.5), v=flat(0.9), o=flat(0.9)), "Queries and keys against values and outputs")
    ratios = ", ".join(WORDS[measure] for measure in RATIOS)
    assert found[0] == (
        f"By {len(RATIOS)} of {len(RATIOS)} ratios ({ratios}), q is more concentrated in few directions than v and o."
    )
    assert found[2] == "| median over layers and heads | q | v and o | first over second |"
    same = section(table(q=flat(0.9), k=flat(0.9), o=flat(0.9)), "Queries and keys against values and outputs")
    assert same[0] == f"By 0 of {len(RATIOS)} ratios, q and k are more concentrated in few directions than o."
    assert [line.rpartition(" | ")[2] for line in same[4:]] == ["1.00 |"] * len(RATIOS)


def test_a_trend_with_depth_is_told_with_its_direction_and_bound() -> None:
    fewer = np.linspace(0.95, 0.7, 10)[:, None] * np.ones(3)
    lines = section(table(q=powers(fewer)), "With depth")
    assert re.match(
        r"The strongest trend: the [\w /-]+ of q (rises|falls) with depth, from a median of \S+ in the first quarter "
        r"of the layers to \S+ in the last \(rank correlation [+-]1\.00\)\. Of 6 trends, 6 are beyond ±0\.65, ",
        lines[0],
    )
    row = next(line for line in lines if line.startswith("| q |"))
    signs = dict(zip(RATIOS, row.split(" | ")[1:], strict=True))
    assert (signs["stable_rank"], signs["first_last_ratio"].rstrip(" |")) == ("-1.00", "+1.00")
    few = section(table((1, 2, 3), q=flat(0.9, 3)), "With depth")
    assert few == ["A trend takes at least 4 layers; here are 3."]


def test_the_gaussian_table_counts_the_heads_that_are_more_concentrated() -> None:
    decay = np.full((10, 3), 0.5)
    lines = section(table(q=powers(decay), v=np.full((10, 3, 16), np.nan)), "Against Gaussian weights")
    rows = {line.split(" | ")[0]: line.split(" | ")[1:] for line in lines if line.startswith(("| q", "| v"))}
    assert all(cell.rstrip(" |").endswith(", 30 of 30") for cell in rows["| q"])
    assert all(cell.rstrip(" |") == "-" for cell in rows["| v"])


def test_the_noise_table_counts_what_is_below_the_floor() -> None:
    values = flat(1.0)
    values[0, :2, 10:] = 1e-9
    lines = section(table(noise=1e-6, q=values, v=np.full((10, 3, 16), np.nan)), "Noise floor")
    assert lines[-2:] == [
        "| q | BF16 | 1e-06 | 1e-09 | 12 of 480, in 2 heads |",
        "| v | BF16 | - | - | - |",
    ]
    assert section(table(q=flat(1.0)), "Noise floor")[-1].endswith("| 0 of 480 |")


def test_what_is_left_out_is_listed_up_to_a_bound() -> None:
    plain = table(q=flat(0.9))
    assert section(plain, "Left out") == ["Nothing: all weights are finite."]
    one = LeftOut(3, "q", 2, "it has 1 NaN")
    assert section(replace(plain, left_out=(one,)), "Left out") == ["- q of layer 3, head 2: it has 1 NaN"]
    assert len(section(replace(plain, left_out=(one,) * LISTED), "Left out")) == LISTED
    many = section(replace(plain, left_out=(one,) * (LISTED + 1234)), "Left out")
    assert many[LISTED:] == ["- and 1,234 more"]


def test_every_measure_has_a_row_with_its_least_and_its_largest() -> None:
    decay = np.full((10, 3), 0.9)
    decay[6, 1] = 0.5
    lines = section(table(q=powers(decay)), "All measures")[2:]
    assert [line.split(" | ")[0][2:] for line in lines] == [WORDS[measure] for measure in (*MEASURES, "rank")]
    first_last = next(line for line in lines if line.startswith("| first/last ratio"))
    usual = 0.9**-15
    assert first_last.split(" | ")[2:7] == [
        f"{usual:.4g}", "layer 1, head 0", f"{usual:.4g}", f"{2.0**15:.4g}", "layer 7, head 2"
    ]  # fmt: skip
    norm = next(line for line in lines if line.startswith("| spectral norm"))
    assert norm.endswith("|  |")  # which has no Gaussian reference of its own
    assert not any(line.startswith("| rank | q | nan") for line in lines)


def test_every_column_is_explained() -> None:
    lines = section(table(q=flat(0.9)), "What the columns mean")
    explained = re.findall(r"^- `([^`]+)`: \S", "\n".join(lines), re.M)
    assert explained == [*MEASURES, "..._gaussian", "noise_floor", "rank", "kv_head"]
