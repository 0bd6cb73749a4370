"""What a published analysis says of the weights of Llama 3, claim by claim, and whether a table of spectra agrees.

Source: Owen 2024, Unveiling the Inner Workings of LLMs: A Singular Value Perspective, of Llama-3-8B-Instruct: the
slices of each head of W_Q, W_K, W_V and W_O; layer 0, head 0; the heads of layer 0; the layers at one head. It has
three ratios: top-10, first/last and least-10. What "rises" and "higher" mean in numbers is said here, claim by claim.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from mmviz.spectra.findings import FEWEST_LAYERS, layer_medians, median, spearman
from mmviz.spectra.table import Table
from mmviz.values.model.head_spectra import SHARED, Matrix

Verdict = Literal["holds", "holds in part", "does not hold", "cannot be said"]

ALL: Final[tuple[Matrix, ...]] = ("q", "k", "v", "o")
FIRST: Final[tuple[Matrix, ...]] = ("q", "k")
SECOND: Final[tuple[Matrix, ...]] = ("v", "o")
RATIOS: Final[Mapping[str, str]] = {
    "top10_ratio": "top-10",
    "first_last_ratio": "first/last",
    "least10_ratio": "least-10",
}
"""The three of the analysis."""
FEWEST_HEADS: Final = 4
"""Of a trend over heads, as of one over layers."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the analysis, and what is measured here."""

    text: str
    verdict: Verdict
    measured: str  # the numbers, or why there are none


Part = bool | None
"""Whether a part of a claim is true here; None: it has no number."""


def claims(table: Table) -> tuple[Claim, ...]:
    """All of them, in the order of the analysis; none where q, k, v and o are not all there."""
    if not set(ALL) <= set(table.selection.matrices):
        return ()
    return (*_at_the_first_head(table), *_over_heads(table), *_over_layers(table), *_in_all(table))


def _at_the_first_head(table: Table) -> Iterator[Claim]:
    texts = (
        "At layer 0, head 0 the largest singular value of q is the highest, that of k the next; those of v and o are "
        "lower.",
        "There the top-10 and first/last ratios of q and k are higher than those of v and o.",
        "There the least-10 ratios of q and k are lower than those of v and o.",
    )
    if 0 not in table.selection.layers or 0 not in table.selection.heads:
        yield from (Claim(text, "cannot be said", "layer 0, head 0 is not among what was computed") for text in texts)
        return
    place = table.selection.layers.index(0), table.selection.heads.index(0)

    def at(measure: str) -> dict[Matrix, float]:
        return {matrix: float(table.measured[matrix][measure][place]) for matrix in ALL}

    largest = at("spectral_norm")
    parts = [_above(largest, ("q",), ("k",)), _above(largest, FIRST, SECOND)]
    yield Claim(texts[0], _verdict(parts), _told(largest))
    for text, measures in ((texts[1], ("top10_ratio", "first_last_ratio")), (texts[2], ("least10_ratio",))):
        found = {measure: at(measure) for measure in measures}
        higher = measures != ("least10_ratio",)
        parts = [
            _above(numbers, FIRST, SECOND) if higher else _above(numbers, SECOND, FIRST) for numbers in found.values()
        ]
        yield Claim(text, _verdict(parts), "; ".join(f"{RATIOS[one]}: {_told(found[one])}" for one in measures))


def _over_heads(table: Table) -> Iterator[Claim]:
    """Rises and falls are Spearman's rank correlations with the head's number beyond what chance exceeds 1 in 20."""
    texts = (
        "In layer 0 the top-10 ratio of q and k rises with the number of the head, faster than that of v and o.",
        "There the least-10 ratio of q and k falls with the number of the head; that of v and o does not.",
    )
    if 0 not in table.selection.layers:
        yield from (Claim(text, "cannot be said", "layer 0 is not among what was computed") for text in texts)
        return
    at = table.selection.layers.index(0)
    top, least = (
        {matrix: _of_heads(table, matrix, one, at) for matrix in ALL} for one in ("top10_ratio", "least10_ratio")
    )
    slopes = {matrix: _slope(*line) for matrix, line in top.items()}
    parts = [*(_goes(top[matrix], 1) for matrix in FIRST), _above(slopes, FIRST, SECOND)]
    said = f"correlation {_signed(top)}; a head more: {_told(slopes, '+.2g')}"
    yield Claim(texts[0], _verdict(parts), said)
    parts = [*(_goes(least[matrix], -1) for matrix in FIRST), *(_not(_goes(least[matrix], -1)) for matrix in SECOND)]
    yield Claim(texts[1], _verdict(parts), f"correlation {_signed(least)}")


