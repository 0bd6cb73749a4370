"""report.md: what stands out in a table of spectra, in sentences and tables, all of it computed; draws nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from mmviz.spectra import findings
from mmviz.spectra.claims import Verdict, claims
from mmviz.spectra.findings import FEWEST_LAYERS, RISES, Trend
from mmviz.spectra.measures import MEASURES, RATIOS
from mmviz.spectra.selection import spans
from mmviz.spectra.table import Table
from mmviz.values.model.head_spectra import SHARED, Matrix

WORDS: Final = {
    "top10_ratio": "top-10 ratio",
    "first_last_ratio": "first/last ratio",
    "least10_ratio": "least-10 ratio",
    "stable_rank": "stable rank",
    "participation_ratio": "participation ratio",
    "entropy_rank": "entropy rank",
    "spectral_norm": "spectral norm",
    "frobenius_norm": "Frobenius norm",
    "rank": "rank",
}
MEANINGS: Final = {
    "q": "W_Q of the head",
    "k": "W_K of the key-value head that the head reads",
    "v": "W_V of the key-value head that the head reads",
    "o": "W_O of the head",
    "qk": "W_Q W_K^T, without rotary positions: which pairs of directions attract attention",
    "ov": "W_V W_O: what a token that is looked at adds",
}
LISTED: Final = 40
"""Heads that are left out, of which each gets a line."""
RANKED: Final = 10
"""Heads that are not of full rank, of which each gets a line."""


def report(table: Table, figures: Sequence[str]) -> str:
    """The report, as Markdown.

    Args:
        table: The spectra.
        figures: Paths of figures, relative to the report's folder.
    """
    sections = (
        ("", _computed(table)),
        ("What stands out", _stands_out(table)),
        ("Queries and keys against values and outputs", _sides(table)),
        ("With depth", _depth(table)),
        ("What is said of Llama 3, and what holds here", _claims(table)),
        ("Against Gaussian weights", _gaussian(table)),
        ("Noise floor", _noise(table)),
        ("Left out", _left_out(table)),
        ("All measures", _all(table)),
        ("What the columns mean", _columns()),
        ("Figures", (f"![{_alternative(path)}]({path})\n" for path in figures)),
    )
    lines = [f"# Spectra of {table.model}", ""]
    for title, body in sections:
        lines += [f"## {title}", "", *body, ""] if title else [*body, ""]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _computed(table: Table) -> Iterator[str]:
    config, selection = table.config, table.selection
    shared = "" if config.group == 1 else f", {config.group} of which share a key-value head ({config.kv_heads} in all)"
    slices = sum(int(np.isfinite(values).all(-1).sum()) for values in table.values.values())
    yield (
        f"{slices:,} spectra: {_count(len(selection.layers), 'layer')} of {config.layers} ({spans(selection.layers)}), "
        f"{_count(len(selection.heads), 'query head')} of {config.heads} ({spans(selection.heads)}){shared}; "
        f"d_model {config.d_model}, d_head {config.d_head}. "
        "Singular values are computed in float64; biases are left out."
    )
    yield ""
    yield "| matrix | what it is | rows x columns | singular values | stored as |"
    yield "|---|---|---|---|---|"
    for matrix in selection.matrices:
        rows, columns = table.shape(matrix)
        yield (
            f"| {matrix} | {MEANINGS[matrix]} | {rows} x {columns} | {table.values[matrix].shape[-1]} "
            f"| {table.stored[matrix]} |"
        )


def _stands_out(table: Table) -> Iterator[str]:
    """The most concentrated head by each ratio, of slices and of products."""
    for matrices in (table.single, table.products):
        found = {measure: findings.extreme(table, matrices, measure) for measure in RATIOS}
        if not any(found.values()):
            continue
        yield f"Of {_and(matrices)}, these are furthest from Gaussian weights:"
        yield ""
        for measure, one in found.items():
            if one is not None:
                kv = f" (key-value head {one.head // table.config.group})" if _is_shared(table, one.matrix) else ""
                yield (
                    f"- by {WORDS[measure]}, {'highest' if measure in RISES else 'lowest'} against its reference: "
                    f"**{one.matrix} of layer {one.layer}, head {one.head}**{kv}, {_short(one.value)}, "
                    f"{_times(one.times)} the {_short(one.reference)} of Gaussian weights"
                )
        yield ""
    yield from _ranks(table)
    yield from _layers(table)


def _ranks(table: Table) -> Iterator[str]:
    """The heads of lowest rank, which have no ratios of their least values."""
    found = findings.not_of_full_rank(table, table.selection.matrices)
    if not found:
        return
    yield (
        f"{_count(len(found), 'spectrum', 'spectra')} with values below the noise floor, which count in no ratio; "
        f"these have no {WORDS['first_last_ratio']} and no {WORDS['least10_ratio']}:"
    )
    yield ""
    for one in found[:RANKED]:
        yield f"- {one.matrix} of layer {one.layer}, head {one.head}: **rank {one.rank} of {one.full}**"
    if len(found) > RANKED:
        yield f"- and {len(found) - RANKED:,} more, each of a higher share of its full rank or the same"
    yield ""


def _layers(table: Table) -> Iterator[str]:
    """The layer of each matrix whose heads share the fewest directions."""
    if len(table.selection.layers) == 1:
        return
    yield f"Layers, by the median {WORDS['participation_ratio']} over their heads:"
    yield ""
    for matrix in table.selection.matrices:
        medians = findings.layer_medians(table, matrix, "participation_ratio")
        if medians:
            (first, least), (last, largest) = (end(medians, key=lambda one: one[1]) for end in (min, max))
            middle = float(np.median([value for _, value in medians]))
            yield (
                f"- {matrix}: the fewest directions in layer {first} ({_short(least)}), the most in layer {last} "
                f"({_short(largest)}); {_short(middle)} in the middle"
            )


def _sides(table: Table) -> Iterator[str]:
    one = tuple(matrix for matrix in table.selection.matrices if matrix in ("q", "k"))
    other = tuple(matrix for matrix in table.selection.matrices if matrix in ("v", "o"))
    if not one or not other:
        yield "This takes at least one of q and k, and one of v and o."
        return
    pairs = [(m, findings.median(table, one, m), findings.median(table, other, m)) for m in RATIOS]
    pairs = [(measure, here, there) for measure, here, there in pairs if np.isfinite([here, there]).all()]
    concentrated = [measure for measure, here, there in pairs if (here > there) == (measure in RISES) and here != there]
    listed = f" ({', '.join(WORDS[measure] for measure in concentrated)})" if concentrated else ""
    yield (
        f"By {len(concentrated)} of {len(pairs)} ratios{listed}, {_and(one)} {'is' if len(one) == 1 else 'are'} more "
        f"concentrated in few directions than {_and(other)}."
    )
    yield ""
    yield f"| median over layers and heads | {_and(one)} | {_and(other)} | first over second |"
    yield "|---|---|---|---|"
    for measure, here, there in pairs:
        times = f"{here / there:.2f}" if there else "-"
        yield f"| {WORDS[measure]} | {_short(here)} | {_short(there)} | {times} |"


def _depth(table: Table) -> Iterator[str]:
    trends = [
        found
        for matrix in table.selection.matrices
        for measure in RATIOS
        if (found := findings.trend(table, matrix, measure)) is not None
    ]
    if not trends:
        yield f"A trend takes at least {FEWEST_LAYERS} layers; here are {len(table.selection.layers)}."
        return
    bound = 1.96 / np.sqrt(len(table.selection.layers) - 1)
    strongest = max(trends, key=lambda one: abs(one.correlation))
    clear = [one for one in trends if abs(one.correlation) > bound]
    yield (
        f"The strongest trend: the {WORDS[strongest.measure]} of {strongest.matrix} "
        f"{_direction(strongest)} with depth, from a median of {_short(strongest.first)} in the first "
        f"quarter of the layers to {_short(strongest.last)} in the last "
        f"(rank correlation {strongest.correlation:+.2f}). Of {len(trends)} trends, {len(clear)} are beyond "
        f"±{bound:.2f}, which chance alone exceeds about once in twenty times."
    )
    yield ""
    yield "Spearman's rank correlation of a layer's number and its median over heads:"
    yield ""
    yield f"| matrix | {' | '.join(WORDS[measure] for measure in RATIOS)} |"
    yield f"|---|{'---|' * len(RATIOS)}"
    by_place = {(one.matrix, one.measure): f"{one.correlation:+.2f}" for one in trends}
    for matrix in table.selection.matrices:
        yield f"| {matrix} | {' | '.join(by_place.get((matrix, measure), '-') for measure in RATIOS)} |"


VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    "holds": ("holds", "hold"),
    "holds in part": ("holds in part", "hold in part"),
    "does not hold": ("does not hold", "do not hold"),
    "cannot be said": ("cannot be said", "cannot be said"),
}
"""Of one claim, and of several."""


def _claims(table: Table) -> Iterator[str]:
    found = claims(table)
    if not found:
        yield "This takes all of q, k, v and o."
        return
    counts = {verdict: sum(one.verdict == verdict for one in found) for verdict in VERDICTS}
    listed = [f"{count} {VERDICTS[verdict][count > 1]}" for verdict, count in counts.items() if count]
    first, *others = listed
    number, _, words = first.partition(" ")
    said = ", ".join([f"{_count(int(number), 'claim')} {words}", *others])
    yield (
        "The claims of Owen 2024, Unveiling the Inner Workings of LLMs: A Singular Value Perspective, about "
        f"Llama-3-8B-Instruct, held against the numbers of {table.model}: {said}."
    )
    yield ""
    yield "| claim | here | measured |"
    yield "|---|---|---|"
    yield from (f"| {one.text} | **{one.verdict}** | {one.measured} |" for one in found)


def _gaussian(table: Table) -> Iterator[str]:
    yield (
        "The reference has the shape of each matrix and independent Gaussian elements with its mean square. Of one "
        "matrix its singular values are quantiles of the Marchenko-Pastur law, of a product the mean of products that "
        "are drawn. How many times its reference the median is, and how many heads are more concentrated:"
    )
    yield ""
    yield f"| matrix | {' | '.join(WORDS[measure] for measure in RATIOS)} |"
    yield f"|---|{'---|' * len(RATIOS)}"
    for matrix in table.selection.matrices:
        cells = []
        for measure in RATIOS:
            more, count = findings.beyond(table, matrix, measure)
            times = findings.median(table, [matrix], measure) / table.gaussian(matrix, measure)
            cells.append(f"{_times(times)}, {more} of {count}" if count else "-")
        yield f"| {matrix} | {' | '.join(cells)} |"


def _noise(table: Table) -> Iterator[str]:
    yield (
        "The noise floor is about the largest singular value that the rounding of stored elements has by itself, and "
        "at least what computing in float64 leaves of 0: what is not above it says nothing about the weights, counts "
        "in no ratio, and is left out of the rank. It follows from what the file stores; whether its numbers were "
        "rounded before, as those of a dequantized model were, cannot be known from it."
    )
    yield ""
    yield "| matrix | stored as | median noise floor | least singular value | below the floor |"
    yield "|---|---|---|---|---|"
    for matrix in table.selection.matrices:
        below, count, heads = findings.below_noise(table, matrix)
        if not count:
            yield f"| {matrix} | {table.stored[matrix]} | - | - | - |"
            continue
        least = float(np.nanmin(table.values[matrix]))
        floor = float(np.nanmedian(table.measured[matrix]["noise_floor"]))
        where = f", in {_count(heads, 'head')}" if below else ""
        yield (
            f"| {matrix} | {table.stored[matrix]} | {_short(floor)} | {_short(least)} | {below:,} of {count:,}{where} |"
        )


def _left_out(table: Table) -> Iterator[str]:
    if not table.left_out:
        yield "Nothing: all weights are finite."
    for one in table.left_out[:LISTED]:
        yield f"- {one.matrix} of layer {one.layer}, head {one.head}: {one.reason}"
    if len(table.left_out) > LISTED:
        yield f"- and {len(table.left_out) - LISTED:,} more"


def _all(table: Table) -> Iterator[str]:
    yield "| measure | matrix | least | where | median | largest | where | Gaussian |"
    yield "|---|---|---|---|---|---|---|---|"
    for measure in (*MEASURES, "rank"):
        for matrix in table.selection.matrices:
            found = findings.ends(table, matrix, measure)
            if found is None:
                continue
            least, largest = found
            gaussian = "" if measure not in RATIOS else _short(least.reference)
            yield (
                f"| {WORDS[measure]} | {matrix} | {_short(least.value)} | layer {least.layer}, head {least.head} "
                f"| {_short(findings.median(table, [matrix], measure))} "
                f"| {_short(largest.value)} | layer {largest.layer}, head {largest.head} | {gaussian} |"
            )


def _columns() -> Iterator[str]:
    for measure, function in MEASURES.items():
        first, *_ = str(function.__doc__).split("\n")
        yield f"- `{measure}`: {first}"
    yield "- `..._gaussian`: the same of the Gaussian reference."
    yield "- `noise_floor`: about the largest singular value of the rounding errors of storage and of computing."
    yield "- `rank`: how many singular values are above the noise floor; the others count as 0 in all ratios."
    yield (
        "- `kv_head`: the key-value head that the query head reads; heads of a group have the same k and v. "
        "Ratios of a matrix of zeros are nan, and so are first/last and least-10 ratio where the rank is not full."
    )


def _direction(trend: Trend) -> str:
    return "rises" if trend.correlation > 0 else "falls" if trend.correlation < 0 else "stays"


def _is_shared(table: Table, matrix: Matrix) -> bool:
    return matrix in SHARED and table.config.group > 1


def _alternative(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0].replace("_", " ")


def _and(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _count(number: int, thing: str, things: str | None = None) -> str:
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def _times(number: float) -> str:
    return f"{number:.2f} times" if number < 100 else f"{number:,.0f} times" if number < 1e6 else f"{number:.1e} times"


def _short(number: float) -> str:
    return f"{number:.4g}"
