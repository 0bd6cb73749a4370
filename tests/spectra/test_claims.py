"""Claims of a published analysis, held against tables that were made so that each of them is true, or is not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.spectra.claims import Claim, claims
from mmviz.spectra.selection import Selection
from mmviz.spectra.table import Table, tabulate
from mmviz.values.model.head_spectra import LayerSpectra
from tests.spectra.test_findings import CONFIG, powers, spectra
from tests.spectra.test_report import section

Floats = NDArray[np.float64]
LAYERS, HEADS = tuple(range(8)), tuple(range(8))
OF_EACH = replace(CONFIG, layers=8, heads=8, kv_heads=8, d_head=16)


def table(matrices: Mapping[str, Floats], config: Any = OF_EACH, layers: tuple[int, ...] = LAYERS) -> Table:
    names: Any = tuple(matrices)
    found: list[LayerSpectra] = [{m: spectra(matrices[m][at]) for m in names} for at in range(len(layers))]
    return tabulate("m", config, Selection(layers, HEADS, names), dict.fromkeys(names, "F32"), found)


def as_it_is_said() -> dict[str, Floats]:
    """Spectra (layers, heads, values) of which all is true that is said of Llama 3."""
    layer, head = np.arange(8.0)[:, None], np.arange(8.0)[None, :]
    first = 0.6 + 0.03 * layer - 0.02 * head * (layer == 0)  # by what the values of q and k fall from one to the next
    first = np.where(layer == 1, 0.3, first)
    second = 0.9 + 0.005 * layer + 0 * head
    scales = {"q": 10.0, "k": 8.0, "v": 2.0, "o": 2.0}
    decays = {"q": first, "k": first + 0.005, "v": second, "o": second}
    return {
        name: (scale - 0.2 * layer * (scale > 2))[..., None] * powers(decays[name]) for name, scale in scales.items()
    }


def verdicts(found: tuple[Claim, ...]) -> list[str]:
    return [claim.verdict for claim in found]


def test_of_weights_as_the_analysis_found_them_every_claim_holds() -> None:
    found = claims(table(as_it_is_said()))
    assert verdicts(found) == ["holds"] * 11, [claim for claim in found if claim.verdict != "holds"]
    assert found[0].measured == "q 10, k 8, v 2, o 2"


def test_of_the_opposite_none_does() -> None:
    said = as_it_is_said()
    turned = {"q": said["v"], "k": said["o"], "v": said["q"], "o": said["k"]}
    turned = {name: values[::-1, ::-1] for name, values in turned.items()}
    assert set(verdicts(claims(table(turned)))[:7]) <= {"does not hold", "holds in part"}


@pytest.mark.parametrize(
    ("change", "number", "verdict"),
    [
        ({"k": 2.0}, 0, "holds in part"),  # k is now above q
        ({"v": 30.0, "o": 30.0}, 5, "holds in part"),  # falls, but is not above
        ({"q": 0.1, "k": 0.2}, 0, "does not hold"),
    ],
)
def test_what_is_true_of_a_part_of_a_claim_alone_holds_in_part(
    change: dict[str, float], number: int, verdict: str
) -> None:
    said = as_it_is_said()
    said |= {name: factor * said[name] for name, factor in change.items()}
    assert claims(table(said))[number].verdict == verdict


def test_an_exception_is_one_that_stands_out_on_both_sides() -> None:
    said = as_it_is_said()
    for name in ("q", "k"):
        said[name][0] = said[name][1]
    found = claims(table(said))[7]
    assert found.verdict == "does not hold"
    assert found.measured.startswith("medians of layers 0, 1 and 2: q: ")


def test_few_layers_say_nothing_of_depth_and_a_layer_that_is_left_out_nothing_of_heads() -> None:
    said = as_it_is_said()
    few = claims(table({name: values[:2] for name, values in said.items()}, layers=(0, 1)))
    assert verdicts(few)[:5] == ["holds"] * 5
    assert verdicts(few)[5:8] == ["cannot be said"] * 3
    assert few[6].measured == (
        "top-10 falls: q of too few layers, k of too few layers; first/last falls: q of too few layers, k of too few "
        "layers; least-10 rises: q of too few layers, k of too few layers"
    )
    without = claims(table({name: values[1:] for name, values in said.items()}, layers=LAYERS[1:]))
    assert [claim.measured for claim in without[:5]] == [
        *["layer 0, head 0 is not among what was computed"] * 3,
        *["layer 0 is not among what was computed"] * 2,
    ]


def test_a_head_without_numbers_leaves_open_what_it_cannot_refute() -> None:
    said = as_it_is_said()
    said["q"][0, 0] = np.nan
    found = claims(table(said))
    assert verdicts(found)[:3] == ["cannot be said"] * 3
    assert found[0].measured == "q -, k 8, v 2, o 2"


def test_key_value_heads_that_are_shared_count_once() -> None:
    shared = replace(OF_EACH, kv_heads=4)
    said = {
        name: np.repeat(values[:, ::2], 2, axis=1) if name in "kv" else values
        for name, values in as_it_is_said().items()
    }
    found = claims(table(said, shared))
    assert "(beyond chance: ±1.13 of 4 heads, ±0.74 of 8 heads)" in found[3].measured
    assert "k at 4 of 4 heads" in found[5].measured


def test_the_report_counts_and_lists_them() -> None:
    lines = section(table(as_it_is_said()), "What is said of Llama 3, and what holds here")
    assert lines[0].endswith("Llama-3-8B-Instruct, held against the numbers of m: 11 claims hold.")
    assert len(lines) == 4 + 11
    assert lines[4].startswith("| At layer 0, head 0 the largest singular value of q is the highest")
    assert lines[4].endswith(" | **holds** | q 10, k 8, v 2, o 2 |")
    bare = section(table({"q": as_it_is_said()["q"]}), "What is said of Llama 3, and what holds here")
    assert bare == ["This takes all of q, k, v and o."]