def _over_layers(table: Table) -> Iterator[Claim]:
    """At a head: true where it is of most heads that were computed."""

    def falling(matrix: Matrix, measure: str, sign: int = -1) -> tuple[Part, str]:
        lines = [_of_layers(table, matrix, measure, place) for place in _places(table, matrix)]
        found = [sign * spearman(*line) > 0 for line in lines if len(line[0]) >= FEWEST_LAYERS]
        return _most(
            found
        ), f"{matrix} at {sum(found)} of {len(found)} heads" if found else f"{matrix} of too few layers"

    text = "At a head the largest singular values of q and k fall with depth, and stay above those of v and o."
    pairs = [falling(matrix, "spectral_norm") for matrix in FIRST]
    above, count = _above_at_all(table)
    parts = [*(part for part, _ in pairs), _most_of(above, count)]
    said = f"fall: {_and(pairs)}; q and k above v and o: {above} of {count} layers and heads"
    yield Claim(text, _verdict(parts), said)

    text = "At a head the top-10 and first/last ratios of q and k fall with depth, and the least-10 ratio rises."
    wanted = (("top10_ratio", -1), ("first_last_ratio", -1), ("least10_ratio", 1))
    found = {measure: [falling(matrix, measure, sign) for matrix in FIRST] for measure, sign in wanted}
    said = "; ".join(
        f"{RATIOS[measure]} {'falls' if sign < 0 else 'rises'}: {_and(found[measure])}" for measure, sign in wanted
    )
    yield Claim(text, _verdict([part for pairs in found.values() for part, _ in pairs]), said)
    yield _anomaly(table)
    yield _not_deeper(table)


def _anomaly(table: Table) -> Claim:
    text = "Layer 1 is an exception: the first/last ratios of q and k are far higher there."
    medians = {matrix: dict(layer_medians(table, matrix, "first_last_ratio")) for matrix in FIRST}
    if not all({0, 1, 2} <= found.keys() for found in medians.values()):
        return Claim(text, "cannot be said", "layers 0, 1 and 2 with such a ratio are needed")
    parts: list[Part] = [found[1] > 2 * max(found[0], found[2]) for found in medians.values()]
    said = "; ".join(
        f"{matrix}: {', '.join(_short(found[layer]) for layer in (0, 1, 2))}" for matrix, found in medians.items()
    )
    return Claim(text, _verdict(parts), f"medians of layers 0, 1 and 2: {said} (far higher: twice that of both)")


def _not_deeper(table: Table) -> Claim:
    text = (
        "In deeper layers the top-10 ratio of q and k does not rise with the number of the head as it does in layer 0."
    )
    deeper = [at for at, layer in enumerate(table.selection.layers) if layer > 0]
    rising = {m: [_goes(_of_heads(table, m, "top10_ratio", at), 1) for at in deeper] for m in FIRST}
    known = {matrix: [one for one in found if one is not None] for matrix, found in rising.items()}
    parts = [_most([not one for one in found]) for found in known.values()]
    said = ", ".join(f"{matrix} in {sum(found)} of {len(found)}" for matrix, found in known.items())
    return Claim(text, _verdict(parts), f"layers in which it rises: {said}")


def _in_all(table: Table) -> Iterator[Claim]:
    text = "All in all q and k are of lower rank than v and o: higher top-10 and first/last, lower least-10 ratios."
    pairs = {one: (median(table, FIRST, one), median(table, SECOND, one)) for one in RATIOS}
    parts: list[Part] = [
        None if np.isnan(pair).any() else bool(pair[0] < pair[1] if one == "least10_ratio" else pair[0] > pair[1])
        for one, pair in pairs.items()
    ]
    said = ", ".join(f"{RATIOS[one]} {_short(here)} and {_short(there)}" for one, (here, there) in pairs.items())
    yield Claim(text, _verdict(parts), f"medians of q and k, and of v and o: {said}")

    text = "The deeper a layer, the less concentrated all four: the top-10 ratio falls."
    lines = {matrix: layer_medians(table, matrix, "top10_ratio") for matrix in ALL}
    found = {
        matrix: spearman(*zip(*line, strict=True)) if len(line) >= FEWEST_LAYERS else np.nan
        for matrix, line in lines.items()
    }
    parts = [None if np.isnan(one) else one < 0 for one in found.values()]
    yield Claim(text, _verdict(parts), f"correlation of the layers' medians with depth: {_told(found, '+.2f')}")


Line = tuple[Sequence[float], Sequence[float]]
"""Numbers of heads or layers, and a measure of each."""


def _of_heads(table: Table, matrix: Matrix, measure: str, at: int) -> Line:
    """Those of a layer that have a number, each key-value head once."""
    group = table.config.group if matrix in SHARED else 1
    row = table.measured[matrix][measure][at]
    found = {table.selection.heads[place] // group: float(row[place]) for place in _places(table, matrix)}
    known = {number: value for number, value in found.items() if np.isfinite(value)}
    return [*known], [*known.values()]


def _places(table: Table, matrix: Matrix) -> list[int]:
    """Where heads stand that have weights of their own: each key-value head once."""
    group = table.config.group if matrix in SHARED else 1
    return list({head // group: place for place, head in reversed([*enumerate(table.selection.heads)])}.values())[::-1]


def _of_layers(table: Table, matrix: Matrix, measure: str, place: int) -> Line:
    column = table.measured[matrix][measure][:, place]
    known = {
        layer: float(value) for layer, value in zip(table.selection.layers, column, strict=True) if np.isfinite(value)
    }
    return [*known], [*known.values()]


def _goes(line: Line, sign: int) -> Part:
    """Whether a measure rises (1) or falls (-1) with the number, by more than chance does once in twenty times."""
    count = len(line[0])
    return sign * spearman(*line) > 1.96 / np.sqrt(count - 1) if count >= FEWEST_HEADS else None


def _slope(numbers: Sequence[float], values: Sequence[float]) -> float:
    """By how much a measure is more for a number more: the least-squares line; NaN of too few."""
    return float(np.polyfit(numbers, values, 1)[0]) if len(numbers) >= FEWEST_HEADS else float("nan")


def _above_at_all(table: Table) -> tuple[int, int]:
    """At how many layers and heads the largest values of q and k are above those of v and o, and of how many."""
    q, k, v, o = (table.measured[matrix]["spectral_norm"] for matrix in ALL)
    known = np.isfinite(q + k + v + o)
    return int((np.minimum(q, k) > np.maximum(v, o))[known].sum()), int(known.sum())


def _above(numbers: Mapping[Matrix, float], higher: Sequence[Matrix], lower: Sequence[Matrix]) -> Part:
    """Whether some are all above others."""
    here, there = ([numbers[matrix] for matrix in matrices] for matrices in (higher, lower))
    return None if np.isnan([*here, *there]).any() else min(here) > max(there)


def _most(found: Sequence[bool]) -> Part:
    return _most_of(sum(found), len(found))


def _most_of(count: int, of: int) -> Part:
    return 2 * count > of if of else None


def _not(part: Part) -> Part:
    return None if part is None else not part


def _verdict(parts: Sequence[Part]) -> Verdict:
    """Of all parts together; one that has no number leaves it open whether a claim holds, not whether it fails."""
    known = [part for part in parts if part is not None]
    if not all(known):
        return "holds in part" if any(known) else "does not hold"
    return "holds" if known and len(known) == len(parts) else "cannot be said"


def _told(numbers: Mapping[Matrix, float], form: str = ".4g") -> str:
    return ", ".join(f"{matrix} {'-' if np.isnan(one) else format(one, form)}" for matrix, one in numbers.items())


def _signed(lines: Mapping[Matrix, Line]) -> str:
    """Correlations of several lines, each with what chance exceeds once in twenty times."""
    enough = {matrix: line for matrix, line in lines.items() if len(line[0]) >= FEWEST_HEADS}
    told: dict[Matrix, float] = {m: spearman(*lines[m]) if m in enough else float("nan") for m in lines}
    counts = sorted({len(line[0]) for line in lines.values()})
    beyond = ", ".join(
        f"±{1.96 / np.sqrt(count - 1):.2f} of {count} heads" for count in counts if count >= FEWEST_HEADS
    )
    return _told(told, "+.2f") + (
        f" (beyond chance: {beyond})" if beyond else f"; at least {FEWEST_HEADS} heads are needed"
    )


def _and(pairs: Sequence[tuple[Part, str]]) -> str:
    return ", ".join(told for _, told in pairs)


def _short(number: float) -> str:
    return "-" if np.isnan(number) else f"{number:.4g}"
